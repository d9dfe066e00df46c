"""Put a store under load and say what came of it: ``python tests/load [--minutes M]``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from loading import put_under_load, table


def main() -> int:
    """Print counts; exit 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--importers", type=int, default=2)
    parser.add_argument("--apps", type=int, default=3)
    parser.add_argument("--shells", type=int, default=2)
    asked = parser.parse_args()
    counts = {name: getattr(asked, name) for name in ("writers", "importers", "apps", "shells")}
    print(", ".join(f"{count} {name}" for name, count in counts.items()), flush=True)
    with tempfile.TemporaryDirectory(prefix="intermezzo-load-") as folder:
        load = put_under_load(Path(folder), asked.minutes * 60, **counts)
    print("\n".join(table(load)))
    return 1 if load.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
