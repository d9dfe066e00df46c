"""Exact nearest neighbours between two sets of unit vectors, in blocks: never a full matrix.

The margin is the ratio of Artetxe and Schwenk (Margin-based Parallel Corpus Mining with Multilingual
Sentence Embeddings, ACL 2019): ``cos(x, y) / ((a(x) + b(y)) / 2)``, where ``a(x)`` is the mean cosine of
``x`` to its k nearest ``y`` and ``b(y)`` that of ``y`` to its k nearest ``x``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 1024
"""Most rows of a block: its products with all candidates are in memory at once."""

_PRODUCTS = 1 << 27
"""Most products in memory at once, 512 MB of them: with very many candidates a block has fewer rows."""

_SHORTLIST = 16
"""Nearest candidates kept a row; what they cannot decide is computed again in full."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest on both sides, nearest first.

    Attributes:
        forward: (queries, k') indices of candidates.
        forward_cosines: Their cosines.
        backward: (candidates, k'') indices of queries.
        backward_cosines: Their cosines.
    """

    forward: NDArray[np.int64]
    forward_cosines: NDArray[np.float32]
    backward: NDArray[np.int64]
    backward_cosines: NDArray[np.float32]


def nearest(
    queries: NDArray[np.float32], candidates: NDArray[np.float32], block: int = BLOCK
) -> NDArray[np.int64]:
    """Return the index of the candidate with the greatest cosine for every query; the first one on a tie.

    Args:
        queries: (n, width), unit vectors.
        candidates: (m, width), unit vectors, m > 0.
        block: Queries at a time.
    """
    import numpy as np

    found = np.empty(len(queries), np.int64)
    block = _rows(block, len(candidates))
    for start in range(0, len(queries), block):
        found[start : start + block] = (queries[start : start + block] @ candidates.T).argmax(1)
    return found


def neighbours(
    queries: NDArray[np.float32],
    candidates: NDArray[np.float32],
    k_forward: int,
    k_backward: int,
    block: int = BLOCK,
) -> Neighbours:
    """Return the nearest candidates of every query and the nearest queries of every candidate, in one pass.

    Every product is computed once: a block's rows are finished at once, its columns are merged with the
    best so far. Memory is that of one block beside the results.
    """
    import torch

    x, y = torch.from_numpy(queries), torch.from_numpy(candidates)
    n, m = len(queries), len(candidates)
    kf, kb = min(k_forward, m), min(k_backward, n)
    block = _rows(block, m)
    forward, cosines = torch.empty((n, kf), dtype=torch.long), torch.empty((n, kf))
    best: Any = torch.empty((0, m))
    rows: Any = torch.empty((0, m), dtype=torch.long)
    with torch.inference_mode():
        for start in range(0, n, block):
            products = x[start : start + block] @ y.T
            found = products.topk(kf, 1)
            cosines[start : start + block], forward[start : start + block] = found.values, found.indices
            here = products.topk(min(kb, len(products)), 0)
            best, rows = torch.cat([best, here.values]), torch.cat([rows, here.indices + start])
            if len(best) > kb:
                top = best.topk(kb, 0)
                best, rows = top.values, rows.gather(0, top.indices)
    return Neighbours(
        forward.numpy(), cosines.numpy(), rows.T.contiguous().numpy(), best.T.contiguous().numpy()
    )


def nearest_by_margin(
    queries: NDArray[np.float32], candidates: NDArray[np.float32], k: int = 4, block: int = BLOCK
) -> NDArray[np.int64]:
    """Return the index of the candidate with the greatest margin for every query, exactly.

    One pass keeps a shortlist a query. A candidate outside it has at most the shortlist's last cosine, and
    at least the smallest ``b``; where that could still beat the best of the shortlist, or a denominator
    may not be positive, the query's margins are computed again in full.
    """
    import numpy as np

    near = neighbours(queries, candidates, max(_SHORTLIST, k), k, block)
    a = near.forward_cosines[:, :k].mean(1)
    b = near.backward_cosines.mean(1)
    margins = 2 * near.forward_cosines / (a[:, None] + b[near.forward])
    choice = margins.argmax(1)
    at = np.arange(len(queries))
    found: NDArray[np.int64] = near.forward[at, choice]
    if near.forward.shape[1] == len(candidates):
        return found
    last, least = near.forward_cosines[:, -1], a + b.min()
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(last > 0, 2 * last / least, 2 * last / (a + b.max()))
    # A little slack, since both sides are rounded.
    block = _rows(block, len(candidates))
    open_rows = np.flatnonzero(~((least > 0) & (reach < margins[at, choice] - 1e-6)))
    for start in range(0, len(open_rows), block):
        rows = open_rows[start : start + block]
        found[rows] = (queries[rows] @ candidates.T / (a[rows, None] + b)).argmax(1)
    return found


def _rows(block: int, candidates: int) -> int:
    return max(min(block, _PRODUCTS // max(candidates, 1)), 1)


def mine(near: Neighbours, k: int = 4) -> list[tuple[int, int, float]]:
    """Return pairs of a query and a candidate with their margin, best first, each in one pair at most.

    As XTREME and LASER mine BUCC: every sentence of both sides proposes the best by margin of its k
    nearest; proposals are taken in the order of their margins while neither side is in a pair already.

    Args:
        near: Neighbours with at least k on both sides, or all there are.
        k: Neighbours that the margin is taken over, and that are looked at.
    """
    import numpy as np

    forward, forward_cosines = near.forward[:, :k], near.forward_cosines[:, :k]
    backward, backward_cosines = near.backward[:, :k], near.backward_cosines[:, :k]
    if not len(forward) or not len(backward):
        return []
    a, b = forward_cosines.mean(1), backward_cosines.mean(1)
    ahead = 2 * forward_cosines / (a[:, None] + b[forward])
    back = 2 * backward_cosines / (b[:, None] + a[backward])
    n, m = len(forward), len(backward)
    sources = np.concatenate([np.arange(n), backward[np.arange(m), back.argmax(1)]])
    targets = np.concatenate([forward[np.arange(n), ahead.argmax(1)], np.arange(m)])
    margins = np.concatenate([ahead.max(1), back.max(1)])
    taken_sources, taken_targets = np.zeros(n, bool), np.zeros(m, bool)
    pairs = []
    for i in np.argsort(-margins, kind="stable"):
        s, t = int(sources[i]), int(targets[i])
        if not taken_sources[s] and not taken_targets[t]:
            taken_sources[s] = taken_targets[t] = True
            pairs.append((s, t, float(margins[i])))
    return pairs


def best_threshold(margins: list[float], right: list[bool], n_gold: int) -> tuple[float, float]:
    """Return the threshold on margins that gives the best F1, and that F1.

    Args:
        margins: Of mined pairs, best first.
        right: Whether each pair is gold.
        n_gold: Gold pairs in all.

    Returns:
        The threshold, midway between the last pair taken and the first left out; pairs at it are taken.
        ``(0.0, 0.0)`` where nothing right was mined.
    """
    best, threshold, taken = 0.0, 0.0, 0
    for i, is_right in enumerate(right):
        taken += is_right
        f1 = 2 * taken / (i + 1 + n_gold)
        if taken and f1 > best:
            best = f1
            after = margins[i + 1] if i + 1 < len(margins) else margins[i]
            threshold = (margins[i] + after) / 2
    return threshold, best
