from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from intermezzo.engine.importers import mteb
from intermezzo.engine.importing import bulk, team
from intermezzo.engine.importing.claiming import claim
from intermezzo.engine.importing.pipeline import import_paths
from intermezzo.engine.importing.sheet import Sheet
from intermezzo.engine.importing.tree import list_tree
from intermezzo.engine.importing.worker import Chunk
from intermezzo.queries.store.layout import Store, open_store
from mteb_files import REVISION, entry, many, put, result


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "in"


def asked(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(store.results), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_model_and_revision_stand_in_the_path_and_splits_become_runs(store: Store, root: Path) -> None:
    put(root, result(test=[entry(0.5), entry(0.25, "sw", "swa-Latn")], validation=[entry(0.75)]))
    report = import_paths(store, [root])
    assert (report.files_read, report.runs_added, report.scores) == (1, 2, 3)
    assert asked(store, "SELECT DISTINCT found_name, checkpoint, task, tool FROM runs") == [
        ("lab/m", REVISION, "xnli", "mteb")
    ]
    found = asked(
        store,
        "SELECT split, language, metric, value, evidence FROM runs JOIN scores USING (run_id) ORDER BY ALL",
    )
    assert found == [
        ("test", "en", "accuracy", 0.5, "logged"),
        ("test", "sw", "accuracy", 0.25, "logged"),
        ("validation", "en", "accuracy", 0.75, "logged"),
    ]


@pytest.mark.parametrize("text", ["why: NaN here", ": NaN", '"x": NaN', 'a\\": NaN', "NaN", "it:NaN, so"])
@pytest.mark.parametrize("value", [0.5, float("nan")])
def test_a_text_that_speaks_of_nan_is_left_as_it_is(root: Path, text: str, value: float) -> None:
    content = {**result(test=[entry(0.5, f1=value)]), "dataset_revision": text}
    path = put(root, content)
    sheet = Sheet()
    assert list(mteb.read_into(sheet, str(path), str(root))) == []
    assert [run.dataset_revision for run in sheet.runs] == [text]
    assert sheet.columns["value"] == [0.5]


def test_external_figures_are_published_and_no_revision_is_unknown(store: Store, root: Path) -> None:
    put(root, result(), revision="external")
    put(root, result(), revision="no_revision_available")
    import_paths(store, [root])
    sql = "SELECT checkpoint, evidence FROM runs JOIN scores USING (run_id) ORDER BY 1 NULLS LAST"
    assert asked(store, sql) == [("external", "published"), (None, "logged")]


def test_a_pair_is_two_languages(store: Store, root: Path) -> None:
    pair = entry(0.5, "de-en", "deu-Latn", "eng-Latn")
    put(root, result("BUCC", test=[pair]), "BUCC.json")
    import_paths(store, [root])
    assert asked(store, "SELECT DISTINCT language, language_2, subject FROM scores") == [("de", "en", None)]


def test_a_literal_nan_is_a_gap_with_its_reason(store: Store, root: Path) -> None:
    put(root, result(test=[entry(float("nan")), entry(0.5, "de", "deu-Latn")]))
    report = import_paths(store, [root])
    assert report.files_refused == ()
    assert asked(store, "SELECT language, value, gap FROM scores ORDER BY language") == [
        ("de", 0.5, None),
        ("en", None, "the file says NaN"),
    ]


def test_repetitions_are_kept(store: Store, root: Path) -> None:
    runs = [{"accuracy": 0.25, "f1": 0.1}, {"accuracy": 0.75, "f1": 0.2}]
    put(root, result("MassiveIntentClassification", test=[entry(0.5, scores_per_experiment=runs)]))
    import_paths(store, [root])
    ((kept,),) = asked(store, "SELECT json_extract(config, '$.replicates.default') FROM runs")
    assert kept == "[0.25,0.75]"


def test_the_older_form_is_read_and_said_to_be_guessed(store: Store, root: Path) -> None:
    old = {"mteb_version": "0.0.2", "mteb_dataset_name": "BUCC"}
    put(root, {**old, "test": {"de-en": {"accuracy": 0.9, "f1": 0.8}, "evaluation_time": 2}}, "BUCC.json")
    report = import_paths(store, [root])
    assert [remark.reason for remark in report.files_guessed] == [
        "an older file without main_score: MTEB's for this task is f1"
    ]
    found = asked(store, "SELECT metric, value, language, language_2 FROM scores ORDER BY metric")
    assert ("f1", 0.8, "de", "en") in found


def test_a_bad_value_is_refused_by_its_key_and_the_rest_is_read(store: Store, root: Path) -> None:
    path = put(root, result(test=[entry(7.5), entry(0.5, "de", "deu-Latn"), "nonsense"]))
    report = import_paths(store, [root])
    assert {remark.path for remark in report.files_refused} == {str(path)}
    assert sorted(remark.reason.partition(":")[0] for remark in report.files_refused) == [
        "scores.test[0].main_score",
        "scores.test[2]",
    ]
    assert asked(store, "SELECT language FROM scores") == [("de",)]


def test_one_bad_file_does_not_stop_the_others(store: Store, root: Path) -> None:
    put(root, result())
    bad = put(root, '{"mteb_version": "1.0.0", "scores": {"test": [}', "Bad.json")
    os.utime(bad, (1, 1))
    report = import_paths(store, [root])
    assert report.runs_added == 1
    assert [remark.path for remark in report.files_refused] == [str(bad)]


def test_a_second_import_reads_nothing_and_a_changed_file_replaces_its_runs(store: Store, root: Path) -> None:
    paths = many(root, 60)
    first = import_paths(store, [root])
    again = import_paths(store, [root])
    assert (first.files_read, first.runs_added) == (60, 60)
    assert (again.files_read, again.files_unchanged, again.runs_added, again.generation) == (0, 60, 0, None)
    os.utime(paths[0])
    touched = import_paths(store, [root])
    assert (touched.files_read, touched.files_unchanged) == (0, 60)
    put(root, result("Task0", test=[entry(0.125, "de", "deu-Latn")]), "Task0.json", "lab__m0")
    changed = import_paths(store, [root])
    assert (changed.files_read, changed.files_unchanged, changed.runs_added) == (1, 59, 1)
    sql = (
        "SELECT value FROM language_scores JOIN yardsticks USING (yardstick) "
        "WHERE task = 'Task0' AND metric = 'accuracy' AND system LIKE '%m0%'"
    )
    assert asked(store, sql) == [(0.125,)]
    assert asked(store, "SELECT count(*) FROM runs WHERE superseded_by IS NOT NULL") == [(1,)]


@pytest.mark.slow
def test_processes_read_what_one_alone_reads(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(root, 400)
    sql = (
        "SELECT r.* EXCLUDE (folder, written), s.* EXCLUDE (run_id) FROM runs r JOIN scores s USING (run_id) "
        "ORDER BY run_id, metric, language"
    )
    found = []
    for name, alone in (("two", 0), ("one", 1000)):
        monkeypatch.setattr(bulk, "ALONE", alone)
        monkeypatch.setattr(bulk, "CHUNK_FILES", 90)
        store = open_store(tmp_path / name, create=True)
        report = import_paths(store, [root])
        found.append((report.files_read, report.runs_added, report.scores, asked(store, sql)))
    assert found[0] == found[1]
    assert found[0][:2] == (400, 400)


@pytest.mark.slow
def test_a_killed_process_is_told_and_nothing_is_lost(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(root, 200)
    monkeypatch.setattr(bulk, "ALONE", 0)
    monkeypatch.setattr(bulk, "CHUNK_FILES", 20)
    real = team.Worker.ask
    left = [1]

    def ask(worker: team.Worker, chunk: Chunk) -> Any:
        if left and left.pop():
            os.kill(worker.pid, signal.SIGKILL)
        return real(worker, chunk)

    monkeypatch.setattr(team.Worker, "ask", ask)
    report = import_paths(store, [root])
    assert (report.files_read, report.runs_added, report.files_refused) == (200, 200, ())
    assert [note for note in report.notes if "killed by signal 9" in note]


@pytest.mark.slow
def test_a_file_that_kills_every_process_is_the_only_one_refused(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = many(root, 60)
    poison = str(paths[33])
    monkeypatch.setattr(bulk, "ALONE", 0)
    monkeypatch.setattr(bulk, "CHUNK_FILES", 16)
    real = team.Worker.ask

    def ask(worker: team.Worker, chunk: Chunk) -> Any:
        if poison in chunk.paths:
            os.kill(worker.pid, signal.SIGKILL)
        return real(worker, chunk)

    monkeypatch.setattr(team.Worker, "ask", ask)
    report = import_paths(store, [root])
    assert report.runs_added == 59
    assert [(r.path, r.reason) for r in report.files_refused] == [
        (poison, "the process that read it ended: it was killed by signal 9")
    ]


@pytest.mark.slow
def test_a_stopped_import_keeps_what_it_has_and_the_next_goes_on(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(root, 200)
    monkeypatch.setattr(bulk, "ALONE", 0)
    monkeypatch.setattr(bulk, "CHUNK_FILES", 20)
    calls: list[int] = []
    started: list[team.Team] = []
    hire = team.Team.__init__

    def noted(self: team.Team) -> None:
        started.append(self)
        hire(self)

    monkeypatch.setattr(team.Team, "__init__", noted)

    def interrupt(done: int, total: int, size: int, path: str) -> None:
        calls.append(done)
        if done >= 60:
            raise KeyboardInterrupt

    stopped = import_paths(store, [root], progress=interrupt)
    assert stopped.stopped
    assert 60 <= stopped.runs_added < 200
    assert started[0].pids == []
    rest = import_paths(store, [root])
    assert rest.files_unchanged == stopped.files_read
    assert rest.files_read + stopped.files_read == 200
    assert asked(store, "SELECT count(*) FROM runs WHERE superseded_by IS NULL") == [(200,)]


def test_other_formats_files_are_left_to_them(root: Path) -> None:
    put(root, {"results": {}, "scores": [1], "test": 3}, "other.json", "lab__other")
    put(root, result())
    (found,) = claim(list_tree(root)).bulks
    assert (found.importer, [file.name for file in found.files]) == (mteb.NAME, ["XNLI.json"])


def test_copies_of_one_file_are_one_run(store: Store, root: Path) -> None:
    put(root, result())
    put(root / "copy", result())
    report = import_paths(store, [root])
    assert (report.runs_added, report.runs_unchanged) == (1, 1)


def test_a_file_being_written_is_waited_for(store: Store, root: Path) -> None:
    half = put(root, '{"mteb_version": "1.0.0", "task_name": "XNLI", "scores": {"te')
    os.utime(half, (time.time(), time.time()))
    report = import_paths(store, [root])
    assert ([r.path for r in report.files_waiting], report.files_refused) == ([str(half)], ())
    put(root, result())
    assert import_paths(store, [root]).runs_added == 1
