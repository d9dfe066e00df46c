"""Chunk F1 as two versions of seqeval count it, sentence by sentence.

Both read a tag as a one-letter head and a type and follow conlleval's rules for where a chunk ends and
the next begins. They differ in what the type of a tag is, which does not matter for ``B-PER`` but does
for raw part-of-speech tags, where XTREME uses them too:

====== ================ ================
tag    0.0.12           1.2.2
====== ================ ================
B-PER  B, PER           B, PER
NOUN   N, NOUN          N, OUN
X      X, X             X, _
O      O, O             O, _
====== ================ ================

Under 1.2.2 the tag ``X`` has the type of ``O``. So an ``X`` next to a sentence boundary neither begins
nor ends a chunk: such a chunk is lost, or begins where an earlier one began, even in an earlier
sentence. Under both, ``INTJ``, ``SYM``, ``SCONJ`` start with a head that means inside or single.
Sentences are therefore read as one sequence with an ``O`` after each, and a chunk counts for the
sentence it ends in; chunks that are equal end in the same sentence, so the counts add up exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .figure import Counts

SEQEVAL_0_0_12 = "xtreme seqeval-0.0.12"
SEQEVAL_1_2_2 = "xtreme seqeval-1.2.2"


def _type_0_0_12(tag: str) -> str:
    return tag.rpartition("-")[2]


def _type_1_2_2(tag: str) -> str:
    rest = tag[1:]
    _, dash, after = rest.partition("-")
    return (after if dash else rest) or "_"


_TYPES: dict[str, Callable[[str], str]] = {SEQEVAL_0_0_12: _type_0_0_12, SEQEVAL_1_2_2: _type_1_2_2}

IMPLEMENTATIONS = tuple(_TYPES)
"""Names of the implementations; the first is XTREME's own expected value."""

_Sentences = Sequence[Sequence[str]]
_Chunk = tuple[str, int, int]


def chunk_counts(gold: _Sentences, predictions: _Sentences, implementation: str) -> list[Counts]:
    """Return the chunk counts of every sentence.

    Args:
        gold: Sentences of tags; no tag is empty.
        predictions: As many sentences, each with as many tags as its gold.
        implementation: One of ``IMPLEMENTATIONS``.

    Raises:
        ValueError: Sentences or tags do not pair up: from there on every position would be shifted
            (0.0.12 goes on with shifted positions, 1.2.2 stops).
    """
    if len(gold) != len(predictions):
        raise ValueError(f"{len(predictions)} predicted sentences for {len(gold)} gold ones")
    for number, (g, p) in enumerate(zip(gold, predictions, strict=True)):
        if len(g) != len(p):
            raise ValueError(f"sentence {number} has {len(p)} predicted tags for {len(g)} gold ones")
    type_of = _TYPES[implementation]
    pairs = zip(_chunks(gold, type_of), _chunks(predictions, type_of), strict=True)
    return [Counts(len(g & p), len(p), len(g)) for g, p in pairs]


def implementations_agree(tags: Iterable[str]) -> bool:
    """Say whether both versions count the same chunks in any sequences of these tags.

    They do if both give every tag the same type, and none but ``O`` the type of ``O``.
    """
    return all(
        tag == "O" or (_type_0_0_12(tag) == _type_1_2_2(tag) and _type_1_2_2(tag) not in ("O", "_"))
        for tag in tags
    )


def _chunks(sentences: _Sentences, type_of: Callable[[str], str]) -> list[set[_Chunk]]:
    """Return each sentence's chunks (type, first, last position in the whole sequence)."""
    # What a tag does depends only on the tag before it, so each pair is worked out once.
    states: dict[tuple[str, str], _State] = {}
    state = states.setdefault(("O", ""), _State("O", ""))
    found: list[set[_Chunk]] = []
    begin = position = 0
    for sentence in sentences:
        chunks: set[_Chunk] = set()
        for tag in (*sentence, "O"):
            step = state.steps.get(tag)
            if step is None:
                head, kind = tag[0], type_of(tag)
                after = states.setdefault((head, kind), _State(head, kind))
                step = state.steps[tag] = (*_boundary(state.head, state.kind, head, kind), after)
            if step[0]:
                chunks.add((state.kind, begin, position - 1))
            if step[1]:
                begin = position
            state = step[2]
            position += 1
        found.append(chunks)
    return found


class _State:
    """The tag before, and what each tag met after it does: ends a chunk, starts one, is the next state."""

    __slots__ = ("head", "kind", "steps")

    def __init__(self, head: str, kind: str) -> None:
        self.head = head
        self.kind = kind
        self.steps: dict[str, tuple[bool, bool, _State]] = {}


def _boundary(head: str, kind: str, next_head: str, next_kind: str) -> tuple[bool, bool]:
    """Say whether a chunk ends before the next tag, and whether one starts at it (conlleval's rules)."""
    turns = kind != next_kind
    ends = head in "ES" or (head in "BI" and next_head in "BSO") or (head not in "O." and turns)
    starts = next_head in "BS" or (head in "ESO" and next_head in "EI") or (next_head not in "O." and turns)
    return ends, starts
