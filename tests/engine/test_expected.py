"""What an evaluation would take: counted and tried in a process of its own, or as an earlier run took."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import download_folder
import pytest
from intermezzo.engine import expected
from intermezzo.engine.data.read import load_data
from intermezzo.engine.evaluation import Evaluation, evaluate
from intermezzo.engine.expected import Expecting, Pace, Size, earlier_pace, tried
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.reader import connect


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(download_folder.make(tmp_path / "download"))


def found(asked: Evaluation, *, try_it: bool) -> list[Any]:
    return list(Expecting(asked, try_it=try_it).findings())


def test_it_is_counted_without_a_model(folder: str) -> None:
    [size] = found(Evaluation("xnli", "/no/model", folder, limit=4), try_it=False)
    assert size == Size({"de": 4, "en": 4}, {"de": 4, "en": 4}, 8, "items", "pair classification")
    [texts] = found(Evaluation("tatoeba", "/no/model", folder), try_it=False)
    assert (texts.unit, texts.kind) == ("texts", "bitext retrieval")
    assert texts.units > sum(texts.items.values()), "candidates are encoded, too"


def test_what_is_wrong_is_a_sentence(folder: str) -> None:
    [said] = found(Evaluation("xnli", "pocket", folder, ("q1",)), try_it=True)
    assert "'q1' is no language" in said


@pytest.mark.slow
def test_a_few_are_tried(folder: str, tiny_model: Callable[..., Path]) -> None:
    asked = Evaluation("tatoeba", str(tiny_model()), folder, device="cpu")
    size, pace = found(asked, try_it=True)
    assert isinstance(pace, Pace)
    assert pace.loading > 0 < pace.a_unit
    assert pace.seconds(size) == pytest.approx(pace.loading + size.units * pace.a_unit)


def test_a_head_is_tried_on_items(folder: str, tiny_model: Callable[..., Path]) -> None:
    model = tiny_model("pair classification", download_folder.LABELS)
    asked = Evaluation("xnli", str(model), folder, device="cpu")
    pace = tried(asked, load_data("xnli", path=folder), time.perf_counter())
    assert pace.a_unit > 0
    assert pace.said == "as 12 of them took just now"


def test_more_are_tried_until_it_takes_long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    counts: list[int] = []

    def run(count: int) -> None:
        counts.append(count)
        clock[0] += count / 100

    assert expected._timed(run, 1000) == (pytest.approx(0.01), 128)
    assert counts == [8, 32, 128]
    assert expected._timed(run, 20) == (pytest.approx(0.01), 20)


def test_it_can_be_stopped_at_any_time(folder: str) -> None:
    waiting = Expecting(Evaluation("xnli", "pocket", folder), try_it=True)
    waiting.stop()
    assert [f for f in waiting.findings() if isinstance(f, Pace)] == []
    assert waiting._process.wait(60) != 0


def test_a_run_tells_how_long_it_took_and_the_same_again_takes_as_long(
    folder: str, tiny_model: Callable[..., Path], tmp_path: Path
) -> None:
    store = open_store(tmp_path / "store", create=True)
    asked = Evaluation("tatoeba", str(tiny_model()), folder, device="cpu")
    done = evaluate(store, asked)
    with connect(store) as reader:
        records = reader.ask("run_record", run=done.run_id).dicts()
    took = json.loads(records[0]["config"])["took"]
    assert took["units"] == found(asked, try_it=False)[0].units
    pace = earlier_pace(asked, records)
    assert pace is not None
    assert pace.a_unit == pytest.approx(took["seconds"] / took["units"])
    assert pace.loading == took["loading"] > 0
    assert earlier_pace(Evaluation("tatoeba", "other", folder), records) is None
