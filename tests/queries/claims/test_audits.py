"""Each audit made to pass, fail, not know and not apply by a store of a few scores."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from claim_samples import BASE, OTHER, case, case_of, checked, claim, pair, row, run, score, store_of
from intermezzo.queries.claims.audits import audit_all
from intermezzo.queries.claims.audits.names import AUDITS
from intermezzo.queries.claims.audits.outcome import Outcome
from intermezzo.queries.claims.claim import Claim
from intermezzo.queries.records import Run

FOUR = {"de": 0.70, "en": 0.80, "sw": 0.60, "ur": 0.55}
BETTER = {code: value + 0.05 + i / 1000 for i, (code, value) in enumerate(FOUR.items())}
UNITS = list(FOUR)


def audit(folder: Path, name: str, *runs: Run, said: Claim | None = None) -> Outcome:
    return audit_all(case_of(store_of(folder, *runs), said or claim(units=UNITS)))[name]


def bare(**more: Any) -> Claim:
    """A claim of one row that names no system."""
    figures = {"delta": "0.1", "low": "0.05", "high": "0.15", "n": "9", "rung": "'logged'"} | more
    listed = ", ".join(f"{value} AS {name}" for name, value in figures.items())
    return claim(sql=f"SELECT 'x' AS unit, {listed}", units=["x"])


def stated(**more: Any) -> Claim:
    """A claim over cells of the matrix."""
    return claim(question="matrix", params={"system": OTHER}, units=["xnli"], **more)


def means(direct: float = 0.7, trained: float = 0.75, **more: Any) -> list[Run]:
    """Two stated means and no language."""
    return [run("direct", score(None, direct), **more), run("mnli", score(None, trained), **more)]


def seeded(trained: dict[int, dict[str, float]], **more: Any) -> list[Run]:
    """Three seeds of the direct recipe and some of the other."""
    runs = [
        run("direct", *(score(c, v + s / 1000) for c, v in FOUR.items()), seed=s, **more) for s in (1, 2, 3)
    ]
    return runs + [
        run("mnli", *(score(c, v) for c, v in values.items()), seed=s, **more)
        for s, values in trained.items()
    ]


def test_every_audit_has_something_to_say_of_everything(tmp_path: Path) -> None:
    empty = audit_all(case(claim(units=UNITS)))
    assert tuple(empty) == AUDITS
    assert empty["coverage"].status == "fail"
    assert {o.status for name, o in empty.items() if name != "coverage"} == {"not applicable"}
    unnamed = audit_all(case_of(store_of(tmp_path, *pair(FOUR, BETTER)), bare()))
    unknown = ("comparability", "seeds", "identical-collapsed", "selection", "precision")
    assert {unnamed[name].status for name in unknown} == {"unknown"}


# aggregate-only


def test_scores_of_languages_are_no_aggregates(tmp_path: Path) -> None:
    assert audit(tmp_path, "aggregate-only", *pair(FOUR, BETTER)).status == "pass"


def test_a_published_mean_is_one_and_caps_the_verdict(tmp_path: Path) -> None:
    store = store_of(tmp_path, *means())
    found = checked(store, stated())
    assert found.audit["aggregate-only"].status == "fail"
    sure = claim(
        sql="SELECT task AS unit, delta, delta - 0.01 AS low, delta + 0.01 AS high, n, evidence AS rung, "
        f"system, baseline, yardstick FROM matrix WHERE system = '{OTHER}'",
        units=["xnli"],
    )
    found = checked(store, sure)
    assert found.units == {"xnli": "supported"}
    assert found.verdict == "undetermined"
    assert any(reason.startswith("aggregate-only: ") for reason in found.reasons)


def test_one_side_that_is_a_stated_mean_is_enough_to_fail(tmp_path: Path) -> None:
    runs = [run("direct", *(score(c, v) for c, v in FOUR.items())), run("mnli", score(None, 0.9))]
    said = claim(
        sql="SELECT 'xnli' AS unit, 0.1 AS delta, NULL AS low, NULL AS high, NULL AS n, "
        f"'published' AS rung, '{OTHER}' AS system, '{BASE}' AS baseline, yardstick FROM yardsticks",
        units=["xnli"],
    )
    assert audit(tmp_path, "aggregate-only", *runs, said=said).status == "fail"


def test_rows_that_count_no_items_and_name_nothing_are_aggregates(tmp_path: Path) -> None:
    assert audit(tmp_path, "aggregate-only", said=bare(n="NULL")).status == "fail"
    assert audit(tmp_path / "2", "aggregate-only", said=bare(n="0")).status == "fail"
    assert audit(tmp_path / "3", "aggregate-only", said=bare()).status == "pass"


def test_any_needs_one_row_that_is_none() -> None:
    rows = (row("a", 0.1, 0.05, 0.2), replace(row("b", 0.1), n=None))
    assert audit_all(case(claim(rule="any"), *rows))["aggregate-only"].status == "pass"
    assert audit_all(case(claim(rule="2 of 2"), *rows))["aggregate-only"].status == "fail"
    assert audit_all(case(claim(rule="1 of 2"), *rows))["aggregate-only"].status == "pass"
    assert audit_all(case(claim(rule="macro"), *rows))["aggregate-only"].status == "fail"


# coverage


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"units": UNITS}, "pass", "All 4 units"),
        ({"units": [*UNITS, "zh"]}, "fail", "1 of 5 units are missing: zh"),
        ({"units": UNITS[1:]}, "fail", "de came besides the units"),
        ({}, "unknown", "It declares no units"),
        ({"rule": "2 of 5"}, "fail", "speaks of 5 units and 4 are there"),
        ({"rule": "2 of 4"}, "pass", "All 4"),
    ],
)
def test_coverage(tmp_path: Path, more: dict[str, Any], status: str, words: str) -> None:
    found = audit(tmp_path, "coverage", *pair(FOUR, BETTER), said=claim(**more))
    assert found.status == status
    assert words in found.why


def test_a_gap_is_no_unit_and_missing_languages_are_named(tmp_path: Path) -> None:
    gap = audit_all(case(claim(), row("a", 0.1), row("b")))["coverage"]
    assert (gap.status, gap.why) == ("fail", "1 of 2 units have no value: b.")
    cell = audit(tmp_path, "coverage", *pair(FOUR, BETTER), said=stated())
    assert cell.status == "fail"
    assert "xnli lacks ar, bg, el, es, fr and 6 more" in cell.why
    hidden = audit(tmp_path / "2", "coverage", *means(), said=stated())
    assert hidden.status == "unknown"


def test_a_claim_that_asks_nothing_covers_nothing() -> None:
    asked = claim(question="matrix")
    silent = replace(asked, asked=type(asked.asked)())
    assert audit_all(case(silent))["coverage"].status == "not applicable"


# comparability


ALIKE = {"dataset_revision": "r1", "selection": "English dev", "train_language": "en"}


def alike(a: dict[str, Any], b: dict[str, Any], **scored: Any) -> list[Run]:
    return [
        run("direct", *(score(c, v, item_set="i", **scored) for c, v in FOUR.items()), **a),
        run("mnli", *(score(c, v, item_set="i", **scored) for c, v in BETTER.items()), **b),
    ]


def test_comparability(tmp_path: Path) -> None:
    assert audit(tmp_path / "1", "comparability", *alike(ALIKE, ALIKE)).status == "pass"
    other = audit(tmp_path / "2", "comparability", *alike(ALIKE, ALIKE | {"dataset_revision": "r2"}))
    assert other.status == "fail"
    assert "data set revision in de (r2 against r1)" in other.why
    open_ = audit(tmp_path / "3", "comparability", *alike(ALIKE, {}))
    assert open_.status == "unknown"
    assert "data set revision, selection" in open_.why


def test_what_is_different_caps_the_verdict(tmp_path: Path) -> None:
    store = store_of(tmp_path, *alike(ALIKE, ALIKE | {"train_language": "de"}))
    found = checked(store, claim(units=UNITS))
    assert set(found.units.values()) == {"supported"}
    assert (found.audit["comparability"].status, found.verdict) == ("fail", "undetermined")


# seeds


def test_seeds(tmp_path: Path) -> None:
    three = {s: {c: v + s / 1000 for c, v in BETTER.items()} for s in (1, 2, 3)}
    assert audit(tmp_path / "1", "seeds", *seeded(three)).why == "At least 3 train seeds an arm."
    one = audit(tmp_path / "2", "seeds", *seeded({1: BETTER}))
    assert (one.status, one.why[: len(OTHER) + 12]) == ("fail", f"{OTHER} has 1 seed:")
    assert audit(tmp_path / "3", "seeds", *pair(FOUR, BETTER)).status == "unknown"
    two = audit(tmp_path / "4", "seeds", *seeded({1: three[1], 2: three[2]}))
    assert (two.status, "has 2 seeds" in two.why) == ("fail", True)


def test_seeds_where_nothing_was_trained(tmp_path: Path) -> None:
    runs = [replace(r, found=replace(r.found, shots=0)) for r in pair(FOUR, BETTER)]
    said = claim(
        question="deltas", params={"system": f"{OTHER} · 0-shot", "baseline": f"{BASE} · 0-shot"}, units=None
    )
    assert audit(tmp_path, "seeds", *runs, said=said).status == "not applicable"


def test_a_claim_may_make_seeds_mandatory(tmp_path: Path) -> None:
    store = store_of(tmp_path, *seeded({1: BETTER}))
    assert checked(store, claim(units=UNITS, rule="any")).verdict == "supported"
    assert checked(store, claim(units=UNITS, rule="any", mandatory=["seeds"])).verdict == "undetermined"


# multiplicity


def test_multiplicity() -> None:
    def of(said: Claim, *deltas: float) -> str:
        rows = [row(str(i), d, d - 0.02, d + 0.02) for i, d in enumerate(deltas)]
        return audit_all(case(said, *rows))["multiplicity"].status

    units = [str(i) for i in range(4)]
    assert of(claim(), 0.1, 0.1) == "not applicable"
    assert of(claim(rule="macro"), 0.1, 0.1) == "not applicable"
    assert of(claim(rule="any", units=units), 0.1, 0.0, 0.0, 0.0) == "pass"
    assert of(claim(rule="any", units=units), 0.0201, 0.0, 0.0, 0.0) == "fail"  # p 0.049 four times
    assert of(claim(rule="any"), 0.1, 0.0) == "unknown"
    assert of(claim(rule="any", units=["0"]), 0.1) == "not applicable"
    assert of(claim(rule="any", units=units), 0.0, 0.0, 0.0, 0.0) == "not applicable"
    assert of(claim(rule="2 of 4"), 0.1, 0.1, 0.0, 0.0) == "pass"
    assert of(claim(rule="2 of 4"), 0.1, 0.021, 0.0, 0.0) == "fail"
    # units that were declared and are missing count all the same
    assert of(claim(rule="any", units=[str(i) for i in range(100)]), 0.03, 0.0) == "fail"
    assert of(claim(rule="any", units=units, adjust="bh"), 0.025, 0.025, 0.025, 0.0) == "pass"


def test_what_does_not_survive_caps_the_verdict() -> None:
    from intermezzo.queries.claims.audits import mandatory

    assert "multiplicity" in mandatory(case(claim()))


def test_equivalence_is_adjusted_by_the_nearer_bound() -> None:
    from intermezzo.queries.claims.audits.multiplicity import p_of

    said = claim(operator="=", margin=0.02, rule="any")
    inside, outside = row("a", 0.0, -0.019, 0.019), row("b", 0.05, 0.04, 0.06)
    assert (p_of(said, inside) or 1) < 0.05
    assert p_of(said, outside) == 1.0
    assert p_of(said, row("c", 0.1)) is None


# sensitivity


def test_one_language_that_carries_it_is_named(tmp_path: Path) -> None:
    one = {code: value + (0.2 if code == "sw" else 0.0) for code, value in FOUR.items()}
    found = audit(tmp_path, "sensitivity", *pair(FOUR, one), said=claim(units=UNITS, rule="any"))
    assert (found.status, found.why) == ("fail", "Without sw it is undetermined.")
    all_ = audit(tmp_path / "2", "sensitivity", *pair(FOUR, BETTER), said=claim(units=UNITS, rule="any"))
    assert all_.status == "pass"


def test_bare_figures_that_hang_on_one_task() -> None:
    rows = [replace(row(t, d), task=t) for t, d in (("xnli", 0.01), ("panx", -0.01), ("xquad", 0.01))]
    found = audit_all(case(claim(), *rows))["sensitivity"]
    assert found.status == "fail"
    assert found.why == "Without panx the bare figures change from contradicted to supported."


def test_a_mean_says_what_it_hangs_on() -> None:
    rows = [row(str(i), d) for i, d in enumerate((0.01, 0.01, 0.01, 0.3))]
    found = audit_all(case(claim(rule="macro"), *rows))["sensitivity"]
    assert "Most hangs on 3: the mean is +0.0825 with it and +0.01 without." in found.why


def test_a_seed_that_carries_it_is_named(tmp_path: Path) -> None:
    worse = {c: v - 0.02 for c, v in FOUR.items()}
    much = {c: v + 0.3 for c, v in FOUR.items()}
    found = audit(tmp_path, "sensitivity", *seeded({1: worse, 2: worse, 3: much}))
    assert found.status == "fail"
    assert f"seed 3 of {OTHER}" in found.why


def test_one_unit_has_nothing_to_leave_out() -> None:
    assert audit_all(case(claim(), row("a", 0.1)))["sensitivity"].status == "not applicable"


# identical and collapsed runs


def test_identical_and_collapsed(tmp_path: Path) -> None:
    name = "identical-collapsed"
    assert audit(tmp_path / "1", name, *pair(FOUR, BETTER)).status == "pass"
    copies = audit(tmp_path / "2", name, *pair(FOUR, BETTER, content="one"))
    assert (copies.status, "come from byte-identical files" in copies.why) == ("fail", True)
    same = audit(tmp_path / "3", name, *pair(FOUR, FOUR))
    assert (same.status, "exactly equal values in all 4 languages" in same.why) == ("fail", True)
    dead = audit(tmp_path / "4", name, *pair(FOUR, BETTER | {"sw": 1 / 3}))
    assert dead.status == "fail"
    assert f"{OTHER} collapsed in sw: at or below chance (33.3) + 2" in dead.why
    assert audit(tmp_path / "5", name, *means(), said=stated()).status == "unknown"


def test_a_collapsed_seed_is_named(tmp_path: Path) -> None:
    three = {s: {c: v + s / 1000 for c, v in BETTER.items()} for s in (1, 2)} | {3: dict.fromkeys(FOUR, 0.3)}
    found = audit(tmp_path, "identical-collapsed", *seeded(three))
    assert f"{OTHER} seed 3 collapsed in de" in found.why


# selection


@pytest.mark.parametrize(
    ("chosen", "status"),
    [
        (None, "unknown"),
        ("English dev", "pass"),
        ("best score on the test set", "fail"),
        ("dev of the target language", "fail"),
        ("last checkpoint", "pass"),
        ("the latest", "pass"),
        ("best score on the tasks validated during training", "unknown"),
    ],
)
def test_selection(tmp_path: Path, chosen: str | None, status: str) -> None:
    assert audit(tmp_path, "selection", *pair(FOUR, BETTER, selection=chosen)).status == status


def test_a_recipe_chosen_by_its_result(tmp_path: Path) -> None:
    runs = [
        run("direct", score("en", 0.8)),
        run("best intermediate per target", score("en", 0.9)),
    ]
    said = claim(question="deltas", units=["xnli en"])
    found = audit(tmp_path, "selection", *runs, said=said)
    assert found.status == "fail"
    assert "was chosen by its result" in found.why


# precision


def published(direct: float, other: float | None, trained: float) -> list[Run]:
    """A baseline that two publications give (by implementation), and a system."""
    runs = means(direct, trained)
    more = [] if other is None else [run("direct", score(None, other, implementation="theirs"), key="b")]
    return runs + more


def test_precision(tmp_path: Path) -> None:
    said = claim(
        question="matrix",
        params={"system": OTHER, "metric": "accuracy", "implementation": "x"},
        units=["xnli"],
    )
    small = audit(tmp_path / "1", "precision", *published(0.716, 0.707, 0.723), said=said)
    assert (small.status, "xnli (0.7 against 0.9)" in small.why) == ("fail", True)
    assert audit(tmp_path / "2", "precision", *published(0.716, 0.707, 0.75), said=said).status == "pass"
    assert audit(tmp_path / "3", "precision", *published(0.716, None, 0.75), said=said).status == "unknown"
    assert audit(tmp_path / "4", "precision", *pair(FOUR, BETTER)).status == "not applicable"


# needed rung, grades


def test_evidence_weaker_than_needed_decides_nothing(tmp_path: Path) -> None:
    store = store_of(tmp_path, *pair(FOUR, BETTER))
    assert checked(store, claim(units=UNITS, rule="any", needs="logged")).verdict == "supported"
    found = checked(store, claim(units=UNITS, rule="any", needs="measured"))
    assert found.verdict == "undetermined"
    assert "It needs evidence that is measured; what is here is logged." in found.reasons


def test_grades(tmp_path: Path) -> None:
    three = {s: {c: v + s / 1000 for c, v in BETTER.items()} for s in (1, 2, 3)}
    measured = [
        replace(r, scores=tuple(replace(s, evidence="measured") for s in r.scores)) for r in seeded(three)
    ]
    sourced = claim(units=UNITS, source="a paper", locator="table 1", text_sha256="a" * 64)
    found = checked(store_of(tmp_path, *measured), sourced)
    assert dict(found.grades) == {
        "evidence strength": "high",
        "citation grounding": "source, locator and text hash",
        "uncertainty disclosure": "items and seeds",
        "reproducibility": "none",
    }
    one = [m for m in measured if m.found.train_seed == 1]
    assert checked(store_of(tmp_path / "2", *one), sourced).grades["evidence strength"] == "medium"
    mixed = [*one[:1], *pair(FOUR, BETTER)[1:]]
    assert checked(store_of(tmp_path / "3", *mixed), sourced).grades["evidence strength"] == "medium"
    assert checked(store_of(tmp_path / "4"), sourced).grades["evidence strength"] == "none"
