"""Output folders of Hugging Face's Trainer: its results files, state, model card and predictions.

Nothing in them names a task: it is taken from folder names that are tasks of the table, and else stays
unknown, under the folder's name. Evaluation sets (``eval_de_accuracy``) become languages of that task.
Learning curves are kept in the run's configuration. ``training_args.bin`` is a pickle and is never opened.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Bundle, Draft, Guessed, Outcome, Refused, Waiting
from intermezzo.engine.importing.reading import (
    Unreadable,
    load_json,
    number,
    read_whole,
    shorten,
    table,
    text,
    unread,
)
from intermezzo.engine.importing.tree import File, Tree, relative_to
from intermezzo.queries.languages import canonical
from intermezzo.queries.metrics import canonical_metric, check_value, metric
from intermezzo.queries.records import Found, Items, Run, Score, Source, item_set_hash
from intermezzo.queries.tasks import task as known_task

from .folder_names import Place, language_of, read_name, read_path, split_of, task_for, without
from .item_rows import items_of, own_ids
from .trainer_files import (
    SPEEDS,
    Card,
    EvalSet,
    State,
    read_card,
    read_predictions,
    read_sets,
    read_state,
    training,
)

NAME = "trainer"
VERSION = 2
TOOL = "trainer"

RESULTS = ("all_results.json", "eval_results.json", "predict_results.json", "test_results.json")
STATE = "trainer_state.json"
_MORE = ("train_results.json", "README.md", "config.json", "predictions.txt")
_CHECKPOINT = re.compile(r"^checkpoint-(\d+)$")
_KEY = re.compile(rb'"(?:eval|predict|test|train)_[A-Za-z0-9_@.-]*(?:runtime|loss|samples_per_second)"\s*:')
_WORDS = re.compile(r"[_.\-]+")


def find(tree: Tree) -> Iterator[Bundle]:
    """Claim output folders by their results files or state; checkpoints below one go with it."""
    outputs = {folder: found for folder, files in tree.folders.items() if (found := _outputs(tree, files))}
    below: dict[str, list[File]] = {}
    for folder in [f for f in outputs if _CHECKPOINT.match(os.path.basename(f))]:
        parent, states = os.path.dirname(folder), [f for f in outputs[folder] if f.name == STATE]
        if parent in outputs or states:
            below.setdefault(parent, []).extend(states)
            del outputs[folder]
    for folder in sorted(outputs.keys() | below.keys()):
        files = outputs.get(folder, [])
        states = sorted(below.get(folder, []), key=_checkpoint_step)
        head = b"index\tprediction"
        more = [
            f
            for f in (tree.folders.get(folder, []) if files else [])
            if f.name in _MORE and (f.name != "predictions.txt" or tree.head(f.path, 64).startswith(head))
        ]
        main = next((f for name in (*RESULTS, STATE) for f in files if f.name == name), None)
        if main is None:
            main, states = states[-1], states[:-1]
        companions = [Path(f.path) for f in (*files, *more, *states) if f.path != main.path]
        yield Bundle(NAME, Path(main.path), tuple(companions), {"folder": folder})


def _outputs(tree: Tree, files: list[File]) -> list[File]:
    found = [f for f in files if f.name in RESULTS and _KEY.search(tree.head(f.path, 65_536))]
    found += [f for f in files if f.name == STATE and b'"log_history"' in tree.head(f.path, 65_536)]
    return found


def _checkpoint_step(file: File) -> int:
    match = _CHECKPOINT.match(os.path.basename(file.folder))
    return int(match[1]) if match else -1


@dataclass(slots=True)
class _Folder:
    """What the files of a folder say together."""

    found: dict[str, Any] = field(default_factory=dict)
    state: State | None = None
    card: Card = field(default_factory=Card)
    predictions: list[str] | None = None
    sources: list[Source] = field(default_factory=list)
    earlier: list[str] = field(default_factory=list)
    said: list[Outcome] = field(default_factory=list)


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Read an output folder: one run a task and split, one score a language and metric."""
    folder = _read_files(bundle)
    yield from folder.said
    if any(isinstance(said, Waiting) for said in folder.said):
        return
    guesses: list[str] = []
    found = folder.found
    sets = read_sets(found)
    if not sets and folder.state is not None:
        sets = read_sets(folder.state.last)
        if sets:
            guesses.append(
                f"there are no results: these are the training's last evaluations, step {folder.state.step}"
            )
    if not sets:
        if folder.sources:
            yield Refused(bundle.main, "it has figures of the training only, and no evaluation")
        return
    if folder.earlier:
        guesses.append(
            f"states of {', '.join(folder.earlier)} are left out: the last one holds their history"
        )
    root = Path(bundle.context.get("root", bundle.main.parent))
    here = Path(bundle.context.get("folder", bundle.main.parent))
    above = root if str(here).startswith(f"{root}/") else here
    parts = _parts(root, here)
    place = read_path([*above.parts[-3:-1], *parts])
    if place.task is None:
        place = read_path(folder.card.dataset)
        if place.task is not None:
            guesses.append(f"the task, {place.task}, is from the data set that the model card names")
    else:
        guesses.append(place.told)
    task = task_for(place, parts)
    if place.task is None:
        guesses.append(
            f"no folder on the path is named after a task of the table: task unknown, called {task}"
        )
    run = _run(bundle, folder, place, parts, root)
    by_split: dict[str | None, list[Score]] = {}
    codes = _all_languages(sets) if place.task is None else {}
    if codes:
        guesses.append(f"the evaluation sets are named like languages, {', '.join(codes)}: taken as such")
    language_of_set: dict[str, str | None] = {}
    for one in sets:
        name, split = _set_split(one)
        language = codes.get(one.name) or _language(name, place)
        language_of_set[one.prefix] = language
        for outcome in _scores(bundle.main, one, language, name, guesses):
            if isinstance(outcome, Score):
                by_split.setdefault(split, []).append(outcome)
            else:
                yield outcome
    if "validation" in by_split:
        guesses.append("what the Trainer calls eval is taken to be the validation split")
    guesses = list(dict.fromkeys(guesses))
    sources = tuple(
        replace(source, guessed=tuple(guesses)) if source.path == str(bundle.main) else source
        for source in folder.sources
    )
    for split in sorted(by_split, key=str):
        scores = by_split[split]
        items = None
        if split == "test" and folder.predictions:
            items, scores = _predicted(folder.predictions, task, scores, language_of_set)
        yield Draft(
            replace(
                run, task=task, split=split, key=f"{task}|{split}", scores=tuple(scores), sources=sources
            ),
            items,
        )
    yield from (Guessed(bundle.main, sentence) for sentence in guesses)


