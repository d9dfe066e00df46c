"""Logs of Inspect: ``.json`` as it stands, ``.eval`` through Inspect's own reader where that is installed.

A log has one task and model. Its scorers' figures become scores, recomputed from the samples where all of
them are there; samples become items. Where samples say their language (``metadata.language``) there is a
figure for each. Custom conversions of a scorer's values are not known here: a mismatch shows as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Bundle, Draft, Guessed, Outcome, Refused, Waiting
from intermezzo.engine.importing.reading import (
    Unreadable,
    is_young,
    load_json,
    read_whole,
    shorten,
    table,
    text,
    unread,
    whole,
)
from intermezzo.engine.importing.tree import Tree, relative_to
from intermezzo.queries.languages import canonical
from intermezzo.queries.records import Found, Run, Source

from .folder_names import read_name
from .inspect_scores import Reading, score_log

NAME = "inspect"
VERSION = 1

_STARTS = re.compile(rb'^(?:\xef\xbb\xbf)?\s*\{\s*"version"\s*:\s*\d+\s*,\s*"status"\s*:\s*"')
_ZIP = b"PK\x03\x04"
_PATIENCE_S = 3600.0
_KEPT = (
    "task_args",
    "model_generate_config",
    "task_attribs",
    "revision",
    "solver",
    "tags",
    "eval_id",
    "run_id",
)
_KEPT_CONFIG = ("epochs", "epochs_reducer", "limit", "sample_id")


def find(tree: Tree) -> Iterator[Bundle]:
    """Claim logs by their first bytes."""
    for file in tree.files:
        if file.path.endswith(".json"):
            head = tree.head(file.path, 4096)
            if _STARTS.match(head) and b'"eval"' in head:
                yield Bundle(NAME, Path(file.path))
        elif file.path.endswith(".eval") and tree.head(file.path, 4) == _ZIP:
            yield Bundle(NAME, Path(file.path))


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Read a log: one run, with its samples as items."""
    path = bundle.main
    try:
        data, source = read_whole(path, NAME, VERSION)
        log = _through_inspect(path) if data.startswith(_ZIP) else load_json(data)
    except Unreadable as error:
        yield unread(path, error)
        return
    del data
    spec = table(table(log).get("eval"))
    model, task = text(spec.get("model")), text(spec.get("task"))
    if model is None or task is None:
        yield Refused(path, "it does not name its task and model", "eval")
        return
    status = log.get("status")
    if status == "started":
        if is_young(path, _PATIENCE_S):
            yield Waiting(path, "the evaluation is still running")
        else:
            yield Refused(path, "the evaluation did not finish", "status")
        return
    if status != "success":
        yield Refused(path, f"the evaluation ended with status {shorten(status)}", "status")
        return
    yield from _log(bundle, log, spec, source, model, task)


def _log(
    bundle: Bundle, log: dict[str, Any], spec: dict[str, Any], source: Source, model: str, task: str
) -> Iterator[Outcome]:
    path = bundle.main
    place = read_name(task.rpartition("/")[2])
    arguments = table(spec.get("task_args"))
    language, guesses = place.language, []
    if language is None and (told := text(arguments.get("language"))) and (known := canonical(told)):
        language = known.code
        guesses.append(f"the language, {language}, is from the task's argument `language`")
    if place.task is None:
        guesses.append(f"{task} is not in the task table: kept as found")
    reading: Reading = score_log(log, place.task or task, language, task)
    yield from (Refused(path, reason, key) for key, reason in reading.refused)
    guesses.extend(reading.guesses)
    if not reading.scores:
        yield Refused(path, "it has no scores", "results.scores")
        return
    settings = table(spec.get("config"))
    config: dict[str, Any] = {key: spec[key] for key in _KEPT if spec.get(key)}
    config["evaluation"] = {key: settings[key] for key in _KEPT_CONFIG if settings.get(key) is not None}
    config["dataset"] = {
        k: v
        for k, v in table(spec.get("dataset")).items()
        if k in ("name", "location", "samples", "shuffled")
    }
    config["metrics"] = reading.rest
    if log.get("invalidated") is True:
        config["invalidated"] = True
        guesses.append("its authors marked the log as invalidated")
    root = Path(bundle.context.get("root", path.parent))
    limit = whole(settings.get("limit"))
    run = Run(
        found=Found(name=model, path=relative_to(root, path)),
        task=place.task or task,
        sources=(
            Source(
                source.path,
                source.sha256,
                source.size,
                source.mtime_ns,
                NAME,
                VERSION,
                tuple(guesses),
            ),
        ),
        scores=tuple(reading.scores),
        key=task,
        task_version=_version(spec.get("task_version")),
        limit=limit if limit and limit > 0 else None,
        eval_seed=whole(table(spec.get("model_generate_config")).get("seed")),
        tool="inspect",
        tool_version=text(table(spec.get("packages")).get("inspect_ai")),
        date=text(spec.get("created")),
        config=config,
        importer=NAME,
        importer_version=VERSION,
    )
    yield Draft(run, reading.items)
    yield from (Guessed(path, sentence) for sentence in guesses)


def _version(value: Any) -> str | None:
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else None


def _through_inspect(path: Path) -> Any:
    """Return an ``.eval`` log as the table that a ``.json`` log is, by Inspect's own reader.

    Raises:
        Unreadable: Inspect is not installed, or does not read it.
    """
    try:
        reader = import_module("inspect_ai.log")
    except ImportError:
        raise Unreadable(
            "an .eval log is read by Inspect's own reader, which is not installed here: "
            "pip install inspect-ai, or convert it with `inspect log convert --to json`"
        ) from None
    try:
        log = reader.read_eval_log(str(path))
        return load_json(log.model_dump_json(exclude_none=True).encode("utf-8", "surrogatepass"))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"Inspect's own reader does not read it ({type(error).__name__})") from None
