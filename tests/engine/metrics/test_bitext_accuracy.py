"""Accuracy, and the two retrieval metrics."""

from __future__ import annotations

import pytest
from intermezzo.engine.metrics.accuracy import accuracy_credits
from intermezzo.engine.metrics.bitext import bucc_counts, tatoeba_credits
from intermezzo.engine.metrics.figure import Counts, f1_figure


def test_accuracy_compares_strings() -> None:
    assert accuracy_credits(["1", "0", "a"], ["1", "1", "A"]) == [1.0, 0.0, 0.0]
    with pytest.raises(ValueError, match="2 predictions for 1 labels"):
        accuracy_credits(["a"], ["a", "b"])


def test_tatoeba_compares_indices_as_written() -> None:
    assert tatoeba_credits(["7", "8"], ["7", "08"]) == [1.0, 0.0]


def test_bucc_is_over_sets_of_pairs() -> None:
    gold = [("d1", "e1"), ("d2", "e2"), ("d3", "e3")]
    counts = bucc_counts(gold, [("d2", "e2"), ("d1", "e9"), ("d2", "e2")])
    assert counts == {
        ("d1", "e1"): Counts(0, 0, 1),
        ("d1", "e9"): Counts(0, 1, 0),
        ("d2", "e2"): Counts(1, 1, 1),
        ("d3", "e3"): Counts(0, 0, 1),
    }
    assert list(counts) == sorted(counts)
    assert f1_figure(list(counts.values())).value == pytest.approx(2 / 5)
