from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from intermezzo.queries.records import item_set_hash
from reading_importers import imported, rows, score, write

PAIRS = [("A", "B", "Yes", "Yes"), ("A", "C", "No", "Yes"), ("D", "E", "Maybe", "Maybe")]


def output(
    pairs: list[tuple[str, str, str, Any]], language: str | None = "en", system: str = "s", data: str = "xnli"
) -> dict[str, Any]:
    metadata = {"task_name": "text-pair-classification", "system_name": system, "dataset_name": data}
    return {
        "user_defined_metadata_configs": metadata | ({"language": language} if language else {}),
        "predictions": [
            {"text1": a, "text2": b, "true_label": gold, "predicted_label": found}
            for a, b, gold, found in pairs
        ],
    }


def test_files_of_one_system_make_one_run_with_a_score_a_language(tmp_path: Path) -> None:
    write(tmp_path / "xnli/test-en_6667.json", output(PAIRS))
    write(tmp_path / "xnli/test-es_6667.json", output(PAIRS, "es"))
    run = imported(tmp_path, "explainaboard").run()
    assert (run.task, run.split, run.found.name, run.tool) == ("xnli", "test", "s", "explainaboard")
    en = score(run, "accuracy", "en")
    assert en.value == pytest.approx(2 / 3)
    assert en.stderr == pytest.approx(math.sqrt((2 / 3) * (1 / 3) / 2))  # s / sqrt(n) with n - 1 = 2
    assert (en.n, en.evidence, en.implementation) == (3, "recomputed", "explainaboard accuracy")
    assert en.item_set == score(run, "accuracy", "es").item_set == item_set_hash(["0", "1", "2"])


def test_items_pair_by_line_and_hypotheses_of_a_premise_are_one_cluster(tmp_path: Path) -> None:
    write(tmp_path / "test-en_1.json", output(PAIRS))
    write(tmp_path / "test-es_1.json", output([(a + "!", b, g, p) for a, b, g, p in PAIRS], "es"))
    found = imported(tmp_path, "explainaboard")
    items = found.items(found.run())
    assert rows(items, "language", "item_id", "cluster_id", "credit", "gold", "prediction")[:3] == [
        ("en", "0", "0", 1.0, "Yes", "Yes"),
        ("en", "1", "0", 0.0, "No", "Yes"),
        ("en", "2", "2", 1.0, "Maybe", "Maybe"),
    ]
    assert items.columns["cluster_id"][3:] == ["0", "0", "2"]
    assert items.texts[items.columns["text_sha"][1]] == "A\n\nC"


def test_texts_are_stored_once_for_all_systems(tmp_path: Path) -> None:
    for system in ("a", "b"):
        write(tmp_path / system / "test-en_1.json", output(PAIRS, system=system))
    found = imported(tmp_path, "explainaboard")
    one, two = (found.items(found.run(name=system)) for system in ("a", "b"))
    assert one.texts == two.texts
    assert one.columns["text_sha"] == two.columns["text_sha"]


def test_gold_labels_that_do_not_align_keep_a_language_apart(tmp_path: Path) -> None:
    gold = ["Yes", "No", "Maybe"] * 10
    write(tmp_path / "test-en_1.json", output([("p", "h", g, g) for g in gold]))
    write(tmp_path / "test-es_1.json", output([("p", "h", g, g) for g in gold], "es"))
    write(tmp_path / "test-sw_1.json", output([("p", "h", g, g) for g in reversed(gold)], "sw"))
    found = imported(tmp_path, "explainaboard")
    ids = dict(rows(found.items(found.run()), "item_id", "language"))
    assert {"0", "sw:0"} <= ids.keys()
    assert "es:0" not in ids
    assert "gold labels in sw are not those of en" in found.sentences()


