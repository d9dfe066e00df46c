from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.importers import lm_eval
from intermezzo.engine.importing.tree import list_tree
from lm_eval_files import DATE, Outcomes, import_all, results, row, write


def read(tmp_path: Path, body: dict[str, Any], name: str = f"results_{DATE}.json") -> Outcomes:
    write(tmp_path / "out", body, name)
    return import_all(tmp_path)


def claimed(tmp_path: Path) -> list[str]:
    return [bundle.main.name for bundle in lm_eval.find(list_tree(tmp_path))]


@pytest.mark.parametrize(
    "name",
    [
        f"results_{DATE}.json",
        f"results_{DATE}.gemma-2b.masakhaner_luo.json",
        f"x_{DATE}.json",
        "results_2025-03-11T21:17:00.json",
        "results.json",
        "renamed by somebody.json",
    ],
)
def test_a_results_file_is_recognised_whatever_its_name(tmp_path: Path, name: str) -> None:
    write(tmp_path, results(row("xnli_fr")), name)
    assert claimed(tmp_path) == [name]


def test_other_json_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"results": {"xnli_sw": {"acc": 0.3}}, "versions": {}, "config": {}}, "results.json")
    write(tmp_path, {"results": [1, 2]}, f"results_{DATE}.json")
    write(tmp_path, {"task_name": "X", "scores": {"a,b": 1}}, "mteb.json")
    (tmp_path / "broken.json").write_text("{")
    assert claimed(tmp_path) == []


