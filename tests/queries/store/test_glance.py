"""A glance at a store tells that something landed, whatever it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from intermezzo.queries.store.hidden import hide
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.publisher import publish, stale
from intermezzo.queries.store.standing import glance
from intermezzo.queries.store.writer import FileStatus, write_import_report, write_runs
from store_samples import new_store, run

FIRST = run("a")


def lands(store: Store) -> None:
    write_runs(store, [(run("b", file="two"), None)])


def is_hidden(store: Store) -> None:
    hide(store, [FIRST.run_id], "a test")


def is_named(store: Store) -> None:
    store.systems_toml.write_text('[aliases]\n"org/model" = "mbert"\n')


def is_reported(store: Store) -> None:
    report = FileStatus("/results/x.json", "refused", "no results")
    write_import_report(store, "/results", [report])


@pytest.mark.parametrize("change", [lands, is_hidden, is_named, is_reported])
def test_a_change_is_seen(tmp_path: Path, change: Callable[[Store], None]) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(FIRST, None)])
    publish(store)
    before = glance(store)
    assert glance(store) == before
    change(store)
    assert stale(store)
    assert glance(store) != before
    between = glance(store)
    publish(store)
    assert glance(store) != between
