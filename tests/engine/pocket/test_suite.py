"""The tasks of the pocket suite by name."""

from __future__ import annotations

import pytest
from intermezzo.engine.pocket.suite import SHORT, TASKS, pocket_data
from intermezzo.queries.errors import Problem
from intermezzo.queries.tasks import task


def test_every_task_is_in_the_table_of_tasks() -> None:
    pytest.importorskip("django", reason="left out: the pocket data are not installed; `make engine` does")
    for name in TASKS:
        data, known = pocket_data(name, ["de"], limit=2), task(name)
        assert known is not None
        assert (data.task, data.kind, data.parallel, data.train_language) == (
            known.id,
            known.kind,
            known.parallel,
            known.train_language,
        )
    assert [pocket_data(short, ["de"], limit=2).task for short in SHORT] == list(TASKS)


def test_another_task_is_a_sentence() -> None:
    with pytest.raises(Problem, match="no task 'xnli': pocket_catalogues, pocket_intents, pocket_slots"):
        pocket_data("xnli")
