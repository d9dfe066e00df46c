"""All formats at once: every file goes to the importer it belongs to, into a store, and only once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.importers import IMPORTERS
from intermezzo.engine.importing.claiming import claim
from intermezzo.engine.importing.pipeline import import_paths
from intermezzo.engine.importing.tree import list_tree
from intermezzo.queries.store.layout import open_store
from lm_eval_files import DATE, results, row
from reading_importers import write
from test_conll_import import masakhaner
from test_every_eval_ever_import import euroeval, line, record, result, with_samples
from test_explainaboard_import import PAIRS, output
from test_inspect_import import log, sample, zipped
from test_jiant_import import run_folder
from test_trainer_import import REAL

LONE = "\ud800"


def mixed(root: Path) -> dict[str, str]:
    """Write a folder with files of every kind, many in one folder; return path -> importer (or nothing)."""
    same = root / "same"
    write(same / f"results_{DATE}.json", results(row("xnli_fr")))
    write(same / "test-en_1.json", output(PAIRS))
    write(same / "log.json", log(sample("a", "C")))
    zipped(same / "log.eval", {})
    with_samples(same, record(result("bench", 0.5), library="unknown"), [line("q", 1.0)])
    write(same / "euroeval_benchmark_results.jsonl", json.dumps(euroeval()) + "\n")
    write(same / "notes.json", {"results": "nice", "predictions": [], "eval": 1, "version": 2})
    write(same / "predictions.txt", "no columns here\n")
    run_folder(root / "jiant-mnli")
    (root / "jiant-mnli" / "val_preds.p").write_bytes(b"\x80\x04.")
    shutil.copytree(REAL, root / "hf")
    write(root / "hf/xlmr-mnli/xnli/seed7/test_predictions.txt", "Ina B-PER\nso O\n")
    write(root / "hf/xlmr-mnli/xnli/test.txt", "Ina B-PER\nso O\n")
    masakhaner(root)
    claims = {"same/notes.json": "", "same/predictions.txt": ""}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_dir() or name in claims:
            continue
        if name.startswith("same/"):
            claims[name] = {
                f"results_{DATE}.json": "lm_eval",
                "test-en_1.json": "explainaboard",
                "log.json": "inspect_log",
                "log.eval": "inspect_log",
            }.get(path.name, "every_eval_ever")
        elif name.startswith("jiant"):
            claims[name] = "jiant"
        else:
            claims[name] = "conll" if path.name in ("test_predictions.txt", "test.txt") else "trainer"
    return claims


def test_every_file_of_a_mixed_folder_goes_where_it_belongs(tmp_path: Path) -> None:
    wanted = mixed(tmp_path)
    tree = list_tree(tmp_path)
    claims = claim(tree)
    assert not claims.refused
    found = {tree.relative(path): bundle.importer for bundle in claims.bundles for path in bundle.files}
    found |= {tree.relative(path): "" for path in claims.ignored}
    assert found == wanted


def test_a_mixed_folder_lands_in_a_store_once(tmp_path: Path) -> None:
    mixed(tmp_path / "in")
    hostile: dict[str, Any] = record(result("bench2", 0.5), library="unknown", evaluation_id=f"x{LONE}")
    write(tmp_path / "in/odd/r.json", json.dumps(hostile))
    store = open_store(tmp_path / "store", create=True)
    first = import_paths(store, [tmp_path / "in"])
    assert first.runs_added > 10
    assert first.items > 30
    assert {Path(r.path).name for r in first.files_refused} == {"log.eval", "val_preds.p"}
    second = import_paths(store, [tmp_path / "in"])
    assert (second.runs_added, second.runs_unchanged) == (0, 0)
    assert second.files_refused == first.files_refused


@pytest.mark.slow
def test_the_real_samples_file_by_file(shared: Path) -> None:
    tree = list_tree(shared / "samples")
    claims = claim(tree)
    assert not claims.refused
    wanted = {
        "explainaboard": "explainaboard",
        "inspect": "inspect_log",
        "every_eval_ever": "every_eval_ever",
        "lm_eval_v03": "lm_eval_v03",
        "lm_eval_v04": "lm_eval",
    }
    for bundle in claims.bundles:
        for path in bundle.files:
            folder = tree.relative(path).partition("/")[0]
            if folder == "xtreme":
                assert bundle.importer in ("xtreme", "xtreme_scores")
            elif folder in wanted:
                assert bundle.importer == wanted[folder], path
    left = {tree.relative(path) for path in claims.ignored}
    assert {name for name in left if name.partition("/")[0] in wanted} == {
        "every_eval_ever/eval.schema.json",
        "every_eval_ever/instance_level_eval.schema.json",
        *(f"lm_eval_v03/bloom/bloom-{size}/README.md" for size in ("560m", "7b1")),
        *(f"lm_eval_v03/xglm/xglm-{size}/README.md" for size in ("564M", "7.5B")),
    }
    assert not {name for name in left if name.startswith("xtreme/")}


def test_importers_are_registered_by_the_name_of_their_module() -> None:
    assert {"explainaboard", "every_eval_ever", "inspect_log", "jiant", "trainer", "conll"} < set(IMPORTERS)
