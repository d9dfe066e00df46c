"""What a run says of itself is kept only in types that the index has columns for; the odd one is named."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import orjson
import pytest
from intermezzo.queries.records import Run
from intermezzo.queries.store.entry_types import check_entries
from intermezzo.queries.store.layout import StoreError
from intermezzo.queries.store.manifest import RunEntry, dump_entries
from intermezzo.queries.store.packs import pack
from store_samples import run

ODD: list[tuple[tuple[str, ...], Any, str]] = [
    (("task",), 7, "task is '7', not a text"),
    (("task",), None, "task is missing"),
    (("limit",), 2**31, "limit is '2147483648', not a whole number"),
    (("limit",), True, "limit is 'True', not a whole number"),
    (("eval_seed",), "17", "eval_seed is '17', not a whole number"),
    (("config",), [], "config or supersedes is missing"),
    (("supersedes",), "all", "config or supersedes is missing"),
    (("found", "name"), None, "name is missing"),
    (("found", "step"), 1.5, "step is '1.5', not a whole number"),
    (("sources", "size"), None, "size is missing"),
    (("sources", "guessed"), "so", "guessed is no list"),
    (("items", "rows"), -(2**63) - 1, "rows is"),
]


def deep() -> list[Any]:
    """A list in a list, more often than JSON is written."""
    found: list[Any] = []
    for _ in range(100_000):
        found = [found]
    return found


def raws() -> list[dict[str, Any]]:
    entries = [RunEntry(run(key), source_runs=(1,)) for key in "abc"]
    return [orjson.loads(data) | {"limit": None, "eval_seed": 2**62} for data in dump_entries(entries)[0]]


def test_sound_entries_pass() -> None:
    check_entries(raws())
    check_entries([])


@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize(("where", "value", "why"), ODD)
def test_one_odd_value_among_many_is_named(at: int, where: tuple[str, ...], value: Any, why: str) -> None:
    found = copy.deepcopy(raws())
    inside = found[at]
    for name in where[:-1]:
        inside = inside[name][0] if name == "sources" else inside[name]
    inside[where[-1]] = value
    with pytest.raises(TypeError, match=why):
        check_entries(found)


def test_what_lacks_a_part_is_refused() -> None:
    found = raws()
    del found[1]["items"]
    with pytest.raises(KeyError):
        check_entries(found)


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (replace(run("b"), tool=5), "tool is '5', not a text"),
        (replace(run("b"), config={"x": deep()}), "JSON"),
    ],
)
def test_a_pack_names_the_run_that_cannot_be_kept(odd: Run, why: str) -> None:
    with pytest.raises(StoreError, match=f"Run {odd.run_id} cannot be kept: .*{why}"):
        pack([run("a"), odd, run("c")], {"run_id": [], "metric": [], "value": []})
