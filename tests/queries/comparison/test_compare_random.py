"""Random stores: whatever runs cover which languages, seeds and items, values are of the common items."""

from __future__ import annotations

import math
import random
from dataclasses import fields
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from intermezzo.queries.compare import NoYardstick, Request, compare
from intermezzo.queries.store.reader import connect
from small_items import run, store_of, value_of

CODES = ("de", "en", "sw", "ur", "yo")


def random_runs(
    rng: random.Random, system: str, *, counts: bool
) -> list[tuple[int, dict[str, dict[str, Any]], bool]]:
    """Runs of a system as (seed, items by language, whether items are kept); a seed may be several runs."""
    out = []
    for seed in range(rng.choice((1, 1, 2, 3))):
        covered = rng.sample(CODES, rng.randint(1, 5))
        parts = [covered] if rng.random() < 0.6 else [[code] for code in covered]
        for part in parts:
            given = {}
            for code in part:
                ids = [str(i) for i in range(20)] if rng.random() < 0.7 else [str(i) for i in range(5, 25)]
                rng.shuffle(ids)
                given[code] = {i: credit(rng, i, counts=counts) for i in ids}
            out.append((seed, given, rng.random() < 0.9))
    return out


def credit(rng: random.Random, item: str, *, counts: bool) -> Any:
    if not counts:
        return float(rng.random() < 0.6)
    gold = int(item) % 3 + 1
    tp = rng.randint(0, gold)
    return (tp, tp + rng.randint(0, 2), gold)


@pytest.mark.parametrize("counts", [False, True])
@pytest.mark.parametrize("start", range(3))
def test_values_are_those_of_the_items_that_all_runs_have(tmp_path: Path, start: int, counts: bool) -> None:
    rng = random.Random(100 * start + counts)
    facts = {"task": "panx", "metric": "f1", "implementation": "test f1"} if counts else {}
    systems = {f"S{n}": random_runs(rng, f"S{n}", counts=counts) for n in range(6)}
    made = [
        run(name, given, seed=seed, keep_items=kept, **facts)
        for name, runs in systems.items()
        for seed, given, kept in runs
    ]
    seen = {"items": 0, "values": 0, "none": 0}
    with connect(store_of(tmp_path, made)) as reader:
        for a, b in combinations(systems, 2):
            try:
                (pair,) = compare(reader, Request((a, b), task="panx" if counts else "xnli")).pairs
            except NoYardstick as error:
                pytest.fail(str(error))
            has = [{code for _, given, _ in systems[s] for code in given} for s in (a, b)]
            assert {x.label for x in pair.languages} == has[0] & has[1]
            for entry in pair.languages:
                seen[entry.basis or "none"] += 1
                for part in fields(entry):
                    number = getattr(entry, part.name)
                    assert not isinstance(number, float) or math.isfinite(number)
                assert (entry.low is None) == (entry.p is None) == (entry.stderr is None)
                assert entry.low is not None or entry.reason
                check(entry, systems[a], systems[b])
    assert seen["items"] > 10
    assert seen["values"] > 3


def check(entry: Any, *sides: list[tuple[int, dict[str, dict[str, Any]], bool]]) -> None:
    code = entry.label
    own = [[(given[code], kept) for _, given, kept in runs if code in given] for runs in sides]
    kept = all(k for side in own for _, k in side)
    common = set.intersection(*(set(given) for side in own for given, _ in side))
    if kept:
        assert (entry.basis, entry.n) == ("items", len(common))
        wanted = [
            sum(value_of({i: given[i] for i in common}) for given, _ in side) / len(side) for side in own
        ]
    else:
        assert entry.basis in ("values", None)
        wanted = [sum(value_of(given) for given, _ in side) / len(side) for side in own]
    assert (entry.a, entry.b) == pytest.approx(tuple(wanted))
    if entry.delta is not None:
        assert entry.delta == pytest.approx(wanted[0] - wanted[1])
