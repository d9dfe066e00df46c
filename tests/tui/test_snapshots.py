"""Whole screens as text, to be looked at in a diff. UPDATE_SNAPSHOTS=1 writes them anew."""

from __future__ import annotations

import os

import pytest
from item_store import item_store
from screens import check_snapshot, opened, press, reading, screen_text, still

UPDATE = os.environ.get("UPDATE_SNAPSHOTS") == "1"


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("values", ("j", "l")),
        ("deltas", ("d", "j", "j", "s")),
        ("transposed", ("t", "j")),
        ("languages", ("j", "enter", "j")),
        ("languages-by-family", ("d", "j", "enter", "s", "s")),
        ("plot", ("j", "tab", "tab")),
        ("help", ("question_mark",)),
        ("palette", ("colon", *"bas")),
        ("filtering", ("slash", *"mbert")),
        ("runs", ("5", "j", "space", "j")),
        ("run", ("5", "j", "j", "enter")),
        ("runs-difference", ("5", "j", "space", "j", "space", "c")),
    ],
)
async def test_screen(name, keys, size):
    async with opened(size) as (app, pilot):
        for key in keys:
            await press(app, pilot, key)
        check_snapshot(f"{name}-{size[0]}x{size[1]}", screen_text(app), UPDATE)


@pytest.mark.parametrize(("name", "keys"), [("values", ("j", "l")), ("runs", ("5", "j", "space", "j"))])
async def test_screen_without_colour(name, keys, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened() as (app, pilot):
        await press(app, pilot, *keys)
        check_snapshot(f"{name}-no-color-80x24", screen_text(app), UPDATE)


@pytest.fixture(scope="module")
def items(tmp_path_factory):
    return item_store(tmp_path_factory.mktemp("items") / "store")


MARKED = ("j", "space", "k", "space", "c")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("compare", (*MARKED, "j")),
        ("compare-forest", (*MARKED, "tab")),
        ("compare-notes", (*MARKED, "tab", "tab")),
        ("items", (*MARKED, "enter", "f", "j")),
        ("item", (*MARKED, "enter", "j", "enter")),
        ("sql", ("7", "ctrl+r", "j")),
    ],
)
async def test_screen_with_items(name, keys, size, items):
    with reading(items) as ask:
        async with opened(size, ask=ask) as (app, pilot):
            for key in keys:
                await press(app, pilot, key)
            check_snapshot(f"{name}-{size[0]}x{size[1]}", still(screen_text(app)), UPDATE)


@pytest.mark.parametrize(
    ("name", "keys"), [("compare", ("j",)), ("items", ("enter", "f", "j")), ("sql", ("7", "ctrl+r", "j"))]
)
async def test_screen_with_items_without_colour(name, keys, items, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    with reading(items) as ask:
        async with opened(ask=ask) as (app, pilot):
            for key in (*MARKED, *keys):
                await press(app, pilot, key)
            check_snapshot(f"{name}-no-color-80x24", still(screen_text(app)), UPDATE)
