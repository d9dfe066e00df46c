"""What XTREME's evaluate.py writes with ``--output_file``: scores of one system on a scale of 0..100.

The file is JSON: ``{"all_task": .., "qa": .., "<task>":
{"<metric>": {"<language>": ..}, "avg_<metric>": ..}}``.
It names neither the system nor the version of seqeval that counted the tagging tasks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Bundle, Draft, Guessed, Outcome, Refused
from intermezzo.engine.importing.reading import Unreadable, load_json, read_whole
from intermezzo.engine.importing.tree import Tree
from intermezzo.engine.metrics.xtreme_score import GROUPS, TASK_LANGUAGES
from intermezzo.queries.languages import canonical
from intermezzo.queries.metrics import check_value
from intermezzo.queries.records import Found, Run, Score, Source

from .xtreme_tree import IMPLEMENTATIONS

NAME = "xtreme-scores"
VERSION = 1

_FIRST_KEY = re.compile(
    rb"\s*\{\s*\"(" + "|".join(["all_task", *GROUPS, *TASK_LANGUAGES]).encode() + rb")\"\s*:"
)
_SNIFFED = 1 << 16
_SAYS_NOTHING = re.compile(
    r"(xtreme|eval|evaluation|scores?|results?|output|out|test|metrics?|[-_.\d])+", re.I
)
_TAGGING = "xtreme seqeval"


@dataclass(slots=True)
class _Reader:
    """What was read from a file so far."""

    path: Path
    refused: list[Refused] = field(default_factory=list)

    def score(self, metric: str, number: Any, key: str, **rest: Any) -> list[Score]:
        """Return the score of one number (0..100), or nothing where it is refused by key."""
        value = number
        if isinstance(number, (int, float)) and not isinstance(number, bool):
            value = number / 100 if abs(number) < 1e300 else math.inf
        wrong = check_value(metric, value)
        if wrong:
            self.refused.append(Refused(self.path, f"the value {wrong} (XTREME writes 0 to 100)", key))
            return []
        return [Score(metric=metric, value=value, evidence="logged", locator=key, **rest)]


def find(tree: Tree) -> Iterator[Bundle]:
    """Claim JSON files that begin as evaluate.py's do and name an ``avg_metric``."""
    for file in tree.files:
        if not file.name.endswith(".json") or not _FIRST_KEY.match(tree.head(file.path)):
            continue
        if b'"avg_metric"' in tree.head(file.path, _SNIFFED):
            yield Bundle(NAME, Path(file.path), (), {"path": tree.relative(file.path)})


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Read one file into a run a task; the means over tasks become a run of the task ``xtreme``."""
    try:
        data, source = read_whole(bundle.main, NAME, VERSION)
        top = load_json(data)
    except Unreadable as error:
        yield Refused(bundle.main, str(error))
        return
    if not isinstance(top, dict):
        yield Refused(bundle.main, "it is not a JSON object")
        return
    stem = bundle.main.stem
    system = (bundle.main.parent.name if _SAYS_NOTHING.fullmatch(stem) else "") or stem
    found = Found(name=system, path=bundle.context["path"])
    yield Guessed(bundle.main, f"the file names no system: {system} was taken from its path")
    if {"panx", "udpos"} & top.keys():
        yield Guessed(
            bundle.main,
            "the file does not say which seqeval counted udpos and panx: their scores are kept apart "
            "from those of a known version",
        )
    reader = _Reader(bundle.main)
    overall: list[Score] = []
    for name, entry in top.items():
        if isinstance(entry, dict):
            scores = _task_scores(reader, name, entry)
            if scores:
                yield Draft(_run(found, name, source, scores))
        else:
            group = {"implementation": "xtreme", "scope": "group", "subject": name}
            overall += reader.score("xtreme_score", entry, name, **group)
    if overall:
        yield Draft(_run(found, "xtreme", source, overall))
    yield from reader.refused


def _task_scores(reader: _Reader, task: str, entry: dict[str, Any]) -> list[Score]:
    scores: list[Score] = []
    known = dict(IMPLEMENTATIONS.get(task, ()))
    tagging = task in ("panx", "udpos")
    for name, content in entry.items():
        metric = name.removeprefix("avg_")
        implementation = _TAGGING if tagging else known.get(metric, f"xtreme {metric}")
        if metric in ("precision", "recall") and known:
            implementation = _TAGGING if tagging else known["f1"]
        if isinstance(content, dict):
            for code, number in content.items():
                language = canonical(code)
                where = {"language": language.code} if language else {"subject": code}
                key = f"{task}.{name}.{code}"
                scores += reader.score(metric, number, key, implementation=implementation, **where)
        elif name == "avg_metric":
            # Of the other tasks it repeats the mean of their one metric.
            if len(known) > 1:
                mean = {"implementation": known["f1"], "scope": "macro"}
                scores += reader.score("f1_em", content, f"{task}.{name}", **mean)
        else:
            mean = {"implementation": implementation, "scope": "macro"}
            scores += reader.score(metric, content, f"{task}.{name}", **mean)
    return scores


def _run(found: Found, task: str, source: Source, scores: list[Score]) -> Run:
    return Run(
        found=found,
        task=task,
        sources=(source,),
        scores=tuple(scores),
        split="test",
        key=task,
        tool="xtreme",
        importer=NAME,
        importer_version=VERSION,
    )