def _read_files(bundle: Bundle) -> _Folder:
    folder = _Folder()
    results: dict[str, dict[str, Any]] = {}
    here = str(bundle.context.get("folder", bundle.main.parent))
    states = [path for path in bundle.files if path.name == STATE]
    states.sort(key=lambda p: (str(p.parent) == here, _checkpoint_step(File(str(p), 0, 0))))
    for path in bundle.files:
        try:
            data, source = read_whole(path, NAME, VERSION)
            if path.name == STATE:
                state = read_state(data)
                if path == states[-1]:
                    folder.state = state
                else:
                    folder.earlier.append(path.parent.name)
            elif path.name == "README.md":
                card = read_card(data)
                folder.card = replace(card, base_model=card.base_model or folder.card.base_model)
            elif path.name == "config.json":
                base = text(table(load_json(data)).get("_name_or_path"))
                folder.card = replace(folder.card, base_model=folder.card.base_model or base)
            elif path.name == "predictions.txt":
                folder.predictions = read_predictions(data)
                if folder.predictions is None:
                    raise Unreadable("its lines are not numbered from 0: index, tab, prediction are expected")
            else:
                found = load_json(data)
                if not isinstance(found, dict):
                    raise Unreadable("it is not a table of figures")
                results[path.name] = found
        except Unreadable as error:
            folder.said.append(unread(path, error))
            continue
        folder.sources.append(source)
    for name in ("train_results.json", *RESULTS):  # of two that differ, the file about the one phase counts
        folder.found.update(results.get(name, {}))
    return folder


