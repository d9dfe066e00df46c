"""Experiment files for tests: small, each part that can be said."""

from __future__ import annotations

from pathlib import Path

from intermezzo.engine.experiments.file import Experiment, read_experiment

SMALL = """
models = ["a/model"]
recipes = ["direct", "mnli", "mnli > qqp", "qqp + mnli"]
targets = ["xnli", "pawsx", "tatoeba"]
seeds = [1, 2]
[training]
epochs = 2
[intermediate]
learning_rate = 1e-5
[task.pawsx]
epochs = 5
"""


def experiment(folder: Path, text: str = SMALL, **more: str) -> Experiment:
    """Write an experiment and read it."""
    path = folder / "small.toml"
    path.write_text(text)
    return read_experiment(path, **more)
