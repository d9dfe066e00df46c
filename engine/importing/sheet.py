"""Runs with their scores by column: what an importer fills that reads many small files at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from intermezzo.queries.records import Evidence, Run, Score

_COLUMNS = (
    "run_id",
    "metric",
    "value",
    "language",
    "language_2",
    "implementation",
    "scope",
    "evidence",
    "subject",
    "gap",
)


class Places(NamedTuple):
    """What scores are about, by column; see ``records.Score``."""

    languages: Sequence[str | None]
    languages_2: Sequence[str | None]
    subjects: Sequence[str | None]

    @classmethod
    def of(cls, rows: Sequence[tuple[str | None, str | None, str | None]]) -> Places:
        """Return the places of these rows, of which there is one at least."""
        return cls(*zip(*rows, strict=True))

    def only(self, positions: Sequence[int]) -> Places:
        """Return those at some positions."""
        return Places(*([column[i] for i in positions] for column in self))


@dataclass(frozen=True, slots=True)
class Block:
    """Scores of one run under one metric; what is not here is unknown for all of them.

    Attributes:
        metric: Metric id.
        implementation: Who computed it how.
        values: In the metric's natural unit; ``None`` for a gap.
        places: What each is about.
        gaps: Why there is no value, by position.
    """

    metric: str
    implementation: str
    values: Sequence[float | None]
    places: Places
    gaps: Mapping[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Sheet:
    """Runs and their scores.

    Attributes:
        runs: The runs, identified, without scores.
        columns: Their scores, a list a column, as ``scores.parquet`` has them.
        doubles: How many runs were added that were there already: copies of a file.
        memo: What importers remember from one file to the next.
    """

    runs: list[Run] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in _COLUMNS})
    doubles: int = 0
    memo: dict[Any, Any] = field(default_factory=dict)
    _there: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.columns["run_id"])

    def add(self, run: Run, blocks: Sequence[Block], evidence: Evidence = "logged") -> None:
        """Add a run, identified and without scores, with the blocks that are its scores."""
        if run.run_id in self._there:
            self.doubles += 1
            return
        self._there.add(run.run_id)
        self.runs.append(run)
        for block in blocks:
            n = len(block.values)
            gaps: list[str | None] = [None] * n
            for i, gap in block.gaps.items():
                gaps[i] = gap
            columns: dict[str, Sequence[Any]] = {
                "run_id": [run.run_id] * n,
                "metric": [block.metric] * n,
                "value": block.values,
                "language": block.places.languages,
                "language_2": block.places.languages_2,
                "implementation": [block.implementation] * n,
                "scope": ["language"] * n,
                "evidence": [evidence] * n,
                "subject": block.places.subjects,
                "gap": gaps,
            }
            for name, values in columns.items():
                self.columns[name].extend(values)

    def as_runs(self) -> Iterator[Run]:
        """Yield the runs with their scores as records."""
        of: dict[str, list[Score]] = {run.run_id: [] for run in self.runs}
        names = [name for name in _COLUMNS if name != "run_id"]
        rows = zip(*(self.columns[name] for name in names), strict=True)
        for run_id, row in zip(self.columns["run_id"], rows, strict=True):
            of[run_id].append(Score(**dict(zip(names, row, strict=True))))
        for run in self.runs:
            yield replace(run, scores=tuple(of[run.run_id]))
