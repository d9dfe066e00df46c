"""A small experiment that runs in seconds: a tiny model, one intermediate task, a target and retrieval."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "training"))

from download_folder import make
from training_data import write_data

FILE = """
name = "tiny"
models = ["{model}"]
recipes = ["direct", "ccg"]
targets = ["xnli", "tatoeba"]
seeds = [1, 2]
languages = []
[data]
"*" = "data"
[training]
batch_size = 4
epochs = {epochs}
learning_rate = 1e-3
max_tokens = 48
[slurm]
cpus = 1
minutes = 10
memory_gb = 3
"""


def write_experiment(folder: Path, model: Path, epochs: float = 1) -> Path:
    """Write an experiment with its data; return its file."""
    write_data(folder / "data")
    make(folder / "data")
    path = folder / "tiny.toml"
    path.write_text(FILE.format(model=model, epochs=epochs))
    return path
