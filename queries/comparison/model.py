"""What a comparison is asked and what it answers: frozen data, no printing.

Values are in the metric's natural unit; deltas are always *a minus b*, in the order in which the systems
were named. Unknown is ``None``, and a number that is not there has its reason beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from intermezzo.queries.errors import Problem
from intermezzo.queries.statistics.decisions import Method
from intermezzo.queries.statistics.flags import RankRange

State = Literal["same", "different", "unknown"]
"""What is known of an attribute of two arms: only ``same`` lets their difference stand without a word."""

Sign = Literal["+", "-", ""]
"""``+`` a is significantly better, ``-`` worse, empty: neither. *Better* follows the metric's direction."""

Basis = Literal["items", "values", "stated"]
"""What a delta is taken from: matched items, scores of languages, a mean that somebody states."""

RowKind = Literal["macro", "without-train", "transfer-gap", "micro", "median", "worst", "family", "script"]
"""What a row over languages is."""

THESE, LIKE_THESE = "these languages", "languages like these"
"""The two estimands over languages, which answer two questions."""


class NoYardstick(Problem):
    """The systems share no yardstick, or several and it was not said which."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be compared.

    Attributes:
        systems: Two or more, as the store names them; the first is compared with each of the others, and
            they among each other.
        task: Task id; may be left open where ``yardstick`` is given.
        metric: This metric; the task's own where not given.
        split: This split.
        subset: This subset.
        implementation: This implementation of the metric.
        yardstick: This yardstick, by the index's id.
        insist: Compare also where prompt, shots, selection, ... are known to differ.
        adjust: How p values are adjusted over the family of matched languages: ``holm`` or ``bh``.
        items_only: Only the languages whose items are at hand on both sides; the family is made of those.
        train_seeds: Only the runs of these train seeds; all where empty.
    """

    systems: tuple[str, ...]
    task: str | None = None
    metric: str | None = None
    split: str | None = None
    subset: str | None = None
    implementation: str | None = None
    yardstick: str | None = None
    insist: bool = False
    adjust: Method = "holm"
    items_only: bool = False
    train_seeds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """The one yardstick of a comparison."""

    id: str
    task: str
    task_title: str | None
    subset: str | None
    split: str | None
    task_version: str | None
    filter: str | None
    item_limit: int | None
    metric: str
    implementation: str | None
    unit_interval: bool
    higher_is_better: bool
    kind: str | None
    task_kind: str | None
    parallel: bool | None
    chance: float | None

    @property
    def full_name(self) -> str:
        """Every known part: ``xnli test accuracy (lm-eval acc)``."""
        parts = [
            self.task,
            self.subset,
            self.split or "split ?",
            f"v{self.task_version}" if self.task_version else None,
            self.filter,
            f"first {self.item_limit} items" if self.item_limit else None,
            self.metric,
        ]
        text = " ".join(part for part in parts if part)
        return f"{text} ({self.implementation})" if self.implementation else text


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing that may make two arms incomparable.

    Attributes:
        name: ``prompt``, ``shots``, ``dataset revision``, ``selection``, ...
        state: Same, different or unknown.
        a: The values of A's runs, ``None`` for a run that does not say.
        b: The values of B's runs.
    """

    name: str
    state: State
    a: tuple[str | None, ...]
    b: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class LanguageDelta:
    """A against B in one language.

    Attributes:
        language: Canonical code, or the file's own word where it is unknown.
        language_2: The other language of a cross-lingual pair.
        n: Matched items (units of a corpus metric); ``None`` where no items were matched.
        clusters: Independent clusters of items behind the standard error.
        a: Value of A, mean over its seeds, on the matched items where there are items.
        b: Value of B likewise.
        delta: ``a - b``; ``None``: ``reason`` says why.
        stderr: Standard error of ``delta``.
        low: Lower end of the plain 95 % interval.
        high: Upper end.
        p: Two-sided p from the model of the interval.
        p_adjusted: p adjusted over the family.
        sign: The decision by ``p_adjusted``.
        only_a: Items that only A has right (0/1 credit, one seed an arm).
        only_b: Items that only B has right.
        mcnemar: Exact McNemar p: an extra, never the decision.
        detectable: Difference that would be found with 80 % power.
        items_a: Items of A before matching; ``None`` where there are none.
        items_b: Items of B.
        seeds_a: Train seeds of A.
        seeds_b: Train seeds of B.
        evidence: The weaker rung of the two.
        basis: Items or values; ``None`` where neither gives a delta.
        reason: Why there is no delta, or no interval.
        note: A caution worth showing beside it.
        training: What the interval says of training variance.
        reference: The model and reference distribution, in words.
        stderr_unpaired: Standard error if the items were not paired: what pairing gains, never the decision.
        stderr_unclustered: Standard error of the paired items if clusters are ignored; likewise.
    """

    language: str
    language_2: str | None = None
    name: str | None = None
    family: str | None = None
    script: str | None = None
    is_train_language: bool = False
    n: int | None = None
    clusters: int | None = None
    a: float | None = None
    b: float | None = None
    delta: float | None = None
    stderr: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    sign: Sign = ""
    only_a: int | None = None
    only_b: int | None = None
    mcnemar: float | None = None
    detectable: float | None = None
    items_a: int | None = None
    items_b: int | None = None
    seeds_a: int | None = None
    seeds_b: int | None = None
    evidence: str | None = None
    basis: Basis | None = None
    reason: str | None = None
    note: str | None = None
    training: str | None = None
    reference: str | None = None
    stderr_unpaired: float | None = None
    stderr_unclustered: float | None = None

    @property
    def label(self) -> str:
        """``de``, or ``de>en`` for a pair of languages."""
        return f"{self.language}>{self.language_2}" if self.language_2 else self.language


@dataclass(frozen=True, slots=True)
class OverLanguages:
    """A against B over several languages.

    Attributes:
        kind: Macro, without-train, ...
        label: For people: ``macro``, ``without en``, ``family Indo-European``.
        estimand: ``THESE`` or ``LIKE_THESE`` where there is an interval to be had; else ``None``.
        languages: The languages behind it.
        worst_a: A's worst language (kind ``worst`` only).
        worst_b: B's worst language.
        reason: Why there is no number, or no interval.
    """

    kind: RowKind
    label: str
    estimand: str | None = None
    languages: tuple[str, ...] = ()
    n: int | None = None
    clusters: int | None = None
    a: float | None = None
    b: float | None = None
    delta: float | None = None
    stderr: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    detectable: float | None = None
    evidence: str | None = None
    basis: Basis | None = None
    worst_a: str | None = None
    worst_b: str | None = None
    reason: str | None = None
    training: str | None = None
    reference: str | None = None

    @property
    def name(self) -> str:
        """Label and estimand: ``macro (languages like these)``."""
        return f"{self.label} ({self.estimand})" if self.estimand else self.label


@dataclass(frozen=True, slots=True)
class Counted:
    """How the languages of a pair went: by the bare delta, and by the decision."""

    wins: int = 0
    ties: int = 0
    losses: int = 0
    significant_wins: int = 0
    undecided: int = 0
    significant_losses: int = 0
    untested: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """One system against another.

    Attributes:
        a: System A.
        b: System B.
        attributes: What is known of their comparability.
        refused: Why they are not compared at all (an attribute differs); then there are no languages.
        languages: One entry a matched language, the largest delta first; those without one last.
        only_a: Languages that only A has a value for.
        only_b: Languages that only B has a value for.
        over: Macros and the other rows over languages.
        counts: Wins, ties, losses.
        family: The declared family of comparisons, in words, with the method of adjustment.
        flags: Sentences on collapsed and identical runs.
        notes: Other sentences a reader has to know.
    """

    a: str
    b: str
    attributes: tuple[Attribute, ...] = ()
    refused: str | None = None
    languages: tuple[LanguageDelta, ...] = ()
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    over: tuple[OverLanguages, ...] = ()
    counts: Counted = field(default_factory=Counted)
    family: str = ""
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def macro(self, estimand: str = THESE) -> OverLanguages | None:
        """Return the macro over all matched languages, under one estimand."""
        return next((row for row in self.over if row.kind == "macro" and row.estimand == estimand), None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer.

    Attributes:
        request: What was asked.
        measure: The yardstick that it is answered on.
        pairs: Every pair, the first system's first.
        ranks: Tie groups for more than two systems: each one's range of ranks by the macro over these
            languages, Holm over the pairs. Empty for two systems, or where ``ranks_reason`` says why.
        ranks_reason: Why there are no ranks.
        notes: Sentences on the choice of the yardstick.
    """

    request: Request
    measure: Measure
    pairs: tuple[Pair, ...]
    ranks: Mapping[str, RankRange] = field(default_factory=dict)
    ranks_reason: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether every pair was refused."""
        return all(pair.refused for pair in self.pairs)
