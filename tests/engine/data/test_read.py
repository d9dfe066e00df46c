"""Reading data sets: XTREME's download folder, saved data sets, and what is said where they are not there."""

from __future__ import annotations

from pathlib import Path

import download_folder
import pytest
from intermezzo.engine.data.read import load_data
from intermezzo.engine.data.targets import targets
from intermezzo.queries.errors import Problem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return download_folder.make(tmp_path / "download")


@pytest.mark.parametrize(
    ("task", "languages", "items"),
    [
        ("xnli", ["de", "en"], 6),
        ("pawsx", ["de", "en"], 6),
        ("udpos", ["de", "en"], 2),
        ("panx", ["de", "en"], 2),
        ("xquad", ["de", "en"], 3),
        ("mlqa", ["de", "en"], 3),
        ("tydiqa", ["sw"], 3),
        ("bucc2018", ["de"], 12),
        ("tatoeba", ["de"], 6),
        ("xcopa", ["it", "sw"], 6),
    ],
)
def test_every_target_is_read_from_its_folder(
    folder: Path, task: str, languages: list[str], items: int
) -> None:
    data = load_data(task, path=str(folder))
    assert sorted(data.languages) == languages
    assert {len(found) for found in data.languages.values()} == {items}
    assert data.kind == targets()[task].task.kind
    for found in data.languages.values():
        assert len({(e.language, e.item_id) for e in found}) == len(found)


def test_declared_targets_are_xtremes_nine_with_their_languages() -> None:
    nine = [t for t in targets().values() if t.task.xtreme_group]
    assert len(nine) == 9
    assert sum(len(t.task.languages) for t in nine) == 162


def test_parallel_lines_have_the_same_id_and_others_their_own(folder: Path) -> None:
    data = load_data("xnli", path=str(folder))
    assert [e.item_id for e in data.languages["de"]] == [e.item_id for e in data.languages["en"]]
    short = (folder / "pawsx/test-de.tsv").read_text().splitlines()[:-1]
    download_folder.write(folder / "pawsx/test-de.tsv", short)
    shifted = load_data("pawsx", path=str(folder), languages=["de"])
    assert [e.item_id for e in shifted.languages["de"]][:2] == ["de:0", "de:1"]


def test_questions_of_one_paragraph_are_one_cluster_in_every_language(folder: Path) -> None:
    data = load_data("xquad", path=str(folder))
    for found in data.languages.values():
        assert [e.cluster_id for e in found] == ["q1", "q1", "q3"]
    first = data.languages["de"][0]
    assert first.gold == ("the clouds", "clouds")
    assert first.texts[1][first.extra["starts"][0] :].startswith("the clouds")


def test_tags_and_words_go_together(folder: Path) -> None:
    first = load_data("panx", path=str(folder), languages=["de"]).languages["de"][0]
    assert first.texts == ("Ann", "Lee", "went")
    assert first.gold == ("B-PER", "I-PER", "O")


def test_a_limit_takes_queries_away_not_candidates(folder: Path) -> None:
    found = load_data("tatoeba", path=str(folder), limit=2).languages["de"]
    assert [e.language for e in found] == ["de", "de", "en", "en", "en", "en"]
    mined = load_data("bucc2018", path=str(folder), limit=2).languages["de"]
    assert [e.language for e in mined] == ["de"] * 2 + ["en"] * 6


def test_the_revision_follows_the_content(folder: Path) -> None:
    before = load_data("xnli", path=str(folder)).revision
    assert load_data("xnli", path=str(folder)).revision == before
    lines = (folder / "xnli/test-de.tsv").read_text().replace("text 3", "text three")
    (folder / "xnli/test-de.tsv").write_text(lines)
    assert load_data("xnli", path=str(folder)).revision != before


@pytest.mark.parametrize(
    ("task", "options", "said"),
    [
        ("xnle", {}, "is no task. Did you mean xnli"),
        ("xnli", {"languages": ["q1"]}, "'q1' is no language"),
        (
            "xnli",
            {"languages": ["it"]},
            r"none of the languages asked for \(it: xnli does not have it\)\. Languages: de, en",
        ),
        ("xnli", {"languages": ["fr"]}, r"\(fr: there is no xnli/test-fr.tsv\)\. Languages: de, en"),
        ("xnli", {"split": "train"}, "xnli has no train split: test and validation"),
        ("xnli", {"split": "validation"}, "has no validation data of xnli: looked for xnli/dev-en.tsv"),
        ("xnli", {"limit": 0}, "A limit of 0"),
        ("retrieval", {}, "it takes no --data"),
    ],
)
def test_what_is_not_there_is_a_sentence(folder: Path, task: str, options: dict, said: str) -> None:
    with pytest.raises(Problem, match=said):
        load_data(task, path=str(folder), **options)


