"""Claims and verifications in the index: SQL sees what the records say, as soon as they say it."""

from __future__ import annotations

import json
from pathlib import Path

from claim_samples import checked, claim, pair, store_of
from intermezzo.queries.claims.kept import add_claims, correct, read_kept
from intermezzo.queries.claims.kept_verifications import add_verifications, keep_checks
from intermezzo.queries.claims.verification import Verification
from intermezzo.queries.store.publisher import publish, rebuild, stale
from intermezzo.queries.store.reader import connect

UNITS = ["de", "en"]


def test_sql_sees_claims_and_verdicts(tmp_path: Path) -> None:
    store = store_of(tmp_path, *pair({"de": 0.7, "en": 0.8}, {"de": 0.8, "en": 0.9}))
    assert not stale(store)
    add_claims(store, [claim(units=UNITS), claim(id="other")])
    assert stale(store)
    with connect(store) as reader:
        rows = reader.ask("claim_list").dicts()
    assert [(r["claim"], r["verdict"]) for r in rows] == [("better", None), ("other", None)]
    there = read_kept(store)
    keep_checks(store, [checked(store, there.find("better").claim)], there)
    add_verifications(store, [Verification("better", "them", "verified")])
    with connect(store) as reader:
        [row, _] = reader.ask("claim_list").dicts()
        assert (row["verdict"], row["foreign_verifications"]) == ("supported", 1)
        assert row["contradicting_themselves"] == 1
        assert json.loads(row["audit"])["aggregate-only"] == "pass"
        assert len(row["run_ids"]) == 2
        assert reader.sql("SELECT count(*) FROM verifications").rows == [(2,)]
    correct(store, "better", claim(units=UNITS, margin=0.5), "why")
    with connect(store) as reader:
        [row] = reader.ask("claim_list", claim="better").dicts()
        assert row["verdict"] is None  # that was of another version
        statuses = reader.sql("SELECT status, why FROM claims WHERE claim = 'better' ORDER BY written").rows
        assert statuses == [("superseded", None), ("current", "why")]


def test_the_index_may_be_deleted(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    add_claims(store, [claim()])
    publish(store)
    with connect(store) as reader:
        before = reader.sql("SELECT * FROM claims").rows
    rebuild(store)
    with connect(store) as reader:
        assert reader.sql("SELECT * FROM claims").rows == before


def test_a_record_that_was_damaged_since_leaves_the_index(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    add_claims(store, [claim(), claim(id="b")])
    publish(store)
    first = next(store.claims.iterdir())
    first.write_bytes(first.read_bytes()[:-10])
    assert stale(store)
    with connect(store) as reader:
        assert reader.sql("SELECT count(*) FROM claims").rows == [(1,)]
