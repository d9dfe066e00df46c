"""Files in the shape of lm-eval's, written by us, and what reading them gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from intermezzo.engine.importers import importer
from intermezzo.engine.importing.draft import Draft, Guessed, Refused, Waiting
from intermezzo.engine.importing.tree import list_tree

DATE = "2025-03-11T21-17-00.511682"


def row(name: str, n: int = 4, filter_: str = "none", **metrics: Any) -> dict[str, Any]:
    """What one task adds to a results file: a table of tables."""
    entry: dict[str, Any] = {"alias": f" - {name}"}
    for key, value in (metrics or {"acc": 0.5, "acc_stderr": 0.25}).items():
        entry[f"{key},{filter_}"] = value
    return {
        "results": {name: entry},
        "configs": {name: {"task": name, "validation_split": "validation", "output_type": "multiple_choice"}},
        "versions": {name: 1.0},
        "n-shot": {name: 0},
        "n-samples": {name: {"original": n, "effective": n}},
    }


def results(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A results file of v0.4 with some rows."""
    found: dict[str, Any] = {
        "results": {},
        "group_subtasks": {},
        "configs": {},
        "versions": {},
        "n-shot": {},
        "n-samples": {},
    }
    for one in rows:
        for key, value in one.items():
            found.setdefault(key, {}).update(value)
    found |= {
        "config": {
            "model": "hf",
            "model_args": "pretrained=org/model",
            "limit": None,
            "random_seed": 7,
            "fewshot_seed": 1234,
        },
        "date": 1741725072.8,
        "lm_eval_version": "0.4.9",
        "model_name": "org/model",
    }
    return found | more


def sample(doc_id: int, acc: Any = 1.0, filter_: str | None = "none", **more: Any) -> dict[str, Any]:
    """One line of a samples file."""
    line = {
        "doc_id": doc_id,
        "doc": {"premise": f"premise {doc_id}", "label": 1},
        "target": "1",
        "arguments": {"gen_args_0": {"arg_0": "x" * 50}},
        "resps": [[["-3.0", "False"]], [["-1.5", "False"]], [["-2.0", "True"]]],
        "filtered_resps": [["-3.0", "False"], ["-1.5", "False"], ["-2.0", "True"]],
        "doc_hash": "d",
        "acc": acc,
    }
    if filter_ is not None:
        line["filter"] = filter_
    return line | more


def write(folder: Path, body: dict[str, Any], name: str = f"results_{DATE}.json") -> Path:
    """Write a results file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(json.dumps(body, indent=2), encoding="utf-8")
    return path


def write_samples(folder: Path, task: str, lines: list[Any], name: str | None = None) -> Path:
    """Write a samples file; a line that is a string is written as it is."""
    path = folder / (name or f"samples_{task}_{DATE}.jsonl")
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    return path


class Outcomes:
    """Outcomes by kind."""

    def __init__(self, found: list[Any]) -> None:
        self.drafts = [o for o in found if isinstance(o, Draft)]
        self.refused = [o for o in found if isinstance(o, Refused)]
        self.guessed = [o.sentence for o in found if isinstance(o, Guessed)]
        self.waiting = [o for o in found if isinstance(o, Waiting)]

    @property
    def runs(self) -> list[Any]:
        return [draft.run for draft in self.drafts]

    @property
    def scores(self) -> list[Any]:
        return [score for run in self.runs for score in run.scores]

    def run(self, task: str, split: str | None = None) -> Any:
        (found,) = [r for r in self.runs if r.task == task and (split is None or r.split == split)]
        return found


def import_all(root: Path, name: str = "lm_eval") -> Outcomes:
    """Find and read everything that one importer claims under ``root``."""
    module = importer(name)
    bundles = list(module.find(list_tree(root)))
    return Outcomes([outcome for bundle in bundles for outcome in module.read(bundle)])
