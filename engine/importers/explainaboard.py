"""System outputs of ExplainaBoard: text classification, one file a language, labels and texts of every item.

A file says its system, data set and language. The files of one system and data set in a folder make one run.
Figures are recomputed from the labels. Where the task is parallel, items are numbered by line, so that
languages and systems pair; whether the gold labels agree line by line is checked first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Bundle, Draft, Guessed, Outcome, Refused
from intermezzo.engine.importing.reading import (
    Unreadable,
    load_json,
    read_whole,
    shorten,
    table,
    text,
    unread,
)
from intermezzo.engine.importing.tree import Tree, relative_to
from intermezzo.engine.metrics.accuracy import accuracy_credits
from intermezzo.engine.metrics.figure import mean_figure
from intermezzo.queries.languages import canonical
from intermezzo.queries.records import Found, Run, Score, Source, item_set_hash
from intermezzo.queries.tasks import task as known_task

from .folder_names import split_of
from .item_rows import Row, items_of, keep_text, shown

NAME = "explainaboard"
VERSION = 1
IMPLEMENTATION = "explainaboard accuracy"
"""Labels are compared as strings after white space around them is cut off; no other folding."""

_METADATA = "user_defined_metadata_configs"
_SYSTEM = re.compile(rb'"system_name"\s*:\s*("(?:[^"\\]|\\.)*")')
_DATASET = re.compile(rb'"dataset_name"\s*:\s*("(?:[^"\\]|\\.)*")')
_FILE = re.compile(r"^(?P<split>[a-z]+)[-_.](?P<language>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)(?=[-_.])")
_TEXTS = ("text", "text1", "text2", "question", "context")
_STARS = {"1", "2", "3", "4", "5"}
_MOST_DIFFERENT = 20  # one in so many gold labels may differ in lines that are still taken as parallel


def find(tree: Tree) -> Iterator[Bundle]:
    """Claim output files by content; those of one system and data set in a folder go together."""
    for files in tree.folders.values():
        together: dict[tuple[bytes, ...], list[Path]] = {}
        for file in files:
            if not file.path.endswith(".json"):
                continue
            head = tree.head(file.path, 4096)
            if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
                continue
            if f'"{_METADATA}"'.encode() not in head and not (
                b'"predictions"' in head and b'"predicted_label"' in head
            ):
                continue
            named = [m[1] for m in (_SYSTEM.search(head), _DATASET.search(head)) if m]
            key = tuple(named) if len(named) == 2 else (file.path.encode("utf-8", "surrogateescape"),)
            together.setdefault(key, []).append(Path(file.path))
        for paths in together.values():
            yield Bundle(NAME, paths[0], tuple(paths[1:]))


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    source: Source
    system: str
    dataset: str
    split: str | None
    language: str | None
    subject: str | None
    kind: str | None
    lines: list[int]
    """Line numbers, from 0, of the items that could be read."""
    gold: list[str]
    predictions: list[str]
    texts: list[tuple[str, str]]
    """For each item: the first of its texts (the premise), and all of them."""

    @property
    def place(self) -> str:
        return self.language or self.subject or ""


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Read the files of a system and data set: one run, one score a language."""
    runs: dict[tuple[str, str, str | None], list[_File]] = {}
    for path in bundle.files:
        try:
            data, source = read_whole(path, NAME, VERSION)
            content = load_json(data)
        except Unreadable as error:
            yield unread(path, error)
            continue
        file: _File | None = None
        for said in _read(path, source, content):
            if isinstance(said, _File):
                file = said
            else:
                yield said
        if file is None:
            continue
        mine = runs.setdefault((file.system, file.dataset, file.split), [])
        if file.place in {other.place for other in mine}:
            yield Refused(path, f"another file beside it has {file.dataset} in {file.place or 'no language'}")
            continue
        mine.append(file)
    for files in runs.values():
        yield from _run(bundle, files)


def _read(path: Path, source: Source, content: Any) -> Iterator[_File | Outcome]:
    rows = table(content).get("predictions")
    if not isinstance(rows, list) or not rows:
        yield Refused(path, "it has no list of predictions", "predictions")
        return
    metadata = table(content.get(_METADATA))
    named = _FILE.match(path.name)
    system = text(metadata.get("system_name"))
    if system is None:
        system = path.parent.name or path.stem
        yield Guessed(path, f"the file does not name its system: taken as {system} from its folder")
    dataset = text(metadata.get("dataset_name"))
    if dataset is None:
        dataset = path.parent.name or path.stem
        yield Guessed(path, f"the file does not name its data set: taken as {dataset} from its folder")
    code = text(metadata.get("language"))
    if code is None and named and canonical(named["language"]):
        code = named["language"]
        yield Guessed(path, f"the file does not say its language: taken as {code} from its name")
    language = canonical(code) if code else None
    if language is None:
        yield Guessed(path, f"{shorten(code)} is no language that is known here: language unknown")
    split = split_of(named["split"]) if named else None
    if split:
        yield Guessed(path, f"the split, {split}, is from the file name")
    lines, gold, predictions, texts, bad = [], [], [], [], []
    for number, row in enumerate(rows):
        wanted, found = (shown(table(row).get(key)) for key in ("true_label", "predicted_label"))
        if wanted is None or found is None:
            bad.append(number)
            continue
        parts = [part for key in _TEXTS if (part := text(row.get(key)))]
        lines.append(number)
        gold.append(wanted.strip())
        predictions.append(found.strip())
        texts.append((parts[0] if parts else "", "\n\n".join(parts)))
    if not lines:
        yield Refused(
            path,
            "no prediction has a true_label and a predicted_label: of ExplainaBoard's outputs only text "
            "classification is read",
            "predictions",
        )
        return
    if bad:
        yield Refused(
            path,
            f"{len(bad):,} of {len(rows):,} items are left out: no true_label and predicted_label",
            f"predictions[{bad[0]}]",
        )
    kind = text(metadata.get("task_name"))
    yield _File(
        path=path,
        source=source,
        system=system,
        dataset=dataset,
        split=split,
        language=language.code if language else None,
        subject=None if language else code or path.stem,
        kind=kind,
        lines=lines,
        gold=gold,
        predictions=predictions,
        texts=texts,
    )


