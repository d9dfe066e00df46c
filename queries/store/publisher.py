"""Publishing: a new generation of the index with the runs that landed since."""

from __future__ import annotations

from dataclasses import dataclass, field

from .layout import Step, Store, no_step


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish came to.

    Attributes:
        generation: File name of the newest generation.
        changed: Whether there is a new one.
        runs: Runs in it.
        quarantined: Folders that could not be trusted, with the reason.
        notes: Sentences worth telling the user.
    """

    generation: str
    changed: bool
    runs: int
    quarantined: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def publish(store: Store, wait: bool = True, step: Step = no_step) -> Published:
    """Publish what landed since the last time; one process at a time.

    Args:
        store: The store; where it is read-only the index is the user's own, in the cache.
        wait: Wait for another publisher to end; without, leave it to that one (``changed`` is false).
        step: Hook for tests.
    """
    raise NotImplementedError


def rebuild(store: Store, step: Step = no_step) -> Published:
    """Build the index from the run folders alone: deleting the index loses nothing."""
    raise NotImplementedError
