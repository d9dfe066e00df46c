"""Plots in the app and on the command line: chosen by a key, named by a command, said where missing."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from intermezzo.tui.cli import cli
from intermezzo.tui.plots.kinds import KINDS, Inputs, kinds_for

sys.path.append(str(Path(__file__).resolve().parents[1]))
from item_store import item_store, seed_store
from screens import opened, place_of, press, reading, screen_text
from seed_store import seed_store as experiment_store


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    return seed_store(tmp_path_factory.mktemp("seeds") / "store")


MARKS = {
    "bars": "its 95 % interval",
    "scatter": "→ baseline ↑ system",
    "forest": "significant by adjusted p",
    "seeds": "● seed  ┃ mean",
    "task-seeds": "± standard deviation",
    "curves": "step →  ● seed 1",
    "histogram": "items: ",
}
"""What each plot says on screen."""


async def test_a_key_goes_through_all_that_the_cell_has_and_undo_comes_back(seeds):
    with reading(seeds) as ask:
        async with opened(ask=ask) as (app, pilot):
            await press(app, pilot, "j", "p")
            for kind, said in MARKS.items():
                text = screen_text(app)
                assert f" {kind} · xnli test accuracy" in text
                assert said in text
                await press(app, pilot, "p")
            assert MARKS["bars"] in screen_text(app)
            await press(app, pilot, "u")
            assert MARKS["histogram"] in screen_text(app)
            await press(app, pilot, "U")
            assert MARKS["bars"] in screen_text(app)


async def test_the_command_behind_a_plot_prints_the_same_plot(seeds):
    with reading(seeds) as ask:
        async with opened((100, 40), ask=ask, store_options=("--store", str(seeds.path))) as (app, pilot):
            await press(app, pilot, "j", "d", "p")
            for kind in KINDS:
                place_of(app).action_plot(kind)
                await press(app, pilot, "j")
                behind = app.place.behind()
                assert behind is not None
                words = shlex.split(behind.command)
                assert words[:4] == ["intermezzo", "show", "plot", kind]
                result = CliRunner().invoke(cli, [*words[1:], "--width", "100", "--height", "35"])
                assert result.exit_code == 0, result.output
                printed = [line.strip() for line in result.stdout.splitlines()[1:]]
                shown = [line.strip() for line in screen_text(app).splitlines()[2:-3]]
                assert [line for line in printed if line] == [line for line in shown if line]


async def test_a_cell_goes_through_what_it_has_and_says_what_another_kind_would_need():
    async with opened() as (app, pilot):
        await press(app, pilot, "p")
        assert "bars ·" in screen_text(app)
        await press(app, pilot, "p")
        assert "bars ·" in screen_text(app)
        await press(app, pilot, "colon", *"plot scatter", "enter")
        assert "No language has both a value and a baseline's" in screen_text(app)
        await press(app, pilot, "p")
        assert "bars ·" in screen_text(app)


async def test_a_gap_has_nothing_to_plot_whatever_the_cell_before_it_had(tmp_path):
    with reading(experiment_store(tmp_path / "store")) as ask:
        async with opened((140, 40), ask=ask) as (app, pilot):
            await press(app, pilot, "G", "p", "$")
            assert "gap: no run in this store" in screen_text(app)
            await press(app, pilot, "p")
            assert "there is nothing to plot of this cell" in screen_text(app)
            assert place_of(app).state.plot == "scatter"


def test_kinds_that_make_sense_follow_from_what_is_at_hand():
    assert kinds_for((), Inputs()) == ()
    assert kinds_for((), Inputs(3, 3, 0, 3)) == ("seeds", "task-seeds", "curves")
    assert kinds_for((), Inputs(1, 1, 1, 0)) == ("histogram",)


async def test_a_new_generation_draws_anew(seeds):
    with reading(seeds) as ask:
        async with opened(ask=ask) as (app, pilot):
            await press(app, pilot, "j", "p", "colon", *"plot curves", "enter")
            place = place_of(app)
            before = place.plot_pane.plot
            place.store_changed()
            await press(app, pilot, "j")
            assert place.plot_pane.plot == before
            assert MARKS["curves"] in screen_text(app)


@pytest.mark.parametrize("size", [(20, 8), (200, 60)])
async def test_every_plot_stands_any_size(size, seeds):
    with reading(seeds) as ask:
        async with opened(size, ask=ask) as (app, pilot):
            await press(app, pilot, "j")
            for kind in KINDS:
                place_of(app).action_plot(kind)
                await press(app, pilot, "j")
                assert "cannot be drawn" not in screen_text(app)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("seeds", "--task", "xnli", "--system", "mbret"), "Did you mean mbert?"),
        (("histogram", "--task", "xnli", "--system", "mbert", "--language", "xx"), "no 'xx'"),
        (("bars", "--system", "mbert"), "Name the task"),
        (("scatter", "--task", "xnli", "--system", "mbert"), "baseline"),
        (("forest", "--task", "xnli", "--system", "mbert"), "baseline"),
    ],
)
def test_what_cannot_be_printed_is_said_on_stderr(words, said, seeds):
    result = CliRunner().invoke(cli, ["show", "plot", *words, "--store", str(seeds.path)])
    assert result.exit_code != 0
    assert said in result.stderr
    assert result.stdout == ""


async def test_where_systems_are_compared_a_key_goes_through_what_they_have(seeds, tmp_path):
    with reading(seeds) as ask:
        async with opened(ask=ask) as (app, pilot):
            await press(app, pilot, "j", "c")
            seen = []
            for _ in range(6):
                await press(app, pilot, "p")
                seen.append(screen_text(app).splitlines()[1].split()[0])
            assert seen == ["forest", "scatter", "bars", "seeds", "histogram", "forest"]
            behind = app.place.behind()
            assert behind is not None
            assert "show plot forest --system 'mbert + mnli' --baseline mbert --deltas" in behind.command
    with reading(item_store(tmp_path / "one-seed")) as ask:
        async with opened(ask=ask) as (app, pilot):
            await press(app, pilot, "j", "c")
            await press(app, pilot, "colon", *"plot bars", "enter")
            await press(app, pilot, "p")
            assert screen_text(app).splitlines()[1].split()[0] == "histogram"


async def test_a_plot_pane_exports_what_the_command_prints(seeds, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with reading(seeds) as ask:
        async with opened((80, 24), ask=ask, store_options=("--store", str(seeds.path))) as (app, pilot):
            await press(app, pilot, "p", "x", "enter")
            words = shlex.split(app.place.behind().command)[1:]
            printed = CliRunner().invoke(cli, [*words, "--width", "80"]).stdout
            assert printed.startswith("bars")
            assert (tmp_path / "languages.txt").read_text() == printed
