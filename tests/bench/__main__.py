"""``make bench``: every module here with a function ``rows`` measures, and its rows are printed.

``python tests/bench [MODULE ...]`` measures some of them. Exits with 1 where a budget is missed.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    """Measure and print; say how many budgets were missed."""
    every = sorted(p.stem for p in Path(__file__).parent.glob("*.py") if "def rows(" in p.read_text())
    missed = 0
    for name in names or every:
        for row in importlib.import_module(name).rows():
            print(row, flush=True)
            missed += row.missed
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
