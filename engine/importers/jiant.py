"""Run folders of jiant 2: ``val_metrics.json`` with what lies beside it.

Accuracy and tagging F1 are on 0..1 there, questions on 0..100, so ``aggregated``, their mean, means nothing
and is left out. The intermediate checkpoint is only a path in ``args.json``: it is kept, as a hint for a
person. Learning curves come from the zlog files. Files ending in ``.p`` are pickles, and are never opened.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from intermezzo.engine.importing.draft import Bundle, Draft, Guessed, Outcome, Refused
from intermezzo.engine.importing.reading import (
    Unreadable,
    load_json,
    number,
    read_whole,
    shorten,
    table,
    text,
    unread,
    whole,
)
from intermezzo.engine.importing.tree import File, Tree, relative_to
from intermezzo.queries.metrics import canonical_metric, check_value, metric, natural_value
from intermezzo.queries.naming import suggest
from intermezzo.queries.records import Found, Run, Score, Source
from intermezzo.queries.task_names import read_task_name

from .curves import curve
from .folder_names import read_name
from .lm_eval_rows import named

NAME = "jiant"
VERSION = 2
TOOL = "jiant"

MAIN = "val_metrics.json"
_ENTRY = re.compile(rb'"(?:loss|metrics|aggregated)"\s*:')
_ONLY_SPLIT = {"xquad": "test", "tydiqa": "test", "tatoeba": "test"}
"""Tasks whose one evaluation set, which jiant calls val, is what XTREME calls test."""

_PATHS = ("model_path", "model_load_path", "jiant_task_container_config_path")
_KEPT = (
    "learning_rate",
    "optimizer_type",
    "model_load_mode",
    "do_train",
    "eval_every_steps",
    "seed",
    *_PATHS,
)
_QUESTIONS = ("exact", "exact_match")
_NO_SCORES = re.compile(r"total|.*thresh.*|HasAns_.*|NoAns_.*")


def find(tree: Tree) -> Iterator[Bundle]:
    """Claim run folders by their ``val_metrics.json``, with arguments, logs and pickles."""
    logs: dict[str, list[str]] = {}
    for folder, files in tree.folders.items():
        logs.setdefault(os.path.dirname(folder), []).extend(f.path for f in files if f.path.endswith(".zlog"))
    for folder, files in tree.folders.items():
        main = next((f for f in files if f.name == MAIN), None)
        if main is None or not _ENTRY.search(tree.head(main.path, 4096)):
            continue
        beside = files if len(files) > 1 or tree.root != Path(main.path) else _beside(folder)
        companions = [f.path for f in beside if f.name == "args.json" or f.path.endswith((".p", ".zlog"))]
        companions.extend(logs.get(folder, ()))
        yield Bundle(NAME, Path(main.path), tuple(Path(p) for p in sorted(companions)))


def _beside(folder: str) -> list[File]:
    """List the files of a folder of which a single file is imported."""
    try:
        with os.scandir(folder) as entries:
            return [File(entry.path, 0, 0) for entry in entries if entry.is_file()]
    except OSError:
        return []


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Read a run folder: one run a task and split, one score a language and metric."""
    path = bundle.main
    try:
        data, source = read_whole(path, NAME, VERSION)
        found = load_json(data)
    except Unreadable as error:
        yield unread(path, error)
        return
    if not isinstance(found, dict):
        yield Refused(path, "it is not a table of tasks")
        return
    beside = _companions(bundle)
    yield from beside.refused
    guesses = (
        ["`aggregated` is left out: it averages values on different scales"] if "aggregated" in found else []
    )
    places: dict[_Place, tuple[list[Score], dict[str, Any]]] = {}
    unknown: list[str] = []
    for name, entry in found.items():
        if name == "aggregated":
            continue
        if not isinstance(entry, dict):
            yield Refused(path, f"the entry is {shorten(entry)}, not a table", name)
            continue
        one = _read_task(path, name, entry)
        yield from one.refused
        if not one.known:
            unknown.append(name)
        scores, rest = places.setdefault(one.place, ([], {}))
        scores.extend(one.scores)
        if one.rest:
            rest[name] = one.rest
    if unknown:
        guesses.append(f"the table of task names has no {named(unknown)}: language unknown")
    if any(place.split == "test" for place in places):
        guesses.append(
            "xquad, tydiqa and tatoeba have one evaluation set, XTREME's test: their split is test"
        )
    run = _run(bundle, {place.task for place in places}, beside, guesses)
    source = replace(source, guessed=tuple(guesses))
    for place in sorted(places):
        scores, rest = places[place]
        if not scores:
            continue
        config = run.config | ({"other": rest} if rest else {})
        yield Draft(
            replace(
                run,
                task=place.task,
                split=place.split or None,
                subset=place.subset or None,
                key="|".join(place),
                scores=tuple(scores),
                sources=(source, *beside.sources),
                config=config,
            )
        )
    yield from (Guessed(path, sentence) for sentence in guesses)


class _Place(NamedTuple):
    task: str
    split: str
    subset: str


@dataclass(slots=True)
class _Task:
    place: _Place
    known: bool
    scores: list[Score] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)


