"""SQL in a child process: what it answers, refuses, and how it is stopped."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

import pytest
from intermezzo.queries.confined import Confined, _started
from intermezzo.queries.locked import SqlError
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="memory is limited by POSIX means")


ENDLESS = "SELECT sum(hash(a.range * b.range)) FROM range(10000000) a, range(100000) b"
PATIENCE = 60
"""Seconds before a test gives up on a process."""


@pytest.fixture(scope="module")
def confined(tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("sql") / "store", create=True)
    publish(store, wait=True)
    reader = connect(store)
    child = Confined(Path(store.index_dir / reader.generation))
    yield child
    child.close()
    reader.close()


def test_rows_come_with_names_and_what_json_has_no_word_for_as_text(confined):
    answer = confined.run(
        "SELECT 1 AS n, 0.5::DOUBLE AS x, 'ü' AS t, DATE '2026-01-02' AS d, [1, 2] AS l, NULL AS z", 10
    )
    assert answer.columns == ["n", "x", "t", "d", "l", "z"]
    assert answer.rows == [(1, 0.5, "ü", "2026-01-02", "[1, 2]", None)]
    assert not answer.truncated


def test_the_limit_of_rows_is_said(confined):
    answer = confined.run("SELECT * FROM range(100)", 7)
    assert (len(answer.rows), answer.truncated) == (7, True)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT * FROM read_text('/etc/passwd')", "Refused"),
        ("COPY runs TO '/tmp/never.csv'", "Refused"),
        ("DELETE FROM runs", "Refused"),
        ("SELECT 1; SELECT 2", "One statement at a time"),
        ("SELEC", "syntax error"),
    ],
)
def test_what_is_refused_is_a_sentence_and_the_next_statement_works(confined, sql, said):
    with pytest.raises(SqlError, match=said):
        confined.run(sql, 10)
    assert confined.run("SELECT 1", 10).rows == [(1,)]


def test_a_string_beyond_the_memory_that_is_allowed_is_refused(confined):
    with pytest.raises(SqlError, match=r"[Mm]emory"):
        confined.run("SELECT repeat('a', 3000000000)", 10)
    assert confined.run("SELECT 1", 10).rows == [(1,)]


def test_a_statement_that_runs_is_stopped_and_the_next_one_works(confined):
    confined.run("SELECT 1", 10)
    timer = threading.Timer(0.2, confined.stop)
    timer.start()
    with pytest.raises(SqlError, match="stopped"):
        confined.run("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b", 10)
    assert confined.run("SELECT 2", 10).rows == [(2,)]


def test_a_statement_without_end_ends_with_who_asked_for_it(confined):
    child = _started(confined.index)
    try:
        assert child.stdin is not None
        child.stdin.write(json.dumps({"sql": ENDLESS, "max_rows": 1}) + "\n")
        child.stdin.close()  # as when the app is killed: nobody ends its child
        assert child.wait(PATIENCE) == 0
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def test_an_answer_too_large_to_show_is_refused_and_the_next_one_comes(confined):
    with pytest.raises(SqlError, match="more than 64 MB"):
        confined.run("SELECT repeat('a', 70000000)", 10)
    assert confined.run("SELECT 1", 10).rows == [(1,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT INTERVAL '999999999 days', DATE '290000-01-01', TIMESTAMP '294246-01-10', '1e400'::VARCHAR",
        "SELECT 'nan'::DOUBLE, 'inf'::DOUBLE, 170141183460469231731687303715884105727::HUGEINT, 'x'::BLOB",
        "SELECT map([1], [[2]]), {'a': {'b': NULL}}, [NULL], uuid(), '101'::BIT, TIME '24:00:00'",
        "SELECT '\x1b[2J' AS \"a\x1b\", chr(0), chr(8238)",
    ],
)
def test_values_of_any_type_come_or_are_refused_with_a_sentence(confined, sql):
    said = ""
    try:
        confined.run(sql, 10)
    except SqlError as error:
        said = str(error)
    assert "memory" not in said  # which is said where the process has ended
