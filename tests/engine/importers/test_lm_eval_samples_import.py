from __future__ import annotations

import hashlib
import json
import os
import statistics
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.importers import lm_eval_lines
from intermezzo.engine.importers.lm_eval_lines import read_lines
from intermezzo.engine.importing import line_blocks
from intermezzo.queries.records import item_set_hash
from lm_eval_files import DATE, Outcomes, import_all, results, row, sample, write, write_samples


def read(tmp_path: Path, body: dict[str, Any], **samples: list[Any]) -> Outcomes:
    folder = tmp_path / "out"
    write(folder, body)
    for task, lines in samples.items():
        write_samples(folder, task, lines)
    return import_all(tmp_path)


def test_a_value_is_recomputed_from_all_its_items(tmp_path: Path) -> None:
    values = [1, 0.0, True, 0]
    found = read(
        tmp_path, results(row("xnli_fr", acc=0.4)), xnli_fr=[sample(i, c) for i, c in enumerate(values)]
    )
    (draft,) = found.drafts
    (score,) = draft.run.scores
    assert (score.evidence, score.value, score.logged, score.n) == ("recomputed", 0.5, 0.4, 4)
    assert score.stderr == pytest.approx(statistics.stdev([1, 0, 1, 0]) / 2)
    assert score.implementation == "lm-eval acc"
    assert score.item_set == item_set_hash(["0", "1", "2", "3"])
    assert draft.items is not None
    columns = draft.items.columns
    assert columns["item_id"] == ["0", "1", "2", "3"]
    assert columns["credit"] == [1.0, 0.0, 1.0, 0.0]
    assert set(columns["language"]) == {"fr"}
    assert set(columns["metric"]) == {"accuracy"}
    assert columns["gold"] == ["1"] * 4
    assert columns["prediction"] == ["1"] * 4  # the likeliest of three
    assert draft.items.partial is None
    assert [Path(s.path).name for s in draft.run.sources] == [
        f"results_{DATE}.json",
        f"samples_xnli_fr_{DATE}.jsonl",
    ]
    assert not found.refused


def test_documents_are_kept_once_by_hash_whatever_their_key_order(tmp_path: Path) -> None:
    one = {"a": "x", "b": "é"}
    lines = [sample(0, doc=one), sample(1, doc={"b": "é", "a": "x"}), sample(2, doc={"a": "y" * 30_000})]
    (draft,) = read(tmp_path, results(row("xnli_fr", n=3, acc=1.0)), xnli_fr=lines).drafts
    assert draft.items is not None
    text = json.dumps(one, separators=(",", ":"), ensure_ascii=False)
    sha = hashlib.sha256(text.encode()).hexdigest()
    assert draft.items.columns["text_sha"][:2] == [sha, sha]
    assert draft.items.texts[sha] == text
    assert len(draft.items.texts) == 2
    assert {len(t) for t in draft.items.texts.values()} == {len(text), lm_eval_lines.MAX_TEXT}
    for key, kept in draft.items.texts.items():
        assert key == hashlib.sha256(kept.encode()).hexdigest()


def test_too_few_samples_are_partial_and_the_logged_value_stays(tmp_path: Path) -> None:
    found = read(tmp_path, results(row("xnli_fr", n=817, acc=0.4)), xnli_fr=[sample(i) for i in range(60)])
    (draft,) = found.drafts
    assert draft.items is not None
    assert draft.items.partial == "first 60 of 817"
    assert len(draft.items) == 60
    (score,) = draft.run.scores
    assert (score.value, score.evidence, score.logged, score.item_set) == (0.4, "logged", None, None)


def test_more_samples_than_the_file_counts_are_said(tmp_path: Path) -> None:
    found = read(tmp_path, results(row("xnli_fr", n=2, acc=0.4)), xnli_fr=[sample(i) for i in range(3)])
    assert found.scores[0].evidence == "logged"
    assert [r.reason for r in found.refused] == ["3 items where the results file counts 2: not recomputed"]


