"""Coverage-guided fuzzing of every target: ``python tests/fuzz [--minutes M] [TARGET ...]``; prints a table.

Each target runs in a process of its own under atheris (the extra ``fuzz``). What it found is kept between
runs in ``--corpus``; an input that fails is written to ``--crashers`` and the process goes on without it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))


def fuzz(name: str, corpus: Path, crashers: Path, seconds: int) -> None:
    """Fuzz a target in this process until the time is up."""
    import atheris

    with atheris.instrument_imports(include=["intermezzo"], enable_loader_override=False):
        import targets as made

        target = made.targets()[name]
        for seed in target.seeds():
            try:
                target.run(seed)  # imports what it needs, so that all of it is watched
            except Exception as error:
                print("failed on its own seed", repr(error)[:300], flush=True)
    seen: set[str] = set()

    def one(data: bytes) -> None:
        try:
            target.run(data)
        except Exception as error:
            at = error.__traceback__
            while at is not None and at.tb_next is not None:
                at = at.tb_next
            where = f"{type(error).__name__} {at.tb_frame.f_code.co_filename}:{at.tb_lineno}" if at else ""
            if where not in seen:
                seen.add(where)
                file = crashers / f"{name.replace(' ', '-').replace('/', '-')}.{len(seen)}"
                file.write_bytes(data)
                print("CRASH", where, repr(error)[:200], "->", file.name, flush=True)

    def vary(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.6:
            lines = data.split(b"\n") if target.shape == "jsonl" else [data]
            at = chance.randrange(len(lines))
            try:
                body = made.varied(json.loads(lines[at]), chance.randrange)
                lines[at] = json.dumps(body).encode("utf-8", "surrogatepass")
                whole = b"\n".join(lines)
                if len(whole) <= most:
                    return whole
            except (ValueError, RecursionError, TypeError, LookupError):
                pass
        return atheris.Mutate(data, most)

    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed{number}").write_bytes(seed)
    arguments = [
        sys.argv[0],
        str(corpus),
        f"-max_total_time={seconds}",
        "-print_final_stats=1",
        "-verbosity=0",
    ]
    arguments += ["-max_len=20000", "-rss_limit_mb=4000", "-timeout=60", f"-artifact_prefix={crashers}/"]
    custom = {"custom_mutator": vary} if target.shape != "text" else {}
    atheris.Setup(arguments, one, **custom)
    atheris.Fuzz()


def main() -> int:
    """Fuzz the targets named, or all; say how many cases each had."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--minutes", type=float, default=2, help="of each target")
    parser.add_argument("--corpus", type=Path, default=Path("build/fuzz/corpus"))
    parser.add_argument("--crashers", type=Path, default=Path("build/fuzz/crashers"))
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    seconds = max(1, round(asked.minutes * 60))
    asked.crashers.mkdir(parents=True, exist_ok=True)
    if asked.alone:
        fuzz(
            asked.alone,
            asked.corpus / asked.alone.replace(" ", "-").replace("/", "-"),
            asked.crashers,
            seconds,
        )
        return 0
    import targets as made

    failed = cases = 0
    print(f"{'target':24} {'cases':>9} {'CPU s':>7} {'failures':>8}", flush=True)
    for name in asked.targets or made.targets():
        words = [sys.executable, __file__, "--alone", name, "--minutes", str(asked.minutes)]
        words += ["--corpus", str(asked.corpus), "--crashers", str(asked.crashers)]
        before = os.times()
        began = time.monotonic()
        ended = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        said = ended.stdout + ended.stderr
        found = re.search(r"number_of_executed_units:\s*(\d+)", said)
        crashes = re.findall(r"^CRASH.*|^failed on its own.*|.*ERROR: libFuzzer.*", said, re.MULTILINE)
        if found is None and not crashes:
            crashes = [f"ended with {ended.returncode} after {time.monotonic() - began:.0f} s: {said[-500:]}"]
        failed += len(crashes)
        cases += int(found[1]) if found else 0
        print(f"{name:24} {int(found[1]) if found else 0:9,} {cpu:7.0f} {len(crashes):8}", flush=True)
        for crash in crashes:
            print("   ", crash, flush=True)
    print(f"{'all':24} {cases:9,} {'':7} {failed:8}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
