"""Intents and slots sampled from templates: from a small grammar made here, and from the package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.pocket.grammars import (
    INTENTS,
    SIZES,
    SLOTS,
    Utterance,
    grammar_data,
    locales,
    utterances,
    words,
)
from intermezzo.queries.errors import Problem

for package in ("hassil", "home_assistant_intents"):
    pytest.importorskip(package, reason="left out: the pocket data are not installed; `make engine` does")


def write_grammar(path: Path, sentences: dict[str, list[str]], **more: Any) -> Path:
    intents = {name: {"data": [{"sentences": found}]} for name, found in sentences.items()}
    path.write_text(json.dumps({"language": "en", "intents": intents, **more}))
    return path


def said(file: Path, code: str = "de") -> dict[str, Utterance]:
    """Return what a grammar says in any split, by text."""
    return {u.text: u for split in ("test", "validation") for u in utterances(file, code, split)}


def test_what_a_template_leaves_open_is_said(tmp_path: Path) -> None:
    file = write_grammar(
        tmp_path / "de.json",
        {"HassTurnOn": ["<please> (turn|switch) on [all] lights", "{color:shade} lights"]},
        expansion_rules={"please": "[please]"},
        lists={"color": {"values": ["red", {"in": "dark (blue|green)", "out": "navy"}]}},
    )
    found = said(file)
    assert set(found) == {
        f"{please}{verb} on{every} lights"
        for please in ("", "please ")
        for verb in ("turn", "switch")
        for every in ("", " all")
    } | {"red lights", "dark blue lights", "dark green lights"}
    assert {u.intent for u in found.values()} == {"HassTurnOn"}
    assert found["dark blue lights"].slots == ((0, 9, "shade"),)
    assert len({u.template for u in found.values()}) == 2
    assert words(found["dark blue lights"], "de") == (
        ("dark", "blue", "lights"),
        ("B-shade", "I-shade", "O"),
    )


def test_numbers_come_from_their_range(tmp_path: Path) -> None:
    file = write_grammar(
        tmp_path / "de.json",
        {"HassSetVolume": ["volume {level}%"]},
        lists={"level": {"range": {"from": 0, "to": 100, "step": 10}}},
    )
    assert set(said(file)) == {f"volume {n}%" for n in range(0, 101, 10)}
    ten = said(file)["volume 10%"]
    assert words(ten, "de") == (("volume", "10", "%"), ("O", "B-level", "O"))


def test_what_the_package_cannot_say_is_left_out(tmp_path: Path) -> None:
    file = write_grammar(
        tmp_path / "de.json",
        {
            "HassTurnOn": ["turn on {name}", "turn on [the] light", "<loop>", "<nowhere>", "broken ("],
            "HassBroadcast": ["say {message}"],
        },
        expansion_rules={"loop": "again <loop>"},
        lists={"message": {"wildcard": True}},
    )
    assert set(said(file)) == {"turn on light", "turn on the light"}


def test_scripts_without_spaces_are_cut_by_character() -> None:
    thai = Utterance("เปิดไฟ 20%", "HassLightSet", ((7, 9, "brightness"),), "t")
    assert words(thai, "th") == (
        ("เ", "ปิ", "ด", "ไ", "ฟ", "20", "%"),
        ("O", "O", "O", "O", "O", "B-brightness", "O"),
    )
    chinese = Utterance("打开客厅灯", "HassTurnOn", ((2, 4, "area"),), "t")
    assert words(chinese, "zh")[1] == ("O", "O", "B-area", "I-area", "O")


def test_a_damaged_grammar_is_a_sentence(tmp_path: Path) -> None:
    for content in ("", "[]", '{"intents": []}'):
        (tmp_path / "xx.json").write_text(content)
        with pytest.raises(Problem, match="no grammar of home-assistant-intents"):
            said(tmp_path / "xx.json")


def test_forty_languages_and_more() -> None:
    data = grammar_data(INTENTS)
    assert len(data.languages) >= 40
    assert (data.kind, data.parallel, data.train_language) == ("classification", False, "en")
    for examples in data.languages.values():
        assert 100 <= len(examples) <= SIZES["test"]
        assert len({e.gold for e in examples}) >= 10
        assert {e.gold for e in examples} <= set(data.labels)
        assert len({e.texts for e in examples}) == len({e.item_id for e in examples}) == len(examples)
        assert 1 < len({e.cluster_id for e in examples}) < len(examples), "templates say several things"


def test_slots_are_tags_of_the_same_utterances() -> None:
    intents, slots = grammar_data(INTENTS, ["de", "th", "zh"]), grammar_data(SLOTS, ["de", "th", "zh"])
    tags = 0
    for code, examples in slots.languages.items():
        for e, intent in zip(examples, intents.languages[code], strict=True):
            assert (e.item_id, e.cluster_id) == (intent.item_id, intent.cluster_id)
            assert "".join(e.texts) == intent.texts[0].replace(" ", "")
            assert len(e.gold or ()) == len(e.texts)
            assert set(e.gold or ()) <= set(slots.labels)
            tags += sum(tag != "O" for tag in e.gold or ())
            for before, tag in zip(("O", *(e.gold or ())), e.gold or (), strict=False):
                assert not tag.startswith("I-") or before in (f"B-{tag[2:]}", tag)
    assert tags > 100


def test_no_template_is_in_two_splits() -> None:
    found = {split: {u.template for u in utterances(locales()["en"], "en", split)} for split in SIZES}
    assert not found["train"] & found["test"]
    assert not found["train"] & found["validation"]
    assert not found["validation"] & found["test"]
    train = grammar_data(INTENTS, split="train")
    assert {code: len(e) for code, e in train.languages.items()} == {"en": SIZES["train"]}


def test_only_intents_that_english_training_has_are_asked_for() -> None:
    trained = {e.gold for e in grammar_data(INTENTS, split="train").languages["en"]}
    for split in ("validation", "test"):
        data = grammar_data(INTENTS, ["de", "en", "th"], split)
        assert set(data.labels) == trained
        assert {e.gold for found in data.languages.values() for e in found} <= trained


def test_the_same_draw_every_time() -> None:
    """By seed and content alone: not by what was drawn before, by hash randomisation or by the machine."""
    import subprocess
    import sys

    code = (
        "from intermezzo.engine.pocket.grammars import grammar_data;"
        "print(grammar_data('pocket_slots', ['de']).revision)"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, text=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    grammar_data(SLOTS, ["fr"])
    assert runs == {grammar_data(SLOTS, ["de"]).revision + "\n"}
    few = grammar_data(SLOTS, ["de"], limit=5)
    assert few.languages["de"] == grammar_data(SLOTS, ["de"]).languages["de"][:5]


def test_mistakes_are_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Problem, match=r"no split 'dev': train, validation, test"):
        grammar_data(INTENTS, split="dev")
    with pytest.raises(Problem, match=r"training split in English \(en\) only"):
        grammar_data(INTENTS, ["de"], split="train")
    few = "the grammars have fewer than 100 different sentences or 10 intents for a test"
    with pytest.raises(Problem, match=rf"\(qq: .* do not have it; sw: {few}\)\. Languages: af, ar, .* zh"):
        grammar_data(INTENTS, ["qq", "sw"])
    data = grammar_data(SLOTS, ["qq", "de", "sw"])
    assert list(data.languages) == ["de"]
    assert data.left_out == {"qq": "the grammars do not have it", "sw": few}
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(Problem, match=r"home-assistant-intents and hassil: pip install"):
        grammar_data(INTENTS)
