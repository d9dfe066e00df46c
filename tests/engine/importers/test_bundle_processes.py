"""Large bundles are read by other processes, to the same end."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from intermezzo.engine.importing import pipeline, team
from intermezzo.engine.importing.pipeline import import_paths
from intermezzo.queries.store.layout import Store, open_store
from lm_eval_files import results, row, sample, write, write_samples

pytestmark = pytest.mark.slow


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    for name in ("a", "b", "c"):
        body = results(row("xnli_fr", n=3, acc=0.5), row("xcopa_et", n=2), model_name=f"org/{name}")
        write(folder / name, body)
        lines = [sample(i, float(i % 2), doc={"premise": f"{i}", "label": 1}) for i in range(3)]
        write_samples(folder / name, "xnli_fr", [*lines, '{"doc_id": 7, "broken'])
        write_samples(folder / name, "xcopa_et", [sample(0), sample(0), sample(1, "no number")])
    for path in folder.rglob("*.jsonl"):
        os.utime(path, (1_700_000_000, 1_700_000_000))  # old: what breaks off is not waited for
    return folder


def contents(store: Store) -> list[Any]:
    with duckdb.connect(str(store.results), read_only=True) as con:
        runs = con.execute("SELECT * EXCLUDE (folder, written) FROM runs ORDER BY run_id").fetchall()
        scores = con.execute("SELECT * FROM scores ORDER BY ALL").fetchall()
    items = sorted((path.parent.name, path.read_bytes()) for path in store.runs.glob("*/items.parquet"))
    texts = sorted((path.name, path.read_bytes()) for path in store.texts.iterdir())
    return [runs, scores, items, texts]


def test_processes_read_what_this_one_reads(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = open_store(tmp_path / "here", create=True)
    found = import_paths(here, [root])
    assert found.files_refused
    assert found.items
    asked: list[Any] = []
    real = team.Worker.ask
    monkeypatch.setattr(team.Worker, "ask", lambda worker, what: (asked.append(what), real(worker, what))[1])
    monkeypatch.setattr(pipeline, "LARGE", 0)
    monkeypatch.setattr(pipeline, "VERY_MUCH", 0)
    there = open_store(tmp_path / "there", create=True)
    assert import_paths(there, [root]).as_json() == found.as_json()
    assert len(asked) == 3
    assert contents(there) == contents(here)
    again = import_paths(there, [root])
    assert (again.files_read, again.files_unchanged, again.files_refused) == (0, 9, found.files_refused)
    assert len(asked) == 3


@pytest.mark.parametrize("kills", [1, 2])
def test_a_bundle_over_which_processes_end_is_tried_twice(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch, kills: int
) -> None:
    monkeypatch.setattr(pipeline, "LARGE", 0)
    monkeypatch.setattr(pipeline, "VERY_MUCH", 0)
    real = team.Worker.ask
    left = [1] * kills

    def ask(worker: team.Worker, what: Any) -> Any:
        if what.bundle.main.parent.name == "b" and left:
            left.pop()
            os.kill(worker.pid, signal.SIGKILL)
        return real(worker, what)

    monkeypatch.setattr(team.Worker, "ask", ask)
    report = import_paths(open_store(tmp_path / "store", create=True), [root])
    gone = [r for r in report.files_refused if "killed by signal 9" in r.reason]
    assert (report.runs_added, len(gone)) == ((6, 0) if kills == 1 else (4, 1))
    assert [note for note in report.notes if "killed by signal 9" in note]


def test_processes_begin_before_it_is_known_whose_many_files_are(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = open_store(tmp_path / "here", create=True)
    found = import_paths(here, [root])
    hired: list[team.Team] = []
    real = team.Team.__init__
    claimed: list[int] = []
    claim = pipeline.claim
    monkeypatch.setattr(team.Team, "__init__", lambda one: (hired.append(one), real(one))[1])
    monkeypatch.setattr(pipeline, "claim", lambda *a: (claimed.append(len(hired)), claim(*a))[1])
    monkeypatch.setattr(pipeline, "MANY", 5)
    there = open_store(tmp_path / "there", create=True)
    assert import_paths(there, [root]).as_json() == found.as_json()  # nothing for them after all
    assert claimed == [1]
    assert [one.pids for one in hired] == [[]]
    monkeypatch.setattr(pipeline, "LARGE", 0)
    monkeypatch.setattr(pipeline, "VERY_MUCH", 0)
    third = open_store(tmp_path / "third", create=True)
    assert import_paths(third, [root]).as_json() == found.as_json()
    assert len(hired) == 2  # who was hired ahead has read them
    assert contents(third) == contents(here)
    import_paths(third, [root])
    assert len(hired) == 2  # a second import has little to read
