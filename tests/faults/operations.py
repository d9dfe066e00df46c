"""What is killed and starved: each operation of the product on a small store, and what is there after it.

A case is a folder with ``store`` (watched) and whatever the operation reads. ``do`` acknowledges what the
product has told to be done; the same ``do`` again must complete, whatever happened before.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
for folder in ("engine", "engine/importers", "engine/training", "queries/claims", "queries/store"):
    sys.path.insert(0, str(TESTS / folder))

Acknowledge = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that the product does.

    Attributes:
        prepare: Makes a case's folder.
        do: Does it.
        engine: Whether it needs torch.
    """

    prepare: Callable[[Path], None]
    do: Callable[[Path, Acknowledge], None]
    engine: bool = False


def _store(folder: Path) -> Any:
    from intermezzo.queries.store.layout import open_store

    return open_store(folder / "store", create=True)


def _batch(prefix: str) -> list[tuple[Any, Any]]:
    from store_samples import items, run

    texts = {hashlib.sha256(t.encode()).hexdigest(): t for t in (prefix, "habari")}
    return [
        (run(f"{prefix}1", file=prefix), items(texts=texts)),
        (run(f"{prefix}2", file=prefix), None),
        (run(f"{prefix}3", file=prefix), None),
    ]


def _old(folder: Path, published: bool = True) -> Any:
    """Make a store with runs, a claim and a rule."""
    from intermezzo.queries.store.publisher import publish
    from intermezzo.queries.store.writer import write_runs

    store = _store(folder)
    write_runs(store, _batch("old"))
    if published:
        publish(store)
    return store


def _nothing(folder: Path) -> None:
    folder.mkdir(exist_ok=True)


def _create(folder: Path, acknowledge: Acknowledge) -> None:
    _store(folder)
    acknowledge("store")


def _write(folder: Path, acknowledge: Acknowledge) -> None:
    from intermezzo.queries.store.writer import write_runs

    for run_id in write_runs(_store(folder), _batch("new")).added:
        acknowledge(f"run {run_id}")


def _unpublished(folder: Path) -> None:
    _old(folder)
    _write(folder, lambda _: None)


def _publish(folder: Path, acknowledge: Acknowledge) -> None:
    from intermezzo.queries.store.publisher import publish

    publish(_store(folder))


def _rebuild(folder: Path, acknowledge: Acknowledge) -> None:
    from intermezzo.queries.store.publisher import rebuild

    rebuild(_store(folder))


def _results(folder: Path) -> None:
    """Files of three formats: one with items, one of many small ones, one refused."""
    from lm_eval_files import results, row, sample, write, write_samples
    from mteb_files import many

    _old(folder)
    root = folder / "in"
    write(root / "a", results(row("xnli_fr", n=2, acc=0.5), row("xcopa_et")))
    write_samples(root / "a", "xnli_fr", [sample(0, 1.0), sample(1, 0.0)])
    many(root, 4)
    (root / "scores.csv").write_text("system,task,language,metric,value\nm,xnli,de,accuracy,0.5\n")
    (root / "results_2020-01-01T00-00-00.json").write_text('{"results": {')


def _import(folder: Path, acknowledge: Acknowledge) -> None:
    from intermezzo.engine.importing.pipeline import import_paths

    report = import_paths(_store(folder), [folder / "in"])
    acknowledge(f"imported {report.runs_added + report.runs_unchanged}")


def _import_other_bulk(folder: Path, acknowledge: Acknowledge) -> None:
    """The bulk's packs by processes of their own, as for large trees."""
    from intermezzo.engine.importing import bulk

    bulk.ALONE, bulk.CHUNK_FILES = 1, 2
    _import(folder, acknowledge)


def _hide(folder: Path, acknowledge: Acknowledge) -> None:
    from intermezzo.queries.store.hidden import hide, unhide
    from intermezzo.queries.store.publisher import publish

    store = _store(folder)
    ids = sorted(run.run_id for run, _ in _batch("old"))
    hide(store, ids[:2], "wrong data")
    acknowledge("hidden")
    unhide(store, ids[:1])
    publish(store)


def _claims() -> list[Any]:
    from claim_samples import claim

    return [claim(), claim(id="second", statement="So it is.")]


def _claim(folder: Path, acknowledge: Acknowledge) -> None:
    from intermezzo.queries.claims.kept import add_claims
    from intermezzo.queries.claims.kept_verifications import add_verifications
    from intermezzo.queries.claims.verification import verification_of
    from intermezzo.queries.store.publisher import publish

    store = _store(folder)
    for name in add_claims(store, _claims(), "me")[0]:
        acknowledge(f"claim {name}")
    said = {"claim": "second", "by": "you", "method": "reading", "verdict": "supported"}
    add_verifications(store, [verification_of(said, "test")])
    acknowledge("verification you")
    publish(store)


def _with_claims(folder: Path) -> None:
    from intermezzo.queries.claims.kept import add_claims

    add_claims(_old(folder), _claims(), "me")