@pytest.mark.parametrize("content", ["", "\x00\x01\x02", "[1, 2]", "null"])
def test_a_file_with_its_name_and_nothing_of_its_kind_is_refused_with_a_reason(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "results_2024-01-01T00-00-00.000000.json"
    path.write_text(content)
    os.utime(path, (0, 0))
    found = import_all(tmp_path)
    assert found.runs == []
    assert [refused.path for refused in found.refused] == [path]
    assert found.refused[0].reason


def test_the_order_of_keys_does_not_matter_where_the_name_says_it(tmp_path: Path) -> None:
    body = results(row("xnli_fr"))
    write(tmp_path, {"config": {"padding": "x" * 9000}, **{k: v for k, v in body.items() if k != "config"}})
    assert len(claimed(tmp_path)) == 1


def test_rows_become_one_run_a_task_and_split(tmp_path: Path) -> None:
    eu = row("xnli_eu")
    eu["configs"]["xnli_eu"]["test_split"] = "test"
    found = read(tmp_path, results(row("xnli_fr"), row("xnli_sw"), eu, row("xcopa_qu")))
    assert [(r.task, r.split, [s.language for s in r.scores]) for r in found.runs] == [
        ("xcopa", "validation", ["qu"]),
        ("xnli", "test", ["eu"]),
        ("xnli", "validation", ["fr", "sw"]),
    ]
    assert len({run.key for run in found.runs}) == 3
    score = found.run("xcopa").scores[0]
    assert (score.metric, score.implementation, score.value, score.stderr, score.n) == (
        "accuracy",
        "lm-eval acc",
        0.5,
        0.25,
        4,
    )
    assert score.locator == "results.xcopa_qu.acc,none"
    assert (score.evidence, score.scope, score.item_set) == ("logged", "language", None)
    assert not found.refused


def test_shots_and_task_versions_are_yardsticks_of_their_own(tmp_path: Path) -> None:
    newer = row("xnli_de")
    newer["versions"]["xnli_de"] = 2.0
    more = row("xnli_sw")
    more["n-shot"]["xnli_sw"] = 5
    found = read(tmp_path, results(row("xnli_fr"), newer, more))
    assert {(r.task_version, r.found.shots) for r in found.runs} == {("1.0", 0), ("2.0", 0), ("1.0", 5)}


def test_groups_are_never_a_language_and_never_count_twice(tmp_path: Path) -> None:
    body = results(row("xcopa_et", n=4), row("xcopa_ht", n=4))
    group = {"alias": "xcopa", "acc,none": 0.5, "acc_stderr,none": 0.1}
    body["results"]["xcopa"] = group
    body["groups"] = {"xcopa": group}
    body["group_subtasks"] = {"xcopa": ["xcopa_et", "xcopa_ht"]}
    (run,) = read(tmp_path, body).runs
    assert [(s.scope, s.language, s.subject, s.n) for s in run.scores] == [
        ("language", "et", None, 4),
        ("language", "ht", None, 4),
        ("group", None, "xcopa", 8),
    ]


def test_a_group_over_two_splits_has_a_run_of_its_own(tmp_path: Path) -> None:
    eu = row("xnli_eu")
    eu["configs"]["xnli_eu"]["test_split"] = "test"
    body = results(row("xnli_fr"), eu)
    body["results"]["xnli"] = {"acc,none": 0.5}
    body["group_subtasks"] = {"xnli": ["xnli_fr", "xnli_eu"]}
    found = read(tmp_path, body)
    (own,) = [r for r in found.runs if r.split is None]
    assert (own.task, [s.scope for s in own.scores]) == ("xnli", ["group"])
    assert len(found.runs) == 3


def test_the_error_of_a_group_is_kept_only_for_a_mean_weighted_by_size(tmp_path: Path) -> None:
    rows = (row("xcopa_et", n=10, acc=0.2, acc_stderr=0.1), row("xcopa_ht", n=30, acc=0.6, acc_stderr=0.1))
    body = results(*rows)
    body["group_subtasks"] = {"xcopa": ["xcopa_et", "xcopa_ht"]}
    body["results"]["xcopa"] = {"acc,none": 0.5, "acc_stderr,none": 0.09}  # (0.2 x 10 + 0.6 x 30) / 40
    assert read(tmp_path, body).scores[-1].stderr == 0.09
    body["results"]["xcopa"]["acc,none"] = 0.4  # (0.2 + 0.6) / 2
    found = read(tmp_path, body)
    assert found.scores[-1].stderr is None
    assert any("xcopa" in sentence and "weighted by size" in sentence for sentence in found.guessed)


def test_an_empty_group_row_and_groups_of_groups_do_no_harm(tmp_path: Path) -> None:
    body = results(row("xcopa_et"))
    body["results"] = {"all": {" ": " ", "alias": "all"}, "xcopa": {"acc,none": 0.5}, **body["results"]}
    body["group_subtasks"] = {"all": ["xcopa", "all"], "xcopa": ["xcopa_et"], "xcopa_et": []}
    found = read(tmp_path, body)
    assert [(s.scope, s.subject) for s in found.scores] == [("language", None), ("group", "xcopa")]
    assert not found.refused


def test_each_filter_is_a_run(tmp_path: Path) -> None:
    mgsm = row("mgsm_direct_bn", filter_="strict", exact_match=0.25)
    mgsm["results"]["mgsm_direct_bn"]["exact_match,flexible-extract"] = 0.5
    found = read(tmp_path, results(mgsm))
    assert {run.filter: run.scores[0].value for run in found.runs} == {
        "strict": 0.25,
        "flexible-extract": 0.5,
    }
    assert len({run.key for run in found.runs}) == 2


def test_unknown_values_are_gaps_and_unknown_errors_none(tmp_path: Path) -> None:
    body = results(
        row("xnli_fr", acc=0.5, acc_stderr="N/A"),
        row("xnli_de", acc=0.5, acc_stderr=[]),
        row("xnli_en", acc=0.5),
        row("xnli_sw", acc="N/A", acc_stderr="N/A"),
        row("xnli_th", acc=[], acc_stderr=None),
    )
    found = read(tmp_path, body)
    assert [(s.language, s.value, s.stderr, s.gap) for s in found.scores] == [
        ("fr", 0.5, None, None),
        ("de", 0.5, None, None),
        ("en", 0.5, None, None),
        ("sw", None, None, "the file says 'N/A'"),
        ("th", None, None, "the file says []"),
    ]
    assert not found.refused


def test_an_error_of_zero_is_unknown_unless_the_value_leaves_no_other(tmp_path: Path) -> None:
    body = results(
        row("mgsm_direct_bn", exact_match=0.3, exact_match_stderr=0.0),
        row("mgsm_direct_de", exact_match=1.0, exact_match_stderr=0.0),
    )
    assert [s.stderr for s in read(tmp_path, body).scores] == [None, 0.0]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "is not finite"),
        (float("inf"), "is not finite"),
        (1.5, "is above 1"),
        (-0.1, "is below 0"),
        ("0.5", "is '0.5', not a number"),
        (True, "is True, not a number"),
        ({"a": 1}, "is {'a': 1}, not a number"),
    ],
)
def test_a_bad_value_is_refused_by_key_and_the_rest_is_read(tmp_path: Path, value: Any, reason: str) -> None:
    found = read(tmp_path, results(row("xnli_fr", acc=value), row("xnli_de")))
    (refused,) = found.refused
    assert refused.key == "results.xnli_fr.acc,none"
    assert reason in refused.reason
    assert [s.language for s in found.scores] == ["de"]


