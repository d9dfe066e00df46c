"""What one result of an every_eval_ever record says: task, metric, value and uncertainty, by field.

Fields as in the schema (0.2.0 to 0.3.0) and as its writers use them: the lm-eval converter names the metric
in ``evaluation_description``, Inspect's in ``evaluation_name`` ("accuracy on X for scorer Y"), EuroEval puts
the metric into ``evaluation_name`` and everything else into ``eval_library.additional_details``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any, NamedTuple

from intermezzo.engine.importing.reading import number, shorten, table, text, whole
from intermezzo.queries.languages import canonical
from intermezzo.queries.metrics import canonical_metric, check_value, metric
from intermezzo.queries.records import Score
from intermezzo.queries.task_names import read_task_name
from intermezzo.queries.tasks import task as known_task

from .lm_eval_rows import prompt_of

TOOL = "every-eval-ever"
EUROEVAL = "euroeval"

_INSPECT = re.compile(r"^(?P<metric>.+?) on (?P<task>.+) for scorer (?P<scorer>.+)$")
_DESCRIPTION = re.compile(r"^(?P<metric>[A-Za-z0-9_@ -]{1,40}) on (?P<rest>.+)$")
_FILTER = re.compile(r"^(?P<metric>\S+)(?: \(filter: (?P<filter>.+)\))?$")
_SPLITS = {"train": "train", "val": "validation", "validation": "validation", "dev": "validation"}


class Place(NamedTuple):
    """What tells the runs of one record apart; its parts joined are the run's key inside the file."""

    task: str
    split: str | None = None
    subset: str | None = None
    prompt: str | None = None
    filter: str | None = None

    @property
    def key(self) -> str:
        """The place as one string."""
        return "|".join("" if part is None else part for part in self)


@dataclass(frozen=True, slots=True)
class Entry:
    """One result of a record.

    Attributes:
        place: Which run it belongs to.
        score: Its score.
        names: What samples may call it: its id, and its name.
        notes: What had to be inferred.
    """

    place: Place
    score: Score
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()


class BadField(Exception):
    """A field that cannot be used: ``key`` below the result, and why."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key
        self.reason = reason


def is_published(record: dict[str, Any]) -> bool:
    """Tell whether a record copies figures from somewhere (``documentation``) instead of from a run."""
    return table(record.get("source_metadata")).get("source_type") != "evaluation_run"


def library(record: dict[str, Any]) -> str:
    """Return the name of the library that ran the evaluation, ``unknown`` where the record does not say."""
    return (text(table(record.get("eval_library")).get("name")) or "unknown").strip()


def read_entry(record: dict[str, Any], result: dict[str, Any], where: str, languages: list[str]) -> Entry:
    """Read one result.

    Args:
        record: The whole record.
        result: One of its ``evaluation_results``.
        where: Its key in the file.
        languages: The languages that the record names, canonical codes where they are known.

    Raises:
        BadField: It has no usable score.
    """
    notes: list[str] = []
    names = _names(record, result, notes)
    details = table(result.get("score_details"))
    config = table(result.get("metric_config"))
    metric_id, implementation = canonical_metric(names.tool, names.metric)
    factor = _factor(metric_id, config)
    value, gap = _value(metric_id, config, details, factor)
    if factor != 1.0:
        notes.append(f"{names.metric} is on a scale of 0..100 there: divided by 100")
    stderr, said = read_uncertainty(details, value, factor)
    notes.extend(said)
    uncertainty = table(details.get("uncertainty"))
    resamples = library(record) == EUROEVAL or whole(uncertainty.get("num_bootstrap_samples")) is not None
    counted = None if library(record) == EUROEVAL else whole(uncertainty.get("num_samples"))
    if counted is not None and resamples and counted == whole(uncertainty.get("num_bootstrap_samples")):
        counted = None
    alone = languages[0] if len(languages) == 1 and canonical(languages[0]) else None
    language = names.language or alone
    score = Score(
        metric=metric_id,
        value=value,
        language=language,
        language_2=names.language_2,
        implementation=implementation,
        n=counted if counted and counted > 0 else None,
        stderr=stderr if value is not None else None,
        evidence="published" if is_published(record) else "logged",
        subject=None if language else ", ".join(languages) or names.shown,
        locator=where,
        gap=gap,
    )
    ids = (text(result.get("evaluation_result_id")), text(result.get("evaluation_name")))
    return Entry(names.place, score, tuple(name for name in ids if name), tuple(notes))


class _Names(NamedTuple):
    place: Place
    metric: str
    tool: str
    shown: str
    language: str | None = None
    language_2: str | None = None


def _names(record: dict[str, Any], result: dict[str, Any], notes: list[str]) -> _Names:
    """Return task and metric of a result, from the fields where its writer puts them."""
    name = text(result.get("evaluation_name"))
    source = table(result.get("source_data"))
    data = text(source.get("dataset_name"))
    if name is None:
        name = data
    if name is None:
        raise BadField("evaluation_name", "neither the evaluation nor its data set has a name")
    config = table(result.get("metric_config"))
    described = text(config.get("evaluation_description")) or ""
    told = text(config.get("metric_id")) or text(config.get("metric_name")) or text(config.get("metric_kind"))
    split = text(source.get("hf_split"))
    split = _SPLITS.get(split, split) if split else None
    by = library(record)
    if by == EUROEVAL:
        extra = table(table(record.get("eval_library")).get("additional_details"))
        split = "validation" if extra.get("validation_split") == "true" else "test"
        known = known_task(data or "")
        bare = name.removeprefix("test_").removeprefix("val_")
        return _Names(Place(known.id if known else data or name, split), bare, EUROEVAL, data or name)
    if by in ("lm_eval", "lm-eval", "lm-evaluation-harness"):
        bare, _, filtered = name.partition("/")
        read = read_task_name("lm-eval-0.4", bare)
        described_metric = _FILTER.match(described)
        filter_ = filtered or (described_metric["filter"] if described_metric else None) or "none"
        named = told or (described_metric["metric"] if described_metric else None) or "score"
        place = Place(read.task, split or read.split, read.subset, prompt_of(read), filter_)
        return _Names(place, named, "lm-eval", name, read.language, read.language_2)
    inspect = _INSPECT.match(name)
    if inspect:
        name, told = inspect["task"], told or inspect["metric"]
    known = known_task(name) or known_task(data or "") or known_task(name.rpartition(".")[2])
    if told is None:
        in_words = _DESCRIPTION.match(described)
        guess = in_words["metric"].strip().casefold().replace(" ", "_") if in_words else ""
        told = guess if metric(canonical_metric(TOOL, guess)[0]) else "score"
        if told != "score":
            notes.append(f"no field names the metric: {told} is from the description")
    return _Names(Place(known.id if known else name, split), told.rpartition(".")[2], TOOL, name)


def _factor(metric_id: str, config: dict[str, Any]) -> float:
    """Return what turns a value into the metric's natural unit, from the scale that the record declares."""
    known = metric(metric_id)
    if known is None or not known.unit_interval:
        return 1.0
    unit = (text(config.get("metric_unit")) or "").casefold()
    percent = unit in ("percent", "percentage", "%") or number(config.get("max_score")) == 100.0
    return 0.01 if percent else 1.0