def _correct(folder: Path, acknowledge: Acknowledge) -> None:
    from claim_samples import claim
    from intermezzo.queries.claims.kept import correct
    from intermezzo.queries.errors import Problem
    from intermezzo.queries.store.publisher import publish

    store = _store(folder)
    for name, new in (("better", claim(statement="It helps, a little.")), ("second", None)):
        try:
            correct(store, name, new, "it was too much", "me")
        except Problem as problem:
            if "nothing was changed" not in str(problem) and "withdrawn already" not in str(problem):
                raise
        acknowledge(f"corrected {name}")
    publish(store)


def _annotate(folder: Path, acknowledge: Acknowledge) -> None:
    from intermezzo.queries.store.publisher import publish
    from intermezzo.queries.systems_edit import annotate

    store = _store(folder)
    annotate(store, name="org/model", base_model="xlm-r", recipe="mnli")
    acknowledge("rule")
    publish(store)


def _other(folder: Path) -> None:
    """A store, and another one with runs, a hidden one, claims and rules."""
    from intermezzo.queries.claims.kept import add_claims
    from intermezzo.queries.store.hidden import hide
    from intermezzo.queries.store.layout import open_store
    from intermezzo.queries.store.writer import write_runs
    from intermezzo.queries.systems_edit import annotate

    _old(folder)
    other = open_store(folder / "other", create=True)
    write_runs(other, _batch("new"))
    hide(other, [_batch("new")[0][0].run_id], "wrong data")
    add_claims(other, _claims(), "me")
    annotate(other, name="org/model", base_model="xlm-r", recipe="mnli")


def _merge(folder: Path, acknowledge: Acknowledge) -> None:
    from intermezzo.queries.errors import Problem
    from intermezzo.queries.store.layout import open_store
    from intermezzo.queries.store.moving import move_runs
    from intermezzo.queries.store.publisher import publish

    store = _store(folder)
    moved = move_runs(open_store(folder / "other"), store)
    for run_id in moved.added:
        acknowledge(f"run {run_id}")
    publish(store)
    if moved.refused:  # the command names them, and ends with 1
        raise Problem(str(moved.refused))


def _export(folder: Path, acknowledge: Acknowledge) -> None:
    """Some runs of the other store, one of them out of a pack, into a new one."""
    from intermezzo.queries.errors import Problem
    from intermezzo.queries.store.layout import open_store
    from intermezzo.queries.store.moving import move_runs
    from intermezzo.queries.store.publisher import publish

    wanted = [run.run_id for run, _ in _batch("new")][:2]
    store = _store(folder)
    moved = move_runs(open_store(folder / "other"), store, wanted)
    for run_id in moved.added:
        acknowledge(f"run {run_id}")
    publish(store)
    if moved.refused:
        raise Problem(str(moved.refused))


def _only_other(folder: Path) -> None:
    import shutil

    _other(folder)
    shutil.rmtree(folder / "store")


def _model(folder: Path) -> None:
    import download_folder
    from tiny_models import save_tiny

    _old(folder)
    download_folder.make(folder / "download", 4)
    save_tiny(folder / "head", "pair classification", download_folder.LABELS, layers=1)
    save_tiny(folder / "encoder", layers=1)


def _asked(folder: Path, task: str) -> Any:
    from intermezzo.engine.evaluation import Evaluation

    head = task == "xnli"
    return Evaluation(
        task,
        model=str(folder / ("head" if head else "encoder")),
        data=str(folder / "download"),
        device="cpu",
        options={"token_budget": 64} if head else {},
        # paths differ from case to case, and would make other runs
        found={"name": "tiny", "path": "tiny", "checkpoint": "tiny"},
    )


def _evaluate(folder: Path, acknowledge: Acknowledge) -> None:
    from intermezzo.engine.evaluation import evaluate

    store = _store(folder)
    for task in ("xnli", "bucc2018"):
        done = evaluate(store, _asked(folder, task))
        acknowledge(f"run {done.run_id}")


def _job(folder: Path, acknowledge: Acknowledge) -> None:
    from intermezzo.engine import work
    from intermezzo.engine.jobs import JobSpec, make_job

    made = make_job(_store(folder), JobSpec("evaluate", _asked(folder, "xnli").as_json(), "xnli"), "test")
    acknowledge(f"job {made.name}")
    if work.main(made):
        from intermezzo.queries.errors import Problem

        raise Problem(json.loads((made / "state.json").read_bytes()).get("message") or "see its log")


def _lessons(folder: Path) -> None:
    from tiny_models import save_tiny
    from training_data import write_data

    _old(folder)
    write_data(folder / "data", 12)
    save_tiny(folder / "encoder", layers=1)


def _stage(folder: Path) -> Any:
    from training_data import stage

    return stage(folder / "encoder", folder / "data", "mnli", epochs=1, batch_size=4, checks=2)


