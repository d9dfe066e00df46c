"""The claims of a store: added, corrected, withdrawn, never edited; damage is told and loses nothing else."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from claim_samples import claim
from intermezzo.queries.claims.kept import Claims, add_claims, correct, read_kept
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.records_kept import name_of
from intermezzo.queries.store.verify import verify


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


def states(there: Claims) -> list[tuple[str, str, str]]:
    return [(k.claim.id, k.claim.statement, k.status) for k in there.records]


def test_adding_twice_adds_once(store: Store) -> None:
    claims = [claim(id="a"), claim(id="b", mandatory=["seeds"], units=["sw"])]
    assert add_claims(store, claims, by="me") == (["a", "b"], [])
    before = sorted(p.name for p in store.claims.iterdir())
    assert add_claims(store, claims) == ([], ["a", "b"])
    assert sorted(p.name for p in store.claims.iterdir()) == before
    there = read_kept(store)
    assert [k.claim for k in there.current] == claims
    assert {k.by for k in there.records} == {"me"}


def test_saying_otherwise_under_the_same_id_is_no_adding(store: Store) -> None:
    add_claims(store, [claim(id="a")])
    with pytest.raises(Problem, match="Correct it: intermezzo claims correct a"):
        add_claims(store, [claim(id="new"), claim(id="a", margin=0.1)])
    assert [k.claim.id for k in read_kept(store).records] == ["a"]


def test_a_correction_supersedes_and_keeps(store: Store) -> None:
    add_claims(store, [claim(id="a", statement="+6.1")])
    correct(store, "a", claim(id="a", statement="+5.4"), "the final version says so", by="me")
    there = read_kept(store)
    assert states(there) == [("a", "+6.1", "superseded"), ("a", "+5.4", "current")]
    now = there.find("a")
    assert (now.claim.statement, now.why, now.by) == ("+5.4", "the final version says so", "me")
    assert [k.claim.statement for k in there.history(now)] == ["+6.1"]
    assert add_claims(store, [claim(id="a", statement="+6.1")]) == ([], ["a"])  # said before, and superseded


def test_a_correction_under_another_id(store: Store) -> None:
    add_claims(store, [claim(id="v1")])
    correct(store, "v1", claim(id="v2"), "renamed")
    there = read_kept(store)
    assert [k.claim.id for k in there.current] == ["v2"]
    assert there.find("v1").status == "superseded"
    with pytest.raises(Problem, match="v1 is superseded already"):
        correct(store, "v1", claim(id="v3"), "again")


def test_a_file_may_say_what_its_claims_supersede(store: Store) -> None:
    v1 = claim(id="v1")
    final = claim(id="final", supersedes=["v1"], why="the final version")
    with pytest.raises(Problem, match="final supersedes v1, which is neither in the store nor before it"):
        add_claims(store, [final, v1])
    assert add_claims(store, [v1, final]) == (["v1", "final"], [])
    assert states(read_kept(store)) == [
        ("v1", v1.statement, "superseded"),
        ("final", final.statement, "current"),
    ]


def test_withdrawing(store: Store) -> None:
    add_claims(store, [claim(id="a")])
    correct(store, "a", None, "no source could be read")
    there = read_kept(store)
    assert there.current == ()
    assert there.find("a").status == "withdrawn"
    with pytest.raises(Problem, match="a is withdrawn already"):
        correct(store, "a", None, "again")


@pytest.mark.parametrize(
    ("to", "why", "sentence"),
    [
        ({"id": "a"}, "x", "says what the claim says"),
        ({"id": "b"}, "x", "has a claim b already"),
        ({"id": "a", "margin": 0.1}, " ", "needs a reason"),
    ],
)
def test_corrections_that_are_none(store: Store, to: dict[str, object], why: str, sentence: str) -> None:
    add_claims(store, [claim(id="a"), claim(id="b")])
    with pytest.raises(Problem, match=sentence):
        correct(store, "a", claim(**to), why)
    assert len(list(store.claims.iterdir())) == 2


def test_an_unknown_claim_is_answered_with_the_nearest(store: Store) -> None:
    with pytest.raises(Problem, match="It holds none"):
        read_kept(store).find("a")
    add_claims(store, [claim(id="qa-improves")])
    with pytest.raises(Problem, match=r"Did you mean qa-improves\?"):
        read_kept(store).find("qa-improve")


def damage(store: Store, how: str) -> None:
    correcting = next(p for p in store.claims.iterdir() if b'"now"' in p.read_bytes())
    data = correcting.read_bytes()
    if how == "flipped":
        correcting.write_bytes(data.replace(b'"now"', b'"NOW"'))
    elif how == "cut":
        correcting.write_bytes(data[:50])
    elif how == "empty":
        correcting.write_bytes(b"")
    elif how == "renamed":
        correcting.rename(store.claims / f"{'0' * 24}.json")
    elif how == "folder":
        correcting.unlink()
        correcting.mkdir()
    elif how in ("newer", "strange", "list", "no claim", "deep"):
        body = orjson.loads(data)
        odd = {
            "newer": body | {"format": 99},
            "strange": body | {"claim": body["claim"] | {"rule": "most"}},
            "list": [1],
            "no claim": {"format": 1, "written": "2026"},
            "deep": None,
        }[how]
        text = orjson.dumps(odd) if odd is not None else b"[" * 100_000
        correcting.unlink()
        (store.claims / f"{name_of(text)}.json").write_bytes(text)


WAYS = ("flipped", "cut", "empty", "renamed", "folder", "newer", "strange", "list", "no claim", "deep")


@pytest.mark.parametrize("how", WAYS)
def test_a_damaged_record_says_nothing_and_is_told(store: Store, how: str) -> None:
    add_claims(store, [claim(id="a", statement="before"), claim(id="b")])
    correct(store, "a", claim(id="a", statement="now"), "why")
    damage(store, how)
    there = read_kept(store)
    assert len(there.damaged) == 1
    if how not in ("strange", "no claim"):  # those are whole, and say nothing that can be used
        assert [d.path for d in verify(store)] == [f"claims/{name}" for name in there.damaged]
    assert [(k.claim.id, k.claim.statement) for k in there.current] == [
        ("a", "before"),
        ("b", claim().statement),
    ]
    # what is written next does not touch it
    kept = sorted(p.name for p in store.claims.iterdir())
    correct(store, "b", None, "why")
    assert set(kept) < {p.name for p in store.claims.iterdir()}


def test_stores_merge_by_copying(tmp_path: Path, store: Store) -> None:
    other = open_store(tmp_path / "other", create=True)
    add_claims(store, [claim(id="a", statement="ours"), claim(id="b")])
    add_claims(other, [claim(id="a", statement="theirs"), claim(id="b")])
    for path in other.claims.iterdir():
        shutil.copy(path, store.claims)
    there = read_kept(store)
    assert [k.claim.statement for k in there.current if k.claim.id == "a"] == ["theirs"]
    assert len(there.current) == 2
    assert [k.claim.statement for k in there.records if k.claim.id == "a"] == ["ours", "theirs"]


def test_killed_while_writing_nothing_half_written_is_left(store: Store) -> None:
    class Killed(BaseException):
        pass

    def dies(_step: str) -> None:
        raise Killed

    with pytest.raises(Killed):
        add_claims(store, [claim(id="a")], step=dies)
    assert read_kept(store).records == ()
    assert add_claims(store, [claim(id="a")]) == (["a"], [])


def test_a_store_that_cannot_be_written(store: Store) -> None:
    with pytest.raises(Problem, match="cannot be written"):
        add_claims(replace(store, writable=False), [claim(id="a")])


def test_supersession_in_a_ring_ends(store: Store) -> None:
    add_claims(store, [claim(id="a")])
    [kept] = read_kept(store).records
    body = orjson.loads((store.claims / f"{kept.record}.json").read_bytes())
    ring = orjson.dumps(body | {"replaces": [kept.record, "f" * 24], "written": "2020"})
    (store.claims / f"{name_of(ring)}.json").write_bytes(ring)
    there = read_kept(store)
    assert len(there.history(there.find("a"))) == 1
