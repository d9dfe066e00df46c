"""The published index answers a DuckDB 1.5 client: the one people have on a cluster."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from intermezzo.queries.questions import questions
from intermezzo.queries.records import Score
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.writer import write_runs
from store_samples import items, new_store, run

VIEWS = [q.name for q in questions().values() if q.view]


@pytest.fixture(scope="module")
def client() -> str:
    """The duckdb command of the package duckdb-cli (an extra of development)."""
    for place in (str(Path(sys.executable).with_name("duckdb")), shutil.which("duckdb")):
        if place is not None and Path(place).exists():
            told = subprocess.run([place, "--version"], capture_output=True, text=True, check=False)
            if told.stdout.startswith("v1.5."):
                return place
    pytest.skip("left out: there is no duckdb 1.5 command here (pip install duckdb-cli)")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    from dataclasses import replace

    made = new_store(tmp_path_factory.mktemp("old_client"))
    made.systems_toml.write_text(
        '[[system]]\nname = "direct"\nbase_model = "xlm-roberta-large"\nrecipe = "direct"\n'
        '[[system]]\nname = "stilt"\nbase_model = "xlm-roberta-large"\nrecipe = "mnli"\n'
    )
    gap = Score("accuracy", None, "de", gap="not a number", implementation="sample acc")
    stated = Score("accuracy", 0.4, scope="macro", evidence="published", implementation="sample acc")
    one = run("gap", name="stilt", task="pawsx", file="five")
    runs = [
        (run("a", name="direct"), items()),
        (run("b", name="stilt", value=0.6, file="two"), None),
        (run("c", name="stilt", value=0.7, file="three", task="udpos", languages=("sw", "ur", "nv")), None),
        (run("d", name="nobody knows", value=0.7, file="four"), None),
        (replace(one, scores=(*one.scores, gap), run_id="gap1"), None),
        (replace(one, scores=(stated,), task="panx", run_id="stated1"), None),
    ]
    write_runs(made, runs)
    publish(made)
    return made


def ask(client: str, store: Store, sql: str) -> list[dict[str, object]]:
    ended = subprocess.run(
        [client, "-readonly", "-json", "-bail", str(store.results), "-c", sql],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout) if ended.stdout.strip() not in ("", "[{]") else []


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_gives_the_same_rows(client: str, store: Store, view: str) -> None:
    sql = f"SELECT md5(v::VARCHAR) AS row FROM {view} v ORDER BY 1"
    with connect(store) as reader:
        here = [r for (r,) in reader.sql(sql).rows]
        asked = len(reader.ask(view).rows)
    assert [r["row"] for r in ask(client, store, sql)] == here
    assert asked == len(here)


def test_the_views_that_matter_have_rows(client: str, store: Store) -> None:
    for view in ("matrix", "languages", "coverage", "run_list", "source_list", "system_list"):
        assert ask(client, store, f"SELECT count(*) AS n FROM {view}")[0]["n"], view


def test_every_table_opens(client: str, store: Store) -> None:
    tables = ask(client, store, "SELECT table_name AS name FROM duckdb_tables()")
    assert {"runs", "scores"} <= {t["name"] for t in tables}
    for table in tables:
        ask(client, store, f'SELECT count(*), sum(hash(t)) FROM "{table["name"]}" t')


def test_what_it_is_opened_without_read_only_still_works(client: str, store: Store) -> None:
    ended = subprocess.run(
        [client, str(store.results), "-c", "SELECT count(*) FROM matrix"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert publish(store).notes == ()
