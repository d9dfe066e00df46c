"""Foreign strings in a grid of cells."""

from __future__ import annotations

import pytest
from intermezzo.tui.text import count, fit, fit_apart, fit_names, wrapped
from rich.cells import cell_len

STRANGE = (
    "plain",
    "",
    "中文模型名字很长很长",
    "e\u0301e\u0301e\u0301",
    "👩\u200d👩\u200d👧 family",
    "مرحبا بالعالم",
    "[bold]x[/bold]",
    "a\x1b[2Jb",
    "tab\tline\nend",
    "\u202eevil",
    "\ud800",
    "عربي中é",
    "xlm-roberta-large-finetuned-mnli > squad",
    "ends in a joiner \u200d",
    "one\u200d after\u200d every\u200d word\u200d of\u200d it\u200d",
)


@pytest.mark.parametrize("text", STRANGE)
@pytest.mark.parametrize("width", [0, 1, 2, 3, 5, 8, 40])
@pytest.mark.parametrize("middle", [False, True])
def test_every_string_takes_exactly_its_width(text, width, middle):
    assert cell_len(fit(text, width, middle=middle)) == width
    assert cell_len(fit(text, width, right=True)) == width


@pytest.mark.parametrize("text", STRANGE)
def test_nothing_a_terminal_obeys_comes_through(text):
    shown = fit(text, 60)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e" for c in shown)


def test_a_name_cut_in_the_middle_keeps_its_recipe():
    assert fit("xlm-roberta-large + mnli > squad", 20, middle=True).endswith("squad")
    assert "…" in fit("xlm-roberta-large + mnli > squad", 20, middle=True)


MEASURED = tuple(f"me5-small-4bit-6l + pocket_{name}" for name in ("control", "intents", "slots"))


def test_a_recipe_that_fits_stays_whole():
    for name in MEASURED:
        shown = fit(name, 30, middle=True)
        assert shown.startswith("me5-")
        assert shown.rstrip().endswith(name.removeprefix("me5-small-4bit-6l"))


ALIKE = (
    "xlm-roberta-large + mnli > squad v2.0 > cosmosqa > hellaswag",
    "xlm-roberta-large + mnli > squad v1.1 > cosmosqa > hellaswag",
    "xlm-roberta-large + mnli > squad v1.1 > qqp > hellaswag",
)


def test_names_that_would_look_alike_are_told_apart():
    assert fit(ALIKE[0], 24, middle=True) == fit(ALIKE[1], 24, middle=True)
    shown = fit_apart((*ALIKE, "xlm-r"), 24)
    assert len(set(shown)) == 4
    assert {cell_len(text) for text in shown} == {24}
    assert ["2.0" in shown[0], "1.1" in shown[1], "qqp" in shown[2]] == [True] * 3
    assert fit_apart(MEASURED, 30) == tuple(fit(name, 30, middle=True) for name in MEASURED)
    assert fit_apart(("same name " * 5,) * 2, 20) == (fit("same name " * 5, 20, middle=True),) * 2


FAR_APART = tuple(
    f"xlm-roberta-large-{rate}-warmup-linear-batch-thirty-two-{seed}-fp16"
    for rate in ("lr1e-5", "lr3e-5")
    for seed in ("seed1", "seed2")
)


def test_names_that_differ_in_two_places_far_apart_show_both():
    shown = fit_apart(FAR_APART, 28)
    assert len(set(shown)) == 4
    assert {cell_len(text) for text in shown} == {28}
    for text, rate, seed in zip(shown, "1133", "1212", strict=True):
        assert f"{rate}e-5" in text
        assert f"{seed}-fp16" in text


@pytest.mark.parametrize("width", [1, 7, 8, 12, 30])
def test_strange_names_told_apart_take_exactly_their_width(width):
    texts = [
        start + text + end
        for text in STRANGE
        for start in ("a" * 20, "👩\u200d👩\u200d👧" * 9)
        for end in "xy"
    ]
    assert {cell_len(text) for text in fit_apart(texts, width)} == {width}


@pytest.mark.parametrize("text", STRANGE)
def test_wrapped_lines_fit_and_lose_nothing(text):
    lines = wrapped(text, 7)
    assert lines
    assert all(cell_len(line) <= 7 for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(wrapped(text, 1000)).replace(" ", "")


def test_counts():
    assert (count(1, "language"), count(2000, "language")) == ("1 language", "2,000 languages")


def test_names_in_a_title_are_cut_so_that_they_differ():
    title = fit_names("A {}  -  B {}", ALIKE[:2], 50)
    assert cell_len(title) == 50
    first, second = title.removeprefix("A ").split("  -  B ")
    assert first.strip() != second.strip()
    assert fit_names("A {}  -  B {}", ("mbert", ALIKE[0]), 50).startswith("A mbert  -  B ")
    assert fit_names("A {}  -  B {}", ("{x}", "y"), 20) == "A {x}  -  B y".ljust(20)
    assert {cell_len(fit_names("A {}  -  B {}", ALIKE[:2], width)) for width in (4, 10)} == {4, 10}