def _run(bundle: Bundle, files: list[_File]) -> Iterator[Outcome]:
    first = files[0]
    known = known_task(first.dataset.casefold())
    task = known.id if known else first.dataset
    if known is None:
        yield Guessed(first.path, f"{first.dataset} is not in the task table: kept as found")
    labels = sorted({label for file in files for label in file.gold})
    if task.casefold() == "marc" and not set(labels) <= _STARS:
        yield Guessed(
            first.path,
            f"the labels are {', '.join(labels)} where MARC has stars from 1 to 5: whoever wrote "
            "the file folded them, so that this accuracy is not that of stars",
        )
    apart = _apart(files) if known and known.parallel else {}
    yield from (Guessed(file.path, apart[file.place]) for file in files if file.place in apart)
    clusters = _clusters([file for file in files if file.place not in apart])
    rows: list[Row] = []
    texts: dict[str, str] = {}
    scores: list[Score] = []
    for file in sorted(files, key=lambda f: f.place):
        parallel = known is not None and known.parallel and file.place not in apart
        shared = clusters if parallel else _clusters([file])
        before = "" if parallel else f"{file.place}:"
        ids = [f"{before}{line}" for line in file.lines]
        item_credits = accuracy_credits(file.gold, file.predictions)
        for i, item_id in enumerate(ids):
            rows.append(
                {
                    "language": file.place,
                    "item_id": item_id,
                    "cluster_id": f"{before}{shared[file.lines[i]]}",
                    "metric": "accuracy",
                    "credit": item_credits[i],
                    "gold": file.gold[i],
                    "prediction": file.predictions[i],
                    "text_sha": keep_text(texts, file.texts[i][1]),
                }
            )
        figure = mean_figure(item_credits)
        scores.append(
            Score(
                metric="accuracy",
                value=figure.value,
                language=file.language,
                implementation=IMPLEMENTATION,
                n=figure.n,
                stderr=figure.stderr,
                evidence="recomputed",
                item_set=item_set_hash(ids),
                subject=file.subject,
            )
        )
    root = Path(bundle.context.get("root", bundle.main.parent))
    run = Run(
        found=Found(name=first.system, path=relative_to(root, first.path)),
        task=task,
        sources=tuple(sorted((file.source for file in files), key=lambda s: s.path)),
        scores=tuple(scores),
        split=first.split,
        key="|".join((first.system, first.dataset, first.split or "")),
        tool="explainaboard",
        config={"labels": labels, "kind": first.kind},
        importer=NAME,
        importer_version=VERSION,
    )
    yield Draft(run, items_of(rows, texts))


def _apart(files: list[_File]) -> dict[str, str]:
    """Return the languages whose lines are not those of the others, and why: their gold labels differ.

    The labels that most languages share decide, English among equals.
    """
    if len(files) < 2:
        return {}
    commonest = Counter(tuple(file.gold) for file in files)
    reference = max(files, key=lambda f: (commonest[tuple(f.gold)], f.place == "en", len(f.lines)))
    wanted = dict(zip(reference.lines, reference.gold, strict=True))
    found = {}
    for file in files:
        different = sum(
            wanted.get(line) != label for line, label in zip(file.lines, file.gold, strict=True)
        ) + len(wanted.keys() - set(file.lines))
        if different > max(len(wanted), len(file.lines)) // _MOST_DIFFERENT:
            found[file.place] = (
                f"{different:,} of {len(file.lines):,} gold labels in {file.place} are not those of "
                f"{reference.place}: its lines are not taken as parallel"
            )
    return found


def _clusters(files: list[_File]) -> dict[int, int]:
    """Return for each line the first line with the same first text: hypotheses of one premise go together.

    In parallel files English decides for all, else the first by code: clusters are the same everywhere.
    """
    found: dict[int, int] = {}
    for file in sorted(files, key=lambda f: (f.place != "en", f.place)):
        first: dict[str, int] = {}
        for line, (premise, both) in zip(file.lines, file.texts, strict=True):
            shared = premise if premise != both else ""
            found.setdefault(line, first.setdefault(shared, line) if shared else line)
    return found
