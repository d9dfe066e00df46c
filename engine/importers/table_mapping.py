"""Mapping files: what the columns of somebody's own table mean.

::

    # scores.mapping.toml, beside scores.csv (intermezzo.mapping.toml: for every table of the folder)
    scale = "percent"                  # or "unit": accuracy and F1 stand as 0..1
    evidence = "logged"                # or "published": copied from a publication

    [columns]                          # what it is = the column's name
    system = "model"
    task = "task"
    language = "lang"
    metric = "metric"
    value = "score"
    seed = "seed"

    [constants]                        # what is the same in every row
    split = "test"

    [metrics]                          # a value in the table = the word here; also [tasks], [languages],
    F1 = "f1"                          # [systems], [splits], [implementations]

A table with one column for each metric says ``metrics = {f1 = "f1", accuracy = "acc"}`` under ``[columns]``
in place of ``metric`` and ``value``.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from intermezzo.queries.errors import Problem
from intermezzo.queries.toml_text import NotToml, parse_toml

Scale = Literal["unit", "percent"]

TEXT_ROLES = (
    *("system", "base_model", "recipe", "prompt", "task", "subset", "split", "task_version"),
    *("language", "language_2", "metric", "implementation", "scope", "source", "locator", "date"),
    *("train_language", "tool", "tool_version", "prediction_hash"),
)
NUMBER_ROLES = ("seed", "step", "shots", "n")
ROLES = (*TEXT_ROLES, *NUMBER_ROLES, "value", "stderr")
"""What a column can be; ``seed`` is the seed of the training."""

VALUE_MAPS = {
    "systems": "system",
    "tasks": "task",
    "languages": "language",
    "metrics": "metric",
    "splits": "split",
    "implementations": "implementation",
}
"""Value tables and the role whose words they translate."""

KEYS = (
    "scale",
    "evidence",
    "task_names",
    "n_from_stderr",
    "keep",
    "columns",
    "constants",
    "scales",
    *VALUE_MAPS,
)
_SCALES = ("unit", "percent")
_EVIDENCE = ("logged", "published")


@dataclass(frozen=True)
class TableMapping:
    """What the columns of a table mean.

    Attributes:
        columns: Role -> column name.
        metrics: Metric -> column name, for tables with one column a metric; else empty.
        constants: Role -> the same value for every row.
        maps: Role -> what the table's words stand for.
        scale: Scale of the values of unit-interval metrics.
        scales: Scale by metric, where it differs.
        evidence: Rung of the scores.
        task_names: Tool whose task names the table uses (``lm-eval-0.3``), or ``None``.
        n_from_stderr: Recover n of accuracies from their standard errors.
        keep: Further columns that are kept with the runs.
        guessed: Whether nobody wrote this mapping: it was inferred from the column names.
    """

    columns: Mapping[str, str]
    metrics: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str | int] = field(default_factory=dict)
    maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    scale: Scale = "unit"
    scales: Mapping[str, Scale] = field(default_factory=dict)
    evidence: Literal["logged", "published"] = "logged"
    task_names: str | None = None
    n_from_stderr: bool = False
    keep: tuple[str, ...] = ()
    guessed: bool = False

    def wanted(self) -> tuple[str, ...]:
        """Return the names of all columns that are read, each once."""
        return tuple(dict.fromkeys((*self.columns.values(), *self.metrics.values(), *self.keep)))


def parse_mapping(text: str) -> TableMapping:
    """Parse the text of a mapping file.

    Raises:
        Problem: It is not valid; the message names the key and the nearest one that exists, not the file.
    """
    try:
        data = parse_toml(text)
    except NotToml as error:
        raise Problem(f"the mapping cannot be read: {error}") from None
    for key in data:
        if key not in KEYS:
            raise Problem(f"unknown key `{key}` in the mapping; {nearest(key, KEYS)}")
    columns = dict(_table(data, "columns"))
    wide = columns.pop("metrics", {})
    if not isinstance(wide, dict):
        raise Problem('[columns] metrics must be a table like {f1 = "name of the column"}')
    for role, column in (*columns.items(), *wide.items()):
        if not isinstance(column, str) or not column:
            raise Problem(f"[columns] {role} must be the name of a column, not {column!r}")
    constants = dict(_table(data, "constants"))
    for where, given in (("columns", columns), ("constants", constants)):
        for role in given:
            if role not in ROLES:
                raise Problem(f"unknown key `{role}` in [{where}]; {nearest(role, ROLES)}")
    for role, value in constants.items():
        _check_constant(role, value)
        if role in columns:
            raise Problem(f"`{role}` stands both in [columns] and in [constants]: drop one")
    _check_complete(columns, wide, constants)
    maps = {}
    for name, role in VALUE_MAPS.items():
        words = _table(data, name)
        for word, meaning in words.items():
            if not isinstance(meaning, str) or not meaning:
                raise Problem(f"[{name}] {word} must be a text, not {meaning!r}")
        maps[role] = words
    maps["language_2"] = maps["language"]
    scales = _table(data, "scales")
    for metric, scale in scales.items():
        _one_of(f"[scales] {metric}", scale, _SCALES)
    keep = data.get("keep", [])
    if not isinstance(keep, list) or not all(isinstance(column, str) for column in keep):
        raise Problem("`keep` must be a list of column names")
    task_names = data.get("task_names")
    if task_names is not None and (not isinstance(task_names, str) or not task_names):
        raise Problem('`task_names` must be the name of a tool, like "lm-eval-0.3"')
    recover = data.get("n_from_stderr", False)
    if not isinstance(recover, bool):
        raise Problem("`n_from_stderr` must be true or false")
    return TableMapping(
        columns=columns,
        metrics=wide,
        constants=constants,
        maps=maps,
        scale=cast(Scale, _one_of("scale", data.get("scale", "unit"), _SCALES)),
        scales=cast("dict[str, Scale]", scales),
        evidence=cast(Any, _one_of("evidence", data.get("evidence", "logged"), _EVIDENCE)),
        task_names=task_names,
        n_from_stderr=recover,
        keep=tuple(keep),
    )


def _check_constant(role: str, value: object) -> None:
    if role in NUMBER_ROLES:
        if type(value) is not int or not 0 <= value < 2**63:
            raise Problem(f"[constants] {role} must be a whole number from 0 up, not {value!r}")
    elif role in ("value", "stderr"):
        raise Problem(f"[constants] {role}: a score cannot be the same for every row; name its column")
    elif not isinstance(value, str) or not value:
        raise Problem(f"[constants] {role} must be a text, not {value!r}")


def _check_complete(
    columns: Mapping[str, str], wide: Mapping[str, str], constants: Mapping[str, object]
) -> None:
    have = {*columns, *constants}
    if wide:
        if both := sorted({"metric", "value"} & have):
            raise Problem(f"[columns] has `metrics` (a column a metric) and `{both[0]}` as well: drop one")
        if "stderr" in have:
            raise Problem(
                "[columns] stderr: with a column for each metric it is unclear whose it is: drop it"
            )
    elif "value" not in have:
        raise Problem("[columns] lacks `value` (the column of the scores), or `metrics` (a column a metric)")
    elif "metric" not in have:
        raise Problem("the mapping lacks `metric`: name its column, or set it under [constants]")
    for role in ("system", "task"):
        if role not in have:
            raise Problem(f"the mapping lacks `{role}`: name its column, or set it under [constants]")


# Column names that say what they are, for tables without a mapping.
_OBVIOUS: dict[str, tuple[str, ...]] = {
    "system": ("system", "model", "model_name", "system_name"),
    "task": ("task", "dataset", "benchmark", "task_name"),
    "language": ("language", "lang", "target_language", "target_lang"),
    "metric": ("metric", "metric_name", "measure"),
    "value": ("value", "score"),
    "seed": ("seed", "train_seed"),
    "split": ("split",),
    "shots": ("shots", "num_fewshot", "n_shot"),
    "recipe": ("recipe",),
    "base_model": ("base_model",),
    "step": ("step", "checkpoint_step"),
    "n": ("n", "n_items"),
    "stderr": ("stderr", "std_err", "standard_error"),
    "scope": ("scope",),
    "source": ("source",),
}


def guess_mapping(header: Sequence[str]) -> TableMapping | None:
    """Infer a mapping from column names that say what they are.

    Args:
        header: Column names of the table.

    Returns:
        A mapping marked as guessed, or ``None`` where system, task, language, metric or value is missing
        or two columns could be the same thing.
    """
    columns: dict[str, str] = {}
    for role, names in _OBVIOUS.items():
        hits = [column for column in header if column.strip().casefold() in names]
        if len(hits) > 1:
            return None
        if hits:
            columns[role] = hits[0]
    if not {"system", "task", "language", "metric", "value"} <= columns.keys():
        return None
    return TableMapping(columns=columns, guessed=True)


def nearest(word: str, known: Sequence[str]) -> str:
    """Return ``did you mean `x`?``, or what there is."""
    close = difflib.get_close_matches(word, known, 1, 0.5)
    return f"did you mean `{close[0]}`?" if close else f"there are: {', '.join(known[:40])}"


def _one_of(key: str, value: object, allowed: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in allowed:
        options = " or ".join(f'"{word}"' for word in allowed)
        raise Problem(f"`{key}` must be {options}, not {value!r}")
    return value


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    table = data.get(key, {})
    if not isinstance(table, dict):
        raise Problem(f"`{key}` must be a table headed [{key}]")
    return table
