"""What an action is, and what is said of a pane."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Argument:
    """What an action takes after its name in the palette: ``filter xlm``.

    Attributes:
        name: Placeholder shown in the palette, e.g. ``WORDS``.
        required: Whether the action can do nothing without it.
        choices: Fixed words it may be, or none.
        source: What the place offers as choices: ``systems``, ``tasks``, ``metrics``, or empty.
        several: Whether it may be several words of those, with blanks between.
    """

    name: str
    required: bool = False
    choices: tuple[str, ...] = ()
    source: str = ""
    several: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """Something a user can do.

    Attributes:
        name: Word for the palette; the method is ``action_`` + the name with ``_`` for ``-``.
        keys: Textual key names, or characters; none for palette only.
        title: A word or two, for footer and palette.
        help: What it does, for help and README.
        scope: ``global``, ``move`` (every pane), ``view`` (every place with a state), a place (``matrix``)
            or a pane (``matrix.languages``); the main pane of a place is called ``.grid``: q leaves the app
            from there.
        footer: Order in the footer, 1 first; 0 keeps it out.
        argument: What it takes in the palette.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    help: str
    scope: str
    footer: int = 0
    argument: Argument | None = None

    @property
    def method(self) -> str:
        """Name of the method that does it, without the ``action_`` before it."""
        return self.name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class PaneHelp:
    """What ``?`` says about a pane besides its keys."""

    title: str
    sentence: str
