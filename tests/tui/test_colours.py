"""Colours: contrast, order, levels, and forms without colour."""

from __future__ import annotations

import pytest
from intermezzo.tui.colours import (
    DIVERGING_256,
    GLYPHS,
    SEQUENTIAL_256,
    background,
    contrast,
    delta_level,
    glyph,
    levels,
    luminance,
    text_on,
    value_level,
    xterm_rgb,
)

KINDS = ("values", "deltas")


@pytest.mark.parametrize("depth", ["16", "256", "truecolor"])
@pytest.mark.parametrize("kind", KINDS)
def test_text_on_every_level_can_be_read(depth, kind):
    for level in range(levels(depth, kind)):
        number = background(depth, kind, level)
        if number is not None:
            behind = xterm_rgb(number)
            front = (255, 255, 255) if text_on(behind) else (0, 0, 0)
            assert contrast(front, behind) >= 4.5, number


def test_contrast_is_that_of_wcag():
    assert contrast((255, 255, 255), (0, 0, 0)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def test_higher_values_are_lighter_and_none_looks_like_the_cursor():
    seen = [luminance(xterm_rgb(number)) for number in SEQUENTIAL_256]
    assert seen == sorted(seen)
    assert seen[-1] < 0.75


def test_deltas_diverge_from_an_uncoloured_middle_never_red_against_green():
    middle = len(DIVERGING_256) // 2
    assert DIVERGING_256[middle] is None
    for number in DIVERGING_256[:middle]:
        r, g, b = xterm_rgb(number or 0)
        assert r > b
        assert g > b
    for number in DIVERGING_256[middle + 1 :]:
        r, g, b = xterm_rgb(number or 0)
        assert b > r
    losses = [luminance(xterm_rgb(n or 0)) for n in DIVERGING_256[:middle]]
    gains = [luminance(xterm_rgb(n or 0)) for n in DIVERGING_256[middle + 1 :]]
    assert losses == sorted(losses, reverse=True)
    assert gains == sorted(gains)


def test_no_colour_means_none():
    assert all(
        background("none", kind, level) is None for kind in KINDS for level in range(levels("none", kind))
    )
    assert [glyph(level, 8) for level in range(8)] == list(GLYPHS)
    assert glyph(3, 4) in GLYPHS


def test_values_take_their_level_in_their_columns_range():
    assert value_level(0.2, 0.2, 0.8, count=8) == 0
    assert value_level(0.8, 0.2, 0.8, count=8) == 7
    assert value_level(0.2, 0.2, 0.8, count=8, higher_is_better=False) == 7


def test_nearly_equal_values_look_nearly_equal():
    assert abs(value_level(0.791, 0.790, 0.792, count=8) - value_level(0.792, 0.790, 0.792, count=8)) <= 1
    assert value_level(0.0, 0.0, 0.0, count=8) in range(8)


@pytest.mark.parametrize(
    ("delta", "level"),
    [(0.0, 4), (0.004, 4), (0.006, 5), (0.011, 6), (0.03, 7), (0.4, 8), (-0.006, 3), (-0.4, 0)],
)
def test_deltas_take_their_level_from_fixed_steps(delta, level):
    assert delta_level(delta, count=9) == level


def test_a_lower_perplexity_is_a_gain():
    assert delta_level(-3.0, count=9, unit=30.0, higher_is_better=False) > 4


@pytest.mark.parametrize("delta", [-1.0, -0.02, 0.0, 0.02, 1.0])
def test_sixteen_colours_have_three_levels_of_deltas(delta):
    assert delta_level(delta, count=levels("16", "deltas")) == (0 if delta < 0 else 2 if delta > 0 else 1)


def test_xterm_numbers():
    assert xterm_rgb(16) == (0, 0, 0)
    assert xterm_rgb(231) == (255, 255, 255)
    assert xterm_rgb(232) == (8, 8, 8)
    assert xterm_rgb(255) == (238, 238, 238)
