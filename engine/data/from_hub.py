"""Data sets of the hub, or of what this machine has fetched from it before: asked once, never for long."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from intermezzo.engine.hub_answers import hub_answers

from .errors import DataError

_LOUD = ("datasets", "huggingface_hub")


def from_hub(name: str, config: str | None, split: str) -> Any:
    """Return a split of a data set of the hub; where the hub does not answer, as it was fetched before.

    The library ``datasets`` would ask six times, for half a minute at best, and say so each time.

    Args:
        name: ``owner/name``.
        config: Its configuration.
        split: The hub's name of the split.

    Raises:
        DataError: The hub does not answer, and the data set was not fetched before.
        Exception: Whatever the library says of a data set that it cannot read.
    """
    import datasets
    from huggingface_hub import constants

    answers = hub_answers(name, "dataset")
    with _settled(datasets.config, constants, offline=not answers):
        try:
            return datasets.load_dataset(name, config, split=split)
        except Exception as error:
            if answers:
                raise
            raise DataError(
                "it cannot be reached (HF_HUB_OFFLINE, or no network), and this machine has not fetched "
                "that before"
            ) from error


@contextmanager
def _settled(*offline_in: Any, offline: bool) -> Iterator[None]:
    """Keep the libraries quiet, and off the network where it does not answer."""
    before = [module.HF_HUB_OFFLINE for module in offline_in]
    loggers = [logging.getLogger(name) for name in _LOUD]
    levels = [logger.level for logger in loggers]
    for module, was in zip(offline_in, before, strict=True):
        module.HF_HUB_OFFLINE = was or offline
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for module, was in zip(offline_in, before, strict=True):
            module.HF_HUB_OFFLINE = was
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
