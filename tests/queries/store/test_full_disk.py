"""A full disk gives a sentence and leaves nothing half-written.

As root on Linux on a small tmpfs of its own; elsewhere with a limit on the size of files.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.verify import run_folders, verify
from intermezzo.queries.store.writer import write_runs
from store_samples import items, new_store, run

LIMITED = """
import resource, signal, sys
sys.path.insert(0, {tests!r})
from store_samples import items, run
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = open_store({store!r})
limit = {limit}
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    {action}
except Problem as problem:
    print(problem)
    sys.exit(3)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("left out: only root can mount a small disk; the file size limit is tested instead")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("left out: a small disk cannot be mounted here; the file size limit is tested instead")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """Fill the disk up to ``leave`` bytes."""
    stat = os.statvfs(folder)
    ballast = folder / "ballast"
    with open(ballast, "wb") as file:
        file.write(b"\0" * max(0, stat.f_bavail * stat.f_bsize - leave))
    return ballast


def whole(store: Store, runs: int) -> None:
    assert list(store.tmp.iterdir()) == []
    assert len(run_folders(store)) == runs
    assert verify(store) == []
    assert sorted(p.name for p in store.path.iterdir() if "kept" in p.name) == []


def published_runs(store: Store) -> int:
    with duckdb.connect(str(store.results), read_only=True) as con:
        return int(con.execute("SELECT count(*) FROM runs").fetchall()[0][0])


@pytest.mark.parametrize("leave", [0, 4096, 8192, 16384])
def test_writing_on_a_full_disk(small_disk: Path, leave: int) -> None:
    store = new_store(small_disk)
    write_runs(store, [(run("a"), None)])
    ballast = fill(small_disk, leave)
    with pytest.raises(Problem, match="disk is full"):
        write_runs(store, [(run("b"), items(n=4000))])
    whole(store, 1)
    ballast.unlink()
    assert write_runs(store, [(run("b"), items(n=4000))]).added


@pytest.mark.parametrize("leave", [0, 50_000, 150_000, 300_000, 600_000, 900_000])
def test_publishing_on_a_full_disk(small_disk: Path, leave: int) -> None:
    store = new_store(small_disk)
    write_runs(store, [(run("a"), None)])
    publish(store)
    write_runs(store, [(run("b"), items())])
    ballast = fill(small_disk, leave)
    with pytest.raises(Problem, match="disk is full"):
        publish(store)
    whole(store, 2)
    assert published_runs(store) == 1
    with connect(store, fresh=False) as reader:
        assert reader.sql("SELECT count(*) FROM runs").rows[0][0] in (1, 2)
    ballast.unlink()
    assert publish(store).runs == 2
    whole(store, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "limit"),
    [("write_runs(store, [(run('b'), items(n=4000))])", 3000), ("publish(store)", 60_000)],
)
def test_a_limit_on_file_sizes(tmp_path: Path, action: str, limit: int) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a"), None)])
    code = LIMITED.format(tests=str(Path(__file__).parent), store=str(store.path), limit=limit, action=action)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (3, ""), ended.stdout
    assert "nothing half-written" in ended.stdout.lower()
    whole(store, 1)
    assert publish(store).runs == 1
