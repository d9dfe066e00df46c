"""Asking a store: a read-only connection to one generation of its index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .layout import Store


@dataclass(frozen=True, slots=True)
class Table:
    """An answer.

    Attributes:
        columns: Column names.
        rows: Rows, in order.
        ms: Milliseconds that it took.
    """

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    ms: float = 0.0


class Reader:
    """A read-only connection to the newest generation; safe to use from several threads."""

    store: Store
    generation: str

    def ask(self, name: str, /, **params: Any) -> Table:
        """Ask the question ``name`` (a file of ``questions/``); parameters left out are NULL."""
        raise NotImplementedError

    def sql(self, text: str, params: dict[str, Any] | None = None) -> Table:
        """Run trusted SQL."""
        raise NotImplementedError

    def items_paths(self, run_ids: Sequence[str]) -> dict[str, Path]:
        """Return the ``items.parquet`` of each run that has one, checksum verified on first sight."""
        raise NotImplementedError

    def refresh(self) -> bool:
        """Turn to the newest generation; say whether there was a newer one."""
        raise NotImplementedError

    def interrupt(self) -> None:
        """Stop the queries that are running now; they raise ``Interrupted``."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the connection."""
        raise NotImplementedError


def connect(store: Store, fresh: bool = True) -> Reader:
    """Open the newest generation; with ``fresh``, runs that nobody has published yet are published first."""
    raise NotImplementedError