def test_what_the_file_does_not_say_is_guessed_aloud(tmp_path: Path) -> None:
    body = output(PAIRS, None)
    del body["user_defined_metadata_configs"]["system_name"]
    write(tmp_path / "mine/dev-de_1.json", body)
    found = imported(tmp_path, "explainaboard")
    run = found.run()
    assert (run.found.name, run.split, run.scores[0].language) == ("mine", "validation", "de")
    for said in ("taken as mine", "taken as de", "validation, is from the file name"):
        assert said in found.sentences()


def test_marc_is_said_to_have_folded_stars_and_is_not_parallel(tmp_path: Path) -> None:
    write(tmp_path / "test-de_1.json", output([("", "t", "Yes", "No")], "de", data="marc"))
    found = imported(tmp_path, "explainaboard")
    assert "MARC has stars from 1 to 5" in found.sentences()
    assert found.run().task == "marc"
    assert found.items(found.run()).columns["item_id"] == ["de:0"]


def test_bad_rows_and_other_kinds_are_refused_by_key(tmp_path: Path) -> None:
    write(tmp_path / "a/test-en_1.json", output([*PAIRS, ("A", "B", "Yes", None)]))
    spans = output([])
    spans["predictions"] = [{"true_answers": {"text": ["x"]}, "predicted_answers": {"text": "x"}}]
    write(tmp_path / "b/test-en_1.json", spans)
    write(tmp_path / "c/test-en_1.json", output(PAIRS, "qqx"))
    found = imported(tmp_path, "explainaboard")
    assert "1 of 4 items" in found.reasons()["predictions[3]"]
    assert "only text classification is read" in found.reasons()["predictions"]
    assert score(found.run(name="s"), "accuracy", "en").n == 3 if len(found.drafts) == 1 else True
    odd = next(d.run for d in found.drafts if d.run.scores[0].language is None)
    assert odd.scores[0].subject == "qqx"


def test_two_files_of_one_language_do_not_merge(tmp_path: Path) -> None:
    write(tmp_path / "test-en_1.json", output(PAIRS))
    write(tmp_path / "test-en_2.json", output(PAIRS))
    found = imported(tmp_path, "explainaboard")
    assert found.reasons() == {"test-en_2.json": "another file beside it has xnli in en"}
    assert len(found.run().scores) == 1


@pytest.mark.slow
def test_the_reference_figures_come_again_from_our_items(shared: Path) -> None:
    """n = 5,010 a language; z of mlpp minus mt5base on XNLI, unpaired and paired, from the credits alone."""
    found = imported(shared / "samples/explainaboard", "explainaboard")
    runs = {d.run.found.name: d for d in found.drafts if d.run.task == "xnli"}
    credit: dict[tuple[str, str], dict[str, float]] = {}
    gold: dict[tuple[str, str], dict[str, str]] = {}
    for name, draft in runs.items():
        assert draft.items is not None
        for language, item_id, c, g in rows(draft.items, "language", "item_id", "credit", "gold"):
            credit.setdefault((name, language), {})[item_id] = c
            gold.setdefault((name, language), {})[item_id] = g
    assert len({tuple(sorted(g.items())) for g in gold.values()}) == 1  # gold aligns everywhere
    for language, unpaired, paired in (("en", 2.35, 3.92), ("es", 3.50, 5.59)):
        a, b = (credit[name, language] for name in ("CL-mlpp15out1sum", "CL-mt5base"))
        assert a.keys() == b.keys()
        assert len(a) == 5010
        x, y = (np.array([one[i] for i in sorted(a)]) for one in (a, b))
        delta = x.mean() - y.mean()
        assert delta / math.sqrt((x.var(ddof=1) + y.var(ddof=1)) / len(x)) == pytest.approx(
            unpaired, abs=0.005
        )
        assert delta / math.sqrt((x - y).var(ddof=1) / len(x)) == pytest.approx(paired, abs=0.005)
    marc = {
        d.run.found.name: score(d.run, "accuracy", "en").value for d in found.drafts if d.run.task == "marc"
    }
    assert marc == {"CL-mlpp15out1sum": pytest.approx(0.91525), "CL-mt5base": pytest.approx(0.92)}
