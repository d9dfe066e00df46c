"""From the rows of a long table to runs, gathered compactly: one run a system, task, split, seed, ...

A million rows are a few arrays of numbers, and one record for each distinct combination of words.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from intermezzo.engine.metrics.figure import exact_n
from intermezzo.queries.metrics import check_value, metric
from intermezzo.queries.records import Found, Run, Score
from intermezzo.queries.tasks import task

from .table_mapping import Scale, TableMapping
from .table_rows import Cell, Header, Row
from .table_words import GAPS, NUMBERS, WORDS, BadCell, RunKey, ScoreKey, read_words, text_of, whole_of

_REMEMBERED = 100_000
_ABSENT = -1


class Refusal(NamedTuple):
    """A row, or a score, that was not taken.

    Attributes:
        line: Line (of Parquet: row) it stands on.
        column: Column at fault, if it is one.
        reason: Why, as a sentence.
        kind: What refusals of the same kind share.
    """

    line: int
    column: str | None
    reason: str
    kind: str = ""


class Collector:
    """Gathers rows; ``runs`` then gives them back as runs.

    Args:
        mapping: What the columns mean.
        header: The table's head.
    """

    def __init__(self, mapping: TableMapping, header: Header) -> None:
        self._mapping = mapping
        self._unit = header.unit
        self._comma_possible = header.delimiter == ";"
        place = {column: number for number, column in enumerate(mapping.wanted())}
        self._place = {role: place[column] for role, column in mapping.columns.items()}
        self._word_places = [(role, p) for role, p in self._place.items() if role in WORDS]
        self._number_places = [(role, self._place[role]) for role in NUMBERS if role in self._place]
        self._values_at = [(column, place[column]) for column in mapping.metrics.values()]
        if not self._values_at:
            self._values_at = [(mapping.columns["value"], self._place["value"])]
        extras = [
            ("locator", self._place.get("locator")),
            ("prediction_hash", self._place.get("prediction_hash")),
        ]
        self._extra_places = [*extras, *((column, place[column]) for column in mapping.keep)]
        self._has_extras = any(p is not None for _, p in self._extra_places)
        self._remembered: dict[tuple[Cell, ...], list[tuple[int, int]] | BadCell] = {}
        self._run_of: dict[tuple[int, tuple[Cell, ...]], int] = {}
        self._bare_keys: dict[RunKey, int] = {}
        self._bare: list[RunKey] = []
        self._run_keys: dict[RunKey, int] = {}
        self._score_keys: dict[ScoreKey, int] = {}
        self._extras: dict[tuple[str | None, ...], int] = {}
        self._metric_of: list[str] = []
        self._largest: dict[str, float] = {}
        self._comma_seen = False
        self._run_at, self._score_at, self._extra_at = array("q"), array("q"), array("q")
        self._value, self._stderr = array("d"), array("d")
        self._n, self._line = array("q"), array("q")

    def add(self, row: Row) -> Iterator[Refusal]:
        """Take a row in; yields what was refused of it."""
        cells = row.cells
        words = tuple([cells[place] for _, place in self._word_places])
        found = self._remembered.get(words)
        if found is None:
            found = self._read(words)
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[words] = found
        if isinstance(found, BadCell):
            yield Refusal(row.line, found.column, found.reason, found.kind)
            return
        numbers = tuple([cells[place] for _, place in self._number_places])
        for (bare, score), (column, place) in zip(found, self._values_at, strict=True):
            try:
                run = self._run_of.get((bare, numbers))
                if run is None:
                    run = self._numbered(bare, numbers)
                self._add(row, run, score, column, cells[place])
            except BadCell as bad:
                yield Refusal(row.line, bad.column, bad.reason, bad.kind)

    def guesses(self) -> Iterator[str]:
        """Yield what had to be inferred, as sentences; to be asked when all rows are in."""
        if self._mapping.guessed:
            told = ", ".join(f"{role} = {column}" for role, column in self._mapping.columns.items())
            yield f"there is no mapping file: the columns were taken by their names ({told})"
            percent = sorted(m for m in self._largest if self._scale(m) == "percent")
            if percent:
                yield f"values of {', '.join(percent)} go above 1: they were taken as percent"
        else:
            low = sorted(m for m, v in self._largest.items() if self._scale(m) == "percent" and v <= 1.0)
            if low:
                yield (
                    f"the mapping says percent, and no value of {', '.join(low)} is above 1: "
                    'should it be scale = "unit"?'
                )
        if self._comma_seen:
            yield "numbers are written with a decimal comma"
        scopes = {(s.scope, s.subject) for s in self._score_keys}
        stated = "scope" in self._place or "scope" in self._mapping.constants
        if not stated and any(scope == "macro" for scope, _ in scopes):
            yield "rows without a language were taken as means over languages (scope macro)"
        unknown = sorted({subject for _, subject in scopes if subject})
        if unknown:
            more = f" and {len(unknown) - 12} more" if len(unknown) > 12 else ""
            yield f"no language codes, kept as found: {', '.join(unknown[:12])}{more}"
        strange = sorted({key.task for key in self._run_keys if task(key.task) is None})
        if strange:
            more = f" and {len(strange) - 12} more" if len(strange) > 12 else ""
            yield f"tasks that are not in the task table, kept as found: {', '.join(strange[:12])}{more}"

    def runs(self) -> Iterator[Run | Refusal]:
        """Yield the runs, and what is refused of them: duplicates, and values out of range."""
        import numpy as np

        order = np.argsort(np.array(self._run_at, dtype=np.int64), kind="stable")
        score_keys, extras = list(self._score_keys), list(self._extras)
        at = 0
        for number, key in enumerate(self._run_keys):
            first: dict[int, int] = {}
            scores: list[Score] = []
            kept: list[tuple[ScoreKey, tuple[str | None, ...]]] = []
            while at < len(order) and self._run_at[row := int(order[at])] == number:
                at += 1
                score_key = self._score_at[row]
                if score_key in first:
                    yield self._duplicate(row, first[score_key])
                    continue
                first[score_key] = row
                extra = extras[self._extra_at[row]]
                score = self._score(key, score_keys[score_key], extra, row)
                if isinstance(score, Refusal):
                    yield score
                else:
                    scores.append(score)
                    kept.append((score_keys[score_key], extra))
            if scores:
                yield self._run(key, scores, kept)

    def _read(self, words: tuple[Cell, ...]) -> list[tuple[int, int]] | BadCell:
        said = dict(self._mapping.constants)
        said |= {role: cell for (role, _), cell in zip(self._word_places, words, strict=True)}
        try:
            keys = read_words(self._mapping, said, tuple(self._mapping.metrics))
        except BadCell as bad:
            return bad
        found = []
        for run, score in keys:
            if score not in self._score_keys:
                self._score_keys[score] = len(self._score_keys)
                self._metric_of.append(score.metric)
            if run not in self._bare_keys:
                self._bare_keys[run] = len(self._bare)
                self._bare.append(run)
            found.append((self._bare_keys[run], self._score_keys[score]))
        return found

    def _numbered(self, bare: int, cells: tuple[Cell, ...]) -> int:
        """Return the number of the run with these seed, step and shots."""
        said = {role: whole_of(self._mapping.constants.get(role), None) for role in NUMBERS}
        for (role, _), cell in zip(self._number_places, cells, strict=True):
            said[role] = whole_of(cell, self._mapping.columns[role])
        key = self._bare[bare]._replace(train_seed=said["seed"], step=said["step"], shots=said["shots"])
        run = self._run_keys.setdefault(key, len(self._run_keys))
        self._run_of[bare, cells] = run
        return run

    def _add(self, row: Row, run: int, score: int, column: str, cell: Cell) -> None:
        value = self._number(cell, column)
        stderr = self._number(row.cells[self._place["stderr"]], "stderr") if "stderr" in self._place else None
        if stderr is not None and math.isnan(stderr):
            stderr = None
        if stderr is not None and not 0 <= stderr < math.inf:
            raise BadCell(self._mapping.columns["stderr"], f"{stderr} is no standard error", "stderr")
        n = whole_of(row.cells[self._place["n"]], self._mapping.columns["n"]) if "n" in self._place else None
        if value is not None and not math.isfinite(value):
            raise BadCell(column, f"the value is {value}: not a finite number", "not finite")
        extra: tuple[str | None, ...] = ()
        if self._has_extras:
            extra = tuple([None if p is None else text_of(row.cells[p]) for _, p in self._extra_places])
        self._run_at.append(run)
        self._score_at.append(score)
        self._extra_at.append(self._extras.setdefault(extra, len(self._extras)))
        self._value.append(math.nan if value is None else value)
        self._stderr.append(math.nan if stderr is None else stderr)
        self._n.append(_ABSENT if n is None else n)
        self._line.append(row.line)
        if value is not None:
            name = self._metric_of[score]
            if abs(value) > self._largest.get(name, -1.0):
                self._largest[name] = abs(value)

    def _number(self, cell: Cell, column: str) -> float | None:
        if cell is None:
            return None
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            return float(cell)
        text = str(cell).strip()
        try:
            if "_" in text:
                raise ValueError
            return float(text)
        except ValueError:
            pass
        if text.casefold() in GAPS:
            return None
        if self._comma_possible and text.count(",") == 1:
            try:
                number = float(text.replace(",", "."))
            except ValueError:
                pass
            else:
                self._comma_seen = True
                return number
        hint = (
            ': write it without the sign, and scale = "percent" in the mapping' if text.endswith("%") else ""
        )
        raise BadCell(column, f"{text[:60]!r} is no number{hint}", "no number")

    def _scale(self, name: str) -> Scale:
        if name in self._mapping.scales:
            return self._mapping.scales[name]
        known = metric(name)
        if known is None or not known.unit_interval:
            return "unit"
        if self._mapping.guessed:
            return "percent" if self._largest.get(name, 0.0) > 1.0 else "unit"
        return self._mapping.scale

    def _duplicate(self, row: int, first: int) -> Refusal:
        same = self._value[row] == self._value[first] or (
            math.isnan(self._value[row]) and math.isnan(self._value[first])
        )
        other = (
            "with the same value"
            if same
            else f"which has {self._value[first]:g} where this has {self._value[row]:g}"
        )
        return Refusal(
            self._line[row],
            None,
            f"it says the same system, task, language and metric as {self._unit} {self._line[first]}, "
            f"{other}; the first one was kept",
            "duplicate",
        )

    def _score(self, run: RunKey, key: ScoreKey, extra: tuple[str | None, ...], row: int) -> Score | Refusal:
        raw, line = self._value[row], self._line[row]
        published = self._mapping.evidence == "published"
        locator = extra[0] if extra else None
        if published:
            locator = "; ".join(part for part in (run.source, locator) if part) or None
        n = None if self._n[row] == _ABSENT else self._n[row]
        stderr = None if math.isnan(self._stderr[row]) else self._stderr[row]
        value, gap = (None, "the table has no value here") if math.isnan(raw) else (raw, None)
        if value is not None:
            if self._scale(key.metric) == "percent":
                value = _hundredth(value)
                stderr = None if stderr is None else _hundredth(stderr)
            if fault := check_value(key.metric, value):
                hint = ""
                if 1.0 < raw <= 100.0 and self._scale(key.metric) == "unit":
                    hint = '; if the table is in percent, write scale = "percent" in its mapping'
                column = self._values_at[0][0] if len(self._values_at) == 1 else key.metric
                return Refusal(line, column, f"{key.metric} {raw:g}: {fault}{hint}", "out of range")
            if n is None and self._mapping.n_from_stderr and key.metric == "accuracy":
                n = recovered_n(value, stderr)
        return Score(
            metric=key.metric,
            value=value,
            language=key.language,
            language_2=key.language_2,
            implementation=key.implementation,
            n=n,
            stderr=stderr,
            scope=key.scope,
            evidence=self._mapping.evidence,
            subject=key.subject,
            locator=locator or f"{self._unit} {line}",
            gap=gap,
        )

    def _run(
        self, key: RunKey, scores: list[Score], kept: list[tuple[ScoreKey, tuple[str | None, ...]]]
    ) -> Run:
        config: dict[str, Any] = {}
        if key.source:
            config["publication" if self._mapping.evidence == "published" else "source"] = key.source
        for number, (name, place) in enumerate(self._extra_places):
            if name == "locator" or place is None:
                continue
            by_language = {
                _place_of(score): extra[number] for score, extra in kept if extra[number] is not None
            }
            if len(set(by_language.values())) == 1 and name != "prediction_hash":
                config[name] = next(iter(by_language.values()))
            elif by_language:
                config[name] = by_language
        parts = [f"{name}={value}" for name, value in key._asdict().items() if value is not None]
        return Run(
            found=Found(
                name=key.system,
                base_model=key.base_model,
                recipe=key.recipe,
                shots=key.shots,
                prompt=key.prompt,
                train_seed=key.train_seed,
                step=key.step,
            ),
            task=key.task,
            sources=(),
            scores=tuple(scores),
            split=key.split,
            key=" | ".join(parts),
            subset=key.subset,
            task_version=key.task_version,
            train_language=key.train_language,
            tool=key.tool,
            tool_version=key.tool_version,
            date=key.date,
            config=config,
        )


def recovered_n(value: float, stderr: float | None) -> int | None:
    """Return the n behind an accuracy and its standard error, ``None`` if it is no whole number above 1."""
    if not stderr or not 0.0 < value < 1.0:
        return None
    n = exact_n(value, stderr)
    return round(n) if 1.5 < n < 1e9 and abs(n - round(n)) < 1e-3 * max(1.0, n / 1000) else None


def _hundredth(value: float) -> float:
    """Divide by 100 as the decimal it was written as: 65.4 becomes 0.654, not 0.6540000000000001."""
    return float(Decimal(repr(value)).scaleb(-2))


def _place_of(score: ScoreKey) -> str:
    pair = "-".join(part for part in (score.language or score.subject, score.language_2) if part)
    return pair or score.scope