def _train(folder: Path, acknowledge: Acknowledge) -> None:
    from intermezzo.engine.training.stages import train_stage

    train_stage(_store(folder), _stage(folder), checkpoint_seconds=0)
    acknowledge("trained")


OPERATIONS: dict[str, Operation] = {
    "create a store": Operation(_nothing, _create),
    "write runs": Operation(_old, _write),
    "publish": Operation(_unpublished, _publish),
    "publish first": Operation(lambda folder: _old(folder, False) and None, _publish),
    "rebuild": Operation(_unpublished, _rebuild),
    "import": Operation(_results, _import),
    "import by processes": Operation(_results, _import_other_bulk),
    "hide": Operation(lambda folder: _old(folder) and None, _hide),
    "add claims": Operation(lambda folder: _old(folder) and None, _claim),
    "correct claims": Operation(_with_claims, _correct),
    "annotate systems": Operation(lambda folder: _old(folder) and None, _annotate),
    "merge": Operation(_other, _merge),
    "export": Operation(_only_other, _export),
    "evaluate": Operation(_model, _evaluate, engine=True),
    "job": Operation(_model, _job, engine=True),
    "train": Operation(_lessons, _train, engine=True),
}


# -- what is there


def state(folder: Path) -> dict[str, Any]:
    """Publish, look at everything as a user would, and return it without times and random names."""
    from intermezzo.queries.claims.kept import read_kept
    from intermezzo.queries.claims.kept_verifications import read_attempts
    from intermezzo.queries.store.publisher import publish
    from intermezzo.queries.store.reader import connect
    from intermezzo.queries.store.verify import verify

    if not (folder / "store").exists():
        return {"store": False}
    store = _store(folder)
    published = publish(store)
    told: dict[str, Any] = {
        "store": True,
        "notes": list(published.notes),
        "quarantine": published.quarantined,
    }
    told["damage"] = [f"{d.path}: {d.reason}" for d in verify(store)]
    with connect(store, fresh=False) as reader:
        told["runs"] = {
            run: [task, system, n, hidden]
            for run, task, system, n, hidden in reader.sql(
                "SELECT run_id, task, system, n_items, hidden_why FROM runs ORDER BY run_id"
            ).rows
        }
        scores = reader.sql(
            "SELECT run_id, count(*), sum(hash(language, metric, value)) FROM scores GROUP BY ALL"
        )
        told["scores"] = {run: [n, str(total)] for run, n, total in scores.rows}
        with_items = [run for run, (_, _, n, _) in told["runs"].items() if n]
        told["items"] = {run: _rows(path) for run, path in reader.items_paths(with_items).items()}
        told["texts"] = sorted(
            t for (t,) in reader.sql("SELECT DISTINCT texts_path FROM runs WHERE texts_path IS NOT NULL").rows
        )
        told["sources"] = sorted(
            [Path(path).name, status] for path, status in reader.sql("SELECT path, status FROM sources").rows
        )
    told["missing texts"] = [t for t in told["texts"] if not (store.path / t).is_file()]
    kept = read_kept(store)
    told["claims"] = sorted([k.claim.id, k.claim.statement, k.status] for k in kept.records)
    told["verifications"] = sorted(a.by for a in read_attempts(store).records)
    told["rules"] = store.systems_toml.read_text() if store.systems_toml.exists() else ""
    told["stages"] = _stages(store)
    told["jobs"] = _jobs(store)
    told["left"] = left_over(store.path)
    return told


def _rows(path: Path) -> list[Any]:
    import polars as pl

    frame = pl.read_parquet(path)
    return [frame.height, str(frame.hash_rows(1).sum())]


def _stages(store: Any) -> dict[str, Any]:
    from intermezzo.engine.training.folders import done_stages, model_folder

    return {
        name: [
            done["steps"],
            done["selected"],
            list(done["curve"]),
            hashlib.sha256((model_folder(store, name) / "model.safetensors").read_bytes()).hexdigest(),
        ]
        for name, done in done_stages(store).items()
    }


def _jobs(store: Any) -> dict[str, str]:
    from intermezzo.engine.jobs import jobs

    return {job.id: job.state for job in jobs(store)}


def left_over(store: Path) -> list[str]:
    """Return what a dead process has left behind and nobody has swept."""
    found = list((store / "tmp").iterdir()) if (store / "tmp").is_dir() else []
    for path in store.rglob("*"):
        name = path.name
        strange = name.endswith((".new", ".damaged")) or ".kept-" in name or name.startswith(".systems-")
        spool = path.parent == store / "jobs" / "spool"
        if (strange or spool) and store / "tmp" not in path.parents:
            found.append(path)
    with suppress(FileNotFoundError):
        for stage in (store / "stages").iterdir():
            names = {"curve.jsonl", "data.json", "done.json", "lock", "model", "stage.json"}
            found += [p for p in stage.iterdir() if p.name not in names and (stage / "done.json").exists()]
    return sorted({str(p.relative_to(store)) for p in found})
