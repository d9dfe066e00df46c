"""The demo store: built once, by whoever comes first, and honest about the paper's one row of scores."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
from intermezzo.engine import demo
from intermezzo.engine.demo import build_demo
from intermezzo.engine.measured import measured_runs
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.generations import generations
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.reader import connect

pytestmark = pytest.mark.slow

MEASURED = [run for run, _ in measured_runs()]
ALL_SCORES = 883 + sum(len(run.scores) for run in MEASURED)
"""Published figures, and scores that were measured."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return build_demo(tmp_path_factory.mktemp("demo") / "store")


def count(store: Store) -> tuple[int, int]:
    with connect(store) as reader:
        ((scores, runs),) = reader.sql("SELECT count(*), count(DISTINCT run_id) FROM scores").rows
    return scores, runs


def test_x_stilts_against_direct_fine_tuning(built: Store) -> None:
    with connect(built) as reader:
        cells = reader.ask("matrix").dicts()
    deltas = {
        cell["task"]: round(cell["delta"] * 100, 6)
        for cell in cells
        if cell["system"] == "X-STILTs" and cell["value"] is not None
    }
    assert deltas == {"xnli": 1.2, "pawsx": 1.3, "panx": -0.7, "xquad": 0.6, "mlqa": 0.7, "tydiqa": 10.9}
    ours = [cell for cell in cells if cell["system"] == "X-STILTs" and cell["value"] is not None]
    assert {cell["baseline"] for cell in ours} == {"xlm-r-large"}
    assert {cell["evidence"] for cell in ours} == {"published"}
    assert {cell["languages"] for cell in ours} == {None}


def test_all_figures_are_there_and_known(built: Store) -> None:
    scores, _ = count(built)
    assert scores == ALL_SCORES
    with connect(built) as reader:
        assert reader.sql("SELECT DISTINCT identity FROM systems").rows == [("known",)]
        assert reader.sql("SELECT count(*) FROM quarantine").rows == [(0,)]


def test_measured_recipes_have_deltas_against_direct_by_language_and_seed(built: Store) -> None:
    from intermezzo.queries.compare import Request, compare

    direct = "me5-small-4bit-6l"
    arms = {
        (f"{direct} + pocket_{recipe}", f"pocket_{task}")
        for recipe in ("intents", "slots", "control")
        for task in ("intents", "slots", "catalogues")
        if recipe != task
    }
    with connect(built) as reader:
        cells = {(c["system"], c["task"]): c for c in reader.ask("matrix").dicts() if c["value"] is not None}
        assert {c for c in cells if c[0].startswith(direct + " +")} == arms
        for system, task in arms:
            cell = cells[system, task]
            assert (cell["baseline"], cell["evidence"]) == (direct, "measured")
            assert cell["delta"] == pytest.approx(cell["value"] - cells[direct, task]["value"])
            assert cell["languages"] >= 40
            by_seed = reader.ask("seeds", system=system, task=task).dicts()
            seeds = {row["train_seed"] for row in by_seed}
            assert cell["seeds"] == len(seeds) >= 3
            assert len(by_seed) == cell["languages"] * len(seeds)
        [pair] = compare(reader, Request((f"{direct} + pocket_slots", direct), task="pocket_intents")).pairs
    over = pair.macro("these languages")
    assert over is not None
    assert over.low < over.delta < over.high
    assert over.delta == pytest.approx(cells[f"{direct} + pocket_slots", "pocket_intents"]["delta"])
    assert all(x.low < x.delta < x.high for x in pair.languages)


def test_built_again_nothing_is_done(tmp_path: Path, built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = generations(built), count(built)
    monkeypatch.setattr(demo, "write_runs", lambda *_: pytest.fail("it was built again"))
    assert build_demo(built.path) == built
    assert (generations(built), count(built)) == before


def test_a_rule_that_somebody_added_is_kept_when_the_shipped_data_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = build_demo(tmp_path / "demo")
    edited = store.systems_toml.read_text() + "# mine\n"
    store.systems_toml.write_text(edited)
    monkeypatch.setattr(demo, "VERSION", "99")
    build_demo(tmp_path / "demo")
    assert store.systems_toml.read_text() == edited
    assert count(store)[0] == ALL_SCORES


def test_killed_at_any_step_it_is_whole_the_next_time(tmp_path: Path) -> None:
    names = ("open_store", "write_runs", "publish", "write_atomic")
    for number, name in enumerate(names):
        folder = tmp_path / str(number)
        code = (
            "import os, sys\nfrom intermezzo.engine import demo\n"
            f"real = demo.{name}\n"
            f"def dies(*a, **k):\n    real(*a, **k)\n    os._exit(9)\ndemo.{name} = dies\n"
            "demo.build_demo(sys.argv[1])\n"
        )
        done = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
        assert done.returncode == 9
        assert count(build_demo(folder))[0] == ALL_SCORES


def _build(folder: str) -> None:
    build_demo(folder)


def test_two_at_once_build_one(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_build, args=(str(tmp_path / "demo"),)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    store = build_demo(tmp_path / "demo")
    scores, runs = count(store)
    assert scores == ALL_SCORES
    assert len(list(store.runs.iterdir())) == 1 + len(MEASURED), "published runs are packed"
    assert runs == 163 + len(MEASURED)


def test_read_only_but_built_it_opens(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # a superuser may write anywhere: what the folder's mode would say is said by os.access
    monkeypatch.setattr(os, "access", lambda *_args, **_kwargs: False)
    store = build_demo(built.path)
    assert not store.writable
    monkeypatch.setattr(demo, "VERSION", "99")
    assert count(build_demo(built.path))[0] == ALL_SCORES


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(Problem, match="not a store"):
        build_demo(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["thesis.tex"]
