"""Where runs come from, how they were trained, and what differs between two of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from intermezzo.queries.store.reader import connect
from intermezzo.tui.places.runs import RunsPlace
from intermezzo.tui.runs_lineage import lineage_lines, stage_ids
from intermezzo.tui.runs_text import difference, flat
from item_store import seed_store
from screens import opened, press, screen_text

FIRST, LAST = "aaaa000000000000", "bbbb000000000000"


def trained(stage_id: str, task: str, **more: Any) -> dict[str, Any]:
    stage = {"stage_id": stage_id, "tasks": [task], "seed": 1, "settings": {"learning_rate": 1e-5}}
    selected = {"step": 20, "metric": "accuracy", "value": 0.875}
    curve = [{"step": n, "loss": 1.0} for n in range(30)]
    return {"stage": stage, "steps": 1030, "selected": selected, "curve": curve, "seconds": 3.5} | more


def config(*stages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"asked": {"training": {"stages": list(stages)}}} | more


RECORD = {
    "run_id": "0123456789abcdef", "base_model": "mbert", "base_revision": "r7", "recipe": "mnli",
    "task": "xnli", "split": "test",
}  # fmt: skip


def test_the_stages_of_a_run_stand_below_each_other_with_their_runs() -> None:
    made = config(trained(FIRST, "mnli", host="n1", ended="2026-11-27T10:11:12+00:00"), trained(LAST, "xnli"))
    runs = {
        FIRST: [{"run_id": "ffff00000000aaaa", "task": "tatoeba"}],
        LAST: [{"run_id": RECORD["run_id"], "task": "xnli"}],
    }
    assert stage_ids(made) == [FIRST, LAST]
    assert [text for _, text in lineage_lines(RECORD, made, runs)] == [
        "  mbert, revision r7",
        f"  └ mnli, seed 1: stage {FIRST}",
        "      1,030 steps, kept step 20: accuracy 0.875 on its dev, on n1, ended 2026-11-27 10:11",
        "      evaluated on tatoeba ffff00000000",
        f"    └ xnli, seed 1: stage {LAST}",
        "        1,030 steps, kept step 20: accuracy 0.875 on its dev",
        "      └ this run 0123456789ab: xnli test",
    ]


@pytest.mark.parametrize(
    ("recipe", "steps"), [("direct", []), (None, []), ("a > b + c", ["  └ a, as", "    └ b + c, as"])]
)
def test_of_a_run_from_elsewhere_the_recipe_is_told(recipe: str | None, steps: list[str]) -> None:
    lines = [text for _, text in lineage_lines({**RECORD, "recipe": recipe}, {}, {})]
    assert lines[0] == "  mbert, revision r7"
    assert [text.partition(" its files")[0] for text in lines[1:-1]] == steps


@pytest.mark.parametrize("odd", [[], {"asked": 3}, {"asked": {"training": {"stages": [7, {"stage": "x"}]}}}])
def test_a_config_of_another_form_has_no_stages(odd: Any) -> None:
    assert stage_ids(odd if isinstance(odd, dict) else {}) == []


def test_lists_of_a_config_are_entries_and_curves_are_not_listed() -> None:
    found = flat(
        json.dumps(config(trained(FIRST, "mnli"), curves={"train": {"step": [1]}}, codes=["de", "sw"]))
    )
    assert found["asked.training.stages.0.stage.settings.learning_rate"] == "1e-05"
    assert found["asked.training.stages.0.curve"] == found["curves"] == "a learning curve"
    assert found["codes"] == '["de", "sw"]'
    assert len(found) < 20


def test_of_two_trainings_settings_differ_and_how_long_they_took_does_not() -> None:
    one, two = trained(FIRST, "mnli"), trained(FIRST, "mnli", seconds=9.0, ended="2026")
    two["stage"]["settings"]["learning_rate"] = 3e-5
    records = [{"run_id": n, "config": json.dumps(config(done))} for n, done in enumerate((one, two))]
    assert difference(*records) == [
        ("config.asked.training.stages.0.stage.settings.learning_rate", "1e-05", "3e-05")
    ]


async def test_curves_are_drawn_of_a_run_and_of_two_that_are_compared(tmp_path: Path) -> None:
    async with opened((130, 44), ask=connect(seed_store(tmp_path / "s"))) as (app, pilot):
        await press(app, pilot, "5", "slash", *"mnli", "enter")
        text = screen_text(app)
        assert "mnli > xnli: dev accuracy" in text
        assert "seed " in text
        await press(app, pilot, "space", "j", "space", "c")
        place = app.place
        assert isinstance(place, RunsPlace)
        ids = [run[:6] for run in place.state.compared]
        text = screen_text(app)
        assert all(f"{mark} {run}" in text for mark, run in zip("●○", ids, strict=True))
        await pilot.resize_terminal(80, 24)
        await press(app, pilot, "escape", "k", "enter", "enter")
        assert app.place.pane == "runs.curves"
        assert "Learning curves: Run" in screen_text(app)


async def test_a_run_without_curves_leaves_its_detail_the_room(tmp_path: Path) -> None:
    async with opened((130, 40)) as (app, pilot):
        await press(app, pilot, "5")
        assert "Learning curve" not in screen_text(app)
        await press(app, pilot, "tab", "tab")
        assert "No learning curve is kept with these runs" in " ".join(screen_text(app).split())