def test_a_metric_over_the_corpus_keeps_answers_without_credit(tmp_path: Path) -> None:
    body = results(row("masakhaner_luo_prompt_1", n=2, filter_="flexible-extract", f1=0.25, f1_stderr="N/A"))
    body["configs"]["masakhaner_luo_prompt_1"] = {"metric_list": [{"metric": "f1", "aggregation": "span_f1"}]}
    lines = [
        sample(
            i,
            filter_="flexible-extract",
            target="PER: x",
            filtered_resps=[["per: y"]],
            f1=["PER: x", ["per: y"]],
        )
        for i in range(2)
    ]
    (draft,) = read(tmp_path, body, masakhaner_luo_prompt_1=lines).drafts
    assert draft.items is not None
    assert draft.items.columns["credit"] == [None, None]
    assert draft.items.columns["gold"] == ["PER: x", "PER: x"]
    assert draft.items.columns["prediction"] == ["per: y", "per: y"]
    (score,) = draft.run.scores
    assert (score.value, score.stderr, score.evidence) == (0.25, None, "logged")
    assert score.item_set is not None  # the items are known to be all


def test_a_line_a_document_and_filter_goes_to_the_run_of_its_filter(tmp_path: Path) -> None:
    task = "mgsm_direct_bn"
    body = results(row(task, n=2, filter_="strict", exact_match=0.0))
    body["results"][task]["exact_match,loose"] = 0.5
    lines = [
        sample(i, filter_=f, target="7", filtered_resps=[answer], exact_match=float(answer == "7"))
        for i, (strict, loose) in enumerate([("x", "7"), ("y", "8")])
        for f, answer in (("strict", strict), ("loose", loose))
    ]
    found = read(tmp_path, body, mgsm_direct_bn=lines)
    got = {
        d.run.filter: (d.run.scores[0].value, d.run.scores[0].evidence, d.items.columns["prediction"])
        for d in found.drafts
    }  # type: ignore[union-attr]
    assert got == {"strict": (0.0, "recomputed", ["x", "y"]), "loose": (0.5, "recomputed", ["7", "8"])}


def test_older_lines_without_a_filter_belong_to_the_only_one(tmp_path: Path) -> None:
    lines = [sample(i, filter_=None) for i in range(4)]
    assert read(tmp_path, results(row("xnli_fr")), xnli_fr=lines).scores[0].evidence == "recomputed"


def test_two_kinds_of_accuracy_do_not_share_a_name(tmp_path: Path) -> None:
    body = results(row("xnli_fr", n=2, acc=0.5, acc_norm=1.0))
    (draft,) = read(
        tmp_path, body, xnli_fr=[sample(0, 1.0, acc_norm=1.0), sample(1, 0.0, acc_norm=1.0)]
    ).drafts
    assert draft.items is not None
    by_metric: dict[str, list[float]] = {}
    for metric, credit in zip(draft.items.columns["metric"], draft.items.columns["credit"], strict=True):
        by_metric.setdefault(metric, []).append(credit)
    assert sorted(by_metric.values()) == [[1.0, 0.0], [1.0, 1.0]]
    assert {s.implementation: s.value for s in draft.run.scores} == {
        "lm-eval acc": 0.5,
        "lm-eval acc_norm": 1.0,
    }


def test_parallel_tasks_share_item_ids_across_languages_and_others_do_not(tmp_path: Path) -> None:
    body = results(
        *(
            row(t, n=1, acc=1.0)
            for t in ("xnli_fr", "xnli_de", "include_base_44_french", "include_base_44_german")
        )
    )
    tasks = list(body["results"])
    found = read(tmp_path, body, **{task: [sample(0)] for task in tasks})
    ids = {d.run.task: sorted(d.items.columns["item_id"]) for d in found.drafts}  # type: ignore[union-attr]
    assert ids["xnli"] == ["0", "0"]
    (other,) = ids.keys() - {"xnli"}
    assert len(set(ids[other])) == 2


