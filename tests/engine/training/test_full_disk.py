"""A stage on a disk that fills up: a sentence, and the next try ends as an undisturbed one."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from intermezzo.engine.training.folders import read_done, stage_folder
from intermezzo.queries.store.layout import open_store
from training_data import stage, write_data


def limit() -> None:
    # smaller than the weights; a file that gets too large fails as one does on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))


@pytest.mark.slow
def test_a_full_disk_is_a_sentence_and_costs_nothing(tmp_path: Path, tiny_model: Callable[..., Path]) -> None:
    what = stage(tiny_model(), write_data(tmp_path / "data"), "mnli", epochs=1)
    store = open_store(tmp_path / "store", create=True)
    here = str(Path(__file__).with_name("train_one.py"))
    command = [sys.executable, here, json.dumps(what.as_json()), str(store.path), "0"]
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    full = subprocess.run(command, env=env, capture_output=True, text=True, preexec_fn=limit)
    assert full.returncode
    last = full.stderr.strip().splitlines()[-1]
    assert f"Stage {what.stage_id} (mnli) cannot be kept" in last
    assert "a file may not get that large here" in last
    assert not list(stage_folder(store, what.stage_id).glob("*.new"))
    assert read_done(store, what.stage_id) is None
    subprocess.run(command, env=env, check=True)
    done = read_done(store, what.stage_id)
    assert done is not None
    assert done["steps"] == 6
