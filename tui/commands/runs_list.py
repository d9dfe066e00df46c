"""``intermezzo runs list``: the same as ``intermezzo show runs``."""

from __future__ import annotations

from copy import copy

from .show_runs import command as show_runs

command = copy(show_runs)
command.name = "list"