def test_questions_on_one_passage_are_one_cluster(tmp_path: Path) -> None:
    docs = [{"context": "one", "q": 1}, {"context": "two", "q": 2}, {"context": "one", "q": 3}]
    (draft,) = read(
        tmp_path,
        results(row("xnli_fr", n=3, acc=1.0)),
        xnli_fr=[sample(i, doc=d) for i, d in enumerate(docs)],
    ).drafts
    assert draft.items is not None
    assert draft.items.columns["cluster_id"] == ["0", "1", "0"]


def test_repeated_and_nameless_lines_are_said_and_left_out(tmp_path: Path) -> None:
    nameless = sample(9)
    del nameless["doc_id"]
    lines = [sample(0, 1.0), sample(1, 0.0), sample(0, 0.0), nameless]
    found = read(tmp_path, results(row("xnli_fr", n=2, acc=0.5)), xnli_fr=lines)
    assert found.scores[0].value == 0.5
    assert [r.reason for r in found.refused] == [
        "1 lines have no doc_id",
        "1 lines repeat a document; the first of each counts",
    ]


@pytest.mark.parametrize("bad", [float("nan"), 7.0, -1.0])
def test_an_impossible_item_value_is_refused_and_the_items_kept(tmp_path: Path, bad: float) -> None:
    found = read(tmp_path, results(row("xnli_fr", n=2, acc=0.5)), xnli_fr=[sample(0, 1.0), sample(1, bad)])
    (refused,) = found.refused
    assert refused.key == "acc"
    assert found.scores[0].evidence == "logged"
    items = found.drafts[0].items
    assert items is not None
    assert items.columns["credit"] == [None, None]


def test_bad_lines_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [sample(0), '{"doc_id": 1, "acc": ', "[1, 2]", "", sample(4), sample(5, doc={"a": "\ud800"})]
    folder = tmp_path / "out"
    write(folder, results(row("xnli_fr", n=6)))
    path = folder / f"samples_xnli_fr_{DATE}.jsonl"
    path.write_text("".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines))
    found = import_all(tmp_path)
    assert [(r.path, r.key) for r in found.refused] == [(path, "line 2"), (path, "line 3")]
    items = found.drafts[0].items
    assert items is not None
    assert items.columns["item_id"] == ["0", "4", "5"]
    assert items.partial == "3 of 6"


def test_a_last_line_that_breaks_off_is_waited_for_while_young(tmp_path: Path) -> None:
    body = results(row("xnli_fr", n=2), row("xcopa_et"))
    write(tmp_path, body)
    path = tmp_path / f"samples_xnli_fr_{DATE}.jsonl"
    path.write_text(json.dumps(sample(0)) + "\n" + json.dumps(sample(1))[:40])
    found = import_all(tmp_path)
    assert [w.path for w in found.waiting] == [path]
    assert [run.task for run in found.runs] == ["xcopa"]
    os.utime(path, (1, 1))
    found = import_all(tmp_path)
    assert not found.waiting
    assert [(r.path, r.key) for r in found.refused] == [(path, "line 2")]
    assert found.run("xnli").scores[0].evidence == "logged"


def test_samples_nobody_counts_are_said(tmp_path: Path) -> None:
    write(tmp_path, results(row("xnli_fr")))
    other = write_samples(tmp_path, "xnli_de", [sample(0)])
    alone = write_samples(tmp_path, "xnli_fr", [sample(0)], "samples_xnli_fr_2020-01-01T00-00-00.jsonl")
    refused = {r.path: r.reason for r in import_all(tmp_path).refused}
    assert refused[other] == "the results file beside it has no such task"
    assert refused[alone] == "samples without a results file of the same date beside them"


