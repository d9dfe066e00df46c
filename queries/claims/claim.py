"""A claim: what is said, where, and what a store must show for it to hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from intermezzo.queries.records import Evidence

Operator = Literal[">", "<", "="]
"""``>``: the difference is above the margin; ``<``: below it; ``=``: within the margin around a value."""

RuleKind = Literal["all", "any", "macro", "k of n"]

Adjust = Literal["holm", "bh"]

Verdict = Literal["supported", "contradicted", "undetermined"]


@dataclass(frozen=True, slots=True)
class Rule:
    """For which units the operator must hold.

    Attributes:
        kind: ``all``, ``any``, ``macro`` (their mean) or ``k of n``.
        k: How many, for ``k of n``.
        n: Of how many, for ``k of n``.
    """

    kind: RuleKind
    k: int | None = None
    n: int | None = None

    def __str__(self) -> str:
        return f"{self.k} of {self.n}" if self.kind == "k of n" else self.kind


@dataclass(frozen=True, slots=True)
class Comparing:
    """A comparison of two systems, item by item, that gives a claim its rows.

    Attributes:
        a: The system that is said to be better.
        b: The system that it is compared with.
        tasks: Target tasks.
        split: Split; ``None`` for the one there is.
        metric: Metric; ``None`` for the task's own.
        over: What a mean over languages is about: ``these languages`` or ``languages like these``.
    """

    a: str
    b: str
    tasks: tuple[str, ...]
    split: str | None = None
    metric: str | None = None
    over: str = "these languages"


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a claim's rows come from: one of SQL, a named question and a comparison, or nothing.

    Attributes:
        sql: A statement of the user's, which returns ``unit, delta, low, high, n, rung``.
        question: Name of a question of ``questions/``.
        params: Its parameters.
        where: Values that columns of its rows must have, one of those listed.
        compare: A comparison.
    """

    sql: str | None = None
    question: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    compare: Comparing | None = None

    @property
    def nothing(self) -> bool:
        """Whether nothing is asked: no store can bear on such a claim."""
        return self.sql is None and self.question is None and self.compare is None

    def __str__(self) -> str:
        if self.sql is not None:
            return self.sql.strip()
        if self.question is not None:
            said = [*(f"{k} = {v}" for k, v in self.params.items())]
            said += [f"{k} in {', '.join(v)}" for k, v in self.where.items()]
            return f"question {self.question}" + (f" with {'; '.join(said)}" if said else "")
        if self.compare is not None:
            return f"compare {self.compare.a} with {self.compare.b} on {', '.join(self.compare.tasks)}"
        return ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim.

    Attributes:
        id: Its name; ASCII, without spaces.
        statement: What is said, a sentence.
        source: Who says it where; ``None`` unknown.
        locator: Where in the source.
        text_sha256: Hash of the source's text, where somebody keeps it.
        note: What a reader should know, e.g. that a margin is ours.
        asked: Where its rows come from.
        rule: For which units the operator must hold.
        operator: What must hold of a difference.
        margin: In the metric's natural unit: 0.01 is one point of accuracy.
        value: The value that ``=`` is about.
        family: Name of the comparisons that are judged together.
        units: The declared units: the family's members, and what coverage is measured against.
        adjust: How p values are adjusted over the family.
        needs: The weakest rung that can decide it; ``None`` for any.
        mandatory: Audits that must not fail, besides those that never may.
        supersedes: Ids of claims that this one replaces.
        why: Why it does.
    """

    id: str
    statement: str
    rule: Rule
    operator: Operator
    source: str | None = None
    locator: str | None = None
    text_sha256: str | None = None
    note: str | None = None
    asked: Asked = field(default_factory=Asked)
    margin: float = 0.0
    value: float = 0.0
    family: str | None = None
    units: tuple[str, ...] = ()
    adjust: Adjust = "holm"
    needs: Evidence | None = None
    mandatory: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    why: str | None = None

    @property
    def must(self) -> str:
        """Say what must hold, in words, e.g. ``delta > 0.01 for all units``."""
        if self.operator == "=":
            said = f"|delta - {self.value:g}| < {self.margin:g}"
        else:
            said = f"delta {self.operator} {self.margin:g}"
        where = {
            "all": "for all units",
            "any": "for at least one unit",
            "macro": "for the mean over units",
            "k of n": f"for {self.rule.k} of {self.rule.n} units",
        }
        return f"{said} {where[self.rule.kind]}"
