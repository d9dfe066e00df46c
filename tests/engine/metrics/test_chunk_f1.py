"""Chunks as the two seqeval versions count them: what a scorer of each version prints, worked by hand."""

from __future__ import annotations

import pytest
from intermezzo.engine.metrics.chunk_f1 import (
    IMPLEMENTATIONS,
    SEQEVAL_0_0_12,
    SEQEVAL_1_2_2,
    chunk_counts,
    implementations_agree,
)
from intermezzo.engine.metrics.figure import Counts


def tags(*sentences: str) -> list[list[str]]:
    return [s.split() for s in sentences]


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
class TestBoth:
    def test_seqevals_own_example(self, implementation: str) -> None:
        gold = tags("O O O B-MISC I-MISC I-MISC O", "B-PER I-PER O")
        predicted = tags("O O B-MISC I-MISC I-MISC I-MISC O", "B-PER I-PER O")
        assert chunk_counts(gold, predicted, implementation) == [Counts(0, 1, 1), Counts(1, 1, 1)]

    def test_inside_without_begin_starts_a_chunk(self, implementation: str) -> None:
        assert chunk_counts(tags("O I-PER I-PER"), tags("O B-PER I-PER"), implementation) == [Counts(1, 1, 1)]

    def test_change_of_type_inside_splits(self, implementation: str) -> None:
        assert chunk_counts(tags("B-PER I-LOC"), tags("B-PER I-PER"), implementation) == [Counts(0, 1, 2)]

    def test_a_chunk_never_crosses_a_sentence_of_plain_tags(self, implementation: str) -> None:
        counts = chunk_counts(tags("O B-PER", "I-PER"), tags("O B-PER", "I-PER"), implementation)
        assert counts == [Counts(1, 1, 1), Counts(1, 1, 1)]

    def test_equal_raw_tags_in_a_row_are_one_chunk(self, implementation: str) -> None:
        assert chunk_counts(tags("NOUN NOUN VERB"), tags("NOUN NOUN VERB"), implementation) == [
            Counts(2, 2, 2)
        ]

    def test_tags_beginning_with_s_are_single_chunks(self, implementation: str) -> None:
        assert chunk_counts(tags("SYM SYM VERB"), tags("SYM SYM VERB"), implementation) == [Counts(3, 3, 3)]

    def test_empty_sentences_count_nothing(self, implementation: str) -> None:
        assert chunk_counts([[], ["B-X"]], [[], ["B-X"]], implementation) == [
            Counts(0, 0, 0),
            Counts(1, 1, 1),
        ]
        assert chunk_counts([], [], implementation) == []

    def test_unequal_lengths_are_refused_by_sentence(self, implementation: str) -> None:
        with pytest.raises(ValueError, match="sentence 1 has 1 predicted tags for 2 gold"):
            chunk_counts(tags("O", "O O"), tags("O", "O"), implementation)
        with pytest.raises(ValueError, match="1 predicted sentences for 2"):
            chunk_counts(tags("O", "O"), tags("O"), implementation)


def test_an_x_before_the_sentence_end_is_lost_by_the_newer_version() -> None:
    gold = tags("NOUN X", "VERB")
    assert chunk_counts(gold, gold, SEQEVAL_0_0_12) == [Counts(2, 2, 2), Counts(1, 1, 1)]
    assert chunk_counts(gold, gold, SEQEVAL_1_2_2) == [Counts(1, 1, 1), Counts(1, 1, 1)]


def test_an_x_at_a_sentence_start_begins_where_an_earlier_chunk_did() -> None:
    # Under 1.2.2 the second sentence's X chunk begins at the last start before it, which differs between
    # gold and prediction although both say X VERB there.
    gold, predicted = tags("NOUN NOUN", "X VERB"), tags("NOUN VERB", "X VERB")
    assert chunk_counts(gold, predicted, SEQEVAL_0_0_12)[1] == Counts(2, 2, 2)
    assert chunk_counts(gold, predicted, SEQEVAL_1_2_2)[1] == Counts(1, 2, 2)


def test_agreement_is_told_from_the_tags() -> None:
    assert implementations_agree(["O", "B-PER", "I-LOC"])
    assert not implementations_agree(["NOUN"])
    assert not implementations_agree(["B-A-B"])
    assert not implementations_agree(["O", "B-_"])
