"""What the lines of the frame say: where one is, what the place tells, which keys work."""

from __future__ import annotations

from collections.abc import Sequence

from intermezzo.queries.harmless import harmless

from .actions import footer
from .panes.lines import BOLD, DIM, Piece
from .text import fit


def crumbs_line(width: int, crumbs: Sequence[str], watching: str) -> list[Piece]:
    """Return the top line: the way to what is shown, and what is watched at its right end."""
    path = " › ".join(harmless(crumb) for crumb in crumbs)
    aside = f" {fit(watching, width // 2)} " if watching else ""
    return [(" " + fit(path, width - 1 - len(aside), middle=True), BOLD), (aside, DIM)]


def status_line(width: int, said: str, status: str, right: str) -> list[Piece]:
    """Return the line above the keys: a sentence just said, else the place's status, and what runs."""
    left = fit(said or status, width - len(right) - 3)
    return [(" " + left + " ", BOLD if said else DIM), (right, DIM), (" ", None)]


def keys_line(pane: str, *, prompting: bool) -> list[Piece]:
    """Return the last line: the keys of the pane with the focus, or those of a prompt."""
    if prompting:
        return [(" Enter", BOLD), (" takes it  ", DIM), ("Esc", BOLD), (" gives up", DIM)]
    pieces: list[Piece] = [(" ", None)]
    for key, title in footer(pane):
        pieces += [(key, BOLD), (f" {title}  ", DIM)]
    return pieces
