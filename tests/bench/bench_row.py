"""A row of the bench: what was measured, beside what, and what was wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BenchRow:
    """A measurement and its peer's, taken in the same run.

    Attributes:
        what: In words; the same at every size, so that growth can be read off.
        ours: Our figure, in ``unit``; ``None`` where it could not be had (``problem`` says why).
        peer: What it is compared with.
        peers: The peer's figure; ``None`` without a peer.
        unit: E.g. ``texts/s``, ``ms``, ``bytes``, ``MB``.
        ratio: Ours over the peer's; worked out where it is not given.
        budget: Least ratio wanted (greatest, where ``less`` is better); ``None`` where none is set.
        limit: Worst of our figure wanted, in ``unit``; ``None`` where none is set.
        less: Whether less is better, as of times, bytes and memory.
        size: How much was worked on.
        of: What ``size`` counts, e.g. ``files``.
        rounds: Our figure of every round; ``ours`` is made of these.
        peer_rounds: The peer's.
        note: What a reader must know to read the row.
        problem: Why there is no figure.
    """

    what: str
    ours: float | None = None
    peer: str = ""
    peers: float | None = None
    unit: str = ""
    ratio: float | None = None
    budget: float | None = None
    limit: float | None = None
    less: bool = False
    size: int | None = None
    of: str = ""
    rounds: tuple[float, ...] = ()
    peer_rounds: tuple[float, ...] = ()
    note: str = ""
    problem: str = ""

    @property
    def times(self) -> float | None:
        """Ours over the peer's."""
        if self.ratio is not None:
            return self.ratio
        return self.ours / self.peers if self.ours is not None and self.peers else None

    @property
    def wanted(self) -> str:
        """The budget in words; empty where none is set."""
        word = "<=" if self.less else ">="
        found = [f"{word} {figure(self.limit)} {self.unit}"] if self.limit is not None else []
        found += [f"{word} {figure(self.budget)} x"] if self.budget is not None else []
        return " and ".join(found)

    @property
    def missed(self) -> bool:
        """Whether a figure is worse than what was wanted; one that could not be had misses nothing."""
        pairs = ((self.ours, self.limit), (self.times, self.budget))
        return any(
            (found > wanted) if self.less else (found < wanted)
            for found, wanted in pairs
            if found is not None and wanted is not None
        )

    @property
    def verdict(self) -> str:
        """``met``, ``MISSED``, ``not measured``, or empty where nothing was wanted."""
        if self.ours is None:
            return "not measured"
        if not self.wanted:
            return ""
        return "MISSED" if self.missed else "met"


def figure(number: float | None) -> str:
    """Return a number with three digits, or all of them before the point."""
    if number is None:
        return ""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
