"""``make bench``: every module here with a function ``rows`` measures, and its rows make one table.

A module has a docstring whose first line is its subject and whose rest says how it measures, and
``rows() -> Iterable[BenchRow]``. Modules run one after another, each in a process of its own.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import bench_page
import bench_results
import bench_run
from bench_row import BenchRow

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
PAGE = HERE.parents[1] / "docs" / "bench.md"


def main() -> int:
    """Measure, keep and print; return 1 where a budget is missed or a row could not be had."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure beside peers.")
    parser.add_argument("--only", action="append", metavar="NAME", help="a module; may be repeated")
    parser.add_argument("--list", action="store_true", help="name the modules")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the figures are kept (JSON)")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page made of them")
    parser.add_argument(
        "--render", action="store_true", help="make the page of what is kept; measure nothing"
    )
    parser.add_argument("--folder", type=Path, default=HERE, help=argparse.SUPPRESS)
    parser.add_argument("--rows-of", metavar="NAME", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.rows_of:
        bench_run.write_rows(asked.folder, asked.rows_of)
        return 0
    names = bench_run.modules(asked.folder)
    if asked.list:
        print("\n".join(names))
        return 0
    if strange := set(asked.only or ()) - set(names):
        parser.error(f"there is no {', '.join(sorted(strange))}; there are {', '.join(names)}")
    found = []
    for name in () if asked.render else (asked.only or names):
        print(f"{name} ...", file=sys.stderr, flush=True)
        found.append(bench_run.measure(asked.folder, name, told))
        # at once: who ends the bench keeps what it has found
        bench_results.save(asked.results, found[-1:])
    kept = [m for m in bench_results.load(asked.results) if m.module in names]
    asked.page.write_text(bench_page.page(kept), encoding="utf-8")
    shown = kept if asked.render else found
    print(bench_page.text_table(shown))
    return int(any(row.missed or row.ours is None for one in shown for row in one.rows))


def told(row: BenchRow) -> None:
    """Show a row as it comes."""
    print("  ".join(filter(None, (*bench_page.cells(row), row.problem))), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
