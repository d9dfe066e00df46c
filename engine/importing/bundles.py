"""Reading bundles: here, or in another process, which then makes the files of their items too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from intermezzo.engine.importers import importer
from intermezzo.queries.errors import Problem
from intermezzo.queries.records import Items
from intermezzo.queries.store.frames import has_texts, item_files

from .claiming import failure
from .draft import Bundle, Draft, Outcome, Refused, Waiting
from .tally import stamps_of


def read_bundle(bundle: Bundle, texts: Path | None = None) -> list[Outcome]:
    """Read a bundle to its end; a file that changes meanwhile is waited for.

    Args:
        bundle: The bundle.
        texts: Where the store it is for keeps texts: items then come as files.
    """
    before = stamps_of(bundle)
    outcomes: list[Outcome] = []
    try:
        for outcome in importer(bundle.importer).read(bundle):
            outcomes.append(outcome if texts is None else _as_files(outcome, texts))
    except Problem as problem:
        outcomes.append(Refused(bundle.main, str(problem)))
    except Exception as error:
        outcomes.append(Refused(bundle.main, failure(bundle.importer, error)))
    after = stamps_of(bundle)
    if before != after:
        changed = next(path for path in before if before[path] != after[path])
        return [Waiting(Path(changed), "it changed while it was being read")]
    return outcomes


def _as_files(outcome: Outcome, texts: Path) -> Outcome:
    if not isinstance(outcome, Draft) or not isinstance(outcome.items, Items):
        return outcome
    return replace(outcome, items=item_files(outcome.items, lambda name: has_texts(texts, name)))


class BundleAsk(NamedTuple):
    """A bundle, for another process to read.

    Attributes:
        bundle: The bundle; what it remembers, ``memo`` in its context, stays here.
        texts: See ``read_bundle``.
    """

    bundle: Bundle
    texts: Path

    def read(self, memo: dict[Any, Any]) -> list[Outcome]:
        """Read it."""
        own = memo.setdefault(("bundles", self.bundle.context["root"]), {})
        bundle = replace(self.bundle, context={**self.bundle.context, "memo": own})
        return read_bundle(bundle, self.texts)

    def halves(self) -> None:
        """Return nothing: it is one."""

    def joined(self, first: list[Outcome], second: list[Outcome]) -> list[Outcome]:
        """Return both."""
        return first + second

    def lost(self, why: str) -> list[Outcome]:
        """Refuse its main file."""
        return [Refused(self.bundle.main, f"the process that read it ended: {why}")]
