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


def refused(reader: Reader, *systems: str, **asked: str) -> str:
    with pytest.raises(NoYardstick) as caught:
        compare(reader, Request(systems, **asked))  # type: ignore[arg-type]
    return str(caught.value)


def test_xnli_of_two_lm_eval_versions_is_two_yardsticks(reader: Reader) -> None:
    """v0.3 scored the test split (5,010 items), v0.4 the validation split (2,490)."""
    sentence = refused(reader, "facebook/xglm-7.5B · 0-shot", "Qwen/Qwen2.5-7B · 0-shot", task="xnli")
    assert "share no yardstick" in sentence
    assert "xnli validation" in sentence
    assert "xnli test" in sentence


def test_tatoeba_by_mteb_and_by_xtreme_is_two_yardsticks(reader: Reader) -> None:
    labse = "sentence-transformers/LaBSE"
    assert "implementation (mteb accuracy against xtreme tatoeba)" in refused(
        reader, labse, "xtreme", task="tatoeba"
    )
    assert "metric (f1 against accuracy)" in refused(reader, labse, "xtreme", task="tatoeba", metric="f1")


def test_two_codes_of_one_language_stay_two_rows(reader: Reader) -> None:
    """Tatoeba has Central Dusun as dtp and as kzj, which is the same language."""
    systems = ("sentence-transformers/LaBSE", "intfloat/multilingual-e5-small")
    (pair,) = compare(reader, Request(systems, task="tatoeba", metric="f1")).pairs
    assert len({x.label for x in pair.languages}) == len(pair.languages)
    assert (pair.only_a, pair.only_b) == (("dtp [dtp-eng]>en",), ("dtp [kzj-eng]>en",))


def test_files_that_do_not_name_their_seqeval_are_not_called_the_same(reader: Reader) -> None:
    answer = compare(reader, Request(("mock_eval_xtreme", "mock_eval_xtreme_seqeval_0.0.12"), task="udpos"))
    states = {x.name: x.state for x in answer.pairs[0].attributes}
    assert states["implementation"] == "unknown"
    assert "implementation" in refused(reader, "mock_eval_xtreme", "xtreme", task="udpos")


def test_collapsed_runs_of_masakhaner_decide_means_and_not_medians(tmp_path: Path, shared: Path) -> None:
    """XLM-R Large against Base: 76.4 against 84.5 by means of seeds, 85.2 against 84.6 by medians."""
    table, mapping = tmp_path / "table.csv", tmp_path / "mapping.toml"
    table.write_bytes((shared / "facts" / "masakhaner2_seed_f1.csv").read_bytes())
    mapping.write_text(
        '[columns]\nsystem = "model"\nlanguage = "lang"\nseed = "seed"\nsplit = "split"\n'
        'prediction_hash = "blob_sha"\nmetrics = {f1 = "f1"}\n[constants]\ntask = "masakhaner"\n'
    )
    store = open_store(tmp_path / "store", create=True)
    import_paths(store, [table], mapping=mapping)
    with connect(store) as opened:
        large, copied = (
            compare(opened, Request(systems, task="masakhaner")).pairs[0]
            for systems in (("xlmrlarge", "xlmrbase"), ("afriberta", "mbert"))
        )
    macro = large.macro()
    assert macro is not None
    assert (macro.a, macro.b) == pytest.approx((0.764, 0.845), abs=5e-4)
    assert macro.low is None
    flags = " ".join(large.flags)
    assert "76.4 against 84.5 by means of runs, 85.2 against 84.6 by medians" in flags
    assert "Collapsed: xlmrlarge in bbj seed 2" in flags
    assert large.counts.untested == 19
    assert sum(flag.startswith("Identical predictions: afriberta seed") for flag in copied.flags) == 7
