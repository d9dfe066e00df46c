"""The XTREME aggregate: languages -> tasks -> groups -> one number.

As evaluate.py of google-research/xtreme (commit 838c13b) defines it: the unweighted mean over a task's
languages, English included; (F1 + exact match) / 2 for question answering; the unweighted mean over
the tasks of a group, and over all nine. A missing language, metric or task leaves its mean without a
value and says so; nothing is skipped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .figure import Figure

GROUPS: dict[str, tuple[str, ...]] = {
    "classification": ("pawsx", "xnli"),
    "tagging": ("udpos", "panx"),
    "qa": ("xquad", "mlqa", "tydiqa"),
    "retrieval": ("bucc2018", "tatoeba"),
}
"""XTREME's groups and their tasks."""

TASK_LANGUAGES: dict[str, tuple[str, ...]] = {
    task: tuple(codes.split())
    for task, codes in {
        "pawsx": "de en es fr ja ko zh",
        "xnli": "ar bg de el en es fr hi ru sw th tr ur vi zh",
        "panx": "af ar bg bn de el en es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr ms my nl pt ru "
        "sw ta te th tl tr ur vi yo zh",
        "udpos": "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr ur "
        "vi yo zh",
        "bucc2018": "de fr ru zh",
        "tatoeba": "af ar bg bn de el es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr nl pt ru sw ta "
        "te th tl tr ur vi zh",
        "xquad": "ar de el en es hi ru th tr vi zh",
        "mlqa": "ar de en es hi vi zh",
        "tydiqa": "ar bn en fi id ko ru sw te",
    }.items()
}
"""Languages of each task, by the codes of XTREME's file names (``tl``, ``jv``, ``he``)."""

TASK_METRICS: dict[str, tuple[str, ...]] = {
    "pawsx": ("accuracy",),
    "xnli": ("accuracy",),
    "panx": ("f1",),
    "udpos": ("f1",),
    "bucc2018": ("f1",),
    "tatoeba": ("accuracy",),
    "xquad": ("f1", "exact_match"),
    "mlqa": ("f1", "exact_match"),
    "tydiqa": ("f1", "exact_match"),
}
"""Metrics whose mean is a task's score (``avg_metric``)."""


@dataclass(frozen=True, slots=True)
class XtremeScore:
    """All means of one system; values in 0..1.

    Attributes:
        metrics: ``(task, metric)`` -> mean over languages (``avg_accuracy``, ``avg_f1``, ...).
        tasks: Task -> its score (``avg_metric``).
        groups: Group -> mean over its tasks.
        all_task: Mean over the nine tasks.
    """

    metrics: dict[tuple[str, str], Figure]
    tasks: dict[str, Figure]
    groups: dict[str, Figure]
    all_task: Figure


def language_mean(values: Mapping[str, float | None], languages: Sequence[str]) -> Figure:
    """Return the unweighted mean over ``languages``; ``n`` is how many were there.

    Args:
        values: Language -> value; languages beyond ``languages`` do not count.
        languages: All that the mean needs.
    """
    return _mean({code: values.get(code) for code in languages}, "language")


def xtreme_score(
    values: Mapping[str, Mapping[str, Mapping[str, float | None]]],
    languages: Mapping[str, Sequence[str]] = TASK_LANGUAGES,
) -> XtremeScore:
    """Return every mean that XTREME defines.

    Args:
        values: Task -> metric -> language -> value (0..1), ``None`` or absent where there is none.
        languages: Task -> the languages its mean needs, in the codes that ``values`` uses.
    """
    metrics: dict[tuple[str, str], Figure] = {}
    tasks: dict[str, Figure] = {}
    for task, names in TASK_METRICS.items():
        for name in names:
            metrics[task, name] = language_mean(values.get(task, {}).get(name, {}), languages[task])
        reason = next((f.reason for n in names if (f := metrics[task, n]).value is None), None)
        tasks[task] = _mean({name: metrics[task, name].value for name in names}, "metric", reason)
    groups = {g: _mean({t: tasks[t].value for t in members}, "task") for g, members in GROUPS.items()}
    return XtremeScore(metrics, tasks, groups, _mean({t: f.value for t, f in tasks.items()}, "task"))


def _mean(values: Mapping[str, float | None], unit: str, reason: str | None = None) -> Figure:
    there = [v for v in values.values() if v is not None]
    missing = [name for name, v in values.items() if v is None]
    if missing or not there:
        plural = unit if len(values) == 1 else f"{unit}s"
        said = f"no value for {len(missing)} of {len(values)} {plural}: {', '.join(missing)}"
        return Figure(None, len(there), reason=reason or said)
    return Figure(math.fsum(there) / len(there), len(there))
