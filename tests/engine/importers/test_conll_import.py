from __future__ import annotations

from pathlib import Path

import pytest
from reading_importers import imported, rows, score, write

GOLD = "Ina\tB-PER\nso\tO\n\nNew\tB-LOC\nYork\tI-LOC\n.\tO\n\n"
PREDICTED = "Ina B-PER\nso O\n\nNew B-LOC\nYork O\n. O\n"


def masakhaner(root: Path, predicted: str = PREDICTED, gold: str | None = GOLD) -> Path:
    write(root / "masakhaner/hau/xlmr_s1/test_predictions.txt", predicted)
    if gold is not None:
        write(root / "masakhaner/hau/test.txt", gold)
    return root


def test_predictions_are_scored_against_the_nearest_gold(tmp_path: Path) -> None:
    found = imported(masakhaner(tmp_path), "conll")
    run = found.run("masakhaner", "test")
    f1 = score(run, "f1", "ha")
    assert (f1.value, f1.n, f1.evidence) == (0.5, 2, "recomputed")  # one chunk of two right, two predicted
    assert rows(found.items(run), "item_id", "tp", "n_pred", "n_gold", "gold", "prediction") == [
        ("ha:0", 1, 1, 1, "B-PER O", "B-PER O"),
        ("ha:1", 0, 1, 1, "B-LOC I-LOC O", "B-LOC O O"),
    ]
    assert sorted(found.items(run).texts.values()) == ["Ina so", "New York ."]
    assert (run.found.name, run.found.path) == ("xlmr_s1", "masakhaner/hau/xlmr_s1/test_predictions.txt")
    assert run.config["gold"] == "masakhaner/hau/test.txt"
    assert len(run.sources) == 2


@pytest.mark.parametrize(
    ("predicted", "reason"),
    [
        (PREDICTED.replace("York O", "Yorck O"), "line 5 has 'Yorck' where line 5 there has 'York'"),
        (PREDICTED.replace("York O\n", ""), "line 5 has '.' where line 5 there has 'York'"),
        (PREDICTED.replace(". O\n", ""), "sentence 2, from line 4, has 2 tokens, there (line 4) 3"),
        (PREDICTED.partition("\n\n")[0] + "\n", "it has 1 sentences, and there are 2 there"),
        (
            PREDICTED + "\nMore O\n",
            "it has 3 sentences, from line 8 on beyond its end, and there are 2 there",
        ),
    ],
)
def test_drift_is_refused_with_the_first_line_that_differs(
    tmp_path: Path, predicted: str, reason: str
) -> None:
    found = imported(masakhaner(tmp_path, predicted), "conll")
    assert not found.drafts
    assert reason in found.reasons()["test_predictions.txt"]


def test_without_gold_it_says_what_was_looked_for(tmp_path: Path) -> None:
    found = imported(masakhaner(tmp_path, gold=None), "conll")
    assert "there is no gold file for it" in found.reasons()["test_predictions.txt"]


def test_a_file_with_both_columns_needs_no_gold(tmp_path: Path) -> None:
    write(tmp_path / "panx/sw/predictions.conll", "a B-PER B-PER\nb I-PER O\n\nc O O\nd B-LOC B-LOC\n")
    found = imported(tmp_path, "conll")
    run = found.run("panx")
    assert score(run, "f1", "sw").value == 0.5
    assert "gold tags are from the file itself" in found.sentences()


def test_gold_with_more_columns_and_document_starts(tmp_path: Path) -> None:
    gold = "-DOCSTART- -X- O O\n\nInă NN I-NP B-PER\nso RB O O\n\n"
    gold += "# id = 2\nNew NN O B-LOC\nYork NN O I-LOC\n. . O O\n"
    masakhaner(tmp_path, PREDICTED.replace("Ina", "Ină"), gold)
    assert score(imported(tmp_path, "conll").run(), "f1", "ha").value == 0.5


def test_several_gold_files_pair_by_the_words_of_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "masakhaner" / "hau"
    write(folder / "dev.txt", GOLD)
    write(folder / "test.txt", GOLD.replace("Ina", "Ita"))
    write(folder / "dev_predictions.txt", PREDICTED)
    write(folder / "predictions.txt", PREDICTED)
    found = imported(tmp_path, "conll")
    assert {d.run.split for d in found.drafts} == {"validation"}
    assert len(found.drafts) == 2  # the nameless one by its tokens


def test_raw_tags_count_under_both_versions_where_they_differ(tmp_path: Path) -> None:
    write(tmp_path / "udpos/en/test.txt", "a\tNOUN\nb\tX\n\nc\tX\nd\tVERB\n")
    write(tmp_path / "udpos/en/m/predictions.txt", "a\tNOUN\nb\tX\n\nc\tX\nd\tNOUN\n")
    run = imported(tmp_path, "conll").run("udpos")
    assert {s.implementation for s in run.scores} == {"xtreme seqeval-0.0.12", "xtreme seqeval-1.2.2"}


def test_several_seeds_stay_apart_and_unknown_tasks_visible(tmp_path: Path) -> None:
    write(tmp_path / "mine/gold.conll", GOLD)
    for seed in (1, 2):
        write(tmp_path / f"mine/seed{seed}/predictions.txt", PREDICTED)
    found = imported(tmp_path, "conll")
    assert sorted(d.run.found.name for d in found.drafts) == ["mine/seed1", "mine/seed2"]
    assert "task unknown" in found.sentences()


def test_an_unknown_task_is_called_after_its_data_and_never_after_a_system(tmp_path: Path) -> None:
    for language in ("sw", "yo"):
        write(tmp_path / f"tags/{language}/test.txt", GOLD)
        for system in ("direct_seed1", "direct_seed2", "mnli_seed1"):
            write(tmp_path / f"tags/{language}/{system}/test_predictions.txt", PREDICTED)
    for root in (tmp_path, tmp_path / "tags", tmp_path / "tags/sw/direct_seed1/test_predictions.txt"):
        found = imported(root, "conll")
        assert {d.run.task for d in found.drafts} == {"tags"}
        assert "task unknown, called tags" in found.sentences()
        assert "the language, sw, is the name of its folder: sw" in found.sentences()
    found = imported(tmp_path / "tags", "conll")
    assert {d.run.found.name for d in found.drafts} == {"direct_seed1", "direct_seed2", "mnli_seed1"}
    assert {s.language for d in found.drafts for s in d.run.scores} == {"sw", "yo"}
    assert rows(found.items(found.drafts[0].run), "item_id")[0] == ("sw:0",)


def test_data_in_a_folder_of_their_own_name_the_task_by_the_one_above(tmp_path: Path) -> None:
    write(tmp_path / "mine/data/test.conll", GOLD)
    write(tmp_path / "mine/xlmr_s1/predictions.txt", PREDICTED)
    write(tmp_path / "run/test.txt", GOLD)  # run is the code of a language that no such task has
    write(tmp_path / "run/xlmr_s1/predictions.txt", PREDICTED)
    write(tmp_path / "own/xlmr_s1/test.txt", GOLD)  # a copy of the gold file in the system's folder
    write(tmp_path / "own/xlmr_s1/predictions.txt", PREDICTED)
    found = imported(tmp_path, "conll")
    assert sorted(d.run.task for d in found.drafts) == ["mine", "run", "xlmr_s1"]
    assert {s.language for d in found.drafts for s in d.run.scores} == {None}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (PREDICTED + "\nodd\n", "line 8 is 'odd': a token and a tag are expected"),
        (PREDICTED + "\na b O\n", "line 8 has 3 columns where the lines before have 2"),
        (PREDICTED.encode().decode() + "\nx\0 O\n", "binary"),
    ],
)
def test_files_that_break_off_in_shape_are_refused_by_line(tmp_path: Path, body: str, reason: str) -> None:
    assert reason in imported(masakhaner(tmp_path, body), "conll").reasons()["test_predictions.txt"]


@pytest.mark.parametrize(
    "body",
    [
        "B-PER O O\nO O\n",
        "index\tprediction\n0\tentailment\n",
        "just some\nplain words here\n",
        "",
        "1\t0.5\n2\t0.6\n",
    ],
)
def test_other_text_files_are_not_claimed(tmp_path: Path, body: str) -> None:
    write(tmp_path / "masakhaner/predictions.txt", body)
    assert not imported(tmp_path, "conll").refused


def test_a_single_file_finds_its_gold_beside_and_above(tmp_path: Path) -> None:
    masakhaner(tmp_path)
    found = imported(tmp_path / "masakhaner/hau/xlmr_s1/test_predictions.txt", "conll")
    assert score(found.run("masakhaner"), "f1", "ha").value == 0.5
