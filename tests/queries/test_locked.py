"""SQL of users reads the index, and does nothing else."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent / "store"))

from intermezzo.queries.errors import Problem
from intermezzo.queries.locked import Locked, SqlError, locked_connection
from intermezzo.queries.records import Items
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.writer import write_runs
from store_samples import items, new_store, run

SECRET = "the examination questions"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = new_store(tmp_path_factory.mktemp("locked"))
    write_runs(made, [(run("a"), items()), (run("b"), None)])
    publish(made)
    (made.path.parent / "secret.csv").write_text(f"line\n{SECRET}\n")
    with duckdb.connect(str(made.path.parent / "other.duckdb")) as con:
        con.execute(f"CREATE TABLE other AS SELECT '{SECRET}' AS line")
    return made


@pytest.fixture
def sql(store: Store) -> Iterator[Locked]:
    with connect(store) as reader, locked_connection(reader) as locked:
        yield locked


def test_tables_and_views_answer_without_a_prefix(sql: Locked) -> None:
    assert sql.run("SELECT count(*) AS runs FROM runs").columns == ["runs"]
    assert sql.run("SELECT count(*) FROM scores").rows == [(4,)]
    assert len(sql.run("FROM matrix").rows) == 1
    assert sql.run("FROM runs WHERE run_id = 'nobody'").rows == []


ATTACKS = [
    "DELETE FROM runs",
    "UPDATE results.runs SET system = 'x'",
    "DROP TABLE results.main.runs",
    "INSERT INTO meta VALUES ('a', 'b')",
    "CREATE TABLE mine AS SELECT 1",
    "WITH d AS (DELETE FROM runs RETURNING *) SELECT * FROM d",
    "COPY runs TO '{folder}/out.csv'",
    "COPY runs TO '{folder}/store/runs/out.parquet' (FORMAT parquet, USE_TMP_FILE false)",
    "WITH x AS (COPY (SELECT 1) TO '{folder}/out.csv') SELECT 1",
    "EXPORT DATABASE '{folder}/out'",
    "IMPORT DATABASE '{folder}'",
    "ATTACH '{folder}/other.duckdb' AS o",
    "ATTACH '{folder}/new.duckdb' AS n",
    "ATTACH '{folder}/store/results.duckdb' AS w (READ_WRITE)",
    "FROM read_text('{folder}/secret.csv')",
    "FROM read_blob('{folder}/secret.csv')",
    "FROM read_csv('{folder}/secret.csv')",
    "FROM '{folder}/secret.csv'",
    "FROM glob('{folder}/*')",
    "FROM read_parquet('{folder}/store/runs/*/scores.parquet')",
    "FROM parquet_metadata('{folder}/store/runs/*/scores.parquet')",
    "FROM sniff_csv('{folder}/secret.csv')",
    "CREATE TEMP MACRO leak() AS TABLE FROM read_text('{folder}/secret.csv')",
    "FROM read_csv('https://example.org/x.csv')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{folder}/x.duckdb_extension'",
    "UPDATE EXTENSIONS",
    "CREATE SECRET (TYPE s3)",
    "SET enable_external_access = true",
    "RESET enable_external_access",
    "SET lock_configuration = false",
    "SET memory_limit = '100GB'",
    "SET threads = 64",
    "SET GLOBAL temp_directory = '{folder}/spill'",
    "PRAGMA enable_profiling = 'json'",
    "PRAGMA profiling_output = '{folder}/out.json'",
    "CALL enable_logging(storage = 'file', storage_config = {'path': '{folder}/log'})",
    "SELECT getenv('HOME')",
    "DETACH results",
    "FROM locals_of_python",
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY runs TO '{folder}/out.csv'",
    "SELEC 1",
    "",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_but_reading_the_index_is_possible(sql: Locked, store: Store, attack: str) -> None:
    locals_of_python = [(SECRET,)]
    folder = store.path.parent
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    with pytest.raises(SqlError) as error:
        print(sql.run(attack.replace("{folder}", str(folder))).rows)
    assert isinstance(error.value, Problem)
    assert SECRET not in str(error.value)
    assert str(error.value).strip()
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert locals_of_python
    # The connection goes on.
    assert sql.run("SELECT count(*) FROM runs").rows == [(2,)]


def test_a_refusal_says_what_sql_may_do_here(sql: Locked) -> None:
    with pytest.raises(SqlError, match="reads the index only"):
        sql.run("FROM read_text('/etc/hostname')")
    with pytest.raises(SqlError, match="only read here"):
        sql.run("DELETE FROM runs")


def test_rows_have_a_hard_limit(sql: Locked) -> None:
    some = sql.run("FROM range(100000)", max_rows=3)
    assert (some.rows, some.truncated) == ([(0,), (1,), (2,)], True)
    few = sql.run("FROM range(3)", max_rows=3)
    assert (len(few.rows), few.truncated) == (3, False)
    assert len(sql.run("FROM range(5000)").rows) == 5000


ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range * b.range % 7 = 3"


def test_what_takes_too_long_is_stopped(sql: Locked) -> None:
    with pytest.raises(SqlError, match="stopped after"):
        sql.run(ENDLESS, timeout=0.2)
    assert sql.run("SELECT 1").rows == [(1,)]


def test_another_thread_can_stop_it(sql: Locked) -> None:
    done = threading.Event()
    said: list[str] = []

    def work() -> None:
        try:
            sql.run(ENDLESS)
        except SqlError as error:
            said.append(str(error))
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    # Interrupted again until it is heard: the query may not have begun at the first time.
    while not done.wait(0.05):
        sql.interrupt()
    thread.join()
    assert said == ["The statement was stopped."]


def test_too_much_memory_is_refused(sql: Locked) -> None:
    with pytest.raises(SqlError, match=r"(?i)memory"):
        sql.run("SELECT list(range) FROM range(500000000)")
    assert sql.run("SELECT 1").rows == [(1,)]


def test_items_are_there_for_the_runs_that_are_named(store: Store) -> None:
    one = run("a").run_id
    with connect(store) as reader, locked_connection(reader, items=[one]) as sql:
        assert sql.run("SELECT run_id, count(*), sum(credit) FROM items GROUP BY ALL").rows == [
            (one, 20, 10.0)
        ]
        joined = sql.run("SELECT DISTINCT r.task FROM items JOIN runs r USING (run_id)")
        assert joined.rows == [("xnli",)]


def test_texts_of_items_are_there_and_a_damaged_file_of_them_is_named(tmp_path: Path) -> None:
    made = new_store(tmp_path / "texts")
    sha = hashlib.sha256(b"habari").hexdigest()
    told = items(("sw",), 2, texts={sha: "habari"})
    write_runs(
        made,
        [(run("a", languages=("sw",)), Items(told.columns | {"text_sha": [sha, None]}, texts=told.texts))],
    )
    one = run("a", languages=("sw",)).run_id
    with connect(made) as reader:
        with locked_connection(reader, items=[one]) as sql:
            assert sql.run("SELECT text FROM items ORDER BY 1 NULLS LAST").rows == [("habari",), (None,)]
        (texts,) = reader.texts_paths([one])
        texts.chmod(0o644)
        texts.write_bytes(b"PAR1 and no more")
        with pytest.raises(SqlError, match=texts.name):
            locked_connection(reader, items=[one])
        texts.unlink()
        with locked_connection(reader, items=[one]) as sql:
            assert sql.run("SELECT DISTINCT text FROM items").rows == [(None,)]


def test_without_items_the_way_to_them_is_said(sql: Locked) -> None:
    with pytest.raises(SqlError, match="`intermezzo sql STATEMENT --items RUN`"):
        sql.run("FROM items")


def test_a_run_without_items_is_named(store: Store) -> None:
    with connect(store) as reader, pytest.raises(SqlError, match=run("b").run_id):
        locked_connection(reader, items=[run("b").run_id])


def test_an_index_alone_can_be_asked(store: Store) -> None:
    with locked_connection(store.results) as sql:
        assert sql.run("SELECT count(*) FROM runs").rows == [(2,)]


def test_what_is_no_index_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.duckdb").write_text("no")
    with pytest.raises(SqlError, match="cannot be opened"):
        locked_connection(tmp_path / "x.duckdb")
