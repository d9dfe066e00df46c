"""Every action of the registry in every pane: somebody takes it, nothing raises, a pane keeps the focus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.tui.actions import PANES, Action, in_scopes, scopes_of
from intermezzo.tui.app import IntermezzoApp
from item_store import item_store
from screens import opened, press, settled
from textual.pilot import Pilot

LEAVE = {"quit", "suspend-process"}
BY_ENGINE = {"new", "run", "start"}
"""What loads torch, or starts something."""
TYPED = {"WORDS": "de", "FILE": "rows.csv", "WHY": "a try", "STATEMENT": "SELECT 1", "METRIC": "nonsense"}
"""Plausible words; of an argument that is not here, one that is not known."""


@contextmanager
def some_items(folder: Path) -> Iterator[Any]:
    with connect(item_store(folder)) as reader:
        yield reader


@contextmanager
def nothing(folder: Path) -> Iterator[Any]:
    store = open_store(folder, create=True)
    publish(store, wait=True)
    with connect(store) as reader:
        yield reader


def lines_of(pane: str, choices: Callable[[str], tuple[str, ...]]) -> Iterator[tuple[Action, str]]:
    """Give what could be typed in a pane: of its own actions with each word that the argument can be."""
    for action in in_scopes(scopes_of(pane)):
        argument, own = action.argument, action.scope in pane
        if action.name in LEAVE | BY_ENGINE or not (own or pane.endswith(".grid")):
            continue
        if argument is None or not argument.required:
            yield action, ""
        if argument is not None and own:
            known = choices(argument.source)[:1] if argument.source else ()
            for words in [*argument.choices, *known] or [TYPED.get(argument.name, "nonsense")]:
                yield action, words


def taker(app: IntermezzoApp, action: Action) -> Any:
    """Return who does it: the pane with the focus, or what it is in."""
    assert app.focused is not None
    owners = [node for node in app.focused.ancestors_with_self if node is not app.screen]
    return next((node for node in owners if hasattr(node, f"action_{action.method}")), None)


async def arrive(app: IntermezzoApp, pilot: Pilot[int], pane: str) -> None:
    """Close what is open, and go to a pane."""
    while len(app.screen_stack) > 1 or app._prompting:
        await pilot.press("escape")
    place: Any = app.place
    if place.pane != pane:
        await app._go(pane.partition(".")[0])
        app.place.go_pane(pane)
        await pilot.pause()


@pytest.mark.parametrize("store", [some_items, nothing])
async def test_every_action_is_taken_and_leaves_a_pane_with_the_focus(store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with store(tmp_path / "store") as ask:
        async with opened(ask=ask) as (app, pilot):
            await press(app, pilot, *"jc3")  # something to compare and to read, where there is
            for pane in PANES:
                await arrive(app, pilot, pane)
                await settled(app, pilot)
                for action in in_scopes(scopes_of(pane)):
                    assert taker(app, action) is not None, f"{action.name} in {pane} is nobody's"
                for action, words in [*lines_of(pane, app.place.choices)]:
                    await arrive(app, pilot, pane)
                    await app._perform((action, words))
                    await pilot.pause()
                    kept = app.focused is not None or len(app.screen_stack) > 1
                    assert kept, f"{action.name} {words} in {pane} leaves no focus"
            await arrive(app, pilot, "matrix.grid")
            await settled(app, pilot)
            assert app.return_code is None