def _run(bundle: Bundle, folder: _Folder, place: Place, parts: list[str], root: Path) -> Run:
    state, card = folder.state, folder.card
    config: dict[str, Any] = {}
    if made := training(folder.found):
        config["training"] = made
    if state is not None:
        config["state"] = state.kept
        if state.curves:
            config["curves"] = state.curves
    if card.settings:
        config["hyperparameters"] = card.settings
    inside = [part for part in parts[1:] if not _CHECKPOINT.match(part)]  # the root is everybody's
    name = without(inside, place.used)
    return Run(
        found=Found(
            name=name or parts[0],
            path=relative_to(root, bundle.main),
            base_model=card.base_model,
            train_seed=card.seed,
            step=state.step if state else None,
        ),
        task="",
        sources=(),
        scores=(),
        checkpoint=state.best if state else None,
        tool=TOOL,
        config=config,
        importer=NAME,
        importer_version=VERSION,
    )


def _parts(root: Path, folder: Path) -> list[str]:
    """Return the folders from the imported root, with its own name, down to the output folder."""
    inside = relative_to(root, folder)
    if root == folder or not str(folder).startswith(f"{root}/"):
        return [folder.name or "output"]
    return [part for part in (root.name, *inside.split("/")) if part]


def _set_split(one: EvalSet) -> tuple[str, str | None]:
    """Return the name of an evaluation set without a split that it names, and the split."""
    words = [word for word in _WORDS.split(one.name) if word]
    named = next((split for word in words if (split := split_of(word))), None)
    bare = "_".join(word for word in words if not split_of(word))
    return bare, named or ("validation" if one.phase == "eval" else "test")


def _language(name: str, place: Place) -> str | None:
    """Return the language of an evaluation set: its own, else that of the folder for the only set."""
    if not name:
        return place.language
    if place.task is None:
        return None
    own = read_name(name)
    if own.task == place.task and own.language:
        return own.language
    return language_of(place.task, name)


def _all_languages(sets: list[EvalSet]) -> dict[str, str]:
    """Return set name -> code where there are several sets and every name is a language's code."""
    names = [one.name for one in sets if one.name]
    found = {name: known.code for name in names if (known := canonical(name)) and len(name) <= 3}
    return found if len(found) > 1 and len(found) == len(names) else {}


def _scores(
    path: Path, one: EvalSet, language: str | None, name: str, guesses: list[str]
) -> Iterator[Score | Refused]:
    factor = 1.0
    largest = max((number(one.values.get(key)) or 0.0 for key in ("f1", "exact_match")), default=0.0)
    if {"f1", "exact_match"} <= one.values.keys() and largest > 1:
        factor = 0.01  # the question answering scripts use SQuAD's scorer
        guesses.append("f1 and exact_match above 1 were taken to be on a scale of 0..100")
    if one.n_recovered:
        guesses.append("the number of items is not in the files: from runtime and speed")
    for key, value in one.values.items():
        if SPEEDS.fullmatch(key):
            continue
        where = f"{one.prefix}_{key}"
        metric_id, implementation = canonical_metric(TOOL, key)
        known = metric(metric_id)
        figure = number(value)
        if figure is None:
            yield Refused(path, f"the value is {shorten(value)}, not a number", where)
            continue
        if factor != 1.0 and known is not None and known.unit_interval:
            figure *= factor
        problem = check_value(metric_id, figure)
        if problem:
            yield Refused(path, f"the value {problem}", where)
            continue
        yield Score(
            metric=metric_id,
            value=figure,
            language=language,
            implementation=implementation,
            n=one.n,
            subject=None if language else name or one.prefix,
            locator=where,
        )


def _predicted(
    predictions: list[str], task: str, scores: list[Score], languages: dict[str, str | None]
) -> tuple[Items | None, list[Score]]:
    """Return predictions as items, without credits since no gold labels lie beside them."""
    sets = {score.locator.partition("_")[0] for score in scores if score.locator}
    counted = {score.n for score in scores if score.n is not None}
    if len(sets) != 1 or counted - {len(predictions)}:
        return None, scores
    spoken = languages.get(next(iter(sets)))
    known = known_task(task)
    ids = own_ids(task, spoken, [str(i) for i in range(len(predictions))])
    first = (
        known.primary_metric if known else next((s.metric for s in scores if s.metric != "loss"), "accuracy")
    )
    rows = [
        {"language": spoken, "item_id": item_id, "metric": first, "prediction": prediction}
        for item_id, prediction in zip(ids, predictions, strict=True)
    ]
    item_set = item_set_hash(ids)
    kept = [replace(score, item_set=item_set, n=score.n or len(ids)) for score in scores]
    return items_of(rows, partial="predictions without gold labels"), kept
