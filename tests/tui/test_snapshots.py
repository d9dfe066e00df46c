"""Whole screens as text, to be looked at in a diff. UPDATE_SNAPSHOTS=1 writes them anew."""

from __future__ import annotations

import os

import pytest
from claims_store import claims_store
from intermezzo.tui.plots.kinds import KINDS
from item_store import item_store, seed_store
from screens import check_snapshot, opened, place_of, press, reading, screen_text, settled, still, styles_text

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


SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    return seed_store(tmp_path_factory.mktemp("seeds") / "store")


@pytest.fixture(scope="module")
def claims(tmp_path_factory):
    return claims_store(tmp_path_factory.mktemp("claims") / "store")


@pytest.mark.parametrize("size", SIZES)
async def test_plots(size, seeds):
    with reading(seeds) as ask:
        async with opened(size, ask=ask) as (app, pilot):
            await press(app, pilot, "j", "p")
            for kind in KINDS:
                place_of(app).action_plot(kind)
                await settled(app, pilot)
                check_snapshot(f"plot-{kind}-{size[0]}x{size[1]}", still(screen_text(app)), UPDATE)


@pytest.mark.parametrize("size", SIZES)
async def test_claims(size, claims):
    with reading(claims) as ask:
        async with opened(size, ask=ask) as (app, pilot):
            await press(app, pilot, "4")
            check_snapshot(f"claims-{size[0]}x{size[1]}", still(screen_text(app)), UPDATE)
            await press(app, pilot, "tab")
            check_snapshot(f"claim-{size[0]}x{size[1]}", still(screen_text(app)), UPDATE)


@pytest.mark.parametrize("size", SIZES)
async def test_launch_without_jobs(size, claims):
    with reading(claims) as ask:
        async with opened(size, ask=ask) as (app, pilot):
            await press(app, pilot, "6")
            check_snapshot(f"launch-{size[0]}x{size[1]}", still(screen_text(app)), UPDATE)


async def test_styles(items, seeds, claims):
    """How each place is coloured; a letter a style."""
    async with opened() as (app, pilot):
        for name, keys in (("values", "jl"), ("deltas", "d"), ("runs", "5j")):
            for key in keys:
                await press(app, pilot, key)
            check_snapshot(f"{name}-styles-80x24", styles_text(app), UPDATE)
    for store, places in (
        (seeds, {"plot-seeds": ("j", "d", "p", "p", "p")}),
        (items, {"compare": (*MARKED, "j"), "items": ("enter",), "sql": ("7", "ctrl+r", "j")}),
        (claims, {"claims": ("4", "j"), "launch": ("6",)}),
    ):
        with reading(store) as ask:
            async with opened(ask=ask) as (app, pilot):
                for name, keys in places.items():
                    for key in keys:
                        await press(app, pilot, key)
                    check_snapshot(f"{name}-styles-80x24", styles_text(app), UPDATE)


async def test_without_colour_every_place_is_without(items, claims, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    for store, places in ((items, ((*MARKED, "p", "p"), ("1",), ("5",), ("3",))), (claims, (("4",), ("6",)))):
        with reading(store) as ask:
            async with opened(ask=ask) as (app, pilot):
                for keys in places:
                    for key in keys:
                        await press(app, pilot, key)
                    assert "color(" not in styles_text(app)
                    assert "rgb" not in styles_text(app)
                    if keys in (("4",), ("6",)):
                        name = {"4": "claims", "6": "launch"}[keys[0]]
                        check_snapshot(f"{name}-no-color-80x24", still(screen_text(app)), UPDATE)
