"""What a file or a table of a data set holds, before it becomes examples: the same from every source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Raw:
    """One item as its source has it.

    Attributes:
        texts: What is read, see ``Example``.
        gold: Label, tags, answers; ``None`` where the source has none.
        id: The source's own id, where it has one.
        starts: Where the answers begin in the context.
        choices: What may be chosen from.
        paragraph: Hash of the paragraph a question is about.
    """

    texts: tuple[str, ...]
    gold: str | tuple[str, ...] | None = None
    id: str = ""
    starts: tuple[int, ...] = ()
    choices: tuple[str, ...] = ()
    paragraph: str = ""


ASKED = {"cause": "What was the cause?", "effect": "What happened as a result?"}
"""The question of an XCOPA item in words."""
