"""Results of EuroEval before its version 17, and of ScandEval, as it was called: a line a model and data set.

Later versions write records of every_eval_ever (``every_eval_ever.py``), and make such records of these lines
too: ``results.total`` has means over resamples x 100, but for speeds, and in ``_se`` the half of a 95 %
interval; ``results.raw`` has the resamples.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Bundle, Outcome, Refused
from intermezzo.engine.importing.reading import Unreadable, number, read_whole, table, text, unread
from intermezzo.engine.importing.tree import Tree
from intermezzo.queries.records import Source

from .every_eval_ever import read_lines, read_record
from .every_eval_fields import EUROEVAL

NAME = "euroeval"
VERSION = 1

_FIRST = re.compile(rb'^\s*\{"dataset"\s*:.*"model"\s*:.*"results"\s*:\s*\{\s*"(?:raw|total)"', re.DOTALL)
_ERROR = "_se"
_VERSIONS = ("euroeval_version", "scandeval_version")
_UNBOUNDED = "speed"


def find(tree: Tree) -> Iterator[Bundle]:
    """Claim files of lines by the keys of the first."""
    for file in tree.files:
        if file.path.endswith(".jsonl") and _FIRST.match(tree.head(file.path, 4096)):
            yield Bundle(NAME, Path(file.path))


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Read every line as the record that EuroEval would write of it today."""
    try:
        data, source = read_whole(bundle.main, NAME, VERSION)
    except Unreadable as error:
        yield unread(bundle.main, error)
        return
    yield from read_lines(bundle.main, data, lambda at, line: _line(bundle, at, line, source))


def _line(bundle: Bundle, at: int, line: Any, source: Source) -> Iterator[Outcome]:
    before = f"line {at}: "
    if "evaluation_results" in table(line):  # a later version went on with the same file
        yield from read_record(bundle, line, source, before)
        return
    total = table(table(table(line).get("results")).get("total"))
    names = [name for name in total if not name.endswith(_ERROR)]
    if text(table(line).get("dataset")) is None or not names:
        yield Refused(bundle.main, "the line names no data set, or has no results.total", f"line {at}")
        return
    keys = [f"results.total.{name[:60]}" for name in names]
    yield from read_record(bundle, _record(line, total, names), source, before, keys)


def _record(line: dict[str, Any], total: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return a line as a record of every_eval_ever."""
    bounds = {} if line.get("task") == _UNBOUNDED else {"min_score": -100, "max_score": 100}
    results = [
        {
            "evaluation_name": name,
            "source_data": {"dataset_name": line["dataset"]},
            "metric_config": bounds,
            "score_details": {"score": total[name], "uncertainty": _uncertainty(total, name)},
        }
        for name in names
    ]
    about = ("num_model_parameters", "max_sequence_length", "vocabulary_size", "merge", "generative_type")
    details: dict[str, Any] = {
        "dataset": line["dataset"],
        "task": line.get("task"),
        "languages": line.get("dataset_languages", line.get("languages")),
        "raw_results": table(line.get("results")).get("raw"),
    }
    details |= {key: _flag(line.get(key)) for key in ("few_shot", "validation_split")}
    version = next((v for key in _VERSIONS if (v := text(line.get(key))) is not None), "unknown")
    return {
        "source_metadata": {"source_type": "evaluation_run"},
        "model_info": {
            "id": line.get("model"),
            "additional_details": {key: line[key] for key in about if key in line}
            | {"generative": _flag(line.get("generative"))},
        },
        "eval_library": {"name": EUROEVAL, "version": version, "additional_details": details},
        "evaluation_results": results,
    }


def _flag(said: Any) -> str | None:
    """Return true or false in words, as records have it."""
    return str(said).lower() if isinstance(said, bool) else None


def _uncertainty(total: dict[str, Any], name: str) -> dict[str, Any]:
    score, half = number(total[name]), number(total.get(name + _ERROR))
    if score is None or half is None or not math.isfinite(half):
        return {}
    interval = {"lower": score - half, "upper": score + half, "confidence_level": 0.95}
    return {"confidence_interval": interval}
