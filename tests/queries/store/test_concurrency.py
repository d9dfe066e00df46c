"""Four importers, the app and an open duckdb shell on one store: no error, nothing lost or doubled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import busy
import duckdb
import pytest
from intermezzo.queries.store.publisher import publish, rebuild
from intermezzo.queries.store.verify import verify
from intermezzo.queries.store.writer import write_runs
from store_samples import new_store, run

IMPORTERS = 4
RUNS = 1 + busy.ROUNDS * IMPORTERS + busy.ROUNDS * (IMPORTERS - 1 + 8)

pytestmark = pytest.mark.slow


def start(*args: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, busy.__file__, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("mode", ["read_only", "read_write"])
def test_everybody_at_once(tmp_path: Path, mode: str) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("first", file="first"), None)])
    publish(store)
    shell = start("shell", store.path, mode)
    assert line(shell) == "open 1"
    app = start("app", store.path, RUNS)
    assert line(app) == "looking"
    importers = [start("importer", store.path, i) for i in range(IMPORTERS)]
    for process in [*importers, app]:
        out, err = process.communicate()
        assert process.returncode == 0, err
        assert out.startswith("done")
    # The shell has what it opened, and what it wrote is kept aside.
    out, err = shell.communicate("go\n")
    assert (shell.returncode, out.strip(), err) == (0, "still 1", "")
    published = publish(store)
    assert (published.runs, published.changed, published.quarantined) == (RUNS, False, {})
    with duckdb.connect(str(store.results), read_only=True) as con:
        counts = con.execute(
            "SELECT count(*), count(DISTINCT run_id), (SELECT count(*) FROM scores), "
            "(SELECT sum(runs) FROM sources), (SELECT count(*) FROM sources WHERE status <> 'read') FROM runs"
        ).fetchall()
    assert counts == [(RUNS, RUNS, 2 * RUNS, RUNS, 0)]
    assert verify(store) == []
    assert list(store.tmp.iterdir()) == []
    assert rebuild(store).runs == RUNS
    kept = list(store.path.glob("results.duckdb.kept-*"))
    if mode == "read_only":
        assert kept == []
    else:
        (aside,) = (p for p in kept if p.suffix != ".wal")
        with duckdb.connect(str(aside), read_only=True) as con:
            assert con.execute("FROM scratch").fetchall() == [(1,)]
