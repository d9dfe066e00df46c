"""CoNLL-style predictions: a token and a tag a line, beside a gold file with the same tokens.

The gold file is the nearest one up the tree. Tokens are compared line by line first: predictions that have
drifted away from their gold file are refused with the first line that differs, since every tag after it would
be counted against the wrong token. A file with both columns (token, gold tag, predicted tag) needs no other.
Where no folder is named after a task of the tables, the task is called after the folder of its data.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Bundle, Draft, Guessed, Outcome, Refused
from intermezzo.engine.importing.reading import Unreadable, read_whole, unread
from intermezzo.engine.importing.tree import File, Tree, relative_to
from intermezzo.engine.metrics.chunk_f1 import IMPLEMENTATIONS, chunk_counts, implementations_agree
from intermezzo.engine.metrics.figure import f1_figure
from intermezzo.queries.records import Found, Run, Score, Source, item_set_hash

from .conll_files import HEAD, Sentence, first_difference, holds_gold, looks_tagged, parse_columns
from .folder_names import Place, language_of, read_path, split_of, task_for, without
from .item_rows import Row, items_of, keep_text

NAME = "conll"
VERSION = 3

SECOND_METRIC = "f1@seqeval-1.2.2"
"""Metric of the item rows that hold the counts of seqeval 1.2.2, kept where they differ from 0.0.12's."""

_ENDINGS = (".txt", ".conll", ".tsv", ".conllu", ".bio", ".iob", ".iob2")
_PREDICTED = re.compile(r"(?:^|[_.-])(?:predictions?|predicted|preds?|output)(?=$|[_.\-\d])", re.IGNORECASE)
_GOLD = re.compile(r"(?:^|[_.-])(?:gold|test|labels?|truth|dev|valid|validation)(?=$|[_.-])", re.IGNORECASE)
_WORDS = re.compile(r"[_.\-]+")
_MOST_TEXT_TOKENS = 400

_GOLD_FOLDERS = ("gold", "labels", "data")
"""Folders in which a gold file is looked for beside those on the way up."""

_TAGGED = ("panx", "udpos", "masakhaner")
"""Tasks whose languages are known in names of folders where the task is unknown."""


def find(tree: Tree) -> Iterator[Bundle]:
    """Claim predictions by name and content, each with the gold files that are nearest up the tree."""
    gold: dict[str, list[File]] = {}
    predictions: list[File] = []
    alone = len(tree.files) == 1 and tree.files[0].path == str(tree.root)
    above = _above(tree.files[0]) if alone else []
    files = (*tree.files, *above)
    for file in files:
        name = file.name.lower()
        if not name.endswith(_ENDINGS):
            continue
        stem = os.path.splitext(file.name)[0]
        is_gold = _GOLD.search(stem) is not None
        if not (is_gold or _PREDICTED.search(stem) or name.endswith(".conll")):
            continue
        if not looks_tagged(tree.head(file.path, HEAD)):
            continue
        if is_gold and not _PREDICTED.search(stem):
            gold.setdefault(file.folder, []).append(file)
        elif file not in above:
            predictions.append(file)
    for file in predictions:
        yield Bundle(NAME, Path(file.path), tuple(Path(g.path) for g in _nearest(tree, gold, file)))


def _above(file: File) -> list[File]:
    """List what lies beside a single file, and in the folder above."""
    found: list[File] = []
    for folder in (file.folder, os.path.dirname(file.folder)):
        try:
            with os.scandir(folder) as entries:
                found.extend(File(e.path, 0, 0) for e in entries if e.path != file.path and e.is_file())
        except OSError:
            continue
    return found


def _nearest(tree: Tree, gold: dict[str, list[File]], file: File) -> list[File]:
    """Return the gold files of the nearest folder up the tree, those that share words with the name first."""
    folder = file.folder
    top = os.path.dirname(folder) if str(tree.root) == file.path else str(tree.root)
    while folder.startswith(top) and folder != "/":
        found = gold.get(folder) or [
            one for name in _GOLD_FOLDERS for one in gold.get(f"{folder}/{name}", [])
        ]
        if found:
            words = _words(file.name)
            scored = sorted(found, key=lambda g: (-len(words & _words(g.name)), "test" not in g.name, g.path))
            best = len(words & _words(scored[0].name))
            return [g for g in scored if len(words & _words(g.name)) == best] if best else scored
        folder = os.path.dirname(folder)
    return []