def _read_task(path: Path, name: str, entry: dict[str, Any]) -> _Task:
    read = read_task_name(TOOL, name)
    split = _ONLY_SPLIT.get(read.task, "validation")
    found = _Task(_Place(read.task, split, read.subset or ""), read.known)
    metrics = table(entry.get("metrics"))
    minor = table(metrics.get("minor"))
    # SQuAD's own scorer writes 0..100, for whatever task
    scale = "xquad" if any(key in minor for key in _QUESTIONS) else read.task
    n = whole(minor.get("total")) if scale == "xquad" else None
    values: dict[str, tuple[Any, str]] = {
        key: (value, f"{name}.metrics.minor.{key}") for key, value in minor.items()
    }
    major = number(metrics.get("major"))
    if major is not None and not any(number(value) == major for value, _ in values.values()):
        values["f1_em" if scale == "xquad" else "major"] = (metrics["major"], f"{name}.metrics.major")
    if "loss" in entry:
        values["loss"] = (entry["loss"], f"{name}.loss")
    for key, (value, where) in values.items():
        figure = number(value)
        if _NO_SCORES.fullmatch(key) or isinstance(value, dict | list):
            found.rest[key] = value
            continue
        if figure is None:
            found.refused.append(Refused(path, f"the value is {shorten(value)}, not a number", where))
            continue
        spelled = key if metric(canonical_metric(TOOL, key)[0]) else key.lower()
        metric_id, implementation = canonical_metric(TOOL, spelled)
        if metric(metric_id) is None:
            metric_id, implementation = key, f"{TOOL} {key}"
        figure = natural_value(TOOL, spelled, figure, scale)
        problem = check_value(metric_id, figure)
        if problem:
            found.refused.append(Refused(path, f"the value {problem}", where))
            continue
        found.scores.append(
            Score(
                metric=metric_id,
                value=figure,
                language=read.language,
                language_2=read.language_2,
                implementation=implementation,
                n=n if n and n > 0 and metric_id != "loss" else None,
                subject=None if read.language else name,
                locator=where,
            )
        )
    if not found.scores and not found.refused:
        found.refused.append(Refused(path, "the task has neither metrics nor a loss", name))
    return found


@dataclass(slots=True)
class _Beside:
    """What lies beside the metrics."""

    arguments: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, Any] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    best: bool = False


def _companions(bundle: Bundle) -> _Beside:
    found = _Beside()
    points: dict[str, list[dict[str, Any]]] = {}
    for path in bundle.companions:
        if path.suffix == ".p":
            reason = "a pickle, which is never opened: reading one runs the code inside it"
            found.refused.append(Refused(path, reason))
            continue
        try:
            data, source = read_whole(path, NAME, VERSION)
            if path.name == "args.json":
                arguments = load_json(data)
                if not isinstance(arguments, dict):
                    raise Unreadable("it is not a table of arguments")
                found.arguments = arguments
            else:
                found.best |= path.name == "train_val_best.zlog"
                for name, point in _points(path, data, found.refused):
                    points.setdefault(name, []).append(point)
        except Unreadable as error:
            found.refused.append(Refused(path, str(error)))
            continue
        found.sources.append(source)
    found.curves = {name: made for name in sorted(points) if (made := curve(points[name]))}
    return found


def _points(path: Path, data: bytes, refused: list[Refused]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the points of a zlog: ``(name of the curve, numbers by name)``."""
    bad = []
    for at, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            entry = load_json(line)
        except Unreadable:
            bad.append(at)
            continue
        entry = table(entry)
        if path.name == "loss_train.zlog":
            name = text(entry.get("task")) or "all"
            yield f"train {name}", {"step": entry.get("global_step"), "loss": entry.get("loss_val")}
        elif path.name == "train_val.zlog":
            point = {
                "step": table(entry.get("train_state")).get("global_steps"),
                "aggregated": entry.get("score"),
            }
            for task, result in table(entry.get("metrics")).items():
                point[task] = table(result).get("major") if isinstance(result, dict) else result
            yield "validation", point
    if bad:
        refused.append(Refused(path, f"{len(bad)} lines are no JSON and left out", f"line {bad[0]}"))


def _run(bundle: Bundle, tasks: set[str], beside: _Beside, guesses: list[str]) -> Run:
    """Return what all runs of a folder share."""
    arguments = beside.arguments
    root = Path(bundle.context.get("root", bundle.main.parent))
    path = relative_to(root, bundle.main)
    folder = os.path.dirname(path) or bundle.main.parent.name
    above, _, last = folder.rpartition("/")
    if above and read_name(last).task in tasks:
        folder = above  # a system has a folder for each task that it is tested on
    seed = whole(arguments.get("seed"))
    base = text(arguments.get("hf_pretrained_model_name_or_path"))
    checkpoint = text(arguments.get("model_load_path")) or text(arguments.get("model_path"))
    config: dict[str, Any] = {key: arguments[key] for key in _KEPT if arguments.get(key) not in (None, "")}
    if beside.curves:
        config["curves"] = beside.curves
    if checkpoint:
        said = (suggest(Found(name=part)).get("recipe") for part in reversed(checkpoint.split("/")))
        if recipe := next((recipe for recipe in said if recipe), None):
            config["hints"] = {"recipe": recipe, "from": checkpoint}
            guesses.append(
                f"its checkpoint, {checkpoint}, suggests the recipe {recipe}: confirm it in systems.toml"
            )
    if not arguments:
        guesses.append("there is no args.json beside it: base model, seed and checkpoint are unknown")
    return Run(
        found=Found(
            name=folder,
            path=path,
            base_model=base,
            train_seed=seed if seed is not None and seed >= 0 else None,
        ),
        task="",
        sources=(),
        scores=(),
        checkpoint=checkpoint,
        selection="best score on the tasks validated during training" if beside.best else None,
        tool=TOOL,
        config=config,
        importer=NAME,
        importer_version=VERSION,
    )
