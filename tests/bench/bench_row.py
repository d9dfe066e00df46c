"""A row of the bench: what was measured, beside what, and what was wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BenchRow:
    """A measurement and its peer's, taken in the same run.

    Attributes:
        what: In words.
        ours: Our figure, in ``unit``.
        peer: What it is compared with.
        peers: The peer's figure.
        unit: E.g. ``texts/s``.
        ratio: Ours over the peer's.
        budget: Least ratio wanted; ``None`` where none is set.
    """

    what: str
    ours: float
    peer: str
    peers: float
    unit: str
    ratio: float
    budget: float | None = None

    @property
    def missed(self) -> bool:
        """Whether the ratio is below what was wanted."""
        return self.budget is not None and self.ratio < self.budget

    def __str__(self) -> str:
        wanted = "" if self.budget is None else f", wanted {self.budget:g}{': MISSED' if self.missed else ''}"
        return (
            f"{self.what}: {self.ours:,.4g} {self.unit}, "
            f"{self.ratio:.2f} x {self.peer} ({self.peers:,.4g}){wanted}"
        )
