"""Fine-tuning beside Hugging Face's Trainer: the same model, examples and batch size.

2,000 English utterances of the pocket suite's intents, two epochs in batches of 32; the pocket model's first
six layers, embeddings frozen, at most 48 tokens. Ours makes batches of like length, Trainer of random order,
which is its default. Both take turns in one process and start from the same weights; the best round of each
is compared. Loading, and the Trainer's own setting up, are not counted. On a machine that is busy otherwise
say OMP_NUM_THREADS=1: then processor seconds are what is compared.
"""

from __future__ import annotations

import copy
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench_clock import clock
from bench_row import BenchRow
from intermezzo.engine.kinds.registry import kind_for
from intermezzo.engine.models import Model
from intermezzo.engine.training.heads import build_heads, freeze, load_start
from intermezzo.engine.training.lesson import Lesson, make_lesson
from intermezzo.engine.training.loop import run_steps
from intermezzo.engine.training.read import read_training
from intermezzo.engine.training.settings import Settings

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
TASK, LAYERS, EXAMPLES = "pocket_intents", 6, 2000
SETTINGS = Settings(
    learning_rate=1e-4, batch_size=32, epochs=2, warmup=0, schedule="constant", max_tokens=48, checks=0,
    freeze_embeddings=True, train_limit=EXAMPLES, selection="last", head_pooling="mean",
)  # fmt: skip


def lesson() -> tuple[Model, Lesson]:
    """Return the encoder with the head to be trained, and its examples."""
    model = load_start("pocket", LAYERS, 0)
    train = read_training(TASK, "train", {}, EXAMPLES)
    assert train is not None
    made = make_lesson(TASK, model, train, None, SETTINGS)
    assert made.how is not None
    freeze(model.module, SETTINGS)
    made.head = build_heads(model.module, {TASK: (made.kind, made.how.labels)}, 0, SETTINGS.head_pooling)[
        TASK
    ]
    return model, made


def ours(model: Model, made: Lesson) -> float:
    """Train with our loop and return steps a second."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        now = clock()
        begun = now()
        came = run_steps(Path(folder), model, [made], SETTINGS, 0)
        return came.steps / (now() - begun)


def trainers(model: Model, made: Lesson) -> float:
    """Train with Trainer and return steps a second."""
    import torch
    from transformers import Trainer, TrainingArguments

    kind = kind_for(made.kind)

    def collate(rows: list[Any]) -> dict[str, Any]:
        arrays = kind.inputs(rows, model.pad_id, targets=True)
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        asked = TrainingArguments(
            output_dir=folder, per_device_train_batch_size=SETTINGS.batch_size,
            num_train_epochs=SETTINGS.epochs, learning_rate=SETTINGS.learning_rate,
            max_grad_norm=SETTINGS.clip, lr_scheduler_type="constant", weight_decay=SETTINGS.weight_decay,
            save_strategy="no", logging_strategy="no", report_to=[], disable_tqdm=True, use_cpu=True,
            remove_unused_columns=False, seed=0,
        )  # fmt: skip
        rows = [row for group in made.groups for row in group]
        trainer = Trainer(model=made.head, args=asked, train_dataset=rows, data_collator=collate)
        trainer.model_accepts_loss_kwargs = False  # the head would take its count of items for an input
        now = clock()
        begun = now()
        trainer.train()
        return trainer.state.global_step / (now() - begun)


def rows() -> Iterator[BenchRow]:
    """Let both take turns and yield the row."""
    import torch

    model, made = lesson()
    weights = copy.deepcopy(made.head.state_dict())
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for into, way in zip(found, (ours, trainers), strict=True):
            made.head.load_state_dict(weights)
            into.append(way(model, made))
    threads = torch.get_num_threads()
    yield BenchRow(
        "fine-tuning, 6 layers",
        max(found[0]),
        "Trainer, random order",
        max(found[1]),
        "steps/s",
        budget=6 / 4.32,
        limit=6.0 if threads >= 2 else None,
        size=len(made.groups),
        of="examples",
        rounds=tuple(found[0]),
        peer_rounds=tuple(found[1]),
        note="" if threads >= 2 else "steps a processor second, one thread",
    )
