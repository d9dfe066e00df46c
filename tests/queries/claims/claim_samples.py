"""Claims and small stores for their tests; each store is made to pass or fail one audit."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from intermezzo.queries.claims.behind import Case, gather
from intermezzo.queries.claims.check import Checked, check_claims
from intermezzo.queries.claims.claim import Claim
from intermezzo.queries.claims.claim_file import claim_of
from intermezzo.queries.claims.rows import Row
from intermezzo.queries.claims.verdict import judge
from intermezzo.queries.records import Found, Run, Score, Source
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.writer import write_runs

BASE, OTHER = "xlm-r", "xlm-r + mnli"


def claim(**more: Any) -> Claim:
    """A claim that OTHER is better than BASE on XNLI, in every language, unless told otherwise."""
    said: dict[str, Any] = {"id": "better", "statement": "MNLI first helps."}
    if not {"sql", "compare", "question"} & more.keys():
        said |= {"question": "deltas", "params": {"system": OTHER, "task": "xnli"}}
    return claim_of({k: v for k, v in (said | more).items() if v is not None}, "test")


def row(unit: str, delta: float | None = None, low: float | None = None, high: float | None = None) -> Row:
    """A row with an interval and nothing else."""
    return Row(unit, delta, low, high, 100, "logged")


def case(said: Claim, *rows: Row) -> Case:
    """A case without a store behind it."""
    return Case(said, rows, judge(said, rows))


def score(language: str | None, value: float | None, **more: Any) -> Score:
    """An accuracy of 1,000 items in a language; of nobody's language: a stated mean."""
    usual: dict[str, Any] = {"metric": "accuracy", "implementation": "x", "n": 1000, "stderr": 0.01}
    if language is None:
        usual |= {"scope": "macro", "n": None, "stderr": None, "evidence": "published"}
    return Score(**(usual | {"value": value, "language": language} | more))


def run(recipe: str, *scores: Score, seed: int | None = None, content: str = "", **more: Any) -> Run:
    """A run of xlm-r on XNLI by a recipe; other ``content`` is another file."""
    found = Found(f"xlm-r-{recipe}", base_model="xlm-r", recipe=recipe, train_seed=seed)
    name = f"{recipe} {seed} {more} {[s.value for s in scores]}"
    digest = hashlib.sha256((content or name).encode()).hexdigest()
    source = Source(f"/results/{hashlib.sha256(name.encode()).hexdigest()[:8]}", digest, 1, 1, "test", 1)
    facts: dict[str, Any] = {"task": "xnli", "split": "test", "importer": "test", "importer_version": 1}
    return Run(found=found, sources=(source,), scores=scores, **(facts | more))


def store_of(folder: Path, *runs: Run) -> Store:
    """A published store of runs."""
    store = open_store(folder / "store", create=True)
    write_runs(store, [(r, None) for r in runs])
    publish(store, wait=True)
    return store


def checked(store: Store, said: Claim) -> Checked:
    """What a store makes of a claim."""
    with connect(store) as reader:
        [found] = check_claims(reader, [said])
    return found


def case_of(store: Store, said: Claim) -> Case:
    """The case of a claim asked of a store."""
    found = checked(store, said)
    with connect(store) as reader:
        return gather(reader, said, found.rows, judge(said, found.rows))


def pair(direct: dict[str, float], trained: dict[str, float], **more: Any) -> list[Run]:
    """A run of either recipe, with values by language."""
    return [
        run("direct", *(score(code, value) for code, value in direct.items()), **more),
        run("mnli", *(score(code, value) for code, value in trained.items()), **more),
    ]
