"""Licences of what intermezzo installs, by extra, as each package's own metadata declare them.

``python tests/packaging/licences.py --write`` writes ``docs/licences.md`` from the environment that runs it,
which has to have every extra (``make engine``); without ``--write`` it prints the page.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/licences.md"
SETS = ("", "engine", "pocket", "slurm", "int8")
"""What users install: the core, and each extra on top of it. ``dev`` and ``bench`` come with no wheel."""

UNSTATED = "not stated"
LONG = 60
"""Characters beyond which a licence field holds the text of a licence rather than its name."""

HEAD = """# Licences of dependencies

Written by `python tests/packaging/licences.py --write` from the metadata of the installed packages: what
their authors declare, not a legal review. intermezzo itself is MIT. *core* comes with every installation; the
extras add what stands under their names. Versions are those of `constraints.txt`; yours may be others.
"""


def closure(extra: str) -> list[str]:
    """Return the canonical names of all that the core, or one extra alone, pulls in, sorted."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["optional-dependencies"][extra] if extra else project["dependencies"]
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(text) for text in wanted]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        asked = (name, frozenset(requirement.extras))
        if asked in found:
            continue
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            raise SystemExit(f"{name} is not installed here: say make engine, then this again.") from None
        found.add(asked)
        extras = {"", *requirement.extras}
        for text in needs:
            need = Requirement(text)
            if need.marker is None or any(need.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(need)
    return sorted({name for name, _ in found})


def licence(name: str) -> str:
    """Return what a package declares: SPDX expression, else classifiers, else a short licence field."""
    metadata = importlib.metadata.metadata(name)
    expression = metadata.get("License-Expression")
    if expression:
        return expression
    classified = [
        text.split(" :: ")[-1]
        for text in metadata.get_all("Classifier", [])
        if text.startswith("License ::") and text != "License :: OSI Approved"
    ]
    if classified:
        return ", ".join(re.sub(r"\s+", " ", text) for text in classified)
    field = (metadata.get("License") or "").strip()
    return field if field and len(field) <= LONG and "\n" not in field else UNSTATED


def lines() -> Iterator[str]:
    """Yield the page's lines."""
    yield from HEAD.splitlines()
    seen: set[str] = set()
    for extra in SETS:
        names = [name for name in closure(extra) if name not in seen]
        seen.update(names)
        yield f"\n## {extra or 'core'}\n"
        yield "| package | version | licence |"
        yield "|---|---|---|"
        for name in names:
            version = importlib.metadata.version(name).partition("+")[0]
            yield f"| {name} | {version} | {licence(name)} |"


if __name__ == "__main__":
    page = "\n".join(lines()) + "\n"
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page)
    else:
        print(page, end="")
