"""Trains a stage given as JSON, with a checkpoint after every step: a process that a test kills."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from intermezzo.engine.experiments.stages import stage_from
from intermezzo.engine.training.stages import train_stage
from intermezzo.queries.store.layout import open_store

if __name__ == "__main__":
    row, folder, pause = sys.argv[1:4]
    train_stage(
        open_store(Path(folder), create=True),
        stage_from(json.loads(row)),
        watch=lambda *_: time.sleep(float(pause)),
        checkpoint_seconds=0,
    )
