"""The app in a real terminal, beside harlequin on the same file.

Both are driven in a pseudo-terminal with 256 colours, taking turns; medians over the rounds. The first useful
paint is ours with numbers in the matrix, harlequin's with its frame: the catalogue comes later, and numbers
only once SQL is typed. A key counts until its first byte, a page until its last; bytes are those of the
median key. In harlequin the keys move in the result of a query for 5,000 rows of scores. Memory is resident.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import bench_stores
from bench_peer import harlequin, version
from bench_pty import Press, Recorded, home, middle, size_of
from bench_row import BenchRow
from bench_stores import Size

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
WINDOWS = ("80x24", "120x40")
QUERY = "select system, yardstick, language, value, n from language_scores limit 5000"
KEYS = 8
PATIENCE = 20
"""Seconds that harlequin is waited for at each step."""
NUMBER = re.compile(r"\d\d\.\d[lrmp]")
Figures = dict[str, list[float]]


def rows() -> Iterator[BenchRow]:
    """Yield the rows of every size of store and window."""
    peer = harlequin()
    note = version(peer) if isinstance(peer, Path) else peer
    for size in bench_stores.sizes():
        store = bench_stores.large(size)
        for window in WINDOWS:
            ours: Figures = {}
            theirs: Figures = {}
            for _ in range(ROUNDS):
                with tempfile.TemporaryDirectory(prefix="bench-") as place:
                    _collect(ours, _ours(store.path, window, Path(place)))
                    if not isinstance(peer, Path):
                        continue
                    try:
                        _collect(theirs, _theirs(peer, store.results, window, Path(place)))
                    except RuntimeError as error:
                        # the peer's trouble is no reason to lose our figures
                        note = f"harlequin: {str(error).partition(chr(10))[0]}"
            yield from _window_rows(size, window, ours, theirs, note)
        yield _everywhere(size, store.path)


def _collect(into: Figures, found: dict[str, float]) -> None:
    for name, figure in found.items():
        into.setdefault(name, []).append(figure)


def _window_rows(size: Size, window: str, ours: Figures, theirs: Figures, note: str) -> Iterator[BenchRow]:
    narrow, whole = window == "80x24", size.files >= bench_stores.LARGE.files
    limits = {
        "first useful paint": ("s", 0.6 if whole else None),
        "at rest": ("s", None),
        "bytes until at rest": ("bytes", 60_000 if narrow else None),
        "a key moves the cursor down": ("ms", 10 if narrow else None),
        "bytes of that": ("bytes", 600 if narrow else None),
        "a key turns the page": ("ms", None),
        "bytes of a page": ("bytes", 12_000 if narrow else None),
        "memory at rest": ("MB", 250 if whole else None),
    }
    for name, (unit, limit) in limits.items():
        mine, peers = ours[name], theirs.get(name, [])
        yield BenchRow(
            f"{name}, {window}",
            middle(mine),
            "harlequin" if peers else "",
            middle(peers) if peers else None,
            unit,
            limit=limit,
            less=True,
            size=size.scores,
            of="scores",
            rounds=tuple(mine),
            peer_rounds=tuple(peers),
            note=note if name == "first useful paint" or not peers else "",
        )


def _ours(store: Path, window: str, place: Path) -> dict[str, float]:
    columns, lines = size_of(window)
    command = [sys.executable, "-m", "intermezzo.tui", "--store", str(store)]
    with Recorded(command, columns=columns, rows=lines, env=home(place / "ours")) as terminal:
        painted = terminal.until(lambda screen: NUMBER.search(screen) is not None, "a number of the matrix")
        found = _start(terminal, painted)
        found |= _keys(terminal, "j", "pagedown")
        return found


def _theirs(command: Path, file: Path, window: str, place: Path) -> dict[str, float]:
    columns, lines = size_of(window)
    started = [str(command), "--no-download-tzdata", "-r", str(file)]
    with Recorded(started, columns=columns, rows=lines, env=home(place / "theirs")) as terminal:
        painted = terminal.until(lambda screen: "Query" in screen, "harlequin's frame", PATIENCE)
        found = _start(terminal, painted)
        terminal.until(lambda screen: "results" in screen, "harlequin's catalogue", PATIENCE)
        # its cursor blinks: so it never comes to rest for as long as a second
        terminal.settle(1.0, most=1.5)
        terminal.send(QUERY)
        terminal.until(lambda screen: "5000" in screen, "the query in harlequin's editor", PATIENCE)
        terminal.send("ctrl+j")
        terminal.until(lambda screen: "Records" in screen, "the result of harlequin's query", PATIENCE)
        terminal.send("\x1b[15~")  # F5: the results
        terminal.settle(1.0, most=1.5)
        return found | _keys(terminal, "down", "pagedown")


def _start(terminal: Recorded, painted: float) -> dict[str, float]:
    rest = terminal.settle()
    return {
        "first useful paint": painted,
        "at rest": rest,
        "bytes until at rest": sum(len(data) for _, data in terminal.chunks),
        "memory at rest": terminal.memory() / 1e6,
    }


def _keys(terminal: Recorded, down: str, page: str) -> dict[str, float]:
    moves, pages = terminal.presses(*[down] * KEYS), terminal.presses(*[page] * 4)

    def of(presses: list[Press], what: Callable[[Press], float]) -> float:
        return middle([what(press) for press in presses])

    return {
        "a key moves the cursor down": of(moves, lambda p: p.first),
        "bytes of that": of(moves, lambda p: p.size),
        "a key turns the page": of(pages, lambda p: p.last),
        "bytes of a page": of(pages, lambda p: p.size),
    }


def _everywhere(size: Size, store: Path) -> BenchRow:
    """Walk through the places that read most: languages, items of two systems, all runs, the SQL place."""
    command = [sys.executable, "-m", "intermezzo.tui", "--store", str(store)]
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as place,
        Recorded(command, columns=120, rows=40, env=home(Path(place))) as terminal,
    ):
        terminal.until(lambda screen: NUMBER.search(screen) is not None, "a number of the matrix")
        most = terminal.memory()
        for keys in (("space", "j", "space", "c"), ("3",), ("G",), ("5",), ("G",), ("1",), ("m",)):
            terminal.send(*keys)
            terminal.settle(1.0, most=20)
            most = max(most, terminal.memory())
    return BenchRow(
        "memory after matrix, compare, items and runs",
        most / 1e6,
        unit="MB",
        limit=250,
        less=True,
        size=size.scores,
        of="scores",
        note=f"{size.items:,} items at {size.scores:,} scores",
    )
