"""What a foreign verification says against itself, found by machine: one function a kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from .verification import Verification

_NEGATIVE = re.compile(
    r"\b(falsified|refuted|rejected|failed|contradicted|not (reproduced|verified))\b", re.I
)
_POSITIVE = re.compile(r"^\s*(verified|reproduced|confirmed)\b", re.I)
_PRAISE = re.compile(r"\b(high|excellent|flagship|gold|full)\b", re.I)
_PRAISED = re.compile(r"reproducib|tier|quality", re.I)
_MEAN = re.compile(r"\b(mean|average)s?\b", re.I)
_GATE = re.compile(r"\bgate\s*(\d+)", re.I)


def contradictions(v: Verification) -> tuple[str, ...]:
    """Return what a verification says against itself, a sentence each."""
    return tuple(sentence for check in _CHECKS for sentence in check(v))


def _wrong_mean(v: Verification) -> Iterator[str]:
    """Its own numbers disagree: what is called a mean of the scores is not theirs."""
    if v.aggregate is None or not v.scores or not _is_mean(v.aggregate.name):
        return
    if not _agrees(v):
        mean = sum(p.value for p in v.scores) / len(v.scores)
        yield (
            f"Its {v.aggregate.name} is {v.aggregate.value:g}, and the mean of its {len(v.scores)} scores "
            f"is {mean:.4g}."
        )


def _mean_against_means(v: Verification) -> Iterator[str]:
    """It faults an arithmetic mean, and rests on one."""
    if v.aggregate is None or not v.scores or not _agrees(v):
        return
    faulted = [text for text in (*v.reasons, *(p.text or "" for p in v.scores)) if _MEAN.search(text)]
    if faulted:
        yield (
            f"It faults an arithmetic mean, and its own {v.aggregate.value:g} is the arithmetic mean "
            f"of {len(v.scores)} scores."
        )


def _praise_beside_failure(v: Verification) -> Iterator[str]:
    """It gives high marks for what it says has failed."""
    if not _NEGATIVE.search(v.verdict):
        return
    for name, grade in v.grades.items():
        if _PRAISED.search(name) and _PRAISE.search(grade):
            yield f"Its {name} is {grade!r} beside the verdict {v.verdict!r}."


def _gates(v: Verification) -> Iterator[str]:
    """Its verdict was given at one gate, and its reason speaks of another."""
    if v.gate is None:
        return
    own = set(_GATE.findall(v.gate))
    others = {number for reason in v.reasons for number in _GATE.findall(reason)} - own
    if own and others:
        yield (
            f"Its verdict was given at gate {', '.join(sorted(own))}, and its reason is of gate "
            f"{', '.join(sorted(others))}."
        )


def _nothing_attached(v: Verification) -> Iterator[str]:
    """Verified is said only with an attached artefact: run ids and the query that derives it again."""
    if _POSITIVE.search(v.verdict) and not (v.run_ids and v.query):
        yield f"It says {v.verdict!r} and attaches no run ids and query that would derive it again."


def _not_shown(v: Verification) -> Iterator[str]:
    """It counts things that it does not show."""
    for name, number in v.says.items():
        shown = v.shows.get(name)
        if shown is not None and shown != number:
            yield f"It says that there are {number:g} {name}, and shows {shown:g}."


def _out_of_range(v: Verification) -> Iterator[str]:
    """A score lies outside its own range."""
    for part in v.scores:
        if part.out_of is not None and not 0 <= part.value <= part.out_of:
            yield f"Its score {part.name} is {part.value:g} out of {part.out_of:g}."


def _is_mean(name: str) -> bool:
    return bool(_MEAN.search(name))


def _agrees(v: Verification) -> bool:
    """Say whether the aggregate is the mean of the scores, to the digits that it is given with."""
    if v.aggregate is None:
        return False
    stated = Decimal(repr(v.aggregate.value))
    mean = sum((Decimal(repr(p.value)) for p in v.scores), Decimal(0)) / len(v.scores)
    digit = Decimal(1).scaleb(min(int(stated.normalize().as_tuple().exponent), 0))
    try:
        return stated in {mean.quantize(digit, how) for how in (ROUND_HALF_UP, ROUND_HALF_EVEN)}
    except ArithmeticError:
        return False


_CHECKS: tuple[Callable[[Verification], Iterator[str]], ...] = (
    _wrong_mean,
    _mean_against_means,
    _praise_beside_failure,
    _gates,
    _nothing_attached,
    _not_shown,
    _out_of_range,
)
