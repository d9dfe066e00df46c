"""Comparisons of real outputs: figures known from elsewhere, and real pairs that must not be compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from intermezzo.engine.importing.pipeline import import_paths
from intermezzo.queries.compare import Request, compare
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.reader import Reader, connect


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Reader]:
    store = open_store(tmp_path_factory.mktemp("real") / "store", create=True)
    names = ("explainaboard", "lm_eval_v03", "lm_eval_v04", "mteb", "xtreme")
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
