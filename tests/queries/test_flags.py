"""Flags over a whole store: what counts as collapsed or identical, and what cannot be told."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from intermezzo.engine.importing.pipeline import import_paths
from intermezzo.queries.flags import Flags, flags
from intermezzo.queries.records import Found, Run, Score, Source, identified
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.writer import write_runs
from intermezzo.tui.cli import cli

sys.path.append(str(Path(__file__).parent / "store"))
from store_samples import new_store


def run(
    name: str, value: float | None, *, seed: int | None, sha: str = "", task: str = "our-task", **more: Any
) -> Run:
    key = json.dumps([name, value, seed, sha, task, sorted(map(str, more.items()))])
    source = Source(f"/results/{key}", key.encode().hex()[-64:].rjust(64, "0"), 1, 1, "s", 1)
    gap = "the file says NaN" if value is None else None
    return identified(
        Run(
            Found(name, train_seed=seed, **more),
            task,
            (source,),
            (Score("accuracy", value, "sw", implementation="s acc", gap=gap),),
            split="test",
            config={"prediction_hash": {"sw": sha}} if sha else {},
            importer="s",
            importer_version=1,
        )
    )


def look(folder: Path, *runs: Run, **asked: Any) -> Flags:
    store = new_store(folder)
    write_runs(store, [(r, None) for r in runs])
    with connect(store) as reader:
        return flags(reader, **asked)


def seeds(name: str, *values: float | None, **more: Any) -> list[Run]:
    return [run(name, value, seed=n, **more) for n, value in enumerate(values, 1)]


def test_a_run_far_below_four_siblings_has_collapsed(tmp_path: Path) -> None:
    found = look(tmp_path, *seeds("a", 0.8, 0.81, 0.79, 0.8, 0.6))
    (one,) = found.collapsed
    assert (one.system, one.language, one.train_seed, one.value) == ("a", "sw", 5, 0.6)
    assert one.threshold == pytest.approx(0.8 - 5 * 0.01)
    assert "4 siblings" in one.reason
    assert (found.judged, found.open) == (5, 0)


def test_fewer_than_four_siblings_and_chance_unknown_is_not_judged_and_said(tmp_path: Path) -> None:
    found = look(tmp_path, *seeds("a", 0.8, 0.81, 0.79, None, 0.1))
    assert (found.collapsed, found.judged, found.open) == ((), 0, 4)


def test_one_seed_at_a_known_chance_has_collapsed(tmp_path: Path) -> None:
    found = look(tmp_path, run("a", 0.34, seed=1, task="xnli"), run("b", 0.36, seed=1, task="xnli"))
    (one,) = found.collapsed
    assert (one.system, one.threshold) == ("a", pytest.approx(1 / 3 + 0.02))
    assert found.judged == 2


def test_a_prompted_system_at_chance_was_not_trained(tmp_path: Path) -> None:
    prompted = [
        run("a", 0.33, seed=None, task="xnli", shots=0, sha="x"),
        run("b", 0.33, seed=None, task="xnli", shots=0, sha="x"),
    ]
    found = look(tmp_path, *prompted)
    assert (found.collapsed, found.identical, found.untrained, found.hashed) == ((), (), 2, 0)


def test_identical_needs_two_trainings_that_should_differ(tmp_path: Path) -> None:
    runs = [
        run("a", 0.8, seed=1, sha="x"),
        run("a", 0.8, seed=2, sha="x"),
        run("b", 0.8, seed=1, sha="x"),
        run("a", 0.8, seed=1, sha="x", step=9),  # the same training, read at another step
        run("c", 0.8, seed=None, sha="y"),
        run("c", 0.8, seed=1, sha="y"),  # may be the same training
        run("d", 0.8, seed=1, sha="x", task="xnli"),  # another task
        run("e", 0.8, seed=1),
    ]
    found = look(tmp_path, *runs)
    pairs = {frozenset(((p.system, p.train_seed), (p.other_system, p.other_seed))) for p in found.identical}
    a1, a2, b1 = ("a", 1), ("a", 2), ("b", 1)
    assert pairs == {frozenset((a1, a2)), frozenset((a1, b1)), frozenset((a2, b1))}


def test_a_pair_is_kept_for_either_of_its_systems(tmp_path: Path) -> None:
    found = look(tmp_path, run("a", 0.8, seed=1, sha="x"), run("b", 0.8, seed=1, sha="x"), systems=("b",))
    assert [(p.system, p.other_system) for p in found.identical] == [("a", "b")]
    assert found.hashed == 1


def show(store: Store, *words: str) -> Any:
    return CliRunner().invoke(cli, ["--store", str(store.path), "show", "flags", *words])


def test_none_is_good_news_that_says_what_was_looked_at(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a", 0.8, seed=1, task="xnli"), None)])
    result = show(store, "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])
    assert "1 value of trained runs" in result.stderr
    assert "No file here names a hash" in result.stderr


@pytest.mark.slow
def test_masakhaner_has_16_collapsed_runs_and_114_identical_pairs(tmp_path: Path, shared: Path) -> None:
    table, mapping = tmp_path / "table.csv", tmp_path / "mapping.toml"
    table.write_bytes((shared / "facts" / "masakhaner2_seed_f1.csv").read_bytes())
    mapping.write_text(
        '[columns]\nsystem = "model"\nlanguage = "lang"\nseed = "seed"\nsplit = "split"\n'
        'prediction_hash = "blob_sha"\nmetrics = {f1 = "f1"}\n[constants]\ntask = "masakhaner"\n'
    )
    store = open_store(tmp_path / "store", create=True)
    import_paths(store, [table], mapping=mapping)
    result = show(store, "--format", "json")
    assert result.exit_code == 0, result.stderr
    rows = json.loads(result.stdout)
    collapsed = [row for row in rows if row["flag"] == "collapsed"]
    identical = [row for row in rows if row["flag"] == "identical"]
    assert (len(collapsed), len(identical), len(rows)) == (16, 114, 130)
    assert {row["value"] for row in collapsed} == {0.0}
    assert sum(row["system"] == "xlmrlarge" for row in collapsed) == 15
    copied = [row for row in identical if {row["system"], row["other_system"]} == {"afriberta", "mbert"}]
    assert len(copied) == 112
    assert all(row["train_seed"] == row["other_seed"] for row in copied)
    assert sum(row["system"] == row["other_system"] for row in identical) == 2
    read = show(store)
    assert "Collapsed: 16," in read.stderr
    assert "114 pairs" in read.stderr