def test_languages_that_lack_something_are_left_out_with_the_reason(folder: Path) -> None:
    alone = load_data("xnli", path=str(folder), languages=["de"])
    (folder / "xnli/test-fr.tsv").write_text("\n".join(f"fr {n}\tb" for n in range(6)))
    data = load_data("xnli", path=str(folder), languages=["it", "de", "fr", "sw"])
    assert data.languages == alone.languages
    assert data.revision == alone.revision
    assert data.left_out == {
        "it": "xnli does not have it",
        "sw": "there is no xnli/test-sw.tsv",
        "fr": "its test data have no labels to score against",
    }


@pytest.mark.parametrize(
    ("file", "content", "task", "said"),
    [
        ("xnli/test-de.tsv", b"", "xnli", "is empty"),
        ("xnli/test-de.tsv", b"a\n", "xnli", "line 1 has 1 columns"),
        ("xnli/test-de.tsv", b"a\tb\n", "xnli", "have no labels to score against"),
        ("xnli/test-de.tsv", b"\xff\xfe", "xnli", "is not UTF-8"),
        ("xquad/xquad.de.json", b'{"data": [{}]}', "xquad", "is not of the form that xquad has"),
        ("tatoeba/de-en.en", b"one\n", "tatoeba", "they pair by line"),
        ("bucc2018/de-en.test.gold", b"de-0\n", "bucc2018", "line 1 has 1 columns"),
    ],
)
def test_damaged_files_are_a_sentence(folder: Path, file: str, content: bytes, task: str, said: str) -> None:
    (folder / file).write_bytes(content)
    with pytest.raises(Problem, match=said):
        load_data(task, path=str(folder), languages=["de"])


def test_a_path_that_is_nothing_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="is no folder with data, and no hub id"):
        load_data("xnli", path=str(tmp_path / "nowhere"))


class TestSaved:
    """What ``save_to_disk`` of the library ``datasets`` has written."""

    @pytest.fixture(autouse=True)
    def _library(self) -> None:
        pytest.importorskip("datasets", reason="the extra `engine` is not installed")

    def test_languages_in_a_column(self, tmp_path: Path) -> None:
        from datasets import Dataset, DatasetDict

        rows = [
            {"language": code, "sentence1": f"a {n}", "sentence2": "b", "gold_label": "neutral"}
            for code in ("en", "de")
            for n in range(3)
        ]
        DatasetDict({"test": Dataset.from_list(rows)}).save_to_disk(str(tmp_path / "xnli"))
        data = load_data("xnli", path=str(tmp_path / "xnli"), languages=["de", "en"])
        assert [e.texts for e in data.languages["de"]] == [("a 0", "b"), ("a 1", "b"), ("a 2", "b")]
        data = load_data("xnli", path=str(tmp_path / "xnli"), languages=["de", "fr"])
        assert data.left_out == {"fr": "no item of XNLI is in it"}

    def test_a_folder_for_each_configuration_and_tags_as_numbers(self, tmp_path: Path) -> None:
        from datasets import ClassLabel, Dataset, Features, Sequence, Value

        names = ["O", "B-PER", "I-PER"]
        features = Features(
            {"tokens": Sequence(Value("string")), "ner_tags": Sequence(ClassLabel(names=names))}
        )
        table = Dataset.from_dict({"tokens": [["Ann", "went"]], "ner_tags": [[1, 0]]}, features=features)
        table.save_to_disk(str(tmp_path / "PAN-X.de"))
        data = load_data("panx", path=str(tmp_path), languages=["de"])
        assert data.languages["de"][0].gold == ("B-PER", "O")
        both = load_data("panx", path=str(tmp_path), languages=["de", "fr", "sq"])
        assert list(both.languages) == ["de"]
        assert both.left_out == {
            "sq": "panx does not have it",
            "fr": "no folder PAN-X.fr that save_to_disk has written",
        }
        every = load_data("panx", path=str(tmp_path))
        assert (list(every.languages), every.left_out) == (["de"], {})
        with pytest.raises(Problem, match=r"none of the languages asked for \(fr: no folder PAN-X\.fr"):
            load_data("panx", path=str(tmp_path), languages=["fr"])
        with pytest.raises(Problem, match=r"; and 29 more such\)"):
            load_data("udpos", path=str(tmp_path))

    def test_questions(self, tmp_path: Path) -> None:
        from datasets import Dataset

        row = {"id": "7", "title": "", "context": "It is hot.", "question": "How?",
               "answers": {"text": ["hot", "hot"], "answer_start": [6, 6]}}  # fmt: skip
        Dataset.from_list([row]).save_to_disk(str(tmp_path / "saved"))
        data = load_data("xquad", path=str(tmp_path / "saved"), languages=["en"])
        assert data.languages["en"][0].gold == ("hot",)

    def test_other_columns_are_a_sentence(self, tmp_path: Path) -> None:
        from datasets import Dataset

        Dataset.from_list([{"a": 1}]).save_to_disk(str(tmp_path / "saved"))
        with pytest.raises(Problem, match="It has the columns a"):
            load_data("pawsx", path=str(tmp_path / "saved"), languages=["de"])
