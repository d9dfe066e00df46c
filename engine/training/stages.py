"""Doing a stage: data and encoder in, trained weights and what came of it out, once."""

from __future__ import annotations

import datetime
import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intermezzo.engine import mean_head
from intermezzo.engine.alone import alone
from intermezzo.engine.examples import DataSet
from intermezzo.engine.keeping import keeping
from intermezzo.engine.model_files import find_model
from intermezzo.engine.models import load_encoder, need_engine, versions
from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import folder_inside
from intermezzo.queries.store.workspace import workspace

from .checkpoint import drop_checkpoints
from .folders import model_folder, read_done, read_json, stage_folder, write_json
from .heads import build_heads, freeze, head_pooling, keep_layers, load_start, save_model
from .lesson import Lesson, make_lesson
from .loop import CHECKPOINT_SECONDS, Came, Watch, run_steps
from .read import read_training

if TYPE_CHECKING:
    from intermezzo.engine.experiments.stages import Stage
    from intermezzo.engine.models import Model
    from intermezzo.queries.store.layout import Store


def train_stage(
    store: Store,
    stage: Stage,
    *,
    watch: Watch | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> dict[str, Any]:
    """Train a stage unless it is done; take it up where it was left.

    Args:
        store: Where its folder is; the stage before must be done there.
        stage: What to train.
        watch: Told how far it is.
        checkpoint_seconds: Time between checkpoints.

    Returns:
        What ``done.json`` holds.

    Raises:
        Busy: Another process trains this one.
        Problem: Data or model cannot be had; the stage before is not done; the disk is full.
    """
    need_engine()
    folder = stage_folder(store, stage.stage_id)
    what = f"Stage {stage.stage_id} ({stage.lineage})"
    with keeping(f"{what} cannot be kept"):
        folder_inside(store, *folder.relative_to(store.path).parts)
    busy = alone(folder / "lock", f"{what} is being trained by another process.")
    with busy, keeping(f"{what} cannot be kept"):
        _sweep(folder)
        if (done := read_done(store, stage.stage_id)) is not None:
            drop_checkpoints(folder)  # a killed predecessor's
            return done
        return _train(store, folder, stage, watch, checkpoint_seconds)


def _train(
    store: Store, folder: Path, stage: Stage, watch: Watch | None, checkpoint_seconds: float
) -> dict[str, Any]:
    write_json(folder / "stage.json", stage.as_json())
    began = _now()
    start = _start(store, stage)
    model, lessons = stage_lessons(stage, start)
    _same_data(folder, lessons)
    came = run_steps(
        folder,
        model,
        lessons,
        stage.settings,
        stage.seed or 0,
        watch=watch,
        checkpoint_seconds=checkpoint_seconds,
    )
    _keep_model(store, stage, model, lessons, start)
    done = _done(model_folder(store, stage.stage_id), stage, model, lessons, came, began)
    write_json(folder / "done.json", done)
    drop_checkpoints(folder)
    return done


def _sweep(folder: Path) -> None:
    """Remove what a killed predecessor had not finished writing."""
    for left in (*folder.glob("*.new"), *folder.glob(".tmp*")):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def stage_encoder(store: Store, stage: Stage) -> str:
    """Return what a stage's encoder is loaded from: the base model, or the stage's own folder."""
    if stage.role == "base":
        if not stage.layers:
            return stage.model
        return str(_cut_base(store, stage))
    _as_trained(store, stage.stage_id)
    return str(model_folder(store, stage.stage_id))


def _as_trained(store: Store, stage_id: str) -> None:
    """Refuse the weights of a stage that are not those it was done with.

    Raises:
        Problem: They were changed since, or are gone.
    """
    weights = (read_done(store, stage_id) or {}).get("weights")
    folder = model_folder(store, stage_id)
    if weights is not None and weights != find_model(str(folder)).revision:
        raise Problem(
            f"The model in {folder} is not the one that was trained: it was changed or damaged since. "
            f"Remove {folder.parent} and repeat the command: the stage is trained again."
        )


def _cut_base(store: Store, stage: Stage) -> Path:
    """Write the first layers of a base model, so that they can be evaluated like any model."""
    folder = model_folder(store, stage.stage_id)
    if not folder.exists():
        start = find_model(stage.model)
        model = load_encoder(stage.model, dtype="float32")
        keep_layers(model.module, stage.layers)
        with keeping(f"The first layers of {stage.model} cannot be kept"), workspace(store.tmp) as tmp:
            folder.parent.mkdir(parents=True, exist_ok=True)
            save_model(tmp / "model", model, {}, start.path)
            try:
                os.rename(tmp / "model", folder)
            except OSError:
                if not folder.exists():  # else another evaluation has written the same
                    raise
    return folder


def _start(store: Store, stage: Stage) -> str:
    if stage.parent is None:
        return stage.model
    if read_done(store, stage.parent) is None:
        raise Problem(f"Stage {stage.stage_id} starts from {stage.parent}, which is not done yet.")
    _as_trained(store, stage.parent)
    return str(model_folder(store, stage.parent))


def stage_lessons(stage: Stage, start: str) -> tuple[Model, list[Lesson]]:
    """Return the encoder that a stage starts from, and its tasks with their heads, ready to train.

    Raises:
        Problem: Data or model cannot be had.
    """
    places = {**stage.data, **stage.places}
    settings, seed = stage.settings, stage.seed or 0
    # a parent's encoder is cut already
    model = load_start(start, stage.layers if stage.parent is None else 0, seed)
    lessons = []
    for name in stage.tasks:
        train = read_training(name, "train", places, settings.train_limit)
        if train is None:
            raise Problem(f"Nothing to train {name} on.")
        dev = read_training(name, "validation", places, settings.dev_limit)
        lessons.append(make_lesson(name, model, train, dev, settings))
    freeze(model.module, settings)
    kinds = {lesson.name: (lesson.kind, lesson.how.labels if lesson.how else ()) for lesson in lessons}
    heads = build_heads(model.module, kinds, seed, head_pooling(settings, model))
    for lesson in lessons:
        lesson.head = heads[lesson.name]
    return model, lessons


def _same_data(folder: Path, lessons: list[Lesson]) -> None:
    """Refuse to go on where a checkpoint was trained on other data than are there now."""
    now = {lesson.name: lesson.train.revision for lesson in lessons}
    before = read_json(folder / "data.json")
    if before is not None and before != now and (folder / "checkpoint.json").exists():
        raise Problem(
            f"{folder} was begun on other training data than are there now ({before} against {now}). "
            "Bring those back, or remove the folder to start anew."
        )
    write_json(folder / "data.json", now)


def _keep_model(store: Store, stage: Stage, model: Model, lessons: list[Lesson], start: str) -> None:
    folder = model_folder(store, stage.stage_id)
    side = folder.with_name(f"model.{os.getpid()}.new")
    for left in folder.parent.glob("model*"):  # a killed predecessor's
        shutil.rmtree(left)
    save_model(side, model, {lesson.name: lesson.head for lesson in lessons}, find_model(start).path)
    os.replace(side, folder)


def _done(
    folder: Path, stage: Stage, model: Model, lessons: list[Lesson], came: Came, began: str
) -> dict[str, Any]:
    import torch

    chosen = stage.settings.selection
    if came.best is None and chosen != "last":
        chosen = "last (there is no validation split)"
    return {
        "stage": stage.as_json(),
        "base_revision": model.revision if stage.parent is None else None,
        "steps": came.steps,
        "seconds": round(came.seconds, 3),
        "seconds_a_step": came.seconds / max(came.steps, 1),
        "starts": came.starts,
        "selection": chosen,
        "selected": came.best,
        "head_pooling": head_pooling(stage.settings, model) if _pools(lessons) else None,
        "data": [
            _data_record(d) | {"trained_rows": len(lesson.groups) if d is lesson.train else None}
            for lesson in lessons
            for d in (lesson.train, lesson.dev)
            if d is not None
        ],
        "weights": find_model(str(folder)).revision,
        "how": {lesson.name: lesson.how.record() for lesson in lessons if lesson.how is not None},
        "curve": came.curve,
        "device": model.device,
        "threads": torch.get_num_threads(),
        "host": socket.gethostname(),
        "versions": versions(),
        "began": began,
        "ended": _now(),
    }


def _pools(lessons: list[Lesson]) -> bool:
    """Say whether any head reads one vector an input: a tagger reads all of them."""
    return any(lesson.kind in mean_head.KINDS for lesson in lessons)


def _data_record(data: DataSet) -> dict[str, Any]:
    return {
        "task": data.task,
        "split": data.split,
        "revision": data.revision,
        "source": data.source,
        "examples": len(data),
    }


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
