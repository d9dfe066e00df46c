"""The tasks of the pocket suite by name."""

from __future__ import annotations

import pytest
from intermezzo.engine.data.read import POCKET, load_data
from intermezzo.queries.tasks import task


def test_every_task_is_in_the_table_of_tasks() -> None:
    pytest.importorskip("django", reason="left out: the pocket data are not installed; `make engine` does")
    for short, name in POCKET.items():
        data, known = load_data(short, languages=["de"], limit=2), task(name)
        assert known is not None
        assert (data.task, data.kind, data.parallel, data.train_language) == (
            known.id,
            known.kind,
            known.parallel,
            known.train_language,
        )
