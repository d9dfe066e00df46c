"""A store copied while it is written to, and one whose clock went back: it opens, and says what it lacks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "queries" / "store"))

from intermezzo.queries.errors import Problem
from intermezzo.queries.store.hidden import hide, unhide
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.publisher import publish, rebuild
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.verify import verify
from intermezzo.queries.store.writer import write_runs
from store_samples import items, new_store, run

TESTS = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.parametrize("how", [["cp", "-r"], ["rsync", "-a"]], ids=["cp", "rsync"])
def test_a_copy_made_while_somebody_writes(tmp_path: Path, how: list[str]) -> None:
    if shutil.which(how[0]) is None:
        pytest.skip(f"left out: there is no {how[0]} here")
    store = new_store(tmp_path)
    write_runs(store, [(run("first"), items())])
    publish(store)
    words = [sys.executable, str(TESTS / "load" / "workers.py"), "writer", str(store.path), "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        copies = []
        for n in range(2):
            copies.append(tmp_path / f"copy{n}")
            # What vanishes while it is copied (a workspace, an old generation) makes cp and rsync complain.
            subprocess.run([*how, f"{store.path}/", str(copies[-1])], stderr=subprocess.DEVNULL, check=False)
            time.sleep(0.3)
        (tmp_path / "stop").touch()
        writer.communicate()
    for copy in copies:
        there = open_store(copy)
        published = publish(there)
        assert published.quarantined == {}
        assert published.runs >= 1
        assert {d.path.split("/")[0] for d in verify(there)} <= {"texts", "index"}
        assert rebuild(there).runs == published.runs
        with connect(there) as reader:
            assert len(reader.items_paths([run("first").run_id])) == 1
        write_runs(there, [(run("more"), None)])
        assert publish(there).runs == published.runs + 1


def test_what_was_said_last_holds_though_clocks_went_back(tmp_path: Path) -> None:
    """Every file of the store is from next year, as a machine with a wrong clock has left them."""
    store = new_store(tmp_path)
    one, two = run("one"), run("two")
    write_runs(store, [(one, items()), (two, None)])
    hide(store, [one.run_id], "wrong")
    publish(store)
    ahead = time.time() + 365 * 86_400
    for path in store.path.rglob("*"):
        os.utime(path, (ahead, ahead))
    (record,) = store.hidden.iterdir()
    told = record.read_bytes().replace(b'"written": "2', b'"written": "3')
    from intermezzo.queries.store.hidden import record_name

    (store.hidden / record_name(told)).write_bytes(told)
    record.unlink()
    assert publish(store).runs == 2
    assert unhide(store, [one.run_id]) == [one.run_id]
    write_runs(store, [(run("three"), None)])
    assert publish(store).runs == 3
    with connect(store) as reader:
        assert reader.sql("SELECT count(*) FROM runs WHERE NOT hidden").rows == [(3,)]
    assert verify(store) == []


@pytest.mark.slow
def test_a_store_moved_while_somebody_writes_loses_nothing(tmp_path: Path) -> None:
    """What was acknowledged is at the new place; the writer is told, and nothing is made at the old one."""
    store = new_store(tmp_path)
    words = [sys.executable, str(TESTS / "load" / "workers.py"), "writer", str(store.path), "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        (tmp_path / "else").mkdir()
        os.rename(store.path, tmp_path / "else" / "where")
        said = [json.loads(line) for line in [first, *writer.communicate(timeout=60)[0].splitlines()]]
    assert "error" in said[-1]
    acknowledged = {row["run"] for row in said if "run" in row}
    assert acknowledged
    there = open_store(tmp_path / "else" / "where")
    publish(there)
    with connect(there) as reader:
        assert acknowledged <= {r for (r,) in reader.sql("SELECT run_id FROM runs").rows}
    assert verify(there) == []
    assert not store.path.exists()


def test_who_has_a_store_open_that_was_moved_is_told_in_a_sentence(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("first"), items())])
    publish(store)
    with connect(store) as reader:
        os.rename(store.path, tmp_path / "elsewhere")
        with pytest.raises(Problem):
            reader.items_paths([run("first").run_id])
        for do in (lambda: write_runs(store, [(run("more"), items())]), lambda: publish(store)):
            with pytest.raises(Problem):
                do()
    assert not store.path.exists()
    assert publish(open_store(tmp_path / "elsewhere")).runs == 1
