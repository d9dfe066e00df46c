"""``import``, ``open``, ``demo`` and ``systems``: from files to a store, and what is said on the way."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from intermezzo.tui import terminal
from intermezzo.tui.cli import cli
from intermezzo.tui.progress import Meter, progress_text

XTREME = Path(__file__).parents[1] / "fixtures" / "xtreme_two_systems"
RESULTS = {
    "results": {"xnli_de": {"acc": 0.5, "acc_stderr": 0.01}, "xnli_sw": {"acc": 0.4, "acc_stderr": 0.01}},
    "versions": {"xnli_de": 0, "xnli_sw": 0},
    "config": {"model": "hf-causal", "model_args": "pretrained=lab/model-a", "num_fewshot": 0, "limit": None},
}
"""An lm-eval v0.3 file, by its shape."""


@pytest.fixture
def results(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "model-a_xnli_0-shot.json").write_text(json.dumps(RESULTS))
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


def imported(store: Path, *paths: Path) -> tuple[int, dict[str, object]]:
    result = run("import", *paths, "--store", store, "--format", "json")
    [report] = json.loads(result.stdout)
    return result.exit_code, report


def test_import_reports_exactly_the_promised_keys(tmp_path: Path, results: Path) -> None:
    code, report = imported(tmp_path / "store", results)
    keys = "files_read files_unchanged files_refused runs_added runs_unchanged scores items"
    assert list(report) == keys.split()
    assert code == 0
    assert (report["files_read"], report["files_unchanged"], report["files_refused"]) == (1, 0, [])
    assert report["scores"] == 2


def test_importing_again_reads_nothing_again(tmp_path: Path, results: Path) -> None:
    imported(tmp_path / "store", results)
    code, report = imported(tmp_path / "store", results)
    assert code == 0
    assert (report["files_read"], report["files_unchanged"], report["runs_added"]) == (0, 1, 0)


def test_something_refused_exits_1_and_is_named(tmp_path: Path, results: Path) -> None:
    bad = {**RESULTS, "results": {"xnli_de": {"acc": 7.5}, "xnli_sw": {"acc": 0.4}}}
    (results / "model-b_xnli_0-shot.json").write_text(json.dumps(bad))
    code, report = imported(tmp_path / "store", results)
    assert code == 1
    assert [Path(entry["path"]).name for entry in report["files_refused"]] == ["model-b_xnli_0-shot.json"]  # type: ignore[attr-defined]
    text = run("import", results, "--store", tmp_path / "other")
    assert text.exit_code == 1
    assert "model-b_xnli_0-shot.json" in text.stdout
    assert "7.5" in text.stdout


def test_nothing_that_can_be_used_exits_2(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    for path in (tmp_path / "notes.txt", tmp_path / "none"):
        result = run("import", path, "--store", tmp_path / "store")
        assert result.exit_code == 2
        assert "Nothing could be used" in result.stderr
        assert path.name in result.stdout


def test_ctrl_c_keeps_what_is_read(tmp_path: Path, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        (results / f"more-{number}_xnli_0-shot.json").write_text(json.dumps({**RESULTS, "n": number}))
    calls = []

    def pressed(_meter: Meter, done: int, *_more: object) -> None:
        calls.append(done)
        if done == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Meter, "__call__", pressed)
    result = run("import", results, "--store", tmp_path / "store", "--format", "json")
    assert result.exit_code == 130
    assert "Stopped" in result.stderr
    assert json.loads(result.stdout)[0]["files_read"] == 2
    monkeypatch.undo()
    _, report = imported(tmp_path / "store", results)
    assert (report["files_unchanged"], report["files_read"]) == (2, 2)


def test_what_a_system_is_can_be_said_afterwards(tmp_path: Path, results: Path) -> None:
    store = tmp_path / "store"
    first = run("import", results, "--store", store)
    assert "intermezzo systems" in first.stderr
    [system] = json.loads(run("systems", "--store", store, "--format", "json").stdout)
    name = system["found_names"]
    assert system["identity"] != "known"
    suggested = run("systems", "suggest", "--store", store)
    assert f'name = "{name}"' in suggested.stdout
    done = run(
        *["systems", "annotate", "--store", store, "--name", name],
        *["--base-model", "lab/model-a", "--recipe", "mnli", "--system", "ours"],
    )
    assert done.exit_code == 0, done.stderr
    [system] = json.loads(run("systems", "--store", store, "--format", "json").stdout)
    assert (system["system"], system["recipe"], system["identity"]) == ("ours · 0-shot", "mnli", "known")
    assert run("systems", "check", "--store", store).exit_code == 0
    assert run("systems", "suggest", "--store", store).stdout == ""


def test_systems_check_names_line_and_key(tmp_path: Path, results: Path) -> None:
    store = tmp_path / "store"
    imported(store, results)
    (store / "systems.toml").write_text('[[system]]\nname = "a"\nbase_modle = "b"\n')
    result = run("systems", "check", "--store", store)
    assert result.exit_code == 2
    assert "line 3" in result.stderr
    assert "base_model" in result.stderr


@pytest.mark.parametrize(
    "words", [["--name", "a"], ["--recipe", "mnli"], ["--name", "a", "--path", "b/**", "--recipe", "mnli"]]
)
def test_annotate_wants_a_subject_and_something_said(tmp_path: Path, results: Path, words: list[str]) -> None:
    imported(tmp_path / "store", results)
    result = run("systems", "annotate", "--store", tmp_path / "store", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert not (tmp_path / "store" / "systems.toml").exists()


def test_open_a_folder_of_results_without_a_terminal_prints_its_matrix(results: Path) -> None:
    result = run("open", results)
    assert result.exit_code == 0, result.stderr
    assert "45.0l" in result.stdout
    assert "terminal" in result.stderr
    assert not list(results.glob("*store*"))  # nothing is written beside the results


def test_open_takes_the_same_store_again_and_reads_what_is_new(results: Path) -> None:
    run("open", results)
    (results / "model-b_xnli_0-shot.json").write_text(json.dumps(RESULTS).replace("model-a", "model-b"))
    again = run("open", results)
    assert "model-a" in again.stdout
    assert "model-b" in again.stdout
    assert "1 file read, 1 unchanged" in again.stderr


def test_open_a_store(tmp_path: Path, results: Path) -> None:
    imported(tmp_path / "store", results)
    shutil.rmtree(results)
    assert "45.0l" in run("open", tmp_path / "store").stdout
    assert "45.0l" in run("open", "--store", tmp_path / "store").stdout


def test_open_nothing(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        result = run("open", path)
        assert (result.exit_code, result.stdout) == (2, "")
        assert str(path) in result.stderr


def test_the_app_gets_the_store_and_the_folder_to_watch(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from intermezzo.tui import app
    from intermezzo.tui.asking_child import AskingChild

    seen: list[object] = []

    def fake(store: object, *, watched: Path | None = None, ahead: AskingChild, **_: object) -> int:
        ahead.give_up()
        ahead.first()
        seen.append(watched)
        return 0

    monkeypatch.setattr(terminal, "usable", lambda: None)
    monkeypatch.setattr(app, "run", fake)
    assert run("open", results).exit_code == 0
    assert run("demo").exit_code == 0
    assert seen == [results, None]


def test_the_demo_everywhere() -> None:
    result = run("show", "matrix", "--demo", "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)
    assert run("demo").exit_code == 0


def test_progress_says_how_long_it_takes() -> None:
    assert progress_text(0, 0, 1.0) == "looking for files ..."
    assert progress_text(1200, 10_000, 3.0) == "1,200/10,000 files · 400/s · 0:22 left"
    assert progress_text(1, 8000, 1.0) == "1/8,000 files · 1/s · 2:13:19 left"
    assert progress_text(10, 10, 1.0) == "10/10 files"
    assert progress_text(500, 1000, 4.0, "texts", 100) == "500/1,000 texts · 100/s · 0:05 left"


def test_the_time_left_counts_neither_loading_nor_what_was_done_earlier() -> None:
    now = 0.0
    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    meter = Meter(stream, lambda: now)
    said = []
    for now, done, what in (  # noqa: B007
        *((60.0, 400, "texts"), (64.0, 800, "texts")),
        *((90.0, 10, "steps"), (91.0, 20, "steps")),
    ):
        meter(done, 1000, what)
        said.append(stream.getvalue().split("\r")[-1].removesuffix("\x1b[K"))
    assert said == [
        "400/1,000 texts",
        "800/1,000 texts · 100/s · 0:02 left",
        "10/1,000 steps",
        "20/1,000 steps · 10/s · 1:38 left",
    ]


def test_a_table_that_does_not_say_what_it_is_is_told_how_it_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("sys,ds,lng,val\na,xnli,en,0.5\n")
    (tmp_path / "also.tsv").write_text("x\ty\n1\t2\n")
    result = run("import", tmp_path, "--store", tmp_path / "store")
    assert "also.tsv and 1 more table: the column names do not say what they are." in result.stderr
    assert "intermezzo.mapping.toml" in result.stderr
    assert "--mapping FILE" in result.stderr


def test_what_is_guessed_of_many_files_alike_is_said_once(tmp_path: Path) -> None:
    root = tmp_path / "results"
    shutil.copytree(XTREME, root)
    for code in ("en", "sw"):  # the gold labels of two languages that are not those of a third
        text = (root / "labels" / "xnli" / f"test-{code}.tsv").read_text()
        lines = text.splitlines()
        for n, other in enumerate(("de", "fr"), 1):
            turned = "\n".join(lines[n:] + lines[:n]) + "\n"
            (root / "labels" / "xnli" / f"test-{other}.tsv").write_text(turned)
            for system in ("xlmr-direct-s1", "xlmr-mnli-s2"):
                (root / system / "predictions" / "xnli" / f"test-{other}.tsv").write_text(turned)
    result = run("import", root, "--store", tmp_path / "store")
    alike = [line for line in result.stdout.splitlines() if "gold labels are not" in line]
    assert len(alike) == 1
    assert alike[0].startswith("de, fr: ")
    assert "xlmr-direct-s1/predictions/xnli/*.tsv (2 files)" in result.stdout


def test_a_file_that_many_runs_need_counts_once(tmp_path: Path) -> None:
    files = sum(path.is_file() for path in XTREME.rglob("*"))
    code, report = imported(tmp_path / "store", XTREME)
    assert (code, report["files_read"], report["files_unchanged"]) == (0, files, 0)
    code, report = imported(tmp_path / "store", XTREME)
    assert (code, report["files_read"], report["files_unchanged"]) == (0, 0, files)
