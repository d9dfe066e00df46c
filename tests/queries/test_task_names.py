"""Task names of tools, taken apart by the table and never by guessing."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intermezzo.queries.languages import canonical
from intermezzo.queries.task_names import TaskName, mteb_tasks, read_task_name, table_languages, table_tasks
from intermezzo.queries.tasks import task

V4 = "lm-eval-0.4"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("xnli_fr", TaskName("xnli", "fr", split="validation")),
        ("xcopa_qu", TaskName("xcopa", "qu", split="test")),
        ("paws_de", TaskName("pawsx", "de", split="test")),
        ("xwinograd_jp", TaskName("xwinograd", "ja", split="test")),
        ("mlqa_ar_de", TaskName("mlqa", "de", "ar", subset="cross-lingual", split="test")),
        ("mlqa_de_de", TaskName("mlqa", "de", split="test")),
        ("belebele_acm_Arab", TaskName("belebele", "acm", split="test")),
        ("belebele_arb_Latn", TaskName("belebele", "ar-Latn", split="test")),
        ("belebele_ibo_prompt_4", TaskName("belebele", "ig", prompt="prompt_4", split="test")),
        ("global_mmlu_ar_business", TaskName("global_mmlu", "ar", subset="business", split="test")),
        ("global_mmlu_fr", TaskName("global_mmlu", "fr", split="test")),
        (
            "global_mmlu_full_fil_high_school_european_history",
            TaskName("global_mmlu_full", "tl", subset="high_school_european_history", split="test"),
        ),
        (
            "include_base_44_albanian_arts_humanities",
            TaskName("include", "sq", subset="arts_humanities", split="test"),
        ),
        (
            "include_base_44_german_few_shot_en_driving_license",
            TaskName("include", "de", subset="driving_license", prompt="few_shot_en", split="test"),
        ),
        ("afrixnli_en_direct_amh", TaskName("afrixnli", "am", None, "en", prompt="direct", split="test")),
        ("afrixnli_native_direct_yor", TaskName("afrixnli", "yo", prompt="native_direct", split="test")),
        (
            "afrixnli_translate_sna_prompt_3",
            TaskName("afrixnli", "sn", subset="translate-test", prompt="prompt_3", split="test"),
        ),
        ("afrimgsm_cot_eng_prompt_1", TaskName("afrimgsm", "en", prompt="cot/prompt_1", split="test")),
        ("lambada_openai_mt_de", TaskName("lambada", "de", subset="openai_mt", split="test")),
        ("lambada_openai", TaskName("lambada", "en", subset="openai", split="test")),
        ("mgsm_direct_bn", TaskName("mgsm", "bn", prompt="direct", split="test")),
        ("mgsm_en_cot_zh", TaskName("mgsm", "zh", prompt="en_cot", split="test")),
        ("xnli_eu", TaskName("xnli", "eu", split="test")),
        ("xnli_eu_mt", TaskName("xnli", "eu", subset="mt", split="test")),
        ("xnli_eu_native", TaskName("xnli", "eu", subset="native", split="test")),
        ("masakhaner_luo_prompt_1", TaskName("masakhaner", "luo", prompt="prompt_1", split="test")),
        ("truthfulqa-multi_mc2_ca", TaskName("truthfulqa_mc2", "ca", split="validation")),
        ("truthfulqa-multi_gen_eu", TaskName("truthfulqa_gen", "eu", split="validation")),
        (
            "global_piqa_parallel_cloze_spa_latn_mexi",
            TaskName("global_piqa", "es-MX", subset="parallel", prompt="cloze", split="test"),
        ),
        (
            "flores_eng_Latn-swh_Latn_prompt_1",
            TaskName("flores", "sw", "en", subset="from en", prompt="prompt_1", split="devtest"),
        ),
        ("catalan_bench_flores_de-ca", TaskName("flores", "de", "ca", subset="into ca", split="devtest")),
        ("xquad_el", TaskName("xquad", "el", split="test")),
        ("hellaswag_ca", TaskName("hellaswag", "ca", subset="okapi", split="validation")),
    ],
)
def test_names_of_lm_eval(name: str, expected: TaskName) -> None:
    assert read_task_name(V4, name) == expected


def test_the_version_of_the_tool_decides_the_split() -> None:
    assert read_task_name("lm-eval-0.3", "xnli_sw") == TaskName("xnli", "sw", split="test")
    assert read_task_name("lm-eval-0.4", "xnli_sw").split == "validation"
    assert read_task_name("lm-eval", "xnli_sw") == TaskName("xnli", "sw", split=None)


def test_old_and_new_names_are_one_task() -> None:
    assert read_task_name("lm-eval-0.3", "pawsx_de") == read_task_name(V4, "paws_de")
    assert read_task_name("lm-eval-0.3", "xstory_cloze_my") == read_task_name(V4, "xstorycloze_my")


@pytest.mark.parametrize(
    "group", ["xnli", "xcopa", "pawsx", "xstorycloze", "xwinograd", "lambada_multilingual"]
)
def test_a_group_is_a_task_without_language(group: str) -> None:
    found = read_task_name(V4, group)
    assert found.known
    assert found.language is None
    assert task(found.task) is not None


def test_a_task_of_xtreme_in_a_jiant_folder() -> None:
    assert read_task_name("jiant", "tydiqa_sw") == TaskName("tydiqa", "sw")
    assert read_task_name("jiant", "mlqa_vi_vi") == TaskName("mlqa", "vi")
    assert read_task_name("xtreme", "panx") == TaskName("panx", split="test")


@pytest.mark.parametrize(
    "name",
    [
        "mmlu_pro_it",
        "mytask_de",
        "xnli_xx",
        "xnli_pt",
        "xcopa_fr",
        "XNLI_fr",
        "xnli_fr ",
        "xnli_",
        "belebele_jp",
        "xwinograd_ja",
        "mlqa_ar",
        "mlqa_ar_fr",
        "global_mmlu_ar_astrology",
        "masakhaner_de",
        "",
        "truthfulqa_de",
        "xnli_eu_nl",
        "include_base_44_klingon_stem",
    ],
)
def test_no_language_is_guessed_from_a_suffix(name: str) -> None:
    found = read_task_name(V4, name)
    assert found == TaskName(name, known=False)


def test_a_name_of_one_tool_is_not_known_in_another() -> None:
    assert not read_task_name("somebody", "xnli_fr").known
    assert not read_task_name(V4, "Tatoeba").known


def test_mteb_tasks_meet_ours_or_keep_their_name() -> None:
    assert read_task_name("mteb", "Tatoeba") == TaskName("tatoeba")
    assert read_task_name("mteb", "XNLI") == TaskName("xnli", subset="binary similarity")
    assert read_task_name("mteb", "BUCC").task == "bucc2018"
    assert read_task_name("mteb", "MassiveIntentClassification") == TaskName("MassiveIntentClassification")
    assert not read_task_name("mteb", "NoSuchTask").known


@settings(deadline=None)
@given(st.sampled_from([V4, "lm-eval-0.3", "mteb", "jiant", "odd"]), st.text())
def test_any_name_is_answered(tool: str, name: str) -> None:
    found = read_task_name(tool, name)
    assert found.known or found == TaskName(name, known=False)


def test_the_table_holds_together() -> None:
    """Every rule can be met, every language is canonical, every task exists."""
    folder = files("intermezzo.queries.data")
    table = tomllib.loads(folder.joinpath("task_names.toml").read_text(encoding="utf-8"))
    used = set(re.findall(r"@(\w+)", json.dumps(table)))
    assert used == set(table["lists"]), "a list that no rule uses, or a rule that uses no list"
    assert [name for name in table_tasks() if task(name) is None] == []
    for code in table_languages():
        found = canonical(code)
        assert found is not None
        assert found.code == code
    keys = [(rule["pattern"], *rule.get("tools", ())) for rule in table["rule"] if "{" not in rule["pattern"]]
    assert len(keys) == len(set(keys))


def test_literal_rules_are_not_shadowed() -> None:
    folder = files("intermezzo.queries.data")
    table = tomllib.loads(folder.joinpath("task_names.toml").read_text(encoding="utf-8"))
    for rule in table["rule"]:
        if "{" not in rule["pattern"]:
            tool = rule.get("tools", [V4])[0]
            found = read_task_name(V4 if tool == "lm-eval" else tool, rule["pattern"])
            assert (found.task, found.split) == (rule["task"], rule.get("split")), rule["pattern"]


def test_main_scores_of_mteb_are_named() -> None:
    assert len(mteb_tasks()) > 100
    assert mteb_tasks()["Tatoeba"] == ("BitextMining", "f1")


def test_every_task_of_the_real_samples_is_known(shared: Path) -> None:
    seen: dict[str, set[str]] = {V4: set(), "lm-eval-0.3": set(), "mteb": set()}
    for path in (shared / "samples" / "lm_eval_v04").rglob("results*.json"):
        seen[V4] |= set(json.loads(path.read_text())["results"])
    for path in (shared / "samples" / "lm_eval_v03").rglob("*.json"):
        seen["lm-eval-0.3"] |= set(json.loads(path.read_text())["results"])
    for path in (shared / "samples" / "mteb").rglob("*.json"):
        if path.name != "model_meta.json":
            content = json.loads(path.read_text())
            seen["mteb"].add(content.get("task_name") or content["mteb_dataset_name"])
    assert all(seen.values())
    unknown = [(tool, n) for tool, names in seen.items() for n in names if not read_task_name(tool, n).known]
    assert unknown == []


def test_legacy_figures_have_languages(shared: Path) -> None:
    with (shared / "facts" / "lm_eval_legacy_multilingual_long.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    for name, lang in {(f"{row['task']}_{row['lang']}", row["lang"]) for row in rows}:
        found = read_task_name("lm-eval-0.3", name)
        assert found.known, name
        assert found.language == {"jp": "ja"}.get(lang, lang)
