"""Messages between threads, panes, places and the app. Their payloads are frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from .data import Answer
    from .plots.drawing import Drawing


@dataclass
class Answered(Message):
    """A question was answered, or failed."""

    answer: Answer


@dataclass
class StoreChanged(Message):
    """A new generation of the index is there."""

    generation: str

    def can_replace(self, message: Message) -> bool:
        """Only the newest generation matters."""
        return isinstance(message, StoreChanged)


@dataclass
class Progress(Message):
    """How far an import is; an empty text ends it."""

    text: str

    def can_replace(self, message: Message) -> bool:
        """Only the newest state matters."""
        return isinstance(message, Progress)


@dataclass
class Watching(Message):
    """What a watched folder has come to: ``watching results, 3 files joined``."""

    text: str

    def can_replace(self, message: Message) -> bool:
        """Only the newest state matters."""
        return isinstance(message, Watching)


@dataclass
class Noticed(Message):
    """Something to tell once: a file that was refused, a folder that cannot be read."""

    text: str


@dataclass
class CellMoved(Message):
    """The cursor of the matrix moved."""

    system: str
    yardstick: str


@dataclass
class LanguageMoved(Message):
    """The cursor of the languages pane moved."""

    language: str


@dataclass
class RowMoved(Message):
    """The cursor of a table moved; ``pane`` is its scope."""

    pane: str
    row: int
    column: int


@dataclass
class PlaceChanged(Message):
    """A place's breadcrumb, status or footer may read differently now."""


@dataclass
class PaneFocused(Message):
    """A pane got the focus; ``pane`` is its scope."""

    pane: str


@dataclass
class PlotDrawn(Message):
    """A plot was drawn in a thread."""

    key: tuple[object, ...]
    drawing: Drawing
