"""From rows to a verdict: the interval of each unit against the margin, then the claim's rule.

=========  =======================  =======================
operator   supported                contradicted
=========  =======================  =======================
``>`` m    ``low > m``              ``high < m``
``<`` m    ``high < m``             ``low > m``
``=`` v,m  ``v-m < low, high < v+m``  ``low > v+m or high < v-m``
=========  =======================  =======================

All else is undetermined, and so is every unit without an interval. Rules are three-valued: ``all`` is
contradicted by one contradicted unit, ``any`` supported by one supported, ``k of n`` by k, and contradicted
once fewer than k can be left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .claim import Claim, Rule, Verdict
from .rows import MACRO, Row


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rows alone say, before audits.

    Attributes:
        verdict: The verdict.
        units: The verdict of each unit.
        reasons: Sentences.
        mean: The row that was judged for rule ``macro``, if any.
    """

    verdict: Verdict
    units: Mapping[str, Verdict] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    mean: Row | None = None


def unit_verdict(claim: Claim, low: float | None, high: float | None) -> Verdict:
    """Return the verdict of one interval."""
    if low is None or high is None:
        return "undetermined"
    if claim.operator == "=":
        below, above = claim.value - claim.margin, claim.value + claim.margin
        if below < low and high < above:
            return "supported"
        return "contradicted" if low > above or high < below else "undetermined"
    beyond, behind = low > claim.margin, high < claim.margin
    if claim.operator == "<":
        beyond, behind = behind, beyond
    return "supported" if beyond else "contradicted" if behind else "undetermined"


def combined(rule: Rule, verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict of several units by a rule (not ``macro``, which judges one mean)."""
    supported = verdicts.count("supported")
    contradicted = verdicts.count("contradicted")
    if not verdicts:
        return "undetermined"
    if rule.kind == "k of n":
        # units that are missing from the rows may still turn out either way
        size = max(rule.n or 0, len(verdicts))
        needed = rule.k or 1
    else:
        size = len(verdicts)
        needed = 1 if rule.kind == "any" else size
    if supported >= needed:
        return "supported"
    return "contradicted" if size - contradicted < needed else "undetermined"


def judge(claim: Claim, rows: Sequence[Row]) -> Judged:
    """Judge a claim by its rows alone."""
    if not rows:
        return Judged("undetermined", reasons=("Nothing in this store bears on it.",))
    if claim.rule.kind == "macro":
        return _judge_mean(claim, rows)
    units = [row for row in rows if row.unit != MACRO]
    verdicts = {row.unit: unit_verdict(claim, row.low, row.high) for row in units}
    verdict = combined(claim.rule, list(verdicts.values()))
    reasons = []
    bare = [row.unit for row in units if row.low is None]
    if bare and verdict == "undetermined":
        reasons.append(f"There is no interval for {named(bare)}.")
    for kind, said in (
        ("contradicted", "Contradicted by"),
        ("supported", "Supported by"),
        ("undetermined", "Open in"),
    ):
        which = [unit for unit, found in verdicts.items() if found == kind and unit not in bare]
        if which:
            reasons.append(f"{said} {named(which)}.")
    return Judged(verdict, verdicts, tuple(reasons))


def _judge_mean(claim: Claim, rows: Sequence[Row]) -> Judged:
    row, why = mean_row(rows)
    if row is None:
        return Judged("undetermined", reasons=(why,))
    verdict = unit_verdict(claim, row.low, row.high)
    return Judged(verdict, {row.unit: verdict}, (why,), row)


def mean_row(rows: Sequence[Row]) -> tuple[Row | None, str]:
    """Return the mean over units with its interval, and how it was made; no row, and why, where it cannot be.

    A row of unit ``macro`` is that mean. Otherwise it is Student's t over the units' differences: *units like
    these*, from four units on. Units are not pooled by their own intervals, for they may share items.
    """
    own = next((row for row in rows if row.unit == MACRO), None)
    if own is not None:
        return own, "Judged by its row macro."
    gaps = [row.unit for row in rows if row.delta is None]
    if gaps:
        return None, f"There is no mean over units, for {named(gaps)} {_have(gaps)} no value."
    from intermezzo.queries.records import RUNGS
    from intermezzo.queries.statistics.languages import like_these_values
    from intermezzo.queries.statistics.results import NotComputed

    deltas = [row.delta or 0.0 for row in rows]
    mean = sum(deltas) / len(deltas)
    rung = min((row.rung for row in rows), key=RUNGS.index)
    counts = [row.n for row in rows]
    n = None if any(c is None for c in counts) else sum(c or 0 for c in counts)
    found = like_these_values(deltas, [0.0] * len(deltas))
    if isinstance(found, NotComputed):
        what = f"The mean over {len(rows)} units is {mean:+.4g}, without an interval: "
        why = (
            "fewer than four units say nothing of units like these." if len(rows) < 4 else "they do not vary."
        )
        return Row(MACRO, mean, None, None, n, rung), what + why
    row = Row(MACRO, mean, found.low, found.high, n, rung, found.p)
    return row, (
        f"The mean over {len(rows)} units is {mean:+.4g} ({found.low:+.4g} to {found.high:+.4g}), "
        f"by the spread between them (t, {found.df:.0f} df)."
    )


def judge_figures(claim: Claim, rows: Sequence[Row]) -> Verdict:
    """Say what the bare figures would come to, as if each were exact: never a verdict, but what may flip."""
    exact = [Row(r.unit, r.delta, r.delta, r.delta, r.n, r.rung) for r in rows if r.delta is not None]
    if claim.rule.kind != "macro":
        bare = [row for row in exact if row.unit != MACRO]
        return combined(claim.rule, [unit_verdict(claim, row.low, row.high) for row in bare])
    units = [row for row in exact if row.unit != MACRO] or exact
    if not units:
        return "undetermined"
    mean = sum(row.delta or 0.0 for row in units) / len(units)
    return unit_verdict(claim, mean, mean)


def named(units: Sequence[str], most: int = 5) -> str:
    """Return a list of units in words, the first few of many."""
    shown = ", ".join(units[:most])
    return shown + (f" and {len(units) - most} more" if len(units) > most else "")


def _have(units: Sequence[str]) -> str:
    return "has" if len(units) == 1 else "have"
