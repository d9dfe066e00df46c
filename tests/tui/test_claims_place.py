"""The Claims place by keys: verdicts, audits, history, and from a claim to its rows and their runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from claims_store import STILT, claim, claims_store
from cli_store import small_store
from intermezzo.queries.claims.kept import add_claims
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.reader import Reader, connect
from intermezzo.tui.messages import StoreChanged
from intermezzo.tui.places.claims import ClaimsPlace
from intermezzo.tui.places.runs import RunsPlace
from screens import opened, press, screen_text, settled


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return claims_store(tmp_path / "store")


@pytest.fixture
def ask(store: Store) -> Iterator[Reader]:
    with connect(store) as reader:
        yield reader


def claims_of(app: Any) -> ClaimsPlace:
    assert isinstance(app.place, ClaimsPlace)
    return app.place


def lines(app: Any) -> list[str]:
    return screen_text(app).splitlines()


async def test_the_list_says_what_the_store_makes_of_each_claim(ask: Reader) -> None:
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "4")
        assert lines(app)[0].strip() == "demo › Claims › helps"
        rows = [" ".join(line.split()) for line in lines(app)[2:6]]
        assert rows[0] == "undetermined 1✗ 3? MNLI first helps XNLI."
        assert rows[1] == "error This asks for a table that is not there."
        assert rows[2].startswith("error Clears �[2J")
        assert rows[3].startswith("contradicted")
        assert "4 claims · 1 undetermined · 2 error · 1 contradicted" in lines(app)[-2]


async def test_enter_goes_to_the_rows_that_decided_it_and_on_to_the_runs(ask: Reader) -> None:
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "4", "enter")
        assert "delta > 0 for all units" in lines(app)[1]
        rows = [" ".join(line.split()) for line in lines(app)[3:6]]
        assert rows[0] == "de +0.0250 -0.0304 +0.0804 400 l undetermined"
        await press(app, pilot, "y")
        assert app.clipboard == "+0.0250"
        assert [row.split()[0] for row in rows] == ["de", "en", "sw"]
        await press(app, pilot, "j", "enter")
        assert isinstance(app.place, RunsPlace)
        assert [row["system"] for row in app.place.listed] == [STILT]
        await press(app, pilot, "left_square_bracket")
        assert (claims_of(app).pane, claims_of(app).state.unit) == ("claims.rows", "en")
        await press(app, pilot, "escape")
        assert claims_of(app).pane == "claims.grid"


async def test_tab_shows_audits_grades_and_who_else_checked_it(ask: Reader) -> None:
    async with opened((80, 60), ask=ask) as (app, pilot):
        await press(app, pilot, "4", "tab")
        text = " ".join(screen_text(app).split())
        for words in (
            "Undetermined",
            "+ aggregate-only: Scores of single languages",
            "? seeds: The train seeds of",
            "citation grounding: none",
            "must hold: delta > 0 for all units",
            "Verification by them: verified",
            "contradicts itself: It says 'verified' and attaches no run ids",
        ):
            assert words in text, words


async def test_history_and_what_is_superseded(ask: Reader) -> None:
    async with opened((80, 60), ask=ask) as (app, pilot):
        await press(app, pilot, "4", "a")
        assert "5 claims" in lines(app)[-2]
        assert "1 superseded" in lines(app)[-2]
        await press(app, pilot, "j", "j", "tab")
        assert "This claim is superseded by new." in screen_text(app)
        await press(app, pilot, "escape", "u")
        assert "4 claims" in lines(app)[-2]
        await press(app, pilot, "G", "tab")
        text = " ".join(screen_text(app).split())
        assert "old, superseded: MNLI first gains ten points." in text
        assert "why: typo" in text


async def test_a_fault_is_said_where_the_rows_would_be(ask: Reader) -> None:
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "4", "j", "enter")
        assert "Table with name nowhere does not exist" in screen_text(app)
        await press(app, pilot, "enter", "y", "Y")
        assert claims_of(app).pane == "claims.rows"


async def test_filter_copy_and_the_command_behind(ask: Reader, tmp_path: Path) -> None:
    async with opened((120, 40), ask=ask, store_options=("--demo",)) as (app, pilot):
        await press(app, pilot, "4", "slash", *"contradicted", "enter")
        assert [entry.claim.id for entry in claims_of(app).listed] == ["new"]
        await press(app, pilot, "tab", "full_stop")
        assert "intermezzo check new --demo" in screen_text(app)
        await press(app, pilot, "escape", "escape", "y")
        assert "copied 1 cell" in lines(app)[-2]
        await press(app, pilot, "slash", *"zzz", "enter")
        assert "No claim is left" in screen_text(app)
        await press(app, pilot, "enter", "y", "x", "escape", "escape")
        file = tmp_path / "claims.json"
        await press(app, pilot, "colon", *f"export {file}", "enter")
        assert '"verdict": "contradicted"' in file.read_text()


async def test_claims_that_are_added_meanwhile_appear(store: Store, ask: Reader) -> None:
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, "4")
        add_claims(store, [claim("later", "Said later.")])
        app.post_message(StoreChanged("g2"))
        await settled(app, pilot)
        assert "Said later." in screen_text(app)
        assert claims_of(app).state.record is not None
        assert lines(app)[0].strip() == "demo › Claims › helps"


async def test_a_store_without_claims_says_how_to_add_some(tmp_path: Path) -> None:
    with connect(small_store(tmp_path / "store")) as reader:
        async with opened(ask=reader) as (app, pilot):
            await press(app, pilot, "4", "enter", "tab", "j", "y", "x", "escape")
            assert "intermezzo claims add" in " ".join(screen_text(app).split())


async def test_without_a_store_it_is_said() -> None:
    async with opened() as (app, pilot):
        await press(app, pilot, "4")
        assert "Only a store holds claims." in screen_text(app)


@pytest.mark.parametrize("size", [(20, 5), (30, 8), (200, 50)])
async def test_any_terminal(size: tuple[int, int], ask: Reader) -> None:
    async with opened(size, ask=ask) as (app, pilot):
        await press(app, pilot, "4", "j", "enter", "tab", "tab", "G", "question_mark", "escape", "shift+tab")
        assert claims_of(app).listed
