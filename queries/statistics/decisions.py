"""Decisions: one p a comparison, adjusted over a family that was declared before any filter.

The p is that of the comparison's own interval (same model, same reference distribution). Intervals stay
plain 95 %; the significance mark follows the adjusted p, and both are labelled so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .results import Comparison, NotComputed, plural

Method = Literal["holm", "bh"]

METHOD_NAMES: dict[Method, str] = {
    "holm": "Holm: no false claim in the family, 95 %",
    "bh": "Benjamini-Hochberg: 5 % false among the claims",
}


@dataclass(frozen=True, slots=True)
class Family:
    """The comparisons that are judged together.

    Attributes:
        name: What they are, e.g. ``the 15 matched languages of A against B on xnli``.
        members: Keys of all comparisons, fixed before any filter, computed or not.
        method: ``holm`` or ``bh``.
        level: Error rate.
    """

    name: str
    members: tuple[str, ...]
    method: Method = "holm"
    level: float = 0.05

    def __str__(self) -> str:
        return f"{self.name} ({plural(len(self.members), 'comparison')}), {METHOD_NAMES[self.method]}"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided of one comparison.

    Attributes:
        p: Unadjusted p; ``None`` where the comparison was not computed.
        p_adjusted: p adjusted over the family; ``None`` likewise.
        sign: ``+`` A significantly better, ``-`` worse, empty otherwise.
    """

    p: float | None
    p_adjusted: float | None
    sign: Literal["+", "-", ""]


def decide(
    family: Family, comparisons: Mapping[str, Comparison | NotComputed]
) -> dict[str, Decision] | NotComputed:
    """Decide every member of a family.

    A member that was not computed, or is not among ``comparisons``, still counts in the family's size:
    what could not be tested was declared all the same.

    Args:
        family: The declared family.
        comparisons: Results by member.

    Returns:
        A decision a member, in the family's order; ``NotComputed`` for an empty family or a comparison
        outside it, which would be a family made after the fact.
    """
    if not family.members:
        return NotComputed(f"The family of comparisons is empty ({family.name}).")
    strange = [k for k in comparisons if k not in set(family.members)]
    if strange:
        return NotComputed(f"{strange[0]} is compared but was not declared in the family ({family.name}).")
    found = [comparisons.get(m) for m in family.members]
    ps = [c.p if isinstance(c, Comparison) else None for c in found]
    adjusted = adjust(ps, family.method)
    out: dict[str, Decision] = {}
    for member, comparison, p, p_adjusted in zip(family.members, found, ps, adjusted, strict=True):
        sign: Literal["+", "-", ""] = ""
        if isinstance(comparison, Comparison) and p_adjusted is not None and p_adjusted < family.level:
            sign = "+" if comparison.delta > 0 else "-"
        out[member] = Decision(p, p_adjusted, sign)
    return out


def adjust(ps: Sequence[float | None], method: Method = "holm") -> list[float | None]:
    """Return p values adjusted over all of ``ps``.

    Holm 1979 (Scand. J. Stat. 6(2)): family-wise error. BH: Benjamini and Hochberg 1995 (J. R. Stat. Soc.
    B 57(1)): false discovery rate under independence or positive dependence. A missing p (``None`` or NaN)
    counts as 1 in the family and stays ``None``.
    """
    missing = [p is None or math.isnan(p) for p in ps]
    values = np.array([1.0 if m or p is None else p for p, m in zip(ps, missing, strict=True)])
    count = len(values)
    if count == 0:
        return []
    order = np.argsort(values, kind="stable")
    if method == "holm":
        stepped = np.maximum.accumulate(values[order] * np.arange(count, 0, -1))
    else:
        scaled = values[order] * count / np.arange(1, count + 1)
        stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    out = np.empty(count)
    out[order] = np.minimum(stepped, 1.0)
    return [None if m else float(v) for v, m in zip(out, missing, strict=True)]
