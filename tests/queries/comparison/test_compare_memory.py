"""What a comparison keeps of items: which items once, however many runs have them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_items import run, store_of

ITEMS, SEEDS = 15_000, 6
LANGUAGES = ("de", "en")

CHILD = """
import re, sys
from pathlib import Path
from intermezzo.queries.compare import Request, compare
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.reader import connect

def most():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024

with connect(open_store(Path(sys.argv[1]))) as reader:
    def asked(*seeds):
        (pair,) = compare(reader, Request(("A", "B"), task="xnli", train_seeds=seeds)).pairs
        assert [x.basis for x in pair.languages] == ["items"] * 2, pair
        return most()
    before = asked(0)
    print(asked() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_another_seed_costs_its_values_and_no_second_copy_of_the_item_ids(tmp_path: Path) -> None:
    # ids longer than 12 letters: what a column of strings takes is more than its 16 bytes an item
    ids = [f"validation-{n:08d}-0123456789abcdef" for n in range(ITEMS)]
    made = [
        run(
            system,
            {code: {i: float((n * 7 + seed * at) % 11 < 6) for n, i in enumerate(ids)} for code in LANGUAGES},
            seed=seed,
        )
        for at, system in enumerate("AB", start=1)
        for seed in range(SEEDS)
    ]
    store = store_of(tmp_path, made)
    # the allocator gives back at once what is not needed: the peak is what is held
    quiet = {**os.environ, "_RJEM_MALLOC_CONF": "narenas:1,dirty_decay_ms:0,muzzy_decay_ms:0"}
    found = subprocess.run(
        [sys.executable, "-c", CHILD, str(store.path)], env=quiet, capture_output=True, text=True, check=True
    )
    more_rows = 2 * (SEEDS - 1) * ITEMS * len(LANGUAGES)
    # its values and their influences, 40 to 55 bytes in all; 125 with ids and languages of its own
    assert int(found.stdout) < 85 * more_rows
