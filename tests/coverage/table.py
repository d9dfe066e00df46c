"""Write docs/coverage.md: how often each kind of 95 % interval holds a truth that is known.

make coverage                                       the whole table
python tests/coverage/table.py --replications 500   a quick look, printed only
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

from coverage_cases import CASES, Case, Coverage, simulate

PAGE = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
LOW, HIGH = 0.93, 0.97

HEAD = """# Coverage of the intervals

How often a 95 % interval holds the true difference, in data simulated with a known truth. Written by
`make coverage` ({replications:,} data sets a row, seed {seed}); the cases are in
`tests/coverage/coverage_cases.py`, and `tests/coverage/test_coverage.py` runs a fast subset. Every row
has to lie between 93 and 97 %; the Monte Carlo error of a row is about ± {error:.1f} points (two standard
errors).

*too high* / *too low*: the whole interval lies above / below the truth, in %. *width*: mean width in
points (x 100). *simple method*: without the part of the method that the row is about, on the same data.

| case | covered % | too high | too low | width | simple method |
|---|---|---|---|---|---|
"""


def row(case: Case, found: Coverage) -> str:
    """One line of the table."""
    simple = "" if found.simple is None else f"{case.simple}: {100 * found.simple:.1f}"
    mark = "" if LOW <= found.covered <= HIGH else " **outside**"
    refused = f" ({found.refused} not computed)" if found.refused else ""
    return (
        f"| {case.name}{refused} | {100 * found.covered:.1f}{mark} | {100 * found.below:.1f} | "
        f"{100 * found.above:.1f} | {found.width:.2f} | {simple} |"
    )


def main() -> int:
    """Simulate all cases; 1 if one lies outside the band."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=20200526)
    parser.add_argument("--write", action="store_true", help="write docs/coverage.md")
    options = parser.parse_args()
    error = 200 * math.sqrt(0.95 * 0.05 / options.replications)
    lines, outside, began = [], 0, time.time()
    for case in CASES:
        found = simulate(case, options.replications, options.seed, with_simple=True)
        outside += not LOW <= found.covered <= HIGH
        lines.append(row(case, found))
        print(f"{time.time() - began:6.0f} s  {lines[-1]}", file=sys.stderr, flush=True)
    text = (
        HEAD.format(replications=options.replications, seed=options.seed, error=error)
        + "\n".join(lines)
        + "\n"
    )
    if options.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())
