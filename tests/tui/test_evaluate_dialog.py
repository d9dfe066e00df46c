"""The dialog before an evaluation: what it says of items, time and difference, and that Esc ends the try."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_store import small_store
from intermezzo.engine import expected
from intermezzo.engine.expected import Pace, Size
from intermezzo.tui.evaluate_dialog import EvaluateDialog
from intermezzo.tui.evaluating import read_words
from intermezzo.tui.outlook import Cell, Outlook, sentences
from intermezzo.tui.proposing import described
from screens import opened, press, reading, screen_text, settled
from textual.pilot import Pilot

ASKED = read_words("retrieval --languages de,sw")
SIZE = Size({"de": 168, "sw": 128}, {"de": 168, "sw": 128}, 420, "texts", "bitext retrieval")
PACE = Pace(10.0, 0.05, "as 32 of them took just now")


class Trial:
    """Stands in for the process that counts and tries; it waits until it is stopped, or let go."""

    made: list[Trial] = []

    def __init__(self, asked: Any, *, try_it: bool) -> None:
        self.asked, self.try_it = asked, try_it
        self.go, self.stopped = threading.Event(), False
        Trial.made.append(self)

    def findings(self) -> Iterator[Size | Pace | str]:
        yield SIZE
        self.go.wait()
        if not self.stopped and self.try_it:
            yield PACE

    def stop(self) -> None:
        self.stopped = True
        self.go.set()


@pytest.fixture(autouse=True)
def _trials(monkeypatch: pytest.MonkeyPatch) -> None:
    Trial.made = []
    monkeypatch.setattr(expected, "Expecting", Trial)


async def shown(app: Any, pilot: Pilot[int], ask: Any) -> None:
    app.push_screen(EvaluateDialog("sw", described(ask, ASKED), lambda *_: None))
    await seen(app, pilot, "296 items")


async def seen(app: Any, pilot: Pilot[int], words: str) -> None:
    """Wait for words: a look at the line goes on in its thread until its process ends."""
    while words not in " ".join(screen_text(app).split()):
        await pilot.pause(0.02)


async def test_items_come_first_then_the_time(tmp_path: Path) -> None:
    with reading(small_store(tmp_path / "store")) as ask:
        async with opened((100, 30), ask=ask) as (app, pilot):
            await shown(app, pilot, ask)
            text = " ".join(screen_text(app).split())
            assert "296 items: 128 to 168 in each of de, sw." in text
            assert "Trying a few of them" in text
            assert (
                "In its smallest language (sw, 128 items) it could tell apart two systems 18 points" in text
            )
            Trial.made[0].go.set()
            await seen(app, pilot, "About 31 s: 10 s to load, then 420 texts, 20 texts a second, as 32")
            await press(app, pilot, "escape")


async def test_a_changed_line_is_looked_at_anew_and_not_tried_twice(tmp_path: Path) -> None:
    with reading(small_store(tmp_path / "store")) as ask:
        async with opened((100, 30), ask=ask) as (app, pilot):
            await shown(app, pilot, ask)
            Trial.made[0].go.set()
            await seen(app, pilot, "About 31 s")
            await pilot.press("end", *",th")
            while len(Trial.made) < 2:
                await pilot.pause(0.05)
            await seen(app, pilot, "About 31 s")
            again = Trial.made[1]
            assert again.asked.languages == ("de", "sw", "th")
            assert not again.try_it, "how fast it goes is known"
            await pilot.press(*" --layer 3")
            while len(Trial.made) < 3:
                await pilot.pause(0.05)
            assert Trial.made[2].try_it, "another setting is another speed"
            assert again.stopped
            await press(app, pilot, "escape")


async def test_leaving_ends_the_try(tmp_path: Path) -> None:
    with reading(small_store(tmp_path / "store")) as ask:
        async with opened((100, 30), ask=ask) as (app, pilot):
            await shown(app, pilot, ask)
            await pilot.press("escape")
            await settled(app, pilot)
            assert Trial.made[0].stopped
            assert not isinstance(app.screen, EvaluateDialog)


class Ask:
    """Answers with one earlier run."""

    def __init__(self, **took: Any) -> None:
        before = read_words("retrieval --languages th").as_json()
        config = {"asked": before, "took": expected.took(5.0, 10.0, 100) | took}
        self.run = {"run_id": "0123456789abcdef", "tool": "intermezzo", "config": json.dumps(config)}

    def ask(self, name: str, /, **params: Any) -> Any:
        class Table:
            columns = list(self.run)
            rows = [tuple(self.run.values())]

        return Table()


def told(ask: Any, words: str) -> tuple[tuple[str, ...], Trial | None]:
    """Look at a line and return the last that was told, and the trial."""
    heard: list[tuple[str, ...]] = []

    def tell(found: tuple[str, ...]) -> None:
        heard.append(found)
        if Trial.made:
            Trial.made[-1].go.set()

    Outlook(ask).look(words, tell)
    return heard[-1], Trial.made[-1] if Trial.made else None


def test_the_time_of_an_earlier_run_is_taken_where_there_is_one() -> None:
    last, trial = told(Ask(), "retrieval --languages de")
    assert trial is not None
    assert not trial.try_it
    assert "About 47 s: 5 s to load, then 420 texts, 10 texts a second, as run 0123456789" in " ".join(last)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (Ask(host="elsewhere"), "retrieval"),
        (Ask(), "retrieval --layer 3"),
        (Ask(), "retrieval --model ."),
    ],
)
def test_a_run_elsewhere_or_otherwise_says_nothing_of_the_time(ask: Ask, words: str) -> None:
    assert socket.gethostname() != "elsewhere"
    _, trial = told(ask, words)
    assert trial is not None
    assert trial.try_it


@pytest.mark.parametrize("more", ["--model owner/name", "--trust-remote-code", "--precision int8"])
def test_nothing_is_fetched_trusted_or_made_unasked(more: str) -> None:
    last, trial = told(Ask(host="elsewhere"), f"retrieval {more}")
    assert trial is not None
    assert not trial.try_it
    assert "How long it takes is not known yet." in last


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("xnli --model a/b", "Its data come from the hub"),
        ("retrieval --colour", "No such option"),
    ],
)
def test_what_cannot_be_looked_at_is_said(words: str, said: str) -> None:
    last, trial = told(Ask(), words)
    assert trial is None
    assert said in " ".join(last)


def test_the_difference_rests_on_errors_that_the_cell_has() -> None:
    cell = Cell("pocket_catalogues", ((0.03, 100), (0.04, 100), (0.05, 100)))
    found = sentences(ASKED, SIZE, None, False, cell)[-1]
    # 2.8 x sqrt(2 / 128) x 0.4
    assert "two systems 14 points apart" in found
    assert "of the standard errors that this cell has in 3 languages, not paired" in found


def test_items_that_hang_together_count_once_and_f1_promises_nothing() -> None:
    size = Size({"de": 400}, {"de": 100}, 400, "items", "classification")
    found = sentences(ASKED, size, None, False, Cell())[-1]
    assert "20 points apart" in found
    assert "hang together are counted once" in found
    size = Size({"de": 400}, {"de": 100}, 400, "items", "tagging")
    assert "not known before a first run" in sentences(ASKED, size, None, False, Cell())[-1]


def test_languages_that_would_be_left_out_are_said_before() -> None:
    size = Size({"de": 400}, {"de": 400}, 400, "items", "classification", {"sw": "too few", "la": "too few"})
    assert sentences(ASKED, size, None, False, Cell())[-1] == "Left out: sw, la: too few."


def test_a_model_that_is_not_here_is_said_with_what_is_known() -> None:
    last, trial = told(Ask(host="elsewhere"), "retrieval --model stages/1/model")
    assert trial is not None
    assert not trial.try_it
    assert last[0].startswith("The model is not here: there is no folder stages/1/model. --model takes")
    assert len(last) > 1


async def test_a_command_longer_than_its_line_is_shown_whole(tmp_path: Path) -> None:
    asked = read_words(f"retrieval --languages de,sw --model {'x' * 40}/{'y' * 40} --layer 3")
    with reading(small_store(tmp_path / "store")) as ask:
        async with opened((80, 24), ask=ask) as (app, pilot):
            app.push_screen(EvaluateDialog("sw", described(ask, asked), lambda *_: None))
            await seen(app, pilot, "296 items")
            text = " ".join(screen_text(app).replace("│", " ").split())
            assert "intermezzo evaluate retrieval --model" in text
            assert "--languages de,sw --layer 3" in text
