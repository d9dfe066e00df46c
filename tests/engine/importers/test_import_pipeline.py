from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from intermezzo.engine.importers import lm_eval
from intermezzo.engine.importing import pipeline, tally
from intermezzo.engine.importing.draft import Bundle, Outcome
from intermezzo.engine.importing.pipeline import import_paths
from intermezzo.engine.importing.report import Report
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import Store, open_store
from lm_eval_files import DATE, results, row, sample, write, write_samples

LONG_AGO = (1_700_000_000, 1_700_000_000)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store", create=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    write(folder / "a", results(row("xnli_fr", n=2, acc=0.5), row("xcopa_et")))
    write_samples(folder / "a", "xnli_fr", [sample(0, 1.0), sample(1, 0.0)])
    write(folder / "b", results(row("xnli_fr", acc=0.75), model_name="org/other", config={}))
    (folder / "notes.txt").write_text("x")
    return folder


def ask(store: Store, sql: str) -> list[Any]:
    with duckdb.connect(str(store.results), read_only=True) as con:
        return con.execute(sql).fetchall()


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.files_read, report.files_unchanged, report.runs_added, report.runs_unchanged


def test_a_folder_lands_in_the_store_and_is_published(store: Store, root: Path) -> None:
    report = import_paths(store, [root])
    assert report.as_json() == {
        "files_read": 3,
        "files_unchanged": 0,
        "files_refused": [],
        "runs_added": 3,
        "runs_unchanged": 0,
        "scores": 3,
        "items": 2,
    }
    assert report.files_ignored == (str(root / "notes.txt"),)
    assert report.generation is not None
    rows = ask(
        store, "SELECT found_name, task, value, evidence FROM runs JOIN scores USING (run_id) ORDER BY ALL"
    )
    assert rows == [
        ("org/model", "xcopa", 0.5, "logged"),
        ("org/model", "xnli", 0.5, "recomputed"),
        ("org/other", "xnli", 0.75, "logged"),
    ]
    assert ask(store, "SELECT DISTINCT found_path FROM runs ORDER BY 1") == [
        (f"a/results_{DATE}.json",),
        (f"b/results_{DATE}.json",),
    ]


def test_a_second_import_reads_nothing(store: Store, root: Path) -> None:
    import_paths(store, [root])
    again = import_paths(store, [root])
    assert counts(again) == (0, 3, 0, 0)
    assert again.generation is None


def test_a_touched_file_is_known_by_its_content(store: Store, root: Path) -> None:
    import_paths(store, [root])
    os.utime(root / "b" / f"results_{DATE}.json", LONG_AGO)
    assert counts(import_paths(store, [root])) == (0, 3, 0, 0)


def test_a_changed_file_replaces_what_it_gave_before(store: Store, root: Path) -> None:
    import_paths(store, [root])
    write(root / "b", results(row("xnli_fr", acc=0.25), model_name="org/other", config={}))
    assert counts(import_paths(store, [root])) == (1, 2, 1, 0)
    shown = ask(
        store,
        "SELECT value FROM runs JOIN scores USING (run_id) "
        "WHERE found_name = 'org/other' AND superseded_by IS NULL",
    )
    assert shown == [(0.25,)]


def test_a_task_that_left_its_file_is_replaced_too(store: Store, root: Path) -> None:
    import_paths(store, [root])
    write(root / "a", results(row("xnli_fr", n=2, acc=0.5)))
    import_paths(store, [root])
    shown = ask(store, "SELECT task FROM runs WHERE found_name = 'org/model' AND superseded_by IS NULL")
    assert shown == [("xnli",)]


def test_samples_that_come_later_replace_the_run_without(store: Store, root: Path) -> None:
    import_paths(store, [root])
    write_samples(root / "b", "xnli_fr", [sample(i, 1.0) for i in range(4)])
    assert counts(import_paths(store, [root])) == (2, 2, 1, 0)
    shown = ask(
        store,
        "SELECT evidence, logged FROM runs JOIN scores USING (run_id) "
        "WHERE found_name = 'org/other' AND superseded_by IS NULL",
    )
    assert shown == [("recomputed", 0.75)]