def _value(
    metric_id: str, config: dict[str, Any], details: dict[str, Any], factor: float
) -> tuple[float | None, str | None]:
    """Return value and gap; raises ``BadField`` for what is neither."""
    found = number(details.get("score"))
    if found is None:
        if details.get("score") is None:
            raise BadField("score_details.score", "there is no score")
        raise BadField("score_details.score", f"the value is {shorten(details['score'])}, not a number")
    if found == -1 and config.get("has_unknown_level") is True:
        return None, "the record says that the level is unknown"
    low, high = (number(config.get(key)) for key in ("min_score", "max_score"))
    for bound, beyond in ((low, found < (low or 0)), (high, found > (high or 0))):
        if bound is not None and math.isfinite(bound) and beyond:
            raise BadField(
                "score_details.score", f"the value {found:g} lies outside its own bounds, {low} to {high}"
            )
    problem = check_value(metric_id, found * factor)
    if problem:
        raise BadField("score_details.score", f"the value {problem}")
    return found * factor, None


def read_uncertainty(
    details: dict[str, Any], value: float | None, factor: float
) -> tuple[float | None, list[str]]:
    """Return the standard error of a value, in its natural unit, and what had to be inferred.

    From ``standard_error``; else from a confidence interval, half its width over z (a level that is not said
    is 95 %); else from ``standard_deviation / sqrt(num_samples)``. Some writers put plus and minus the
    half-width where the bounds belong.
    """
    found = table(details.get("uncertainty"))
    stated = found.get("standard_error")
    error = number(stated.get("value") if isinstance(stated, dict) else stated)
    if error is not None and math.isfinite(error) and error >= 0:
        return error * factor, []
    interval = table(found.get("confidence_interval"))
    low, high = number(interval.get("lower")), number(interval.get("upper"))
    if low is not None and high is not None and math.isfinite(low) and math.isfinite(high) and low < high:
        level = number(interval.get("confidence_level"))
        notes = []
        if level is None or not 0 < level < 1:
            level = 0.95
            notes.append("the level of the confidence intervals is not said: taken as 95 %")
        score = None if value is None else value / factor
        if score is not None and not low <= score <= high and math.isclose(low, -high, rel_tol=1e-6):
            notes.append(
                "the confidence intervals are plus and minus a half-width, not bounds: taken as such"
            )
        return (high - low) / 2 / _z(level) * factor, notes
    deviation, n = number(found.get("standard_deviation")), whole(found.get("num_samples"))
    if deviation is not None and math.isfinite(deviation) and deviation >= 0 and n and n > 1:
        return deviation / math.sqrt(n) * factor, []
    return None, []


@cache
def _z(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)
