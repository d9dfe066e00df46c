"""Which module is a task kind's."""

from __future__ import annotations

from typing import cast

from intermezzo.queries.errors import Problem

from . import classification, multiple_choice, questions, tagging
from .face import Kind

_MODULES = (classification, multiple_choice, tagging, questions)
_BY_NAME = {name: cast(Kind, module) for module in _MODULES for name in module.KINDS}

HEADED = tuple(_BY_NAME)
"""Kinds that need a trained head."""


def kind_for(name: str) -> Kind:
    """Return the module of a task kind that needs a head.

    Raises:
        Problem: There is none.
    """
    found = _BY_NAME.get(name)
    if found is None:
        raise Problem(f"Tasks of the kind {name!r} cannot be evaluated here: {', '.join(HEADED)} can.")
    return found
