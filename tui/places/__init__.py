"""The places of the app, one entry and one module each; modules are imported when first visited."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """A place.

    Attributes:
        number: The key that goes there.
        name: Word for the palette and for scopes of actions.
        title: For the breadcrumb.
        sentence: What it is for.
        module: Module to import.
        widget: Class in it, a ``Place``.
    """

    number: int
    name: str
    title: str
    sentence: str
    module: str
    widget: str


PLACES: tuple[PlaceEntry, ...] = (
    PlaceEntry(
        1,
        "matrix",
        "Matrix",
        "systems by tasks, and the languages behind each cell",
        "intermezzo.tui.places.matrix",
        "MatrixPlace",
    ),
    PlaceEntry(
        2,
        "compare",
        "Compare",
        "marked systems against each other, language by language",
        "intermezzo.tui.places.compare",
        "ComparePlace",
    ),
    PlaceEntry(
        3,
        "items",
        "Items",
        "what systems said, item by item, and one item in all its languages",
        "intermezzo.tui.places.items",
        "ItemsPlace",
    ),
    PlaceEntry(
        4,
        "claims",
        "Claims",
        "statements that the store is asked to bear, and what it makes of them",
        "intermezzo.tui.places.claims",
        "ClaimsPlace",
    ),
    PlaceEntry(
        5,
        "runs",
        "Runs",
        "what each number was read from or measured by",
        "intermezzo.tui.places.runs",
        "RunsPlace",
    ),
    PlaceEntry(
        6,
        "launch",
        "Launch",
        "evaluations in the background",
        "intermezzo.tui.places.launch",
        "LaunchPlace",
    ),
    PlaceEntry(
        7,
        "sql",
        "SQL",
        "statements of yours over the index, read-only",
        "intermezzo.tui.places.sql",
        "SqlPlace",
    ),
)
"""Every place there is; a new one is an entry here, a module beside, and its actions in the registry."""


def entry(name: str) -> PlaceEntry | None:
    """Return the place of that name."""
    return next((place for place in PLACES if place.name == name), None)
