"""What an importer makes of a folder: its outcomes, sorted, for the tests of several importers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intermezzo.engine.importers import importer
from intermezzo.engine.importing.claiming import claim
from intermezzo.engine.importing.draft import Draft, Guessed, Refused, Waiting
from intermezzo.engine.importing.tree import list_tree
from intermezzo.queries.records import Items, Run, Score, identified


@dataclass
class Outcomes:
    drafts: list[Draft] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    guessed: list[Guessed] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)

    def run(self, task: str | None = None, split: str | None = None, name: str | None = None) -> Run:
        found = [
            d.run
            for d in self.drafts
            if task in (None, d.run.task)
            and split in (None, d.run.split)
            and name in (None, d.run.found.name)
        ]
        assert len(found) == 1, [(r.task, r.split, r.found.name) for r in found]
        return found[0]

    def items(self, run: Run) -> Items:
        (found,) = [d.items for d in self.drafts if d.run == run]
        assert found is not None
        return found

    def sentences(self) -> str:
        return "\n".join(g.sentence for g in self.guessed)

    def reasons(self) -> dict[str, str]:
        return {r.key or r.path.name: r.reason for r in self.refused}


def imported(root: Path, module: str) -> Outcomes:
    """Read a folder with all importers asked in turn; all that is claimed must go to ``module``."""
    claims = claim(list_tree(root))
    assert not claims.refused
    found = Outcomes()
    for bundle in claims.bundles:
        assert bundle.importer == module, (bundle.importer, bundle.main)
        bundle.context["root"] = str(root)
        for outcome in importer(module).read(bundle):
            if isinstance(outcome, Draft):
                found.drafts.append(outcome)
            elif isinstance(outcome, Refused):
                found.refused.append(outcome)
            elif isinstance(outcome, Guessed):
                found.guessed.append(outcome)
            else:
                found.waiting.append(outcome)
    ids = [identified(d.run).run_id for d in found.drafts]
    assert len(ids) == len(set(ids))
    for draft in found.drafts:
        json.dumps(draft.run.config, allow_nan=False)
    return found


def score(run: Run, metric: str, language: str | None = None, part: str = "") -> Score:
    found = [
        s
        for s in run.scores
        if s.metric == metric and s.language == language and part in (s.implementation or "")
    ]
    assert len(found) == 1, found
    return found[0]


def rows(items: Items, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(items.columns[name] for name in names), strict=True))


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path
