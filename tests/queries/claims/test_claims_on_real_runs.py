"""Claims over the real MasakhaNER runs: collapsed trainings and copied files keep them undetermined."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from claim_samples import checked, claim
from intermezzo.engine.importing.pipeline import import_paths
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.publisher import publish

pytestmark = pytest.mark.slow

MAPPING = """
scale = "unit"
[columns]
system = "model"
language = "lang"
seed = "seed"
split = "split"
prediction_hash = "blob_sha"
metrics = {f1 = "f1"}
[constants]
task = "masakhaner"
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Store:
    folder = tmp_path_factory.mktemp("masakhaner")
    (folder / "results").mkdir()
    shutil.copy(shared / "facts" / "masakhaner2_seed_f1.csv", folder / "results" / "runs.csv")
    (folder / "results" / "runs.mapping.toml").write_text(MAPPING)
    store = open_store(folder / "store", create=True)
    import_paths(store, [folder / "results"])
    publish(store)
    return store


def of(a: str, b: str) -> dict[str, object]:
    return {"question": "deltas", "params": {"system": a, "baseline": b, "task": "masakhaner"}}


def test_large_is_worse_than_base_by_means_because_trainings_collapsed(store: Store) -> None:
    found = checked(store, claim(rule="macro", **of("xlmrlarge", "xlmrbase")))
    mean = found.reasons[0]
    assert "-0.08065 (-0.1344 to -0.0269)" in mean  # wholly below 0, and yet no contradiction
    assert found.verdict == "undetermined"
    assert found.audit["identical-collapsed"].status == "fail"
    assert "xlmrlarge seed 2 collapsed in bbj" in found.audit["identical-collapsed"].why
    assert found.audit["seeds"].status == "pass"


@pytest.mark.parametrize("asked", ["deltas", "compare"])
def test_files_that_are_copies_of_another_models_are_found(store: Store, asked: str) -> None:
    how = {"compare": {"a": "afriberta", "b": "mbert", "task": "masakhaner", "over": "languages like these"}}
    found = checked(store, claim(rule="macro", **(how if asked == "compare" else of("afriberta", "mbert"))))
    why = found.audit["identical-collapsed"].why
    assert found.audit["identical-collapsed"].status == "fail"
    assert re.search(r"afriberta seed (\d+) and mbert seed \1 ", why), why
    assert "Without bbj" in found.audit["sensitivity"].why