def test_bad_rows_keys_and_errors_are_refused_by_name(tmp_path: Path) -> None:
    body = results(row("xnli_de", acc=0.5, acc_stderr=-1.0), row("xnli_fr"))
    body["results"]["xnli_fr"]["acc"] = 0.3
    body["results"]["xnli_sw"] = [0.5]
    found = read(tmp_path, body)
    assert {r.key for r in found.refused} == {
        "results.xnli_de.acc_stderr,none",
        "results.xnli_fr.acc",
        "results.xnli_sw",
    }
    assert [(s.language, s.stderr) for s in found.scores] == [("de", None), ("fr", 0.25)]


def test_an_unknown_task_stays_visible_as_unknown(tmp_path: Path) -> None:
    found = read(tmp_path, results(row("our_own_task_de")))
    (run,) = found.runs
    assert run.task == "our_own_task_de"
    assert (run.scores[0].language, run.scores[0].subject) == (None, "our_own_task_de")
    assert any("our_own_task_de" in sentence for sentence in found.guessed)
    assert run.sources[0].guessed == tuple(found.guessed)


@pytest.mark.parametrize(
    ("arguments", "name", "base"),
    [
        ("pretrained=org/model,dtype=float32", "org/model", None),
        ({"pretrained": "org/model", "dtype": "float32"}, "org/model", None),
        ("pretrained=org/model,peft=us/adapter", "us/adapter", "org/model"),
        ({"pretrained": "org/model", "delta": "us/delta"}, "us/delta", "org/model"),
        ("model=gpt-x,base_url=http://here", "gpt-x", None),
        ("path=/ckpt/xlmr", "/ckpt/xlmr", None),
    ],
)
def test_model_arguments_name_the_system(tmp_path: Path, arguments: Any, name: str, base: str | None) -> None:
    body = results(row("xnli_fr"))
    body["config"]["model_args"] = arguments
    del body["model_name"]
    (run,) = read(tmp_path, body).runs
    assert (run.found.name, run.found.base_model) == (name, base)


def test_an_adapter_is_the_system_even_where_the_file_names_the_base(tmp_path: Path) -> None:
    body = results(row("xnli_fr"))
    body["config"]["model_args"] = "pretrained=org/model,peft=us/adapter"
    (run,) = read(tmp_path, body).runs
    assert (run.found.name, run.found.base_model) == ("us/adapter", "org/model")


def test_a_file_without_a_model_is_named_after_its_folder(tmp_path: Path) -> None:
    body = results(row("xnli_fr"), config=None)
    del body["model_name"]
    write(tmp_path / "Qwen__Qwen2.5-7B", body)
    found = import_all(tmp_path)
    assert found.runs[0].found.name == "Qwen/Qwen2.5-7B"
    assert any("Qwen/Qwen2.5-7B from its folder" in sentence for sentence in found.guessed)


