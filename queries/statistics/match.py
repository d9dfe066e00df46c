"""Matching of items: which rows of several runs are the same item."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .results import NotComputed
from .samples import IntArray


def common_items(*runs: Sequence[str]) -> tuple[IntArray, ...] | NotComputed:
    """Return, for each run, the rows of the items that all runs have, in one common order.

    Args:
        runs: Item ids of each run, in the order of its rows.

    Returns:
        One index array a run, all of one length, in the order of the first run; ``NotComputed`` where
        an item occurs twice in a run or no item is common to all.
    """
    rows: list[dict[str, int]] = []
    for number, ids in enumerate(runs, start=1):
        where = {item: row for row, item in enumerate(ids)}
        if len(where) != len(ids):
            seen: set[str] = set()
            twice = next(i for i in ids if i in seen or seen.add(i))  # type: ignore[func-returns-value]
            return NotComputed(f"Item {twice} occurs more than once in run {number}: it cannot be matched.")
        rows.append(where)
    if not rows:
        return NotComputed("No run was given.")
    shared = [item for item in rows[0] if all(item in other for other in rows[1:])]
    if not shared:
        sizes = " and ".join(f"{len(r):,}" for r in rows)
        return NotComputed(f"The runs have no item in common ({sizes} items).")
    return tuple(np.fromiter((r[i] for i in shared), dtype=np.int64, count=len(shared)) for r in rows)
