"""What is suggested for names that are not known: from all that the files say, by name or by folder."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
from intermezzo.queries.naming import suggest
from intermezzo.queries.records import Found
from intermezzo.queries.suggestions import Suggestion, pattern_for, rule_text, suggestions


def row(found: Found, runs: int = 1, checkpoint: str | None = None, hints: Any = None) -> dict[str, Any]:
    return {
        "identity": "guessed" if found.base_model else "unknown",
        "found_name": found.name,
        "found": json.dumps(asdict(found)),
        "checkpoint": checkpoint,
        "hints": json.dumps(hints) if hints else None,
        "runs": runs,
    }


@pytest.mark.parametrize(
    ("found", "checkpoint", "hints", "guess"),
    [
        # jiant: the recipe is read off the model that training started from
        (Found("run7", base_model="xlm-roberta-large"), "/s/mnli/best.p", {"recipe": "mnli", "from": "x"},
         {"base_model": "xlm-roberta-large", "recipe": "mnli"}),
        # a checkpoint says what name and path do not
        (Found("eval-3"), "/scratch/xlmr-large-qqp-s2/checkpoint-1200", None,
         {"base_model": "xlm-roberta-large", "recipe": "qqp", "train_seed": 2, "step": 1200}),
        # name and path come before the checkpoint
        (Found("xlmr-large-mnli"), "/scratch/xlmr-base-qqp/checkpoint-10", None,
         {"base_model": "xlm-roberta-large", "recipe": "mnli", "step": 10}),
        # an adapter saved at a step: its folder says what it is
        (Found("out/mnli_lora/checkpoint-500", base_model="meta/x"), None, None,
         {"base_model": "meta/x", "recipe": "mnli", "step": 500}),
        (Found("pretrained=meta/x,peft=adapters/squad-s4/final"), None, None,
         {"base_model": "meta/x", "recipe": "squad", "train_seed": 4}),
        # what the files state is never overruled
        (Found("m", base_model="a/b", recipe="direct", step=3), "xlmr-base-mnli/step-9", {"recipe": "qqp"},
         {"base_model": "a/b", "recipe": "direct", "step": 3}),
        # a name that does not say which size: its recipe and seed all the same
        (Found("xlmr-mnli-s2", "xlmr-mnli-s2/test/xnli"), None, None, {"recipe": "mnli", "train_seed": 2}),
        # names of two words, however they are joined
        (Found("xlmr-large_squad_v1_mnli"), None, None,
         {"base_model": "xlm-roberta-large", "recipe": "squad-v1 > mnli"}),
        (Found("xlmr-large-cosmos-qa-squad-v1.1"), None, None,
         {"base_model": "xlm-roberta-large", "recipe": "cosmosqa > squad-v1"}),
        (Found("gpt"), "abcdef0123", {"recipe": 3, "note": "x"}, {}),
    ],
)  # fmt: skip
def test_all_that_files_say_is_asked(
    found: Found, checkpoint: str | None, hints: dict[str, Any] | None, guess: dict[str, Any]
) -> None:
    assert suggest(found, checkpoint, hints) == guess


def test_one_suggestion_a_name_where_its_runs_agree() -> None:
    found = suggestions(
        [row(Found("xlmr-large-mnli-s1", f"xlmr-large-mnli-s1/{t}"), 2) for t in ("xnli", "panx")]
        + [row(Found("gpt"))]
    )
    first, second = found
    assert first.entry() == {
        "name": "xlmr-large-mnli-s1", "base_model": "xlm-roberta-large", "recipe": "mnli", "train_seed": 1
    }  # fmt: skip
    assert (first.runs, first.complete, first.meaning()) == (4, True, "xlm-r-large + mnli, seed 1")
    assert (second.said, second.complete, second.meaning()) == ({}, False, "")


def test_runs_of_one_name_that_differ_are_told_apart_by_their_highest_folders() -> None:
    rows = [
        row(Found("xlmr-large", f"{recipe}/s{seed}/{task}/results.json"))
        for recipe in ("direct", "mnli")
        for seed in (1, 2)
        for task in ("xnli", "panx")
    ]
    rows = [r | {"checkpoint": f"xlmr-large-{json.loads(r['found'])['path'].split('/')[0]}"} for r in rows]
    found = suggestions(rows)
    assert [one.path for one in found] == ["direct/s1/**", "direct/s2/**", "mnli/s1/**", "mnli/s2/**"]
    assert found[3].entry() == {
        "path": "mnli/s2/**", "base_model": "xlm-roberta-large", "recipe": "mnli", "train_seed": 2
    }  # fmt: skip


def test_where_folders_do_not_tell_only_what_is_alike_is_said() -> None:
    rows = [row(Found("xlmr-large", "out"), checkpoint=f"{recipe}/best.p") for recipe in ("mnli", "qqp")]
    (one,) = suggestions(rows)
    assert (one.path, one.said) == (None, {"base_model": "xlm-roberta-large"})
    rows = [row(Found("xlmr-large", f"a*/{recipe}")) for recipe in ("mnli-s1", "qqp-s2")]
    assert all(one.path is None for one in suggestions(rows))


def of_names(*names: str) -> list[Suggestion]:
    return suggestions([row(Found(name, f"{name}/predictions/xnli")) for name in names])


def test_one_pattern_for_many_names() -> None:
    names = [f"xlmr-large-{recipe}-s{seed}" for recipe in ("direct", "mnli") for seed in (1, 2)]
    assert pattern_for(of_names(*names)) == ("{base_model}-{recipe}-s{train_seed}/**", 4)
    assert pattern_for(of_names("xlmr-large_mnli", "xlmr-base_squad")) == ("{base_model}_{recipe}/**", 2)


@pytest.mark.parametrize(
    "names",
    [
        ["xlmr-large-mnli-s1"],  # one name needs no pattern
        ["gpt", "bloom-560m"],
        ["xlmr-large-mnli-s1", "xlmr-large-mnli-squad-s1"],  # the pattern would read `squad` alone
    ],
)
def test_no_pattern_where_it_would_say_something_else(names: list[str]) -> None:
    assert pattern_for(of_names(*names)) is None


def test_a_suggestion_as_text_to_edit() -> None:
    (one,) = of_names("xlmr-large-mnli-s1")
    assert rule_text(one) == "base_model = xlm-roberta-large, recipe = mnli, train_seed = 1"
    (one,) = of_names("gpt")
    assert rule_text(one) == "base_model =, recipe ="