def test_a_new_version_of_an_importer_reads_again(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_paths(store, [root])
    monkeypatch.setattr(lm_eval, "VERSION", lm_eval.VERSION + 1)
    assert counts(import_paths(store, [root])) == (3, 0, 3, 0)
    assert ask(store, "SELECT count(*) FROM runs WHERE superseded_by IS NULL") == [(3,)]


def test_what_is_refused_is_said_with_file_and_key_each_time(store: Store, root: Path) -> None:
    path = write(root / "c", results(row("xnli_de", acc=float("nan")), row("xnli_sw")))
    broken = root / "d" / f"results_{DATE}.json"
    broken.parent.mkdir()
    broken.write_text('{"results": {"xnli_fr": {"acc,none": 0.5}}, "configs": {}} trailing')
    unused = write_samples(root / "b", "xnli_zz", [sample(0)])
    first = import_paths(store, [root])
    assert {(r.path, r.reason.partition(":")[0]) for r in first.files_refused} == {
        (str(path), "results.xnli_de.acc,none"),
        (str(broken), "it is not JSON"),
        (str(unused), "the results file beside it has no such task"),
    }
    assert first.runs_added == 4
    again = import_paths(store, [root])
    assert set(again.files_refused) == set(first.files_refused)
    assert (again.files_read, again.runs_added) == (0, 0)
    rows = ask(store, "SELECT path FROM sources WHERE status = 'refused' ORDER BY 1")
    assert rows == sorted((str(p),) for p in (path, broken, unused))


def test_a_mended_file_is_no_longer_refused(store: Store, root: Path) -> None:
    write(root / "c", results(row("xnli_de", acc=7.0), row("xnli_sw")))
    assert len(import_paths(store, [root]).files_refused) == 1
    write(root / "c", results(row("xnli_de", acc=0.7), row("xnli_sw")))
    assert import_paths(store, [root]).files_refused == ()
    assert ask(store, "SELECT count(*) FROM sources WHERE status = 'refused'") == [(0,)]


def test_a_young_file_that_breaks_off_waits_and_an_old_one_does_not(store: Store, root: Path) -> None:
    path = root / "b" / f"results_{DATE}.json"
    path.write_text(path.read_text()[:-20])
    report = import_paths(store, [root])
    assert [w.path for w in report.files_waiting] == [str(path)]
    assert (report.files_refused, report.runs_added) == ((), 2)
    os.utime(path, LONG_AGO)
    report = import_paths(store, [root])
    assert report.files_waiting == ()
    assert [r.path for r in report.files_refused] == [str(path)]


def test_a_file_that_is_finished_meanwhile_is_read_at_the_end(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = root / "a" / f"results_{DATE}.json"
    text = path.read_text()
    path.write_text(text[:-20])

    def finish(_done: int, _total: int, _size: int, current: str) -> None:
        if "/b/" in current:
            path.write_text(text)

    report = import_paths(store, [root], progress=finish)
    assert (report.files_waiting, report.files_refused, report.runs_added) == ((), (), 3)


def test_a_file_that_changes_while_it_is_read_waits(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = lm_eval.read

    def meddling(bundle: Bundle) -> Iterator[Outcome]:
        yield from real(bundle)
        if bundle.main.parent.name == "b":
            with bundle.main.open("a") as handle:
                handle.write(" ")

    monkeypatch.setattr(lm_eval, "read", meddling)
    report = import_paths(store, [root])
    assert [w.reason for w in report.files_waiting] == ["it changed while it was being read"]
    assert report.runs_added == 2


@pytest.mark.parametrize("error", [KeyError("x"), MemoryError(), RecursionError(), Problem("It is odd.")])
def test_an_importer_that_fails_stops_nothing(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    real = lm_eval.read

    def failing(bundle: Bundle) -> Iterator[Outcome]:
        if bundle.main.parent.name == "a":
            raise error
        yield from real(bundle)

    monkeypatch.setattr(lm_eval, "read", failing)
    report = import_paths(store, [root])
    (refused,) = report.files_refused
    expected = "It is odd." if isinstance(error, Problem) else type(error).__name__
    assert expected in refused.reason
    assert "Traceback" not in refused.reason
    assert report.runs_added == 1


def test_an_importer_that_fails_to_look_stops_no_other(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_tree: object) -> Iterator[Bundle]:
        raise ZeroDivisionError

    write(
        root,
        {"results": {"xnli_sw": {"acc": 0.5}}, "versions": {}, "config": {"model_args": "pretrained=m"}},
        "m_0-shot.json",
    )
    monkeypatch.setattr(lm_eval, "find", failing)
    report = import_paths(store, [root])
    assert [r.path for r in report.files_refused] == [str(root)]
    assert report.runs_added == 1


def test_stopped_it_keeps_and_publishes_what_is_read(store: Store, root: Path) -> None:
    seen: list[str] = []
    report = import_paths(
        store, [root], progress=lambda *args: seen.append(args[3]), should_stop=lambda: len(seen) == 1
    )
    assert (report.stopped, report.runs_added) == (True, 2)
    assert ask(store, "SELECT count(*) FROM runs") == [(2,)]
    assert counts(import_paths(store, [root])) == (1, 2, 1, 0)


def test_interrupted_it_keeps_and_publishes_what_is_read(store: Store, root: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    report = import_paths(store, [root], progress=interrupt)
    assert (report.stopped, report.runs_added) == (True, 2)
    assert ask(store, "SELECT count(*) FROM runs") == [(2,)]


def test_progress_counts_files_and_bytes(store: Store, root: Path) -> None:
    seen: list[tuple[int, int, int, str]] = []
    import_paths(store, [root], progress=lambda *args: seen.append(args))
    assert [(done, total) for done, total, _, _ in seen] == [(2, 3), (3, 3)]
    assert seen[-1][2] == sum(f.stat().st_size for f in root.rglob("*.json*"))


def test_batches_are_written_on_the_way(store: Store, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    real = tally.write_runs

    def counting(where: Store, runs: Any) -> Any:
        calls.append(len(runs))
        return real(where, runs)

    monkeypatch.setattr(tally, "BATCH_RUNS", 1)
    monkeypatch.setattr(tally, "write_runs", counting)
    assert import_paths(store, [root]).runs_added == 3
    assert calls == [2, 1]  # the runs of one file in one call


def test_large_bundles_read_ahead_land_all_the_same(
    store: Store, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "LARGE", 0)
    for i in range(8):
        write(root / f"m{i}", results(row("xnli_fr", acc=i / 8), model_name=f"m{i}", config={}))
    report = import_paths(store, [root])
    assert report.runs_added == 11
    assert ask(store, "SELECT count(DISTINCT found_name) FROM runs") == [(10,)]


def test_a_single_file_brings_its_samples_and_nothing_else(store: Store, root: Path) -> None:
    path = root / "a" / f"results_{DATE}.json"
    write(root / "a", results(row("xnli_sw")), "other_2020-01-01T00-00-00.json")
    report = import_paths(store, [path])
    assert (report.runs_added, report.items, report.files_ignored) == (2, 2, ())
    assert ask(store, "SELECT DISTINCT found_path FROM runs") == [(f"a/results_{DATE}.json",)]


def test_overlapping_roots_are_read_once(store: Store, root: Path) -> None:
    report = import_paths(store, [root, root / "a", root])
    assert (report.files_read, report.runs_added, report.files_refused) == (3, 3, ())


def test_what_is_not_there_and_what_nobody_knows_are_said(store: Store, tmp_path: Path) -> None:
    (tmp_path / "table.xyz").write_text("x")
    report = import_paths(store, [tmp_path / "none", tmp_path / "table.xyz"])
    assert [(r.path, r.reason) for r in report.files_refused] == [
        (str(tmp_path / "none"), "there is no such file or folder")
    ]
    assert report.files_ignored == (str(tmp_path / "table.xyz"),)


def test_guesses_are_reported_and_kept_with_the_source(store: Store, root: Path) -> None:
    body = results(row("xnli_fr"))
    del body["lm_eval_version"]
    path = write(root / "c", body)
    report = import_paths(store, [root])
    assert ("lm-eval version" in dict(report.files_guessed)[str(path)]) is True
    ((status, reason),) = ask(store, f"SELECT status, reason FROM sources WHERE path = '{path}'")
    assert status == "guessed"
    assert "lm-eval version" in reason


def test_byte_identical_files_of_two_systems_stay_two_runs(store: Store, tmp_path: Path) -> None:
    body = results(row("xnli_fr"), config=None)
    del body["model_name"]
    for name in ("org__one", "org__two"):
        write(tmp_path / "out" / name, body)
    assert import_paths(store, [tmp_path / "out"]).runs_added == 2
    assert ask(store, "SELECT found_name FROM runs ORDER BY 1") == [("org/one",), ("org/two",)]


def test_odd_file_names_land(store: Store, tmp_path: Path) -> None:
    folder = os.path.join(os.fsencode(tmp_path), b"out", b"\xff\x1b[31m")
    os.makedirs(folder)
    with open(os.path.join(folder, b"results.json"), "wb") as handle:
        handle.write(json.dumps(results(row("xnli_fr"))).encode())
    report = import_paths(store, [tmp_path / "out"])
    assert (report.runs_added, report.files_refused) == (1, ())
    assert counts(import_paths(store, [tmp_path / "out"])) == (0, 1, 0, 0)


def test_a_store_inside_the_folder_is_not_read(root: Path) -> None:
    store = open_store(root / "intermezzo-store", create=True)
    first = import_paths(store, [root])
    again = import_paths(store, [root])
    assert again.files_ignored == first.files_ignored == (str(root / "notes.txt"),)
