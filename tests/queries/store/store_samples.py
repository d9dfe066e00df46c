"""Small runs for tests of the store, each number chosen so that a mix-up shows."""

from __future__ import annotations

import hashlib
from pathlib import Path

from intermezzo.queries.records import Found, Items, Run, Score, Source, identified
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.reader import Reader

TABLES = (
    "runs",
    "scores",
    "sources",
    "language_scores",
    "yardsticks",
    "systems",
    "replacements",
    "quarantine",
)


def source(name: str, version: int = 1, content: str = "") -> Source:
    """A source file called ``name``; other ``content`` is another file at the same place."""
    digest = hashlib.sha256(f"{name}{content}".encode()).hexdigest()
    return Source(f"/results/{name}.json", digest, 100, 5, "sample", version)


def run(
    key: str = "a",
    *,
    file: str = "one",
    name: str = "org/model",
    task: str = "xnli",
    value: float = 0.5,
    languages: tuple[str, ...] = ("en", "sw"),
    version: int = 1,
    content: str = "",
    supersedes: tuple[str, ...] = (),
    path: str = "",
) -> Run:
    """A run of ``name`` on ``task``: value, value + 0.01, ... for its languages."""
    return identified(
        Run(
            found=Found(name=name, path=path),
            task=task,
            split="test",
            key=key,
            sources=(source(file, version, content),),
            scores=tuple(
                Score("accuracy", value + i / 100, code, n=10, stderr=0.1, implementation="sample acc")
                for i, code in enumerate(languages)
            ),
            importer="sample",
            importer_version=version,
            supersedes=supersedes,
        )
    )


def items(
    languages: tuple[str, ...] = ("sw", "en"), n: int = 10, texts: dict[str, str] | None = None
) -> Items:
    """Items in an order that is not the store's."""
    columns: dict[str, list[object]] = {"language": [], "item_id": [], "metric": [], "credit": [], "gold": []}
    for code in languages:
        for i in reversed(range(n)):
            columns["language"].append(code)
            columns["item_id"].append(f"{i:03d}")
            columns["metric"].append("accuracy")
            columns["credit"].append(float(i % 2))
            columns["gold"].append("yes")
    return Items(columns, texts=texts or {})


def new_store(folder: Path) -> Store:
    """An empty store in ``folder``."""
    return open_store(folder / "store", create=True)


def contents(reader: Reader) -> dict[str, list[tuple[object, ...]]]:
    """What the tables of an index hold, in an order of its own."""
    return {t: sorted(reader.sql(f"SELECT t::VARCHAR FROM {t} t").rows) for t in TABLES}


def flip(path: Path, where: float = 0.5) -> None:
    """Flip one bit of the byte at the given fraction of the file, whatever its permissions."""
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[int(len(data) * where)] ^= 1
    path.write_bytes(bytes(data))
