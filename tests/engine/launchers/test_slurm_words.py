"""What SLURM says, read without a SLURM; ``make test-slurm`` asks a real one."""

from __future__ import annotations

import pytest
from intermezzo.engine.launchers.slurm import our_state, parameters, parse_sacct
from intermezzo.queries.errors import Problem


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("COMPLETED", "done"),
        ("COMPLETING", "running"),
        ("CANCELLED by 0", "cancelled"),
        ("CANCELLED+", "cancelled"),
        ("OUT_OF_MEMORY", "failed"),
        ("PENDING", "waiting"),
        ("REQUEUED", "waiting"),
        ("SOMETHING_NEW", None),
    ],
)
def test_states_are_told_by_how_they_begin(said: str, ours: str | None) -> None:
    assert our_state(said) == ours


def test_the_waiting_part_of_an_array_is_one_line() -> None:
    text = "12_[2-3,5%4]|PENDING\n12_0|COMPLETED\n12_1|CANCELLED by 0\n13|RUNNING\n"
    wanted = ["12_0", "12_1", "12_2", "12_3", "12_4", "12_5", "13"]
    assert parse_sacct(text, wanted) == {
        "12_0": "done",
        "12_1": "cancelled",
        **dict.fromkeys(("12_2", "12_3", "12_5"), "waiting"),
        "13": "running",
    }


def test_needs_become_submitits_parameters() -> None:
    found = parameters({"gres": "gpu:1", "partition": "long", "minutes": 30})
    assert found["slurm_gres"] == "gpu:1"
    assert found["timeout_min"] == 30
    assert found["slurm_additional_parameters"] == {"requeue": True}
    with pytest.raises(Problem, match="has no colour"):
        parameters({"colour": "red"})
