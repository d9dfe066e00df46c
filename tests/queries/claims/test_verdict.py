"""From intervals to verdicts: the truth table of operators and rules."""

from __future__ import annotations

import pytest
from claim_samples import claim, row
from intermezzo.queries.claims.claim import Rule, Verdict
from intermezzo.queries.claims.verdict import combined, judge, judge_figures, unit_verdict

S, C, U = "supported", "contradicted", "undetermined"

OPERATORS = [
    # operator, margin, value, low, high, verdict
    (">", 0.01, 0, 0.011, 0.03, S),
    (">", 0.01, 0, 0.010, 0.03, U),
    (">", 0.01, 0, -0.02, 0.03, U),
    (">", 0.01, 0, -0.02, 0.009, C),
    (">", 0.01, 0, 0.002, 0.009, C),
    ("<", 0.01, 0, -0.02, 0.009, S),
    ("<", 0.01, 0, -0.02, 0.010, U),
    ("<", 0.01, 0, 0.011, 0.03, C),
    ("=", 0.01, 0, -0.009, 0.009, S),
    ("=", 0.01, 0, -0.011, 0.009, U),
    ("=", 0.01, 0, -0.009, 0.010, U),
    ("=", 0.01, 0, 0.011, 0.02, C),
    ("=", 0.01, 0, -0.02, -0.011, C),
    ("=", 0.005, 0.054, 0.050, 0.058, S),
    ("=", 0.005, 0.054, -0.005, 0.005, C),
    (">", 0, 0, None, None, U),
    ("=", 0.01, 0, None, None, U),
]


@pytest.mark.parametrize(("operator", "margin", "value", "low", "high", "verdict"), OPERATORS)
def test_an_interval_against_a_margin(
    operator: str, margin: float, value: float, low: float, high: float, verdict: Verdict
) -> None:
    said = claim(operator=operator, margin=margin, value=value if operator == "=" else None)
    assert unit_verdict(said, low, high) == verdict


RULES = [
    ("all", "S S S", S),
    ("all", "S S U", U),
    ("all", "S C U", C),
    ("all", "U U U", U),
    ("any", "S C C", S),
    ("any", "U C C", U),
    ("any", "C C C", C),
    ("2 of 3", "S S C", S),
    ("2 of 3", "S U C", U),
    ("2 of 3", "S C C", C),
    ("2 of 3", "U U C", U),
    ("2 of 4", "C C", U),  # the two that are missing may still hold
    ("2 of 4", "C C C", C),
    ("3 of 3", "S S S", S),
    ("all", "", U),
    ("any", "", U),
]


@pytest.mark.parametrize(("rule", "units", "verdict"), RULES)
def test_units_by_rule(rule: str, units: str, verdict: Verdict) -> None:
    verdicts: list[Verdict] = [{"S": S, "C": C, "U": U}[letter] for letter in units.split()]  # type: ignore[misc]
    assert combined(claim(rule=rule).rule, verdicts) == verdict
    assert combined(claim(rule=rule).rule, verdicts[::-1]) == verdict


def test_no_row_is_no_verdict() -> None:
    assert judge(claim(), []).reasons == ("Nothing in this store bears on it.",)


def test_the_mean_of_four_units_is_judged_by_their_spread() -> None:
    from scipy import stats

    deltas = [0.02, 0.03, 0.01, 0.04]
    judged = judge(claim(rule="macro"), [row(str(i), d) for i, d in enumerate(deltas)])
    reference = stats.ttest_1samp(deltas, 0).confidence_interval(0.95)
    assert judged.mean is not None
    assert (judged.mean.low, judged.mean.high) == pytest.approx((reference.low, reference.high))
    assert judged.mean.delta == pytest.approx(0.025)
    assert judged.verdict == S


def test_the_mean_of_three_units_has_no_interval() -> None:
    judged = judge(claim(rule="macro"), [row(str(i), d) for i, d in enumerate((0.02, 0.03, 0.04))])
    assert judged.verdict == U
    assert "fewer than four units" in judged.reasons[0]


def test_a_mean_over_units_with_a_gap_is_none_at_all() -> None:
    judged = judge(claim(rule="macro"), [row("a", 0.1), row("b"), row("c", 0.1), row("d", 0.2)])
    assert (judged.verdict, judged.reasons) == (U, ("There is no mean over units, for b has no value.",))


def test_a_row_called_macro_is_the_mean() -> None:
    judged = judge(claim(rule="macro"), [row("a", -0.5, -0.6, -0.4), row("macro", 0.1, 0.05, 0.15)])
    assert judged.verdict == S
    assert judge(claim(), [row("a", 0.1, 0.05, 0.15), row("macro", -1, -2, -0.5)]).verdict == S


def test_bare_figures_come_to_something_but_are_no_verdict() -> None:
    rows = [row("a", 0.1), row("b", -0.1), row("c")]
    assert judge(claim(), rows).verdict == U
    assert judge_figures(claim(), rows) == C
    assert judge_figures(claim(rule="any"), rows) == S
    assert judge_figures(claim(rule="macro", margin=0.01), rows) == C


def test_rules_are_written_as_they_are_read() -> None:
    assert [str(Rule("all")), str(Rule("k of n", 2, 5))] == ["all", "2 of 5"]
