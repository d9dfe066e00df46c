"""Histograms of credits."""

from __future__ import annotations

import pytest
from intermezzo.tui.plots.histogram import Histogram, bins_of
from rich.cells import cell_len

TWO = ((0.0, 30), (1.0, 90))
MANY = tuple((n / 100, 1 + n % 7) for n in range(101))


@pytest.mark.parametrize("size", [(24, 8), (47, 12), (80, 20)])
@pytest.mark.parametrize("counts", [TWO, MANY])
def test_a_plot_is_exactly_as_large_as_asked(size, counts):
    lines = Histogram(counts, False).draw(*size).lines
    assert len(lines) == size[1]
    assert {cell_len(line) for line in lines} == {size[0]}


def test_bars_are_as_long_as_their_share_and_no_number_is_cut():
    right, wrong = Histogram(TWO, False).draw(60, 8).lines[:2]
    assert right.count("█") == pytest.approx(3 * wrong.count("█"), abs=2)
    assert right.split()[-3:] == ["90", "75.0", "%"]
    assert wrong.split()[-3:] == ["30", "25.0", "%"]


def test_every_item_is_in_one_bin_whatever_their_number():
    for most in (3, 8, 11):
        for counts, differences in ((dict(MANY), False), ({2 * v - 1: n for v, n in MANY}, True)):
            bins = bins_of(counts, most, differences=differences)
            assert sum(b.items for b in bins) == sum(n for _, n in MANY)
            assert len(bins) <= most


def test_of_differences_one_bin_is_around_zero_and_gains_and_losses_are_counted():
    counts = {2 * v - 1: n for v, n in MANY}
    labels = [b.label for b in bins_of(counts, 10, differences=True)]
    assert len(labels) == 9
    assert labels[4] == "-0.11 to +0.11"
    drawing = Histogram(((-1.0, 2), (0.0, 10), (1.0, 5)), True).draw(70, 10)
    assert drawing.lines[-1].strip() == "17 items: 5 gain, 2 lose, 10 stay; mean +0.1765"


def test_few_values_have_a_bin_each_the_best_first():
    bins = bins_of({0.0: 1, 1 / 3: 2, 1.0: 3}, 10, differences=False)
    assert [b.label for b in bins] == ["1", "0.33", "0"]


def test_no_items_are_said():
    assert Histogram((), False).draw(60, 10).sentence
