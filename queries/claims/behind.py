"""What stands behind a claim's rows: runs and scores of both arms, looked up where the rows name them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from .claim import Claim
from .rows import MACRO, Row
from .verdict import Judged

if TYPE_CHECKING:
    from intermezzo.queries.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Behind:
    """One score of one run behind a row; the fields are those of the question ``claim_evidence``."""

    system: str
    yardstick: str
    scope: str
    language: str | None
    run_id: str
    recipe: str | None
    shots: int | None
    train_seed: int | None
    value: float
    n: int | None
    stderr: float | None
    evidence: str
    item_set: str | None
    task: str
    split: str | None
    metric: str
    implementation: str | None
    selection: str | None
    prompt_hash: str | None
    dataset_revision: str | None
    train_language: str | None
    source_path: str | None
    source_sha256: str | None
    source_key: str | None
    items_path: str | None
    config: str | None
    chance: float | None
    task_train_language: str | None

    @property
    def trained(self) -> bool:
        """Whether a training stands behind it: prompted and frozen systems have none."""
        return self.shots is None

    @property
    def stated(self) -> bool:
        """Whether it is a mean that somebody states, with no language of its own behind it."""
        return self.scope != "language"


_FIELDS = tuple(f.name for f in fields(Behind))


@dataclass(frozen=True, slots=True)
class Arms:
    """The scores behind one row.

    Attributes:
        a: Those of the system.
        b: Those of the baseline.
    """

    a: tuple[Behind, ...]
    b: tuple[Behind, ...]

    @property
    def both(self) -> tuple[Behind, ...]:
        """All of them."""
        return self.a + self.b

    @property
    def known(self) -> bool:
        """Whether both sides were found."""
        return bool(self.a and self.b)


@dataclass(frozen=True, slots=True)
class Case:
    """All that audits and grades look at.

    Attributes:
        claim: The claim.
        rows: Its rows.
        judged: What the rows alone say.
        scores: Scores by system and yardstick.
        published: Published values of the baselines: (system, task, metric, scope) -> value by yardstick.
        task_languages: The languages that a task has, where that is known.
        flags: What a comparison found of collapsed and identical runs.
    """

    claim: Claim
    rows: tuple[Row, ...]
    judged: Judged
    scores: Mapping[tuple[str, str], tuple[Behind, ...]] = field(default_factory=dict)
    published: Mapping[tuple[str, str, str, str], Mapping[str, float]] = field(default_factory=dict)
    task_languages: Mapping[str, frozenset[str]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()

    @property
    def units(self) -> tuple[Row, ...]:
        """The rows without the mean over them."""
        return tuple(row for row in self.rows if row.unit != MACRO)

    def arms(self, row: Row) -> Arms:
        """Return the scores behind a row; empty sides where it does not name them."""
        if row.system is None or row.baseline is None or row.yardstick is None:
            return Arms((), ())
        return Arms(self._side(row.system, row), self._side(row.baseline, row))

    def _side(self, system: str, row: Row) -> tuple[Behind, ...]:
        found = self.scores.get((system, row.yardstick or ""), ())
        by_language = [b for b in found if not b.stated and row.language in (None, b.language)]
        # a mean that is stated stands in only where no language stands behind it, as in the matrix
        return tuple(by_language or [b for b in found if b.scope == "macro" and row.language is None])

    def run_ids(self) -> list[str]:
        """Return the runs behind all rows, sorted."""
        return sorted({b.run_id for row in self.rows for b in self.arms(row).both})


def gather(reader: Reader, claim: Claim, rows: Sequence[Row], judged: Judged) -> Case:
    """Look up what stands behind rows."""
    named = [row for row in rows if row.named]
    systems = sorted({s for row in named for s in (row.system, row.baseline) if s})
    yardsticks = sorted({row.yardstick for row in named if row.yardstick})
    scores: dict[tuple[str, str], list[Behind]] = {}
    published: dict[tuple[str, str, str, str], dict[str, float]] = {}
    languages: dict[str, frozenset[str]] = {}
    if named:
        for record in reader.ask("claim_evidence", systems=systems, yardsticks=yardsticks).dicts():
            found = Behind(**{name: record[name] for name in _FIELDS})
            scores.setdefault((found.system, found.yardstick), []).append(found)
        tasks = sorted({b.task for listed in scores.values() for b in listed})
        baselines = sorted({row.baseline for row in named if row.baseline})
        for record in reader.ask("published_values", systems=baselines, tasks=tasks).dicts():
            key = (record["system"], record["task"], record["metric"], record["scope"] or "?")
            published.setdefault(key, {})[record["yardstick"]] = record["value"]
        languages = _task_languages(reader, tasks)
    return Case(
        claim=claim,
        rows=tuple(rows),
        judged=judged,
        scores={key: tuple(listed) for key, listed in scores.items()},
        published=published,
        task_languages=languages,
    )


def _task_languages(reader: Reader, tasks: Iterable[str]) -> dict[str, frozenset[str]]:
    rows: list[tuple[Any, ...]] = reader.ask("task_language_list").rows
    wanted = set(tasks)
    found: dict[str, set[str]] = {}
    for task, language in rows:
        if task in wanted and language is not None:
            found.setdefault(task, set()).add(language)
    return {task: frozenset(listed) for task, listed in found.items()}
