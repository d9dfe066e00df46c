"""Comparisons of real outputs: figures known from elsewhere, and real pairs that must not be compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from intermezzo.engine.importing.pipeline import import_paths
from intermezzo.queries.compare import NoYardstick, Request, compare
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.reader import Reader, connect


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Reader]:
    store = open_store(tmp_path_factory.mktemp("real") / "store", create=True)
    names = ("explainaboard", "lm_eval_v03", "lm_eval_v04", "xtreme")
    import_paths(store, [shared / "samples" / name for name in names])
    with connect(store) as opened:
        yield opened


def test_explainaboard_xnli_gains_by_pairing(reader: Reader) -> None:
    answer = compare(reader, Request(("CL-mlpp15out1sum", "CL-mt5base"), task="xnli"))
    (pair,) = answer.pairs
    found = {x.language: x for x in pair.languages}
    z = {
        code: [round(x.delta / e, 2) for e in (x.stderr_unpaired, x.stderr_unclustered)]  # type: ignore[operator]
        for code, x in found.items()
    }
    assert z == {"en": [2.35, 3.92], "es": [3.50, 5.59]}
    assert {(x.n, x.clusters) for x in pair.languages} == {(5010, 1670)}
    assert (found["en"].only_a, found["en"].only_b) == (363, 265)
    assert all(x.sign == "+" for x in pair.languages)


def refused(reader: Reader, *systems: str, task: str) -> str:
    with pytest.raises(NoYardstick) as caught:
        compare(reader, Request(systems, task=task))
    return str(caught.value)


def test_xnli_of_two_lm_eval_versions_is_two_yardsticks(reader: Reader) -> None:
    """v0.3 scored the test split (5,010 items), v0.4 the validation split (2,490)."""
    sentence = refused(reader, "facebook/xglm-7.5B · 0-shot", "Qwen/Qwen2.5-7B · 0-shot", task="xnli")
    assert "share no yardstick" in sentence
    assert "xnli validation" in sentence
    assert "xnli test" in sentence


def test_files_that_do_not_name_their_seqeval_are_not_called_the_same(reader: Reader) -> None:
    answer = compare(reader, Request(("mock_eval_xtreme", "mock_eval_xtreme_seqeval_0.0.12"), task="udpos"))
    states = {x.name: x.state for x in answer.pairs[0].attributes}
    assert states["implementation"] == "unknown"
    assert "implementation" in refused(reader, "mock_eval_xtreme", "xtreme", task="udpos")
