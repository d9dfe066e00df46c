"""Result files of lm-evaluation-harness v0.3: one number a metric, no filter, no number of items, no groups.

The same names as in v0.4 can mean other data (``xnli_sw`` is the test set here), so splits come from the
table of task names for this version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Bundle, Draft, Guessed, Outcome, Refused
from intermezzo.engine.importing.reading import (
    Unreadable,
    load_json,
    read_whole,
    shorten,
    table,
    unread,
    whole,
)
from intermezzo.engine.importing.tree import File, Tree, relative_to
from intermezzo.queries.metrics import canonical_metric
from intermezzo.queries.records import Found, Run, Score, Source

from .lm_eval_model import name_of_folder, read_model
from .lm_eval_rows import TOOL, Place, Task, checked, named, read_stderr, read_task, recover_n

NAME = "lm-eval-v0.3"
VERSION = 1
DIALECT = "lm-eval-0.3"

_STARTS = re.compile(
    rb'^(?:\xef\xbb\xbf)?\s*\{\s*"results"\s*:\s*\{\s*"[^"]+"\s*:\s*\{\s*"[^",{}]+"\s*:\s*[-\d"N\[{]'
)
_COMMA_KEY = re.compile(rb'"[^",\n{}]{1,80},[\w.+-]{1,80}"\s*:')
_SHOTS = re.compile(r"(?:^|[_.-])(\d{1,3})[-_]?shots?(?![a-z])", re.IGNORECASE)
_MAX_BYTES = 2**22
_KEPT = ("model", "batch_size", "limit", "bootstrap_iters", "description_dict", "device")


def find(tree: Tree) -> Iterator[Bundle]:
    """Claim files by content: results of bare metrics, with versions of tasks and a configuration."""
    for file in tree.files:
        if file.path.endswith(".json") and file.size <= _MAX_BYTES and _is_results(tree, file):
            yield Bundle(NAME, Path(file.path))


def _is_results(tree: Tree, file: File) -> bool:
    if not _STARTS.match(tree.head(file.path, 512)):
        return False
    whole_file = tree.head(file.path, _MAX_BYTES)
    return b'"versions"' in whole_file and b'"config"' in whole_file and not _COMMA_KEY.search(whole_file)


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Read a result file: one run a benchmark task and version."""
    path = bundle.main
    try:
        data, source = read_whole(path, NAME, VERSION)
        results = load_json(data)
    except Unreadable as error:
        yield unread(path, error)
        return
    if not isinstance(results, dict) or not isinstance(results.get("results"), dict):
        yield Refused(path, "it has no table of results")
        return
    guesses: list[str] = []
    shots = _shots(path, results, guesses)
    rows: dict[Place, list[Score]] = {}
    recovered: list[str] = []
    unknown: list[str] = []
    borrowed: list[str] = []
    for name, entry in results["results"].items():
        if not isinstance(entry, dict):
            yield Refused(path, f"the row is {shorten(entry)}, not a table", f"results.{name}")
            continue
        task = read_task(results, name, DIALECT)
        scores, refused = _scores(path, task, entry)
        yield from refused
        if not task.read.known:
            unknown.append(name)
        if task.split_from_table:
            borrowed.append(task.read.task)
        if any(score.n for score in scores):
            recovered.append(task.read.task)
        place = replace(task, shots=shots).place("none")
        rows.setdefault(place, []).extend(scores)
    if unknown:
        guesses.append(f"the table of task names has no {named(unknown)}: language unknown")
    if borrowed:
        guesses.append(
            f"the split of {named(borrowed)} is not in the file: taken from the table of task names"
        )
    if recovered:
        guesses.append(
            f"the number of items of {named(recovered)} is not in the file: from accuracy and its error"
        )
    run = _run(bundle, results, guesses)
    source = replace(source, guessed=tuple(guesses))
    for place in sorted(rows, key=lambda p: p.key):
        if rows[place]:
            yield Draft(_placed(run, place, source, tuple(rows[place])))
    yield from (Guessed(path, sentence) for sentence in guesses)


def _scores(path: Path, task: Task, entry: dict[str, Any]) -> tuple[list[Score], list[Refused]]:
    scores: list[Score] = []
    refused: list[Refused] = []
    for name, value in entry.items():
        where = f"results.{task.name}.{name}"
        if name.endswith("_stderr") or name == "alias":
            continue
        metric, implementation = canonical_metric(DIALECT, name)
        found, problem = checked(metric, value, name, task.read.task)
        if problem:
            refused.append(Refused(path, problem, where))
            continue
        stderr, problem = read_stderr(entry.get(f"{name}_stderr"))
        if problem:
            refused.append(Refused(path, problem, f"{where}_stderr"))
        scores.append(
            Score(
                metric=metric,
                value=found,
                language=task.read.language,
                language_2=task.read.language_2,
                implementation=implementation,
                stderr=None if stderr == 0.0 and found not in (0.0, 1.0) else stderr,
                subject=None if task.read.language else task.name,
                locator=where,
            )
        )
    # one number of items a task: what its accuracies agree on
    counts = {recover_n(s.value, s.stderr) for s in scores if s.metric.startswith("accuracy")} - {None}
    n = counts.pop() if len(counts) == 1 else None
    return [replace(score, n=n) for score in scores], refused


def _shots(path: Path, results: dict[str, Any], guesses: list[str]) -> int | None:
    """Return the number of shots: by the configuration, else by the file name."""
    configured = whole(table(results.get("config")).get("num_fewshot"))
    in_name = _SHOTS.search(path.stem)
    if configured is not None:
        if in_name and int(in_name[1]) != configured:
            guesses.append(
                f"the file name says {in_name[1]} shots, its configuration {configured}: the latter counts"
            )
        return configured
    if in_name:
        guesses.append(f"the number of shots, {in_name[1]}, is from the file name")
        return int(in_name[1])
    return None


def _run(bundle: Bundle, results: dict[str, Any], guesses: list[str]) -> Run:
    """Return what all runs of a file share."""
    settings = table(results.get("config"))
    model = read_model(results)
    name = model.name
    if name is None:
        folder = bundle.main.parent.name
        name = name_of_folder(folder) or folder or bundle.main.stem
        guesses.append(f"the file does not name its model: taken as {name} from its folder")
    config: dict[str, Any] = {key: settings[key] for key in _KEPT if settings.get(key) is not None}
    config["model_args"] = model.arguments
    limit = whole(settings.get("limit"))
    return Run(
        found=Found(
            name=name,
            path=relative_to(Path(bundle.context.get("root", bundle.main.parent)), bundle.main),
            base_model=model.base_model,
            base_revision=model.revision,
            step=model.step,
        ),
        task="",
        sources=(),
        scores=(),
        limit=limit if limit and limit > 0 else None,
        tool=TOOL,
        tool_version="0.3",
        config=config,
        importer=NAME,
        importer_version=VERSION,
    )


def _placed(run: Run, place: Place, source: Source, scores: tuple[Score, ...]) -> Run:
    return replace(
        run,
        found=replace(run.found, shots=place.shots, prompt=place.prompt),
        task=place.task,
        split=place.split,
        subset=place.subset,
        task_version=place.version,
        key=place.key,
        filter=place.filter,
        sources=(source,),
        scores=scores,
    )