def _words(name: str) -> set[str]:
    words = {word.lower() for word in _WORDS.split(os.path.splitext(name)[0]) if word}
    return words - {"predictions", "prediction", "predicted", "preds", "pred", "output", "gold", "labels"}


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Read predictions against the first gold file that has their tokens: one run, its chunk F1."""
    path = bundle.main
    try:
        data, source = read_whole(path, NAME, VERSION)
        found = parse_columns(data)
    except Unreadable as error:
        yield unread(path, error)
        return
    gold: list[Sentence] | None = None
    gold_source: Source | None = None
    drifts: list[str] = []
    for candidate in bundle.companions:
        try:
            other, other_source = read_whole(candidate, NAME, VERSION)
            wanted = parse_columns(other)
        except Unreadable as error:
            yield unread(candidate, error)
            continue
        drift = first_difference(wanted, found)
        if drift is None:
            gold, gold_source = wanted, other_source
            break
        drifts.append(f"{candidate.name}: {drift}")
    inside = holds_gold(found)
    if gold is None and not inside:
        if drifts:
            yield Refused(
                path, f"its tokens are not those of the gold file beside it. {'. '.join(drifts[:3])}"
            )
        else:
            yield Refused(
                path,
                "there is no gold file for it: a test.txt, gold.conll or the like with the same tokens is "
                "looked for beside it and up the tree",
            )
        return
    guesses: list[str] = []
    if gold is None:
        gold = [Sentence(s.line, s.tokens, s.before) for s in found]
        guesses.append("gold tags are from the file itself, its column before the last")
        if drifts:
            guesses.append(f"the gold file beside it has other tokens. {drifts[0]}")
    elif inside and [s.tags for s in gold] != [s.before for s in found]:
        guesses.append("the file's own gold column is not that of the gold file, which counts")
    yield from _run(bundle, found, gold, (source, *((gold_source,) if gold_source else ())), guesses)


def _run(
    bundle: Bundle,
    found: list[Sentence],
    gold: list[Sentence],
    sources: tuple[Source, ...],
    guesses: list[str],
) -> Iterator[Outcome]:
    path = bundle.main
    root = Path(bundle.context.get("root", path.parent))
    relative = relative_to(root, path)
    folders = [part for part in (root.name, *relative.split("/")[:-1]) if part]
    if root == path:
        root, folders = path.parent, [path.parent.name]
    place = _place([*root.parts[-3:-1], *folders], path)
    task = task_for(place, folders or [path.stem])
    if place.task is not None:
        guesses.append(place.told)
    else:
        told, place = (
            _of_data(Path(sources[1].path).parent, path.parent) if len(sources) > 1 else (None, place)
        )
        task = told or task
        guesses.append(
            f"no folder on the path is named after a task of the table: task unknown, called {task}"
        )
        if place.language is not None:
            guesses.append(f"the language, {place.language}, is the name of its folder: {place.used[0]}")
    split = next((s for word in _WORDS.split(path.stem) if (s := split_of(word))), None)
    if split is None and len(sources) > 1:
        split = next((s for word in _WORDS.split(Path(sources[1].path).stem) if (s := split_of(word))), None)
    language = place.language
    before = f"{language}:" if language else ""
    ids = [f"{before}{i}" for i in range(len(gold))]
    wanted, had = [s.tags for s in gold], [s.tags for s in found]
    first, second = IMPLEMENTATIONS
    counts = {first: chunk_counts(wanted, had, first)}
    if not implementations_agree({tag for s in (*gold, *found) for tag in s.tags}):
        other = chunk_counts(wanted, had, second)
        if other != counts[first]:
            counts[second] = other
    rows: list[Row] = []
    texts: dict[str, str] = {}
    for number, item_id in enumerate(ids):
        tokens = gold[number].tokens
        row: dict[str, Any] = {
            "language": language,
            "item_id": item_id,
            "cluster_id": item_id,
            "metric": "f1",
            "gold": " ".join(gold[number].tags),
            "prediction": " ".join(found[number].tags),
            "text_sha": keep_text(texts, " ".join(tokens[:_MOST_TEXT_TOKENS])),
        }
        rows.append(row | counts[first][number]._asdict())
    rows.extend(
        {"language": language, "item_id": item_id, "cluster_id": item_id, "metric": SECOND_METRIC}
        | c._asdict()
        for item_id, c in zip(ids, counts.get(second, ()), strict=second in counts)
    )
    scores = []
    for implementation, behind in counts.items():
        figure = f1_figure(behind)
        scores.append(
            Score(
                metric="f1",
                value=figure.value,
                language=language,
                implementation=implementation,
                n=figure.n,
                stderr=figure.stderr,
                evidence="recomputed",
                item_set=item_set_hash(ids),
                subject=None if language else "/".join(folders[-1:]) or path.stem,
                gap=figure.reason,
            )
        )
    name = without(folders[1:], place.used)
    stem = "_".join(sorted(_words(path.name) - {"test", "dev", "valid", "validation"}))
    run = Run(
        found=Found(
            name="/".join(part for part in (name, stem) if part) or (folders[0] if folders else path.stem),
            path=relative,
        ),
        task=task,
        sources=(
            Source(
                sources[0].path,
                sources[0].sha256,
                sources[0].size,
                sources[0].mtime_ns,
                NAME,
                VERSION,
                tuple(guesses),
            ),
            *sources[1:],
        ),
        scores=tuple(scores),
        split=split,
        key="|".join(part for part in (task, language, path.name) if part),
        tool="conll",
        config={"gold": relative_to(root, sources[1].path)} if len(sources) > 1 else {},
        importer=NAME,
        importer_version=VERSION,
    )
    yield Draft(run, items_of(rows, texts))
    yield from (Guessed(path, sentence) for sentence in guesses)


def _of_data(data: Path, predictions: Path) -> tuple[str | None, Place]:
    """Return what the folder of a gold file says: what to call the task, and the language.

    Args:
        data: The folder.
        predictions: That of the predictions: a gold file beside them may be a copy in a system's own folder.
    """
    beside = data == predictions
    if data.name in _GOLD_FOLDERS:
        data = data.parent
    for task in _TAGGED:
        language = language_of(task, data.name)
        if language is not None:
            return data.parent.name or None, Place(None, language, (data.name,))
    return (None if beside else data.name or None), Place()


def _place(folders: list[str], path: Path) -> Place:
    """Return task and language by the folders, and by the words of the file's name beside a known task."""
    found = read_path(folders)
    if found.task is None or found.language is not None:
        return found
    words = [word for word in _WORDS.split(path.stem) if word]
    return next(
        (
            found._replace(language=again.language, used=(*found.used, word))
            for word in reversed(words)
            if (again := read_path([found.task, word])).language
        ),
        found,
    )
