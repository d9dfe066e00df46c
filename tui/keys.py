"""Textual bindings from the action registry."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from .actions import in_scopes
from .places import PLACES


def bindings(*scopes: str, owner: str = "") -> list[BindingType]:
    """Return the bindings of these scopes' actions, for a widget's ``BINDINGS``.

    Args:
        scopes: Scopes of the registry.
        owner: Who has the methods, where it is not the widget itself: ``app``.
    """
    before = f"{owner}." if owner else ""
    found: list[BindingType] = []
    for action in in_scopes(scopes):
        if action.name == "place":
            found += [
                Binding(str(place.number), f"{before}place({place.name!r})", show=False) for place in PLACES
            ]
        elif action.keys:
            found.append(Binding(",".join(action.keys), before + action.method, action.title, show=False))
    return found
