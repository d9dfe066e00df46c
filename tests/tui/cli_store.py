"""A small store for tests of the command line: few numbers, each odd in one way."""

from __future__ import annotations

import hashlib
from pathlib import Path

from intermezzo.queries.records import Found, Run, Score, Source, identified
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs

HOSTILE = "evil\x1b[2J\u202ename"
"""A system's name that would clear a screen."""


def run(
    name: str, task: str, scores: tuple[Score, ...], *, base: str | None = None, recipe: str | None = None
) -> Run:
    """Make a run of a system on the test split of a task."""
    source = Source(
        f"/results/{name}/{task}.json",
        f"{hashlib.sha256(f'{name} {task}'.encode()).hexdigest()}",
        10,
        1,
        "test",
        1,
    )
    found = Found(name=name, path=f"{task}/results.json", base_model=base, recipe=recipe)
    return identified(
        Run(
            found=found, task=task, sources=(source,), scores=scores, split="test", date="2026-01-16T10:00:00"
        )
    )


def accuracy(language: str, value: float | None, **more: object) -> Score:
    """Make an accuracy in a language, of 400 items."""
    values = {"n": 400, "stderr": 0.02, "implementation": "lm-eval acc", **more}
    return Score("accuracy", value, language=language, **values)  # type: ignore[arg-type]


def small_store(folder: Path) -> Store:
    """Make a store of two known systems, one unknown and one with a hostile name."""
    big = "xlm-roberta-large"
    store = open_store(folder, create=True)
    runs = [
        run(
            "direct",
            "xnli",
            (accuracy("en", 0.9), accuracy("de", 0.8), accuracy("sw", 0.7)),
            base=big,
            recipe="direct",
        ),
        run(
            "stilt",
            "xnli",
            (accuracy("en", 0.91), accuracy("de", 0.825), accuracy("sw", 0.7)),
            base=big,
            recipe="mnli",
        ),
        run("direct", "pawsx", (accuracy("de", 1 / 3),), base=big, recipe="direct"),
        run(
            "stilt",
            "pawsx",
            (accuracy("de", None, n=None, stderr=None, gap="the paper gives none"),),
            base=big,
            recipe="mnli",
        ),
        run(
            "=mystery",
            "xnli",
            (
                accuracy("en", 0.5, evidence="recomputed", logged=0.6),
                accuracy("de", None, n=None, stderr=None, gap="its file was cut short"),
            ),
        ),
        run(HOSTILE, "xnli", (accuracy("en", 0.25, stderr=None),)),
    ]
    write_runs(store, [(r, None) for r in runs])
    publish(store, wait=True)
    return store
