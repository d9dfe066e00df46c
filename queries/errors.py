"""Errors that are sentences for the person who reads them."""

from __future__ import annotations


class Problem(Exception):
    """Something the user can understand and act on: what, where, what to do.

    Faces print its message and never a traceback.
    """
