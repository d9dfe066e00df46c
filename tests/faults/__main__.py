"""Faults at every point of every operation: ``python tests/faults [--points N] [--kinds K ...] [NAME]``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from points import KINDS, Tally, Zygote, compiled, operations, try_all


def line_of(name: str, tally: Tally, kinds: int) -> str:
    """Return a line of the table."""
    return f"{name:22} {tally.points:6} {kinds:5} {tally.cases:6} {tally.met:6} {len(tally.wrong):5}"


def main() -> int:
    """Try them and print a table; exit 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("operations", nargs="*", help="all where none is named")
    parser.add_argument("--points", type=int, help="at most so many points of each operation and kind")
    parser.add_argument("--kinds", nargs="*", choices=list(KINDS), default=list(KINDS))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="intermezzo-faults-") as scratch:
        home = Path(scratch)
        library = compiled(home)
        if library is None:
            print("left out: faults at every call need Linux and a C compiler", file=sys.stderr)
            return 2
        print(f"{'operation':22} {'points':>6} {'kinds':>5} {'cases':>6} {'met':>6} {'wrong':>5}", flush=True)
        total = Tally()
        for name in asked.operations or operations.OPERATIONS:
            folder = home / name.replace(" ", "-")
            with Zygote(library, operations.OPERATIONS[name].engine, home) as zygote:
                *_, tally = try_all(zygote, name, folder, asked.kinds, asked.points)
            print(line_of(name, tally, len(asked.kinds)), flush=True)
            for line in tally.wrong:
                print("   ", line, flush=True)
            total.points += tally.points
            total.cases += tally.cases
            total.met += tally.met
            total.wrong += tally.wrong
        print(line_of("all", total, len(asked.kinds)))
        return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
