"""The tour: by keys, at 80x24, once by itself and then only when it is asked for."""

from __future__ import annotations

import json
import re

import pytest
from intermezzo.tui import tour
from intermezzo.tui.actions import PANES, help_table
from intermezzo.tui.text import wrapped
from screens import opened, place_of, press, screen_text


async def test_it_comes_by_itself_and_never_again_once_it_was_ended(tmp_path):
    file = tmp_path / "views.json"
    async with opened(state_file=file, tour=True) as (app, pilot):
        text = screen_text(app)
        assert "The matrix  1 of 6" in text
        assert "xlm-r-large" in text
        await press(app, pilot, "escape")
        assert "1 of 6" not in screen_text(app)
        # at once: who is cut off later has seen it, too
        assert json.loads(file.read_text())["stores"]["demo"]["_toured"] is True
        app.leave()
    async with opened(state_file=file, tour=True) as (app, pilot):
        assert "1 of 6" not in screen_text(app)
        await press(app, pilot, "colon", *"tour", "enter")
        assert "1 of 6" in screen_text(app)
        app.leave()
    assert json.loads(file.read_text())["stores"]["demo"]["_toured"] is True


async def test_its_steps_follow_each_other_and_the_last_leads_back_to_the_matrix():
    async with opened(tour=True) as (app, pilot):
        for n, step in enumerate(tour.STEPS, start=1):
            text = screen_text(app)
            assert f"{step.title}  {n} of {len(tour.STEPS)}" in text
            assert step.text.split()[-1] in text
            if n == 2:
                await press(app, pilot, "h")
                assert "1 of 6" in screen_text(app)
                await press(app, pilot, "l")
            await press(app, pilot, "enter")
        assert f"of {len(tour.STEPS)}" not in screen_text(app)
        row = place_of(app).grid_pane.row
        await press(app, pilot, "j")
        assert place_of(app).grid_pane.row == row + 1


async def test_an_app_that_is_not_the_demo_shows_none():
    async with opened() as (app, _pilot):
        assert "1 of 6" not in screen_text(app)


@pytest.mark.parametrize("step", tour.STEPS, ids=lambda step: step.title)
def test_every_step_fits_80_columns(step):
    assert len(wrapped(step.text, 74)) <= 5


def test_the_keys_that_it_names_are_bound():
    known = {key for pane in PANES for keys, _ in help_table(pane) for key in re.split(r"[ ,]+", keys)}
    for key in (
        "ctrl+d",
        "ctrl+u",
        "g",
        "G",
        "/",
        "s",
        "u",
        "U",
        "d",
        "b",
        "c",
        "x",
        ".",
        "?",
        ":",
        "[",
        "]",
    ):
        assert key in known, key