def test_the_larger_of_two_samples_files_counts(tmp_path: Path) -> None:
    write(tmp_path, results(row("xnli_fr", n=3, acc=1.0)))
    write_samples(tmp_path, "xnli_fr", [sample(i) for i in range(3)])
    head = write_samples(tmp_path, "xnli_fr", [sample(0)], f"samples_xnli_fr_{DATE}.head1.jsonl")
    found = import_all(tmp_path)
    assert found.scores[0].evidence == "recomputed"
    assert [r.path for r in found.refused] == [head]


def test_names_that_the_tool_made_safe_and_files_without_dates(tmp_path: Path) -> None:
    body = results(row("truthfulqa-multi_mc2_en", n=2, acc=1.0))
    write(tmp_path / "a", body)
    write_samples(tmp_path / "a", "truthfulqa_multi_mc2_en", [sample(i) for i in range(2)])
    write(tmp_path / "b", body, "results.json")
    write_samples(
        tmp_path / "b", "", [sample(i) for i in range(2)], "pretrained__m_truthfulqa-multi_mc2_en.jsonl"
    )
    assert [s.evidence for s in import_all(tmp_path).scores] == ["recomputed", "recomputed"]


def test_languages_without_samples_are_said(tmp_path: Path) -> None:
    found = read(tmp_path, results(row("xnli_fr", n=1, acc=1.0), row("xnli_de", n=1)), xnli_fr=[sample(0)])
    (draft,) = found.drafts
    assert {s.language: s.evidence for s in draft.run.scores} == {"fr": "recomputed", "de": "logged"}
    assert draft.items is not None
    assert draft.items.partial == "no samples of xnli_de"


def test_a_file_name_with_glob_signs_is_that_file(tmp_path: Path) -> None:
    folder = tmp_path / "a[b]*?"
    write(folder, results(row("xnli_fr", n=1, acc=1.0)))
    write_samples(folder, "xnli_fr", [sample(0)])
    assert import_all(tmp_path).scores[0].evidence == "recomputed"


ODD_LINES = [
    sample(0, True),
    sample(1, 0),
    sample(2, None),
    sample(3, "1.0"),
    sample(4, [1, 2]),
    sample("five", 1.0, target=3),
    sample(6, 1.0, target=["a", "b"], filtered_resps=["one"]),
    sample(7, 1.0, target=None, filtered_resps=[], doc=None),
    sample(8, 1e-3, filtered_resps="plain", doc={"context": "ü", "n": 1.50}),
    sample(9, 1.0, doc=[1, {"b": 1, "a": None}]),
    {"doc_id": 10},
]


def test_lines_are_read_the_same_where_a_bad_one_is_among_them(tmp_path: Path) -> None:
    path = write_samples(tmp_path, "t", ODD_LINES)
    good = read_lines(path, ["acc", "absent", "doc_id", "acc"], True, {})
    assert not good.refused
    assert len(good.filters["none"]) == 10
    assert good.filters["none"].values == {"acc": [1.0, 0.0, None, None, None, 1.0, 1.0, 1.0, 1e-3, 1.0]}
    assert good.filters["none"].gold[5:8] == ["3", '["a","b"]', None]
    assert good.filters[""].doc_ids == ["10"]
    other = write_samples(tmp_path, "u", ["{broken", *ODD_LINES, "[]"])
    found = read_lines(other, ["acc", "absent", "doc_id", "acc"], True, {})
    assert found.filters == good.filters
    assert [r.key for r in found.refused] == ["line 1", f"line {len(ODD_LINES) + 2}"]


@pytest.mark.parametrize("odd", ['"resps": NaN', '"\\ud800": 1', '"x": 1e999', '"x": ' + "9" * 40])
def test_a_line_that_only_the_slow_way_takes_counts(tmp_path: Path, odd: str) -> None:
    line = json.dumps(sample(1, 0.0))[:-1] + f", {odd}" + "}"
    path = write_samples(tmp_path, "t", [sample(0, 1.0), line, sample(2, 1.0)])
    found = read_lines(path, ["acc"], True, {})
    assert not found.refused
    assert found.filters["none"].values == {"acc": [1.0, 0.0, 1.0]}


