"""Every target of the fuzzer on inputs that hypothesis makes of its seeds, and on those that failed once."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from targets import Target, targets, varied

CRASHERS = Path(__file__).parent / "crashers"
FEW = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
NEED_TORCH = ("checkpoint",)
NAMES = list(targets())


def target_of(name: str) -> Target:
    if name in NEED_TORCH and importlib.util.find_spec("torch") is None:
        pytest.skip("left out: torch is not installed; `make engine` does")
    return targets()[name]


@pytest.mark.parametrize("name", NAMES)
def test_seeds(name: str) -> None:
    for seed in target_of(name).seeds():
        target_of(name).run(seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@FEW
@given(data=st.data())
def test_varied_seeds(name: str, data: st.DataObject) -> None:
    target = target_of(name)
    seed = data.draw(st.sampled_from(target.seeds()))
    if target.shape == "json":
        chosen = data.draw(st.randoms(use_true_random=False))
        seed = json.dumps(varied(json.loads(seed), chosen.randrange)).encode("utf-8", "surrogatepass")
    else:
        at = data.draw(st.integers(0, len(seed)))
        noise = data.draw(st.one_of(st.binary(max_size=6), st.sampled_from([b"\x00", b"\xff", b"9" * 5000])))
        gone = data.draw(st.integers(0, 8))
        seed = seed[:at] + noise + seed[at + gone :]
    target.run(seed)


@pytest.mark.parametrize("file", sorted(p.name for p in CRASHERS.iterdir()))
def test_what_failed_once(file: str) -> None:
    """Named after the target, with a number: what came of each is in docs/faults.md."""
    name = next(n for n in NAMES if n.replace(" ", "-").replace("/", "-") == file.rpartition(".")[0])
    target_of(name).run((CRASHERS / file).read_bytes())
