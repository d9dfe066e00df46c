"""The shipped claims on the demo store: every verdict, and why it is no better."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from intermezzo.engine.demo import build_demo
from intermezzo.engine.measured import measured_claims
from intermezzo.engine.published.shipped_claims import add_shipped, shipped_claims, shipped_verifications
from intermezzo.queries.claims.contradictions import contradictions
from intermezzo.queries.claims.kept import correct, read_kept
from intermezzo.queries.claims.kept_verifications import read_attempts
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.tui.cli import cli

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return build_demo(tmp_path_factory.mktemp("demo") / "store")


@pytest.fixture(scope="module")
def found(demo: Store) -> dict[str, dict[str, Any]]:
    result = CliRunner().invoke(cli, ["check", "--store", str(demo.path), "--format", "json", "--no-keep"])
    rows = {row["id"]: row for row in json.loads(result.stdout)}
    contradicted = any(row["verdict"] == "contradicted" for row in rows.values())
    assert result.exit_code == contradicted, result.stderr
    return rows


def test_verdicts(found: dict[str, dict[str, Any]]) -> None:
    ours = {claim.id for claim in measured_claims()}
    verdicts = {claim_id: row["verdict"] for claim_id, row in found.items() if claim_id not in ours}
    assert verdicts == {
        "phang2020-best-per-target": "undetermined",
        "phang2020-retrieval": "undetermined",
        "phang2020-qa": "undetermined",
        "phang2020-best-tasks": "undetermined",
        "phang2020-multitask": "undetermined",
        "phang2020-sota-june-2020": "undetermined",
        "phang2020-mlm": "undetermined",
        "phang2020-translated": "undetermined",
        "phang2020-nine-tasks": "undetermined",
        "synthesis-mean-of-three": "undetermined",
        "example-bloom-scale": "supported",
    }
    assert not any(row["verified"] for claim_id, row in found.items() if claim_id not in ours)


def test_claims_written_before_our_runs_are_decided_by_them(found: dict[str, dict[str, Any]]) -> None:
    verdicts = {claim.id: found[claim.id]["verdict"] for claim in measured_claims()}
    contradicted = {claim_id for claim_id, verdict in verdicts.items() if verdict == "contradicted"}
    assert contradicted == {
        "pocket-slots-help-intents",
        "pocket-slots-help-intents-mostly",
        "pocket-slots-help-retrieval",
        "pocket-control-as-good-as-slots",
    }
    assert set(verdicts.values()) == {"contradicted", "undetermined"}
    row = found["pocket-slots-help-intents"]
    assert row["grades"]["evidence strength"] == "high"
    assert row["grades"]["uncertainty disclosure"] == "items and seeds"
    assert all(r["rung"] == "measured" and r["low"] < r["delta"] < r["high"] for r in row["rows"])


def test_the_mean_of_three_averages_verifies_nothing(found: dict[str, dict[str, Any]]) -> None:
    row = found["synthesis-mean-of-three"]
    assert row["audit"]["aggregate-only"] == "fail"
    assert "averaging them again verifies nothing" in row["audit_reasons"]["aggregate-only"]
    [only] = row["rows"]
    assert only["delta"] == pytest.approx((0.006 + 0.007 + 0.109) / 3)


def test_what_the_published_row_says_of_the_average_gain(found: dict[str, dict[str, Any]]) -> None:
    row = found["phang2020-best-per-target"]
    deltas = {r["unit"]: round(r["delta"], 6) for r in row["rows"]}
    assert deltas == {
        "xnli": 0.012,
        "pawsx": 0.013,
        "panx": -0.007,
        "xquad": 0.006,
        "mlqa": 0.007,
        "tydiqa": 0.109,
    }
    for audit in ("aggregate-only", "coverage", "selection", "precision"):
        assert row["audit"][audit] == "fail"
    why = row["audit_reasons"]
    assert "udpos, bucc2018, tatoeba" in why["coverage"]
    assert "mlqa (0.7 against 0.9)" in why["precision"]
    assert "Most hangs on tydiqa: the mean is +0.02333 with it and +0.0062 without." in why["sensitivity"]
    assert row["grades"] == {
        "evidence strength": "low",
        "citation grounding": "source and locator",
        "uncertainty disclosure": "none",
        "reproducibility": "none",
    }


def test_the_first_version_is_superseded(demo: Store) -> None:
    there = read_kept(demo)
    superseded = {k.claim.id for k in there.records if k.status == "superseded"}
    assert superseded == {
        "phang2020v1-best-per-target",
        "phang2020v1-squad",
        "phang2020v1-multitask",
        "phang2020v1-mlm",
        "phang2020v1-seven-tasks",
        "phang2020-sota",
    }
    now = there.find("phang2020-best-per-target")
    assert [k.claim.value for k in there.history(now)] == [0.061]
    assert all(k.why for k in there.records if k.supersedes)


def test_the_external_record_contradicts_itself(demo: Store) -> None:
    [record] = shipped_verifications()
    assert record.about == "verification"
    assert contradictions(record) == (
        "It faults an arithmetic mean, and its own 6.9 is the arithmetic mean of 3 scores.",
        "Its reproducibility is 'high' beside the verdict 'falsified'.",
        "Its quality tier is 'flagship candidate' beside the verdict 'falsified'.",
        "Its verdict was given at gate 2, and its reason is of gate 3.",
        "It says that there are 9 source-grounded claims, and shows 0.",
    )
    assert record in [a.foreign for a in read_attempts(demo).records]


def test_they_can_be_added_to_any_store_and_stay_corrected(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    assert len(add_shipped(store)) == len(shipped_claims())
    assert add_shipped(store) == []
    correct(store, "phang2020-qa", None, "not for us", "me")
    assert add_shipped(store) == []
    assert read_kept(store).find("phang2020-qa").status == "withdrawn"


def test_a_newer_program_corrects_what_an_older_one_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from intermezzo.engine.published import shipped_claims as module

    store = open_store(tmp_path / "store", create=True)
    add_shipped(store)
    claims = shipped_claims()
    newer = [replace(c, margin=0.02) if c.id == "phang2020-qa" else c for c in claims]
    monkeypatch.setattr(module, "shipped_claims", lambda: newer)
    assert add_shipped(store) == ["phang2020-qa"]
    assert read_kept(store).find("phang2020-qa").claim.margin == 0.02
    correct(store, "phang2020-qa", replace(claims[0], id="phang2020-qa"), "ours", "me")
    monkeypatch.setattr(
        module, "shipped_claims", lambda: [replace(c, margin=0.03) for c in newer[:0]] + newer
    )
    assert add_shipped(store) == []


def test_an_empty_store_bears_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    add_shipped(store)
    result = CliRunner().invoke(cli, ["check", "--store", str(store.path), "--format", "json"])
    assert result.exit_code == 0, result.stderr
    assert {row["verdict"] for row in json.loads(result.stdout)} == {"undetermined"}
