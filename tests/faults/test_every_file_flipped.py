"""One flipped bit in each kind of file of a store: named where it changes data, and the rest opens."""

from __future__ import annotations

import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import operations
import polars as pl
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "queries" / "store"))

from intermezzo.engine.jobs import JobSpec, jobs, make_job
from intermezzo.engine.spool import Spool
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.hidden import hide
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.verify import verify
from store_samples import flip

NAMED, CONTENT, SAID, TEXT, DERIVED = "named", "content", "said", "text", "derived"
"""What comes of a flip: ``verify`` names the file; it does where what is in it changed; opening or reading
says a sentence; no run hangs on it, and nothing else changes; it is built again."""

KINDS = {
    r"VERSION": SAID,
    r"runs/[0-9a-f]{24}/manifest\.json": NAMED,
    r"runs/[0-9a-f]{24}/scores\.parquet": NAMED,
    r"runs/[0-9a-f]{24}/items\.parquet": NAMED,
    r"runs/p[0-9a-f]{23}/manifest\.json": NAMED,
    r"runs/p[0-9a-f]{23}/scores\.parquet": NAMED,
    r"texts/[0-9a-f]{64}\.parquet": CONTENT,
    r"claims/[0-9a-f]+\.json": NAMED,
    r"verifications/[0-9a-f]+\.json": NAMED,
    r"hidden/[0-9a-f]+\.json": NAMED,
    r"imports/[0-9a-f]+\.json": TEXT,
    r"systems\.toml": TEXT,
    r"index/.+\.duckdb": DERIVED,
    r"index/results\.json": DERIVED,
    r"results\.duckdb": DERIVED,
    r"jobs/[^/]+/job\.json": TEXT,
    r"jobs/[^/]+/state\.json": TEXT,
    r"jobs/spool/[^/]+/finished\.jsonl": SAID,
}
"""All kinds but locks and logs; those of a training are in test_flipped_bytes and test_stage_training."""

NO_DATA = r".*(lock|log\.txt)"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store with a file of each kind."""
    folder = tmp_path_factory.mktemp("whole")
    operations._results(folder)
    (folder / "in/a/results_2020-01-02T00-00-00.000000.json").write_text("no JSON at all")
    said: list[str] = []
    for do in (operations._write, operations._import, operations._claim, operations._annotate):
        do(folder, said.append)
    store = open_store(folder / "store")
    hide(store, [operations._batch("old")[0][0].run_id], "wrong data")
    make_job(store, JobSpec("evaluate", {"task": "xnli"}, "t"), "here")
    spool = store.path / "jobs" / "spool" / "a"
    spool.mkdir(parents=True)
    Spool(spool).write([[0, "a"], [1, "b"]])
    publish(store)
    assert verify(store) == []
    return store.path


def kind_of(path: str) -> str:
    found = [pattern for pattern in KINDS if re.fullmatch(pattern, path)]
    assert len(found) == 1, f"{path}: say in KINDS what comes of a flip"
    return found[0]


def test_every_file_is_of_a_kind_and_every_kind_is_there(whole: Path) -> None:
    files = [str(p.relative_to(whole)) for p in whole.rglob("*") if p.is_file()]
    assert {kind_of(f) for f in files if not re.fullmatch(NO_DATA, f)} == set(KINDS)


def looked_at(path: Path) -> tuple[int, list[str]]:
    """Return how many runs a person sees, after everything was read; and what ``verify`` names."""
    store = open_store(path)
    published = publish(store)
    with connect(store) as reader:
        for table in ("runs", "scores", "sources", "claims"):
            reader.sql(f"SELECT * FROM {table}")
        for (run,) in reader.sql("SELECT run_id FROM runs WHERE n_items > 0").rows:
            with suppress(Problem):
                reader.items_paths([run])
    jobs(store)
    return published.runs, [d.path for d in verify(store)]


def texts_in(path: Path) -> list[tuple[str, ...]]:
    return sorted(pl.read_parquet(path).rows())


@pytest.mark.slow
@pytest.mark.parametrize("pattern", KINDS)
def test_a_flipped_bit(whole: Path, tmp_path: Path, pattern: str) -> None:
    runs, _ = looked_at(whole)
    for where in (0.0, 0.5, 0.9):
        copy = tmp_path / str(where)
        shutil.copytree(whole, copy)
        path = next(p for p in sorted(copy.rglob("*")) if re.fullmatch(pattern, str(p.relative_to(copy))))
        name = str(path.relative_to(copy))
        flip(path, where)
        if pattern == "VERSION":
            with pytest.raises(Problem, match="VERSION"):
                looked_at(copy)
            continue
        seen, damage = looked_at(copy)
        named = any(name.startswith(d) or d.startswith(name) for d in damage)
        if KINDS[pattern] == NAMED:
            assert named, damage
            assert seen >= runs - 3  # of a pack: all that are in it
        elif KINDS[pattern] == CONTENT:
            assert named or texts_in(path) == texts_in(whole / name)
        else:
            assert seen == runs
            assert {d.split("/")[0] for d in damage} <= {"index"}
        if pattern.startswith("jobs/spool"):
            assert Spool(path.parent).read() == [[0, "a"], [1, "b"]][: int(where * 2)]