def test_credentials_in_model_arguments_are_not_kept(tmp_path: Path) -> None:
    body = results(row("xnli_fr"))
    body["config"]["model_args"] = {
        "pretrained": "m",
        "token": "hf_x",
        "api_key": "k",
        "tokenizer": "t",
        "max_tokens": 5,
    }
    (run,) = read(tmp_path, body).runs
    assert run.config["model_args"] == {"pretrained": "m", "tokenizer": "t", "max_tokens": 5}
    assert "hf_x" not in json.dumps(run.config)


def test_what_the_file_says_of_the_run_is_kept(tmp_path: Path) -> None:
    body = results(row("xnli_fr"), git_hash="abc", chat_template=None, system_instruction=None)
    body["config"] |= {"model_sha": "d149", "model_args": "pretrained=org/model,revision=step3000"}
    body["configs"]["xnli_fr"] |= {
        "dataset_path": "xnli",
        "dataset_kwargs": {"revision": "r1"},
        "doc_to_text": "a",
    }
    (run,) = read(tmp_path, body).runs
    assert (run.tool, run.tool_version, run.date) == ("lm-eval", "0.4.9", "2025-03-11T20:31:12.800+00:00")
    assert (run.eval_seed, run.found.train_seed) == (7, None)
    assert (run.found.base_revision, run.found.step, run.dataset_revision) == ("d149", 3000, "r1")
    assert run.config["tasks"]["xnli_fr"]["dataset_path"] == "xnli"
    assert (run.config["git_hash"], run.config["fewshot_seed"]) == ("abc", 1234)
    assert run.prompt_hash is not None


def test_what_the_file_does_not_say_is_guessed_aloud(tmp_path: Path) -> None:
    body = results(row("xnli_fr"))
    for key in ("lm_eval_version", "date", "configs"):
        del body[key]
    found = read(tmp_path, body)
    (run,) = found.runs
    assert (run.tool_version, run.date, run.split) == ("0.4", "2025-03-11T21:17:00.511682", "validation")
    said = " ".join(found.guessed)
    assert "lm-eval version" in said
    assert "file name" in said
    assert "split of xnli_fr" in said


def test_a_template_changes_the_prompt_and_another_language_does_not(tmp_path: Path) -> None:
    def prompt(language: str, template: str | None, **more: Any) -> str:
        body = results(row(f"xnli_{language}"), chat_template=template, **more)
        body["configs"][f"xnli_{language}"]["doc_to_text"] = language
        (run,) = read(tmp_path, body).runs
        return run.prompt_hash

    assert prompt("fr", None) == prompt("de", None, fewshot_as_multiturn=False)
    assert (
        len({prompt("fr", None), prompt("fr", "{{ x }}"), prompt("fr", None, system_instruction="Be brief")})
        == 3
    )


@pytest.mark.parametrize(
    ("limit", "counts", "expected"), [(None, (4, 4), None), (2, (4, 2), 2), (0.5, (4, 2), 2)]
)
def test_a_limited_run_says_so(
    tmp_path: Path, limit: Any, counts: tuple[int, int], expected: int | None
) -> None:
    body = results(row("xnli_fr"))
    body["config"]["limit"] = limit
    body["n-samples"]["xnli_fr"] = {"original": counts[0], "effective": counts[1]}
    (run,) = read(tmp_path, body).runs
    assert (run.limit, run.scores[0].n) == (expected, counts[1])


def test_several_files_of_a_model_are_all_kept(tmp_path: Path) -> None:
    write(tmp_path, results(row("xnli_fr")), "results_2025-01-01T00-00-00.json")
    write(tmp_path, results(row("xnli_fr", acc=0.75)), "results_2025-01-02T00-00-00.json")
    assert sorted(s.value for s in import_all(tmp_path).scores) == [0.5, 0.75]


def test_a_file_that_breaks_off_is_waited_for_while_young(tmp_path: Path) -> None:
    path = write(tmp_path, results(row("xnli_fr")))
    path.write_text(path.read_text()[:-30])
    assert [w.path for w in import_all(tmp_path).waiting] == [path]
    os.utime(path, (1, 1))
    (refused,) = import_all(tmp_path).refused
    assert (refused.path, refused.key) == (path, None)
    assert "ends in the middle" in refused.reason
