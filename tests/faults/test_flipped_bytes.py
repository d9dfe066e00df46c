"""A flipped bit in what is not of the store proper: it is noticed and named, and computed again."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "queries" / "store"))

from intermezzo.engine.jobs import JobSpec, jobs, make_job, read_folder
from intermezzo.engine.spool import Spool
from intermezzo.queries.errors import Problem
from store_samples import flip, new_store

PARTS = [[n, f"prediction {n}"] for n in range(6)]


@pytest.mark.parametrize("where", [0.0, 0.3, 0.55, 0.98])
def test_a_spool_is_read_up_to_the_damage(
    tmp_path: Path, where: float, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Spool(tmp_path)
    kept.write(PARTS[:3])
    kept.write(PARTS[3:])
    (file,) = tmp_path.iterdir()
    flip(file, where)
    with caplog.at_level(logging.WARNING):
        found = kept.read()
    assert found == PARTS[: len(found)]
    assert len(found) == int(where * 6)
    assert "damaged" in caplog.text
    kept.write(PARTS[len(found) :])
    assert Spool(tmp_path).read() == PARTS


def test_a_torn_last_line_of_a_spool_is_cut_off(tmp_path: Path) -> None:
    kept = Spool(tmp_path)
    kept.write(PARTS)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-5])
    assert kept.read() == PARTS[:-1]


@pytest.mark.parametrize(
    "content",
    [
        b'{"state": "sunning"}',
        b'{"state": "running", "done": "x", "total": 3}',
        b'{"runs": [1]}',
        b"[" * 9999,
    ],
)
def test_a_job_whose_state_is_damaged_stops_no_list(tmp_path: Path, content: bytes) -> None:
    store = new_store(tmp_path)
    good = make_job(store, JobSpec("evaluate", {}, "good"), "here")
    bad = make_job(store, JobSpec("evaluate", {}, "bad"), "here")
    (bad / "state.json").write_bytes(content)
    assert good.name in {job.id for job in jobs(store)}
    if content[:1] == b"{":
        with pytest.raises(Problem, match="cannot be read"):
            read_folder(bad)


@pytest.mark.parametrize("where", [0.02, 0.5, 0.99])
def test_a_damaged_checkpoint_is_never_gone_on_from(
    tmp_path: Path, where: float, caplog: pytest.LogCaptureFixture
) -> None:
    torch = pytest.importorskip("torch", reason="left out: torch is not installed; `make engine` does")
    from intermezzo.engine.training.checkpoint import CHECKPOINT, load_checkpoint, save_checkpoint

    weight = torch.nn.Parameter(torch.arange(600.0))
    optimiser = torch.optim.AdamW([weight])
    state = {"step": 1, "steps": 2, "best": None}
    save_checkpoint(tmp_path, {"w": weight}, optimiser, state)
    assert load_checkpoint(tmp_path, {"w": weight}, optimiser) == state
    flip(tmp_path / CHECKPOINT, where)
    with caplog.at_level(logging.WARNING):
        assert load_checkpoint(tmp_path, {"w": weight}, optimiser) is None
    assert "damaged" in caplog.text
    assert torch.equal(weight, torch.arange(600.0))
    assert not (tmp_path / CHECKPOINT).exists()
