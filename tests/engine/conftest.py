"""A tiny model with random weights, made in a folder: it shows the mechanics and says nothing of quality."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tiny_models import save_tiny

TinyModel = Callable[..., Path]


@pytest.fixture(scope="session")
def _engine() -> None:
    missing = [n for n in ("torch", "transformers", "tokenizers") if importlib.util.find_spec(n) is None]
    if missing:
        pytest.skip(f"left out: {' and '.join(missing)} not installed; `make engine` does")
    import torch

    # Several tests run at once, and threads that wait for each other on busy cores take very long.
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_model(_engine: None, tmp_path_factory: pytest.TempPathFactory) -> TinyModel:
    """Return a function that makes a model's folder.

    ``tiny_model(kind="tagging", labels=("O", "B-PER"), model_type="xlm-roberta", seed=0, layers=2,
    max_tokens=512, spread=0.5)``; ``kind`` is a key of ``engine.models.HEADS``, or ``encoder``. The same
    weights for the same arguments. The folder is shared by tests: copy it before changing it.
    """
    made: dict[Any, Path] = {}

    def make(kind: str = "encoder", labels: tuple[str, ...] = (), **more: Any) -> Path:
        key = (kind, labels, *sorted(more.items()))
        if key not in made:
            name = f"tiny-{more.get('model_type', 'bert')}-{kind}".replace(" ", "-")
            made[key] = save_tiny(tmp_path_factory.mktemp(name), kind, labels, **more)
        return made[key]

    return make


@pytest.fixture
def small_files() -> Callable[[int], AbstractContextManager[None]]:
    """Return a context in which no file of this process may get larger: a disk that refuses, for real."""
    import resource

    @contextmanager
    def limited(most: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited
