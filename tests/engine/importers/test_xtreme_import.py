"""XTREME submissions through the importer's public face: what is read, what is said, what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.importers import xtreme
from intermezzo.engine.importing.draft import Draft, Guessed, Refused
from intermezzo.engine.importing.tree import list_tree
from intermezzo.queries.records import Items, Run, Score

TWO_SYSTEMS = Path(__file__).parents[2] / "fixtures" / "xtreme_two_systems"
DIRECT = "xlmr-direct-s1/predictions"


@dataclass
class Outcomes:
    drafts: dict[tuple[str, str], Draft]
    refused: list[Refused]
    said: list[Guessed]

    def run(self, task: str, system: str = "xlmr-direct-s1") -> Run:
        return self.drafts[system, task].run

    def items(self, task: str, system: str = "xlmr-direct-s1") -> Items:
        items = self.drafts[system, task].items
        assert items is not None
        return items

    def score(self, task: str, language: str, metric: str = "", version: str = "") -> Score:
        found = [
            s
            for s in self.run(task).scores
            if s.language == language and metric in s.metric and version in (s.implementation or "")
        ]
        assert len(found) == 1, found
        return found[0]

    def rows(self, task: str, *names: str, **where: str) -> list[tuple[Any, ...]]:
        columns = self.items(task).columns
        every = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        return [tuple(r[n] for n in names) for r in every if all(r[k] == v for k, v in where.items())]

    def sentences(self, part: str) -> list[str]:
        return [g.sentence for g in self.said if part in str(g.path)]

    def reasons(self, part: str) -> list[str]:
        return [r.reason for r in self.refused if part in str(r.path)]


def outcomes(root: Path) -> Outcomes:
    tree = list_tree(root)
    result = Outcomes({}, [], [])
    mains = []
    for bundle in xtreme.find(tree):
        mains.append(bundle.main)
        bundle.context["root"] = tree.root
        for outcome in xtreme.read(bundle):
            if isinstance(outcome, Draft):
                key = outcome.run.found.name, outcome.run.task
                assert key not in result.drafts
                result.drafts[key] = outcome
            elif isinstance(outcome, Refused):
                result.refused.append(outcome)
            else:
                assert isinstance(outcome, Guessed)
                result.said.append(outcome)
    assert len(mains) == len(set(mains))
    return result


@pytest.fixture(scope="module")
def both() -> Outcomes:
    return outcomes(TWO_SYSTEMS)


@pytest.fixture
def altered(tmp_path: Path) -> Callable[..., Outcomes]:
    """Import a copy of the two systems with one file of the direct system (or a label file) changed."""

    def change(path: str, content: bytes | str | None) -> Outcomes:
        root = tmp_path / "copy"
        shutil.copytree(TWO_SYSTEMS, root)
        file = root / path
        if content is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return outcomes(root)

    return change


class TestTwoSystems:
    def test_one_run_a_task_and_system_named_by_its_folder(self, both: Outcomes) -> None:
        assert {s for s, _ in both.drafts} == {"xlmr-direct-s1", "xlmr-mnli-s2"}
        assert len(both.drafts) == 10
        assert both.refused == []
        run = both.run("xnli")
        assert (run.split, run.tool, run.key, run.found.path) == ("test", "xtreme", "xnli", f"{DIRECT}/xnli")
        names = {Path(s.path).relative_to(TWO_SYSTEMS).as_posix() for s in run.sources}
        assert names == {f"{d}/xnli/test-{c}.tsv" for d in ("labels", DIRECT) for c in ("en", "sw")}

    def test_scores_are_recomputed_with_n_error_and_item_set(self, both: Outcomes) -> None:
        score = both.score("xnli", "sw")
        assert (score.metric, score.value, score.n, score.evidence) == ("accuracy", 0.5, 6, "recomputed")
        assert score.stderr == pytest.approx((0.3 / 6) ** 0.5)
        assert score.implementation == "xtreme accuracy"
        assert score.item_set == both.score("xnli", "en").item_set

    def test_languages_of_the_benchmark_without_a_file_are_gaps(self, both: Outcomes) -> None:
        gap = both.score("xnli", "ur")
        assert (gap.value, gap.gap, gap.implementation) == (None, "no predictions file", "xtreme accuracy")
        assert len(both.run("xnli").scores) == 15
        assert "no predictions for" in both.sentences(f"{DIRECT}/xnli")[0]

    def test_parallel_items_have_one_id_in_all_languages(self, both: Outcomes) -> None:
        rows = both.rows("xnli", "item_id", "cluster_id", "gold", "prediction", "credit", language="sw")
        assert rows[1] == ("1", "1", "neutral", "entailment", 0.0)
        assert both.rows("xnli", "item_id", language="en") == both.rows("xnli", "item_id", language="sw")

    def test_a_language_with_a_line_less_is_not_taken_as_parallel(self, both: Outcomes) -> None:
        assert both.rows("pawsx", "item_id", language="ko")[0] == ("ko:0",)
        assert both.rows("pawsx", "item_id", language="de")[0] == ("0",)
        assert both.score("pawsx", "ko").value == 0.75
        assert any("4 lines where other languages have 5" in s for s in both.sentences("pawsx/test-ko"))

    def test_tagging_has_both_versions_and_rows_only_where_they_differ(self, both: Outcomes) -> None:
        # en: X before and X after the sentence boundary are two chunks under 0.0.12 and one under 1.2.2.
        assert both.score("udpos", "en", version="0.0.12").value == pytest.approx(14 / 16)
        assert both.score("udpos", "en", version="1.2.2").value == pytest.approx(12 / 14)
        assert both.rows("udpos", "item_id", "tp", "n_pred", "n_gold", language="en", metric="f1") == [
            ("en:0", 3, 3, 3),
            ("en:1", 1, 2, 2),
            ("en:2", 3, 3, 3),
        ]
        assert both.rows("udpos", "tp", "n_pred", "n_gold", language="en", metric="f1@seqeval-1.2.2") == [
            (3, 3, 3),
            (0, 1, 1),
            (3, 3, 3),
        ]
        assert both.rows("udpos", "tp", language="sw", metric="f1@seqeval-1.2.2") == []
        assert (
            both.score("udpos", "sw", version="1.2.2").value == both.score("udpos", "sw", version="0.0").value
        )
        assert both.rows("panx", "gold", "prediction")[1] == ("O B-LOC", "O B-ORG")

    def test_questions_have_two_metrics_and_paragraphs_that_span_languages(self, both: Outcomes) -> None:
        assert both.score("xquad", "en", "f1").value == 1.0 - (1 - 2 / 3) / 3
        assert both.score("xquad", "en", "exact").value == pytest.approx(2 / 3)
        assert both.score("xquad", "de", "exact").value == pytest.approx(1 / 3)
        rows = both.rows("xquad", "item_id", "cluster_id", "prediction", "credit", language="de", metric="f1")
        assert rows == [
            ("q1", "q1", "Wolken", 2 / 3),
            ("q2", "q1", "im Herbst", 1.0),
            ("q3", "q3", None, 0.0),
        ]
        assert both.rows("xquad", "cluster_id", language="de") == both.rows(
            "xquad", "cluster_id", language="en"
        )
        assert any(
            "1 questions are not answered" in s and "`q3`" in s for s in both.sentences("xquad/test-de")
        )
        assert any(t.startswith("Wann?\n\nRegen") for t in both.items("xquad").texts.values())

    def test_arabic_is_folded_by_mlqa_and_swahili_by_squad(self, both: Outcomes) -> None:
        assert both.score("mlqa", "ar", "exact").value == 1.0
        assert both.score("mlqa", "ar", "exact").implementation == "xtreme mlqa"
        assert both.score("tydiqa", "sw", "f1").implementation == "xtreme squad"

    def test_pairs_are_items_clustered_by_source_sentence(self, both: Outcomes) -> None:
        score = both.score("bucc2018", "de")
        assert (score.value, score.n) == (pytest.approx(0.4), 3)
        assert both.rows(
            "bucc2018", "item_id", "cluster_id", "tp", "n_pred", "n_gold", "gold", "prediction"
        ) == [
            ("de:de-1 en-1", "de:de-1", 0, 0, 1, "en-1", None),
            ("de:de-1 en-9", "de:de-1", 0, 1, 0, None, "en-9"),
            ("de:de-2 en-2", "de:de-2", 1, 1, 1, "en-2", "en-2"),
            ("de:de-3 en-3", "de:de-3", 0, 0, 1, "en-3", None),
        ]

    def test_tatoeba_ids_belong_to_the_language(self, both: Outcomes) -> None:
        assert both.score("tatoeba", "de").value == 0.8
        assert both.rows("tatoeba", "item_id", "cluster_id")[3] == ("de:3", "de:3")


class TestOddFiles:
    """One file is odd; every other language and task is read as before."""

    @pytest.mark.parametrize(
        ("path", "content", "reason"),
        [
            (f"{DIRECT}/xnli/test-sw.tsv", b"", "the file is empty"),
            (f"{DIRECT}/xnli/test-sw.tsv", b"\n \n", "the file is empty"),
            (f"{DIRECT}/xnli/test-sw.tsv", b"neutral\n\xffentailment\n", "not UTF-8 text: line 2"),
            (f"{DIRECT}/xnli/test-sw.tsv", b"PK\x03\x04\0\0", "binary"),
            (f"{DIRECT}/xnli/test-sw.tsv", "neutral\n" * 5, "5 lines and its labels have 6"),
            (f"{DIRECT}/xnli/test-sw.tsv", "0\n" * 6, "none of the 6 lines"),
            ("labels/xnli/test-sw.tsv", "neutral\n" * 5 + "Neutral\n", "line 6 is `Neutral`"),
            (f"{DIRECT}/udpos/test-sw.tsv", "NOUN\nVERB\n", "1 sentences and its labels have 2"),
            (
                f"{DIRECT}/udpos/test-sw.tsv",
                "NOUN\n\nPRON\nVERB\n",
                "sentence 1 has 1 tags and its labels have 2",
            ),
            (f"{DIRECT}/udpos/test-sw.tsv", "a NOUN\nb VERB\n\nc PRON\nd VERB\n", "without tokens"),
            (f"{DIRECT}/xquad/test-de.json", "{}", "no answer"),
            (f"{DIRECT}/xquad/test-de.json", "[]", "not a JSON object of answers"),
            (f"{DIRECT}/xquad/test-de.json", '{"q1": "Wol', "ends in the middle"),
            (f"{DIRECT}/xquad/test-de.json", '{"other": "x"}', "answers none of the 3 questions"),
            ("labels/xquad/test-de.json", '{"data": [{"title": "x"}]}', "not SQuAD JSON"),
            ("labels/xquad/test-de.json", '{"data": []}', "no question"),
            (f"{DIRECT}/bucc2018/test-de.tsv", "de-1 en-1\n", "no line is a source id, a tab"),
            (f"{DIRECT}/tatoeba/test-de.tsv", "a\nb\nc\nd\ne\n", "none of the 5 lines is an index"),
            ("labels/tatoeba/test-de.tsv", "1\n2\n-3\n4\n0\n", "line 3 is `-3`"),
        ],
    )
    def test_is_refused_by_file_and_the_rest_is_read(
        self, both: Outcomes, altered: Callable[..., Outcomes], path: str, content: bytes | str, reason: str
    ) -> None:
        changed = altered(path, content)
        task, language = path.split("/")[-2], path.split("-")[-1]
        systems = 2 if path.startswith("labels/xnli") else 1
        assert [reason in r for r in changed.reasons(path)] == [True] * systems
        assert len(changed.refused) == systems
        for key, draft in both.drafts.items():
            if key[1] != task:
                assert changed.drafts[key].run.scores == draft.run.scores
        left = [s for s in both.run(task).scores if s.value is not None and s.language != language[:2]]
        if left:
            now = changed.run(task).scores
            assert [s for s in now if s.value is not None] == left
            gap = next(s for s in now if s.language == language[:2])
            assert reason in (gap.gap or "")
        else:
            assert ("xlmr-direct-s1", task) not in changed.drafts

    @pytest.mark.parametrize(
        ("path", "content", "sentence", "value"),
        [
            ("xnli/test-sw.tsv", "entailment\nneutral\nmaybe\n\nneutral\ncontradiction\n", "2 of 6", 4 / 6),
            ("udpos/test-sw.tsv", "NOUN\nHaus\n\nPRON\nVERB\n", "jiant writes words there", 0.75),
            (
                "xquad/test-de.json",
                '{"q1": null, "q2": ["im Herbst"], "q3": "ein Stern"}',
                "2 answers are no text",
                1 / 3,
            ),
            ("xquad/test-de.json", '{"q1": "x", "q1": "den Wolken", "zz": "y"}', "answered twice", 1 / 3),
            ("xquad/test-de.json", '{"q3": "ein Stern", "zz": "y"}', "belong to no question", 1 / 3),
            ("bucc2018/test-de.tsv", "de-1\ten-1\nde-1\ten-1\n", "repeat 1 pairs", 0.5),
            ("bucc2018/test-de.tsv", "de-1\ten-1\n\nde-2\n", "empty lines", 0.4),
            ("bucc2018/test-de.tsv", "de-1\ten-1\nde-2\n", "1 of 2 predictions are not two ids", 0.4),
            ("tatoeba/test-de.tsv", "2\n0\n4\n1\n5\n", "beyond the last target, 4,", 0.8),
            ("tatoeba/test-de.tsv", "2\n0\n4\n1\n-1\n", "1 of 5 predictions are no index", 0.8),
        ],
    )
    def test_is_read_with_a_sentence(
        self, altered: Callable[..., Outcomes], path: str, content: str, sentence: str, value: float
    ) -> None:
        changed = altered(f"{DIRECT}/{path}", content)
        assert changed.refused == []
        assert any(sentence in s for s in changed.sentences(path)), changed.sentences(path)
        task, language = path.split("/")[0], path.split("-")[-1][:2]
        metric, version = ("exact", "") if task == "xquad" else ("", "0.0.12" if task == "udpos" else "")
        assert changed.score(task, language, metric, version).value == pytest.approx(value)

    @pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n\n"])
    def test_line_ends_and_a_byte_order_mark_do_not_matter(
        self, both: Outcomes, altered: Callable[..., Outcomes], end: str
    ) -> None:
        lines = (TWO_SYSTEMS / DIRECT / "xnli/test-sw.tsv").read_text().split()
        text = "\ufeff" + ("\n".join(lines) + end if end == "\n\n\n" else end.join(lines) + end)
        assert altered(f"{DIRECT}/xnli/test-sw.tsv", text).score("xnli", "sw").value == 0.5

    def test_other_breaks_of_unicode_are_no_line_ends(self, altered: Callable[..., Outcomes]) -> None:
        changed = altered(f"{DIRECT}/xnli/test-sw.tsv", "neutral\u2028neutral\n" + "neutral\n" * 5)
        assert changed.score("xnli", "sw").n == 6

    def test_missing_labels_are_looked_for_by_name(self, altered: Callable[..., Outcomes]) -> None:
        changed = altered("labels/tydiqa/test-sw.json", None)
        assert changed.reasons(f"{DIRECT}/tydiqa") == ["no labels: looked for labels/tydiqa/test-sw.json"]
        assert ("xlmr-direct-s1", "tydiqa") not in changed.drafts

    def test_a_task_without_any_labels_is_refused_by_language(self, tmp_path: Path) -> None:
        shutil.copytree(TWO_SYSTEMS, tmp_path / "copy")
        shutil.rmtree(tmp_path / "copy" / "labels" / "pawsx")
        changed = outcomes(tmp_path / "copy")
        assert len(changed.reasons("pawsx")) == 3
        assert ("xlmr-direct-s1", "xnli") in changed.drafts

    def test_labels_of_languages_that_nobody_predicted_are_named(
        self, altered: Callable[..., Outcomes]
    ) -> None:
        changed = altered("labels/xnli/test-fr.tsv", "neutral\n" * 6)
        assert changed.sentences("labels/") == [
            "1 label files have no predictions in any system: they were left out"
        ]
        assert changed.score("xnli", "fr").gap == "no predictions file"

    def test_a_refused_file_is_a_source_of_the_gap_it_leaves(self, altered: Callable[..., Outcomes]) -> None:
        run = altered(f"{DIRECT}/xnli/test-sw.tsv", "").run("xnli")
        assert {Path(s.path).name for s in run.sources} == {"test-en.tsv", "test-sw.tsv"}
        assert len(run.sources) == 4

    def test_gold_without_answers_is_left_out_and_said(self, altered: Callable[..., Outcomes]) -> None:
        labels = json.loads((TWO_SYSTEMS / "labels/xquad/test-de.json").read_text())
        labels["data"][1]["paragraphs"][0]["qas"][0]["answers"] = []
        changed = altered("labels/xquad/test-de.json", json.dumps(labels))
        assert changed.score("xquad", "de", "exact").n == 2
        assert any("no gold answer" in s for s in changed.sentences("xquad/test-de"))

    def test_labels_without_any_chunk_give_a_gap_and_not_a_number(
        self, altered: Callable[..., Outcomes]
    ) -> None:
        changed = altered("labels/panx/test-de.tsv", "O\nO\nO\n\nO\nO\n")
        score = changed.score("panx", "de", version="0.0.12")
        assert (score.value, score.stderr, score.n) == (None, None, 2)
        assert "nothing to find" in (score.gap or "")

    def test_a_language_of_no_registry_is_kept_as_found(self, altered: Callable[..., Outcomes]) -> None:
        changed = altered(f"{DIRECT}/tatoeba/test-qqq.tsv", "0\n1\n")
        assert changed.reasons("test-qqq") == ["no labels: looked for labels/tatoeba/test-qqq.tsv"]
        gap = next(s for s in changed.run("tatoeba").scores if s.subject == "qqq")
        assert gap.language is None

    def test_two_spellings_of_a_language_are_not_two_languages(
        self, altered: Callable[..., Outcomes]
    ) -> None:
        changed = altered(f"{DIRECT}/xnli/test-swh.tsv", "neutral\n" * 6)
        assert changed.reasons("test-swh") == ["another file has sw already"]
        assert changed.score("xnli", "sw").value == 0.5


class TestWhereLabelsAre:
    def test_beside_the_predictions_even_outside_the_imported_folder(self) -> None:
        found = outcomes(TWO_SYSTEMS / "xlmr-mnli-s2")
        assert [r.reason for r in found.refused] != []
        assert "folder called labels or gold" in found.refused[0].reason

    def test_the_official_shape_takes_the_parent_folders_name(self, tmp_path: Path) -> None:
        root = tmp_path / "my-submission"
        shutil.copytree(TWO_SYSTEMS / "labels", root / "labels")
        shutil.copytree(TWO_SYSTEMS / DIRECT, root / "predictions")
        assert {s for s, _ in outcomes(root).drafts} == {"my-submission"}
        alone = outcomes(root / "predictions")
        assert {s for s, _ in alone.drafts} == {"my-submission"}
        assert any("beside the imported folder" in g.sentence for g in alone.said)
        one = outcomes(root / "predictions" / "xnli" / "test-sw.tsv")
        assert one.run("xnli", "my-submission").scores[0].value is not None

    def test_no_labels_is_one_refusal_that_says_where_they_are_looked_for(self, tmp_path: Path) -> None:
        shutil.copytree(TWO_SYSTEMS / DIRECT, tmp_path / "sub" / "predictions")
        found = outcomes(tmp_path)
        assert found.drafts == {}
        assert len(found.refused) == 1
        assert found.refused[0].path == tmp_path / "sub" / "predictions"
        assert str(tmp_path / "sub" / "labels") in found.refused[0].reason

    def test_of_several_labels_the_nearest_is_taken_and_said(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            shutil.copytree(TWO_SYSTEMS / "labels", tmp_path / name / "gold")
            shutil.copytree(TWO_SYSTEMS / DIRECT, tmp_path / name / "predictions")
        found = outcomes(tmp_path)
        assert {s for s, _ in found.drafts} == {"a", "b"}
        assert any("of 2 labels folders the nearest was taken: a/gold" in g.sentence for g in found.said)

    def test_equally_near_labels_are_not_guessed(self, tmp_path: Path) -> None:
        for name in ("labels", "gold"):
            shutil.copytree(TWO_SYSTEMS / "labels", tmp_path / name)
        shutil.copytree(TWO_SYSTEMS / DIRECT, tmp_path / "predictions")
        found = outcomes(tmp_path)
        assert found.drafts == {}
        assert "equally near (gold, labels)" in found.refused[0].reason

    def test_systems_of_one_name_keep_their_paths(self, tmp_path: Path) -> None:
        shutil.copytree(TWO_SYSTEMS / "labels", tmp_path / "labels")
        shutil.copytree(TWO_SYSTEMS / DIRECT / "xnli", tmp_path / "a" / "xnli")
        shutil.copytree(TWO_SYSTEMS / DIRECT / "xnli", tmp_path / "a" / "predictions" / "xnli")
        names = {s for s, _ in outcomes(tmp_path).drafts}
        assert names == {f"{tmp_path.name}/a", f"{tmp_path.name}/a/predictions"}

    def test_labels_alone_and_tasks_without_scorer_are_named(self, tmp_path: Path) -> None:
        shutil.copytree(TWO_SYSTEMS / "labels", tmp_path / "labels")
        (tmp_path / "predictions" / "mewslix").mkdir(parents=True)
        (tmp_path / "predictions" / "mewslix" / "test-ar.json").write_text("{}")
        found = outcomes(tmp_path)
        assert found.drafts == {}
        assert any("labels without predictions" in g.sentence for g in found.said)
        assert found.sentences("mewslix") == ["mewslix has no scorer here: its files were left out"]

    def test_other_folders_are_not_claimed(self, tmp_path: Path) -> None:
        for path in ("xnli/dev-sw.tsv", "xnli/test-sw.json", "data/test-sw.tsv", "xnli/notes.tsv"):
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text("x\n")
        assert list(xtreme.find(list_tree(tmp_path))) == []
