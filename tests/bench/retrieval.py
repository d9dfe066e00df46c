"""Exact nearest neighbours in blocks, beside the full matrix of all products.

Pairs of unit vectors of 384 numbers in clusters, one of each pair a noisy copy of the other; by cosine, and
by margin over 4 neighbours. Ours and the full matrix (numpy for cosine, torch for the margin) take turns,
each time in a process of its own, so that its peak memory beside the vectors is known; the best round counts.
10,000 pairs; BENCH_PAIRS=10000,100000 adds 100,000, where a full matrix would take 40 GB and the peer is the
products alone.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from bench_clock import clock
from bench_row import BenchRow
from numpy.typing import NDArray

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
PAIRS = os.environ.get("BENCH_PAIRS", "10000")
WIDTH, K = 384, 4
WHOLE = 20_000
"""Most pairs whose products are all held at once: 1.6 GB of them."""

Vectors = NDArray[np.float32]


class Taken(NamedTuple):
    """What a way took: seconds, MB beside the vectors, accuracy."""

    seconds: float
    memory: float
    accuracy: float


def pairs(count: int) -> tuple[Vectors, Vectors]:
    """Return as many pairs, the same each time."""
    chance = np.random.default_rng(0)
    centres = chance.standard_normal((64, WIDTH), dtype=np.float32)
    y = (
        chance.standard_normal((count, WIDTH), dtype=np.float32)
        + 1.5 * centres[chance.integers(0, 64, count)]
    )
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    x = y + np.float32(0.13) * chance.standard_normal((count, WIDTH), dtype=np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x, y


def ours_cosine(x: Vectors, y: Vectors) -> Any:
    """Ours."""
    from intermezzo.engine.neighbours import nearest

    return nearest(x, y)


def ours_margin(x: Vectors, y: Vectors) -> Any:
    """Ours."""
    from intermezzo.engine.neighbours import nearest_by_margin

    return nearest_by_margin(x, y, K)


def full_cosine(x: Vectors, y: Vectors) -> Any:
    """All products at once."""
    return (x @ y.T).argmax(1)


def full_margin(x: Vectors, y: Vectors) -> Any:
    """All products at once, and the means over the nearest on both sides."""
    import torch

    with torch.inference_mode():
        products = torch.from_numpy(x) @ torch.from_numpy(y).T
        a, b = products.topk(K, 1).values.mean(1), products.topk(K, 0).values.mean(0)
        return (products / (a[:, None] + b)).argmax(1).numpy()


def products(x: Vectors, y: Vectors) -> Any:
    """Only the products, block by block, nothing looked at: what no exact way is faster than."""
    for start in range(0, len(x), 1024):
        x[start : start + 1024] @ y.T
    return np.arange(len(x))


WAYS: dict[str, Callable[[Vectors, Vectors], Any]] = {
    way.__name__: way for way in (ours_cosine, ours_margin, full_cosine, full_margin, products)
}


def take(way: str, count: int) -> Taken:
    """Search in a process of its own."""
    command = [sys.executable, __file__, way, str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return Taken(*json.loads(done.stdout))


def rows() -> Iterator[BenchRow]:
    """Yield time and memory of every size."""
    for count in map(int, PAIRS.split(",")):
        for measure in ("cosine", "margin"):
            yield from _measured(measure, count)


def _measured(measure: str, count: int) -> Iterator[BenchRow]:
    whole = count <= WHOLE
    other = f"full_{measure}" if whole else "products"
    found: dict[str, list[Taken]] = {f"ours_{measure}": [], other: []}
    for _ in range(ROUNDS if whole else 1):
        for way, taken in found.items():
            taken.append(take(way, count))
    own, peer = found.values()
    if whole and abs(own[0].accuracy - peer[0].accuracy) > 2 / count:
        raise SystemExit(f"{measure} finds otherwise: {own[0].accuracy} against {peer[0].accuracy}")
    library = "numpy" if measure == "cosine" else "torch"
    name = f"{library}, full matrix" if whole else "products alone"
    asked = {"less": True, "size": count, "of": "pairs"}
    margin = measure == "margin"
    yield BenchRow(
        f"retrieval by {measure}, {count // 1000}k x {count // 1000}k",
        min(t.seconds for t in own), name, min(t.seconds for t in peer), "s",
        budget=1.0 if whole and margin else None, limit=87.0 if margin and count == 100_000 else None,
        rounds=tuple(t.seconds for t in own), peer_rounds=tuple(t.seconds for t in peer),
        note=f"finds {100 * own[0].accuracy:.2f} % of the pairs", **asked,
    )  # fmt: skip
    yield BenchRow(
        f"its memory beside the vectors, {measure}",
        min(t.memory for t in own), name, min(t.memory for t in peer), "MB",
        budget=0.5 if whole else None, limit=850.0 if margin and count == 100_000 else None,
        rounds=tuple(t.memory for t in own), peer_rounds=tuple(t.memory for t in peer), **asked,
    )  # fmt: skip


def main(way: str, count: int) -> None:
    """Search once and print seconds, MB beside the vectors, accuracy."""
    import torch

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    few = pairs(64)
    WAYS[way](*few)  # what is loaded at the first call is no part of it
    x, y = pairs(count)
    before, now = peak(), clock()
    begun = now()
    found = WAYS[way](x, y)
    seconds = now() - begun
    assert torch.get_num_threads()
    print(json.dumps([seconds, peak() - before, float((found == np.arange(count)).mean())]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