def test_a_document_that_is_not_utf_8_leaves_its_line_out(tmp_path: Path) -> None:
    path = write_samples(tmp_path, "t", [sample(i) for i in range(3)])
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b'"doc": {', b'"doc": {"odd": "\xff", ')
    path.write_bytes(b"".join(lines))
    found = read_lines(path, ["acc"], True, {})
    assert found.filters["none"].doc_ids == ["0", "2"]
    assert [(r.key, r.reason) for r in found.refused] == [
        ("line 2", "the line is left out: it is not UTF-8 text")
    ]


def test_a_file_of_several_blocks_reads_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_samples(tmp_path, "t", [*ODD_LINES, "{broken", *(sample(i) for i in range(20, 40))])
    whole = read_lines(path, ["acc"], True, {})
    monkeypatch.setattr(line_blocks, "BLOCK_BYTES", 300)
    assert read_lines(path, ["acc"], True, {}) == whole
    assert [r.key for r in whole.refused] == [f"line {len(ODD_LINES) + 1}"]
    assert whole.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_remembered_of_documents_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lm_eval_lines, "MEMO_BYTES", 10_000)
    memo: lm_eval_lines.Memo = {}
    for n in range(40):
        lines = [sample(i, doc={"text": f"{n} {i} " + "x" * 100}) for i in range(20)]
        read_lines(write_samples(tmp_path, "t", lines), ["acc"], True, memo)
        assert sum(map(len, memo)) <= 10_000


def test_documents_are_remembered_between_files(tmp_path: Path) -> None:
    memo: lm_eval_lines.Memo = {}
    one = write_samples(tmp_path, "a", [sample(i) for i in range(3)])
    first = read_lines(one, ["acc"], True, memo)
    assert len(memo) == 3
    two = write_samples(tmp_path, "b", [sample(i, 0.0) for i in range(3)])
    second = read_lines(two, ["acc"], True, memo)
    assert first.filters["none"].texts == second.filters["none"].texts
    assert len(memo) == 3


@pytest.mark.parametrize("odd", [(1e308, 1e308), (float("inf"), float("-inf"))], ids=str)
def test_values_whose_mean_is_no_number_are_refused_by_name(tmp_path: Path, odd: tuple[float, float]) -> None:
    body = results(row("xnli_fr", n=2, acc=0.5, bleurt=0.5))
    body["configs"]["xnli_fr"]["metric_list"] = [{"metric": "bleurt", "aggregation": "mean"}]
    found = read(tmp_path, body, xnli_fr=[sample(i, float(i), bleurt=odd[i]) for i in range(2)])
    (refused,) = found.refused
    assert "items kept without values" in refused.reason
    (draft,) = found.drafts
    assert {s.metric: s.value for s in draft.run.scores} == {"accuracy": 0.5, "bleurt": 0.5}


def test_what_is_no_plain_mean_is_not_recomputed(tmp_path: Path) -> None:
    body = results(row("lambada_openai_mt_de", n=2, perplexity=33.5, acc=0.5))
    body["configs"]["lambada_openai_mt_de"]["metric_list"] = [
        {"metric": "perplexity", "aggregation": "perplexity"},
        {"metric": "acc", "aggregation": "mean"},
    ]
    lines = [sample(i, float(i), perplexity=-3.5) for i in range(2)]
    found = read(tmp_path, body, lambada_openai_mt_de=lines)
    (draft,) = found.drafts
    assert not found.refused
    by_metric = {s.metric: (s.value, s.evidence) for s in draft.run.scores}
    assert by_metric == {"perplexity": (33.5, "logged"), "accuracy": (0.5, "recomputed")}
    assert draft.items is not None
    credit = zip(draft.items.columns["metric"], draft.items.columns["credit"], strict=True)
    assert {value for metric, value in credit if metric == "perplexity"} <= {None}
