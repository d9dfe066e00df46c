"""A store whose every string would clear a screen, turn text round, or be markup that is never closed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from intermezzo.engine.jobs import JobSpec, make_job
from intermezzo.queries.claims.claim_file import claim_of
from intermezzo.queries.claims.kept import add_claims
from intermezzo.queries.claims.kept_verifications import add_verifications
from intermezzo.queries.claims.verification import verification_of
from intermezzo.queries.records import Found, Items, Run, Score, Source, identified
from intermezzo.queries.store.hidden import hide
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs
from intermezzo.queries.systems_edit import annotate

LANGUAGES = ("en", "de", "sw")


def evil(name: str) -> str:
    """Return a string for a field: CSI, OSC, C1, bidi, zero width, line ends, markup that ends nothing."""
    return f"[/x]{name}\x1b[2J\x1b]0;t\x07\x9b31m\u202e\u2066\u200b\u2028\r\n[red]=1"


def _score(language: str | None, value: float | None, metric: str = "accuracy", **more: Any) -> Score:
    words = {name: evil(name) for name in ("implementation", "locator")}
    return Score(metric, value, language, **words | more)


def _run(system: str, task: str, *scores: Score, **facts: Any) -> Run:
    """A run with every text field hostile, but for those that ``facts`` gives."""
    digest = hashlib.sha256(f"{system}{task}".encode("utf-8", "surrogatepass")).hexdigest()
    source = Source(f"/r/{evil(system + task)}", digest, 10, 1, evil("importer"), 1, (evil("guessed"),))
    found = Found(
        system,
        facts.pop("path", evil("folder")),
        evil("base"),
        evil("revision"),
        facts.pop("recipe", evil("recipe")),
        2,
        evil("prompt"),
        1,
        3,
    )
    names = ("key", "subset", "task_version", "dataset_revision", "filter", "prompt_hash", "checkpoint")
    more = ("split", "train_language", "selection", "tool", "tool_version", "date", "importer")
    said = {name: evil(name) for name in (*names, *more)}
    config = {evil("key"): [evil("value"), {evil("inner"): evil("value")}]}
    return identified(Run(found, task, (source,), scores, config=config, **said | facts))


def _items(right: int) -> Items:
    texts = {hashlib.sha256(t.encode()).hexdigest(): t for t in [evil(f"text {n}") for n in range(8)]}
    rows = [(code, n, sha) for code in LANGUAGES for n, sha in enumerate(texts)]
    return Items(
        {
            "language": [code for code, _, _ in rows],
            "item_id": [evil(f"item {n}") for _, n, _ in rows],
            "cluster_id": [evil(f"cluster {n % 4}") for _, n, _ in rows],
            "metric": ["accuracy"] * len(rows),
            "credit": [float(n < right) for _, n, _ in rows],
            "gold": [evil("gold")] * len(rows),
            "prediction": [evil(f"said {n < right}") for _, n, _ in rows],
            "text_sha": [sha for _, _, sha in rows],
        },
        partial=evil("partial"),
        texts=texts,
    )


def hostile_store(folder: Path) -> Store:
    """Make the store: two systems to compare, one on a task and in languages of its own, one hidden."""
    store = open_store(folder, create=True)
    same = {"subset": None, "split": "test"}
    first, second = (
        _run(
            evil(name),
            "xnli",
            *(_score(code, right / 8, n=8, evidence="recomputed", logged=0.9) for code in LANGUAGES),
            recipe=recipe,
            **same,
        )
        for name, recipe, right in (("a", "direct", 3), ("b", "mnli", 6))
    )
    strange = _run(
        evil("c"),
        evil("task"),
        _score(evil("language"), 0.5, evil("metric"), language_2=evil("pair"), subject=evil("subject")),
        _score("sw", None, gap=evil("gap")),
        _score(None, 0.25, scope="group", subject=evil("group")),
    )
    gone = _run(evil("gone"), "pawsx", _score("de", 0.5))
    runs = [(first, _items(3)), (second, _items(6)), (strange, None), (gone, None)]
    write_runs(store, runs)
    hide(store, [gone.run_id], evil("why"))
    texts = {name: evil(name) for name in ("statement", "source", "locator", "note", "family")}
    asked = {
        "question": "deltas",
        "params": {"system": evil("b"), "task": evil("task")},
        "units": [evil("unit")],
    }
    sql = "SELECT subject AS unit, 0.1 AS delta, 0.0 AS low, 0.2 AS high, 9 AS n, gap AS rung FROM scores"
    add_claims(
        store,
        [
            claim_of({"id": "asks", **texts, **asked}, "test"),
            claim_of({"id": "sql", **texts, "sql": sql}, "test"),
            claim_of({"id": "wrong", **texts, "sql": f"SELECT '{evil('sql')}' FROM \"{evil('t')}\""}, "test"),
        ],
        evil("by"),
    )
    names = ("by", "verdict", "method", "gate", "source", "locator", "date", "note", "rule")
    said: dict[str, Any] = {name: evil(name) for name in names}
    said |= {"claim": "asks", "reasons": [evil("reason")], "grades": {evil("grade"): evil("high")}}
    said["scores"] = [{"name": evil("score"), "value": 3, "text": evil("words")}]
    add_verifications(store, [verification_of(said, "test")])
    annotate(store, name=evil("a"), base_model=evil("base model"), recipe="direct")
    job = make_job(
        store,
        JobSpec("evaluate", {"task": evil("task"), "model": evil("model")}, evil("title")),
        evil("here"),
    )
    state = {"state": "failed", "message": evil("message"), "runs": [evil("run")], "done": 1, "total": 2}
    (job / "state.json").write_text(json.dumps(state))
    (job / "log.txt").write_text(evil("log"))
    publish(store, wait=True)
    return store
