"""What an audit finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["pass", "fail", "unknown", "not applicable"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one audit.

    Attributes:
        status: ``unknown`` is never a pass.
        why: A sentence.
    """

    status: Status
    why: str


def passed(why: str) -> Outcome:
    """Return a pass."""
    return Outcome("pass", why)


def failed(why: str) -> Outcome:
    """Return a failure."""
    return Outcome("fail", why)


def unknown(why: str) -> Outcome:
    """Return that it cannot be told."""
    return Outcome("unknown", why)


def not_applicable(why: str) -> Outcome:
    """Return that there is nothing to audit."""
    return Outcome("not applicable", why)


NO_ROWS = not_applicable("There is no row to audit.")
UNNAMED = unknown("The rows name no system, baseline and yardstick: nobody can look up the runs behind them.")
