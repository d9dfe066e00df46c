"""Verifications: foreign ones stored as found and held against themselves, ours kept with their evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from claim_samples import BASE, OTHER, checked, claim, pair, store_of
from hypothesis import given, settings
from hypothesis import strategies as st
from intermezzo.queries.claims import verification as verification_file
from intermezzo.queries.claims.contradictions import contradictions
from intermezzo.queries.claims.kept import add_claims, correct, read_kept
from intermezzo.queries.claims.kept_verifications import add_verifications, keep_checks, read_attempts
from intermezzo.queries.claims.toml_table import FileFault
from intermezzo.queries.claims.verification import (
    Verification,
    parse_verifications,
    read_verifications,
    verification_of,
    verification_table,
)
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store


def said(**more: Any) -> Verification:
    return verification_of({"claim": "better", "by": "a reviewer", "verdict": "looked at"} | more, "test")


def scores(*values: float, **more: Any) -> list[dict[str, Any]]:
    return [{"name": f"score {i}", "value": v} | more for i, v in enumerate(values)]


@pytest.mark.parametrize(
    ("more", "sentences"),
    [
        ({}, []),
        # its own numbers disagree
        (
            {"scores": scores(9, 2.5, 9.2), "aggregate": {"name": "average score", "value": 7.1}},
            ["Its average score is 7.1, and the mean of its 3 scores is 6.9."],
        ),
        ({"scores": scores(9, 2.5, 9.2), "aggregate": {"name": "average score", "value": 6.9}}, []),
        ({"scores": scores(9, 2.5), "aggregate": {"name": "average", "value": 5.8}}, []),  # 5.75, rounded
        ({"scores": scores(9, 2.5), "aggregate": {"name": "average", "value": 6}}, []),
        ({"scores": scores(9, 2.5), "aggregate": {"name": "worst score", "value": 2.5}}, []),
        (
            {
                "scores": scores(9, 2.5, 9.2),
                "aggregate": {"name": "attack score", "value": 6.9},
                "reasons": ["It takes an arithmetic mean."],
            },
            ["It faults an arithmetic mean, and its own 6.9 is the arithmetic mean of 3 scores."],
        ),
        (
            {"verdict": "falsified", "grades": {"reproducibility": "high", "evidence strength": "high"}},
            ["Its reproducibility is 'high' beside the verdict 'falsified'."],
        ),
        ({"verdict": "supported", "grades": {"reproducibility": "high"}}, []),
        ({"verdict": "falsified", "grades": {"reproducibility": "none"}}, []),
        (
            {"gate": "Gate 2 (sandbox)", "reasons": ["gate 3: it was attacked"]},
            ["Its verdict was given at gate 2, and its reason is of gate 3."],
        ),
        ({"gate": "Gate 2", "reasons": ["Gate 2 failed"]}, []),
        (
            {"verdict": "verified"},
            ["It says 'verified' and attaches no run ids and query that would derive it again."],
        ),
        ({"verdict": "verified", "artefact": {"run_ids": ["a"], "query": "SELECT 1"}}, []),
        ({"verdict": "not verified"}, []),
        (
            {"says": {"claims": 9, "corrections": 0}, "shows": {"claims": 0}},
            ["It says that there are 9 claims, and shows 0."],
        ),
        ({"scores": scores(11, out_of=10)}, ["Its score score 0 is 11 out of 10."]),
    ],
)
def test_what_a_record_says_against_itself(more: dict[str, Any], sentences: list[str]) -> None:
    assert list(contradictions(said(**more))) == sentences


ODD = {
    "claim is missing": '[[verification]]\nby = "x"\nverdict = "y"\n',
    "Did you mean verdict?": '[[verification]]\nclaim = "a"\nby = "x"\nverdct = "y"\n',
    "about is 'me'": '[[verification]]\nclaim = "a"\nby = "x"\nverdict = "y"\nabout = "me"\n',
    "scores must be a list": '[[verification]]\nclaim = "a"\nby = "x"\nverdict = "y"\nscores = 1\n',
    "score 1: value is missing": '[[verification]]\nclaim="a"\nby="x"\nverdict="y"\nscores=[{name="z"}]\n',
    "value must be a finite number": (
        '[[verification]]\nclaim="a"\nby="x"\nverdict="y"\naggregate={name="z", value=inf}\n'
    ),
    "holds no verification": "",
}


@pytest.mark.parametrize("sentence", ODD)
def test_files_that_are_wrong(sentence: str) -> None:
    with pytest.raises(FileFault) as fault:
        parse_verifications(ODD[sentence], "odd.toml")
    assert sentence in str(fault.value)
    assert str(fault.value).startswith("odd.toml")


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*verification_file.KEYS, "x"]), JSON, max_size=6))
def test_any_table_is_a_verification_or_a_sentence(table: dict[str, object]) -> None:
    try:
        found = verification_of({"claim": "a", "by": "b", "verdict": "c"} | table, "odd")
    except FileFault as fault:
        sentence = str(fault)
    else:
        assert verification_of(verification_table(found), "again") == found
        assert isinstance(contradictions(found), tuple)
        return
    assert sentence.startswith("odd")


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "v.toml").write_text('[[verification]]\nclaim = "a"\nby = "x"\nverdict = "refuted"\n')
    [found] = read_verifications(tmp_path / "v.toml")
    assert (found.claim, found.by, found.verdict, found.about) == ("a", "x", "refuted", "claim")


def store_with_claim(folder: Path, **values: float) -> Store:
    trained = values or {"en": 0.9, "de": 0.8}
    store = store_of(folder, *pair({"en": 0.8, "de": 0.7}, trained))
    add_claims(store, [claim(units=["de", "en"])])
    return store


def test_a_foreign_record_is_kept_as_found_and_once(tmp_path: Path) -> None:
    store = store_with_claim(tmp_path)
    mine = said(verdict="verified", reasons=["\x1b[2J looks fine"])
    with pytest.raises(Problem, match="about the claim 'other', which this store does not hold"):
        add_verifications(store, [mine, said(claim="other")])
    assert add_verifications(store, [mine, mine]) == (1, 1)
    assert add_verifications(store, [mine]) == (0, 1)
    [kept] = read_attempts(store).of("better")
    assert (kept.kind, kept.foreign, kept.verified) == ("foreign", mine, False)
    assert len(kept.contradictions) == 1
    body = orjson.loads((store.verifications / f"{kept.record}.json").read_bytes())
    assert "contradictions" not in body["verification"]  # ours to work out, not theirs to have said


def test_our_findings_are_kept_with_evidence_and_superseded(tmp_path: Path) -> None:
    store = store_with_claim(tmp_path)
    there = read_kept(store)
    first = checked(store, there.find("better").claim)
    assert keep_checks(store, [first], there) == 1
    assert keep_checks(store, [first], there) == 0
    [kept] = read_attempts(store).records
    assert kept.found is not None
    assert (kept.verdict, kept.claim_record) == (first.verdict, there.find("better").record)
    assert [r["unit"] for r in kept.found["rows"]] == ["de", "en"]
    assert len(kept.found["artefact"]["run_ids"]) == 2
    assert kept.found["artefact"]["query"].startswith("question deltas")
    other = store_with_claim(tmp_path / "2", en=0.7, de=0.6)
    second = checked(other, there.find("better").claim)
    assert second.verdict != first.verdict
    assert keep_checks(store, [second], there) == 1
    old, new = read_attempts(store).records
    assert (old.verdict, old.superseded_by) == (first.verdict, new.record)
    assert (new.verdict, new.superseded_by) == (second.verdict, None)
    # a claim that is no longer the store's is not kept under its name
    correct(store, "better", claim(margin=0.5), "why")
    assert keep_checks(store, [first], read_kept(store)) == 0


def test_verified_needs_runs_and_query(tmp_path: Path) -> None:
    store = store_with_claim(tmp_path)
    found = checked(store, claim(units=["de", "en"]))
    assert found.verdict == "supported"
    assert found.artefact is not None
    assert found.verified is False  # comparability is unknown, and unknown is never a pass
    bare = claim(
        sql="SELECT 'x' AS unit, 0.1 AS delta, 0.05 AS low, 0.2 AS high, 9 AS n, 'measured' AS rung",
        units=["x"],
    )
    found = checked(store, bare)
    assert (found.verdict, found.artefact, found.verified) == ("supported", None, False)
    assert {BASE, OTHER} == {"xlm-r", "xlm-r + mnli"}


def test_damaged_records_say_nothing(tmp_path: Path) -> None:
    store = store_with_claim(tmp_path)
    add_verifications(store, [said(), said(verdict="refuted")])
    damaged, _ = sorted(store.verifications.iterdir())
    damaged.write_bytes(damaged.read_bytes().replace(b"better", b"bitter"))
    there = read_attempts(store)
    assert list(there.damaged) == [damaged.name]
    assert len(there.records) == 1
