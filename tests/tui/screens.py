"""Helpers for Pilot tests: the app on invented numbers, its screen as plain text."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from fake_ask import FakeAsk
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.reader import Reader, connect
from intermezzo.tui.app import IntermezzoApp
from intermezzo.tui.data import Ask
from intermezzo.tui.places.items import ItemsPlace
from intermezzo.tui.places.matrix import MatrixPlace
from intermezzo.tui.places.runs import RunsPlace
from rich.style import Style
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

SNAPSHOTS = Path(__file__).parent / "snapshots"


@asynccontextmanager
async def opened(
    size: tuple[int, int] = (80, 24), ask: Ask | None = None, **options: Any
) -> AsyncIterator[tuple[IntermezzoApp, Pilot[int]]]:
    """Open the app and wait for its first answers."""
    app = IntermezzoApp(ask or FakeAsk(), store_name="demo", **options)
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        yield app, pilot


@contextmanager
def reading(store: Store) -> Iterator[Reader]:
    """Open a store for the app, and close it again."""
    reader = connect(store)
    try:
        yield reader
    finally:
        reader.close()


async def settled(app: IntermezzoApp, pilot: Pilot[int]) -> None:
    """Wait until the cursor has rested and nothing is asked or drawn any more."""
    for _ in range(4):
        await pilot.pause()
        place = app.place
        if isinstance(place, MatrixPlace):
            place._rested()
        elif isinstance(place, RunsPlace | ItemsPlace):
            place.rested()
        asked = [worker for worker in app.workers if worker.group != "watch"]
        # a newer plot takes the place of one that is still drawn: that one is cancelled, which is no failure
        with suppress(WorkerCancelled):
            await app.workers.wait_for_complete(asked)
    await pilot.pause()


async def press(app: IntermezzoApp, pilot: Pilot[int], *keys: str) -> None:
    """Press keys, waiting for what each causes: some act on what the one before brings."""
    for key in keys:
        await pilot.press(key)
        await settled(app, pilot)


def screen_text(app: IntermezzoApp) -> str:
    """Return what is on screen, lines without trailing spaces."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"


def styles_text(app: IntermezzoApp) -> str:
    """Return how the cells of the screen are styled: a letter a style, ``.`` for none, and a legend."""
    letters: dict[str, str] = {}
    lines = []
    for strip in app.screen._compositor.render_strips():
        line = ""
        for segment in strip:
            name = _style_name(segment.style)
            letter = letters.setdefault(name, chr(97 + len(letters))) if name else "."
            line += letter * segment.cell_length
        lines.append(line.rstrip("."))
    legend = [f"{letter}  {name}" for name, letter in letters.items()]
    return "\n".join([*lines, *legend]) + "\n"


def _style_name(style: Style | None) -> str:
    if style is None:
        return ""
    words = [word for word in ("bold", "dim", "reverse", "underline") if getattr(style, word)]
    for which, colour in (("", style.color), ("on ", style.bgcolor)):
        if colour is not None and not colour.is_default:
            words.append(which + (colour.name if colour.number is None else f"color({colour.number})"))
    return " ".join(words)


def still(text: str) -> str:
    """Return a screen without the milliseconds, which differ each time."""
    return re.sub(r" *\d+ ms", lambda found: "12 ms".rjust(len(found[0])), text)


def place_of(app: IntermezzoApp) -> MatrixPlace:
    """Return the matrix place."""
    place = app.place
    assert isinstance(place, MatrixPlace)
    return place


def check_snapshot(name: str, text: str, update: bool) -> None:
    """Compare with ``snapshots/<name>.txt``, or write it."""
    file = SNAPSHOTS / f"{name}.txt"
    if update:
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8"), f"differs from {file.name}: look, then UPDATE_SNAPSHOTS=1"
