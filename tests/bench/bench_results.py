"""What the bench found, as JSON: every module with its rows, when and on what it was measured."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from bench_row import BenchRow

FORMAT = 1


@dataclass(frozen=True)
class Measurement:
    """The rows of one module, and the circumstances.

    Attributes:
        module: Its name.
        subject: What it is about, in a few words.
        about: How it measures.
        date: When it began, UTC.
        commit: What was checked out; with ``+`` where files were changed since.
        seconds: How long it took.
        load: Load average before and after: much above what the bench itself makes, and times mean little.
        settings: Variables ``BENCH_...`` that were set.
        machine: Processor, cores, memory, system.
        versions: Versions of everything installed.
        rows: What it found.
    """

    module: str
    subject: str
    about: str
    date: str
    commit: str
    seconds: float
    load: tuple[float, float]
    settings: dict[str, str]
    machine: dict[str, Any]
    versions: dict[str, str]
    rows: tuple[BenchRow, ...]


def now() -> str:
    """Return the time, UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def commit(root: Path) -> str:
    """Return what is checked out, or ``unknown``."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    return (git("rev-parse", "--short=12", "HEAD") or "unknown") + (
        "+" if git("status", "--porcelain") else ""
    )


def machine() -> dict[str, Any]:
    """Say what it was measured on."""
    import psutil

    info = Path("/proc/cpuinfo").read_text() if os.path.exists("/proc/cpuinfo") else ""
    models = [line.partition(":")[2].strip() for line in info.split("\n") if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Return the versions of everything that is installed here."""
    found = {
        str(d.metadata["Name"]).lower(): d.version for d in metadata.distributions() if d.metadata["Name"]
    }
    return dict(sorted(found.items()))


def settings() -> dict[str, str]:
    """Return the variables that say what is measured; of a path its last part, since it is of one machine."""
    return {
        name: Path(value).name if os.path.isabs(value) else value
        for name, value in sorted(os.environ.items())
        if name.startswith("BENCH_")
    }


def row_of(record: dict[str, Any]) -> BenchRow:
    """Read a row back."""
    lists = {name: tuple(record[name]) for name in ("rounds", "peer_rounds") if name in record}
    return BenchRow(**{**record, **lists})


def save(path: Path, found: list[Measurement]) -> None:
    """Write what was measured; modules that were not measured now stay as they were."""
    kept = {m.module: m for m in load(path)} if path.exists() else {}
    kept |= {m.module: m for m in found}
    # what all have in common stands once
    shared = [kept[name] for name in sorted(kept)]
    sets: list[dict[str, Any]] = []
    records = []
    for one in shared:
        record = asdict(one)
        place = {name: record.pop(name) for name in ("machine", "versions")}
        if place not in sets:
            sets.append(place)
        filled = [{k: v for k, v in row.items() if v not in (None, "", (), False)} for row in record["rows"]]
        records.append({**record, "rows": filled, "place": sets.index(place)})
    body = {"format": FORMAT, "places": sets, "measurements": records}
    path.write_text(json.dumps(body, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(path: Path) -> list[Measurement]:
    """Read what was measured."""
    body = json.loads(path.read_text("utf-8"))
    if body.get("format") != FORMAT:
        raise SystemExit(f"{path} is of another make of the bench: name another file, or delete it.")
    found = []
    for record in body["measurements"]:
        place = body["places"][record.pop("place")]
        rows = tuple(map(row_of, record.pop("rows")))
        first, second = record.pop("load")
        found.append(Measurement(**record, **place, rows=rows, load=(first, second)))
    return found
