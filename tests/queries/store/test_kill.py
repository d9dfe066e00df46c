"""kill -9 at every step of writing and publishing: nothing acknowledged is lost, nothing partial is seen."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import dying
import pytest
from intermezzo.queries.store.generations import generations
from intermezzo.queries.store.hidden import hide, hidings
from intermezzo.queries.store.known import known_sources
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.moving import move_runs
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.records_kept import add_record
from intermezzo.queries.store.verify import verify
from intermezzo.queries.store.writer import FileStatus, write_import_report, write_runs
from store_samples import items, new_store, run

OLD = [(run("old1"), items()), (run("old2"), None)]
NEW = sorted(r.run_id for r, _ in dying.batch())

pytestmark = pytest.mark.slow


def start(store: Store, what: str, step: int, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, dying.__file__, str(store.path), what, str(step), *more],
        capture_output=True,
        text=True,
        check=False,
    )


def each_death(store: Store, what: str, folder: Path, *more: str) -> list[tuple[str, Store]]:
    """Let a process die at every step in a copy of the store each; return the steps and the copies."""
    deaths = []
    for step in range(1, 100):
        copy = folder / f"{what}{step}"
        shutil.copytree(store.path, copy)
        ended = start(open_store(copy), what, step, *more)
        if ended.returncode == 0:
            assert len(deaths) >= 2, ended.stdout
            return deaths
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        deaths.append((ended.stdout.splitlines()[-1], open_store(copy)))
    raise AssertionError("it never ended by itself")


def swept(store: Store) -> bool:
    leftovers = [p for p in store.path.rglob("*") if p.name.endswith(".new")]
    return list(store.tmp.iterdir()) == [] and leftovers == []


def published_runs(store: Store) -> list[str]:
    with duckdb.connect(str(store.results), read_only=True) as con:
        assert con.execute("SELECT count(*) = 2 * (SELECT count(*) FROM runs) FROM scores").fetchall() == [
            (True,)
        ]
        return [r for (r,) in con.execute("SELECT run_id FROM runs ORDER BY run_id").fetchall()]


def test_writing(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, OLD)
    publish(store)
    old = sorted(r.run_id for r, _ in OLD)
    deaths = each_death(store, "write", tmp_path)
    assert {"step renamed", "step manifest written", "step texts landed"} <= {name for name, _ in deaths}
    for name, copy in deaths:
        assert verify(copy) == [], name
        publish(copy)
        assert swept(copy), name
        seen = published_runs(copy)
        assert set(old) <= set(seen) <= set(old) | set(NEW), name
        # A file of which some runs only have landed is not taken for read.
        assert ("/results/new.json" in known_sources(copy)) == (set(NEW) <= set(seen)), name
        written = write_runs(copy, dying.batch())  # type: ignore[arg-type]
        assert sorted(written.added) == sorted(set(NEW) - set(seen)), name
        publish(copy)
        assert published_runs(copy) == sorted(old + NEW), name
        assert verify(copy) == [], name


@pytest.mark.parametrize("what", ["publish", "rebuild"])
def test_publishing(tmp_path: Path, what: str) -> None:
    store = new_store(tmp_path)
    write_runs(store, OLD)
    publish(store)
    write_runs(store, dying.batch())  # type: ignore[arg-type]
    old, every = sorted(r.run_id for r, _ in OLD), sorted([r.run_id for r, _ in OLD] + NEW)
    deaths = each_death(store, what, tmp_path)
    assert {"step filled", "step renamed", "step results placed"} <= {name for name, _ in deaths}
    for name, copy in deaths:
        # Whoever looks before anybody publishes again sees the old index or the new one, whole.
        assert published_runs(copy) in (old, every), name
        with connect(copy, fresh=False) as reader:
            found = [r for (r,) in reader.sql("SELECT run_id FROM runs ORDER BY run_id").rows]
            assert found in (old, every), name
        published = publish(copy)
        assert published.runs == len(every), name
        assert published.notes == (), name
        assert published_runs(copy) == every, name
        assert swept(copy), name
        assert published.generation == generations(copy)[-1], name
        assert not list(copy.path.glob("*.kept-*")), name
        assert [d.path for d in verify(copy)] == [], name


def test_a_first_publish(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, OLD)
    for name, copy in each_death(store, "publish", tmp_path):
        assert publish(copy).runs == 2, name
        assert published_runs(copy) == sorted(r.run_id for r, _ in OLD), name
        assert swept(copy), name


def test_an_import_report_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_import_report(store, "/results", [FileStatus("/results/old.json", "refused", "old")])
    publish(store)
    for name, copy in each_death(store, "report", tmp_path):
        publish(copy)
        with duckdb.connect(str(copy.results), read_only=True) as con:
            (found,) = con.execute("SELECT path FROM sources").fetchall()
        assert found[0] in ("/results/old.json", "/results/new.json"), name
        assert swept(copy), name


def test_moving(tmp_path: Path) -> None:
    """Runs, texts, hidden records, rules and claims of another store: all there after the second attempt."""
    (tmp_path / "other").mkdir()
    other = new_store(tmp_path / "other")
    write_runs(other, dying.batch())  # type: ignore[arg-type]
    hide(other, [NEW[0]], "wrong data")
    said = add_record(other, other.claims, {"claim": {"id": "a", "statement": "A."}})
    other.systems_toml.write_text('[[system]]\nname = "org/model"\nbase_model = "m"\nrecipe = "direct"\n')
    store = new_store(tmp_path)
    write_runs(store, OLD)
    publish(store)
    old = sorted(r.run_id for r, _ in OLD)
    before = {p: p.read_bytes() for p in other.path.rglob("*") if p.is_file()}
    deaths = each_death(store, "move", tmp_path, str(other.path))
    steps = {
        "record copied",
        "manifest copied",
        "texts landed",
        "renamed",
        "rules merged",
        "statement copied",
    }
    assert {f"step {name}" for name in steps} <= {name for name, _ in deaths}
    for name, copy in deaths:
        assert verify(copy) == [], name
        publish(copy)
        assert swept(copy), name
        seen = published_runs(copy)
        assert set(old) <= set(seen) <= set(old) | set(NEW), name
        if set(NEW) & set(seen):  # never seen under another system than in the end
            assert copy.systems_toml.read_text() == other.systems_toml.read_text(), name
        if NEW[0] in seen:  # never in view, not even for a moment
            assert hidings(copy)[NEW[0]].hidden, name
        moved = move_runs(other, copy)
        assert sorted(moved.added) == sorted(set(NEW) - set(seen)), name
        assert sorted(moved.added + moved.present) == NEW, name
        assert moved.refused == [], name
        publish(copy)
        assert published_runs(copy) == sorted(old + NEW), name
        assert len(list(copy.texts.iterdir())) == 1, name
        assert (copy.claims / f"{said}.json").exists(), name
        assert copy.systems_toml.read_text() == other.systems_toml.read_text(), name
        assert verify(copy) == [], name
    assert {p: p.read_bytes() for p in other.path.rglob("*") if p.is_file()} == before


def test_only_the_dead_of_this_machine_are_swept(tmp_path: Path) -> None:
    from intermezzo.queries.store import workspace

    store = new_store(tmp_path)
    with workspace.workspace(store.tmp) as living:
        here = ".".join(living.name.split(".")[:3])
        dead = subprocess.run(
            [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True
        )
        host, boot, space = here.split(".")
        names = {
            "dead": f"{here}.{dead.stdout.strip()}.1.abcdef",
            "pid given to another": f"{'.'.join(living.name.split('.')[:4])}.1.abcdef",
            "before a restart": f"{host}.000000000000.{space}.1.1.abcdef",
            "other host": f"elsewhere.{boot}.{space}.{dead.stdout.strip()}.1.abcdef",
            "other container": f"{host}.{boot}.1.{dead.stdout.strip()}.1.abcdef",
            "foreign": "notes",
        }
        for name in names.values():
            (store.tmp / name).mkdir()
        publish(store)
        left = {p.name for p in store.tmp.iterdir()}
        assert living.name in left
        assert {k for k, name in names.items() if name in left} == {
            "other host",
            "other container",
            "foreign",
        }
