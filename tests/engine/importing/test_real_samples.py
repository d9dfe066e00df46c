"""All real samples in one import: what became of each file, and how many runs, scores and items there are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import pytest
from intermezzo.engine.importing.pipeline import import_paths
from intermezzo.engine.importing.report import Report
from intermezzo.queries.store.layout import Store, open_store

FILES = {
    ("every_eval_ever", "every-eval-ever", "guessed"): 1,
    ("every_eval_ever", "every-eval-ever", "read"): 2,
    ("explainaboard", "explainaboard", "read"): 8,
    ("inspect", "inspect", "guessed"): 1,
    ("lm_eval_v03", "lm-eval-v0.3", "guessed"): 20,
    ("lm_eval_v04", "lm-eval", "guessed"): 13,
    ("lm_eval_v04", "lm-eval", "read"): 6,
    ("mteb", "mteb", "guessed"): 5,
    ("mteb", "mteb", "read"): 7,
    ("xtreme", "xtreme", "read"): 324,
    ("xtreme", "xtreme-scores", "read"): 2,
}
"""Folder, importer, status -> files that runs were read from."""

IGNORED = {
    "README.md",
    "every_eval_ever/eval.schema.json",
    "every_eval_ever/instance_level_eval.schema.json",
    "lm_eval_v03/bloom/bloom-560m/README.md",
    "lm_eval_v03/bloom/bloom-7b1/README.md",
    "lm_eval_v03/xglm/xglm-564M/README.md",
    "lm_eval_v03/xglm/xglm-7.5B/README.md",
    "sumeval/LICENSE",
    "sumeval/TyDiQA_XLMR_ID.json",
    "sumeval/TyDiQA_XLMR_OOD.json",
    "sumeval/UDPOS_XLMR.json",
}

RUNS = {
    "every-eval-ever": (7, 7, 1),
    "explainaboard": (4, 8, 36040),
    "inspect": (1, 1, 2),
    "lm-eval": (21, 99, 735),
    "lm-eval-v0.3": (20, 200, 0),
    "mteb": (18, 816, 0),
    "xtreme": (9, 262, 876),
    "xtreme-scores": (20, 738, 0),
}
"""Importer -> runs, scores, items."""


@pytest.fixture(scope="module")
def everything(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Store, Report]:
    """Import all samples once, for the tests of this module."""
    root = shared / "samples"
    store = open_store(tmp_path_factory.mktemp("all") / "store", create=True)
    return root, store, import_paths(store, [root])


@pytest.mark.slow
def test_every_file_has_its_status(everything: tuple[Path, Store, Report]) -> None:
    root, store, report = everything
    with duckdb.connect(str(store.results), read_only=True) as con:
        sources = con.execute("SELECT path, importer, status FROM sources").fetchall()
    counts = Counter(
        (Path(p).relative_to(root).parts[0], importer, status) for p, importer, status in sources
    )
    assert counts == FILES
    assert {str(Path(path).relative_to(root)) for path in report.files_ignored} == IGNORED
    assert (report.files_refused, report.files_waiting) == ((), ())

    # What gave no runs and is not unknown: files that say more about others, and a task without a scorer.
    metas = {str(path) for path in root.rglob("model_meta.json")}
    left_out = {str(path) for path in root.glob("xtreme/*/mewslix/*.json")}
    said = {remark.reason for remark in report.files_guessed if remark.path in left_out}
    assert said == {"mewslix has no scorer here: its files were left out"}
    files = {str(path) for path in root.rglob("*") if path.is_file()}
    assert {path for path, _, _ in sources} | metas | left_out | set(report.files_ignored) == files
    assert report.files_read == len(sources) + len(metas)


@pytest.mark.slow
def test_counts_of_runs_scores_and_items(everything: tuple[Path, Store, Report]) -> None:
    _, store, report = everything
    with duckdb.connect(str(store.results), read_only=True) as con:
        runs = con.execute(
            "SELECT importer, count(*), sum(coalesce(n_items, 0))::INT FROM runs GROUP BY 1"
        ).fetchall()
        scores = dict(
            con.execute(
                "SELECT importer, count(*) FROM runs JOIN scores USING (run_id) GROUP BY 1"
            ).fetchall()
        )
    assert {importer: (n, scores[importer], items) for importer, n, items in runs} == RUNS
    totals = [sum(column) for column in zip(*RUNS.values(), strict=True)]
    assert [report.runs_added, report.scores, report.items] == totals


@pytest.mark.slow
def test_a_second_import_finds_all_of_it_unchanged(everything: tuple[Path, Store, Report]) -> None:
    root, store, first = everything
    again = import_paths(store, [root])
    assert (again.runs_added, again.generation) == (0, None)
    assert again.files_unchanged >= first.files_read
