"""The door: compare two systems in each language, by the method that its metric and seeds call for."""

from __future__ import annotations

from collections.abc import Mapping

from .corpus import compare_corpus
from .paired import compare_means
from .results import Comparison, NotComputed
from .samples import Sample


def compare(sample: Sample) -> Comparison | NotComputed:
    """Compare two systems in one language.

    Corpus metrics with one seed an arm take the bootstrap over units; all else takes the t interval of
    ``paired.compare_means`` (corpus metrics with several seeds by their linearised counts).
    """
    one = len(sample.a.values) <= 1 and len(sample.b.values) <= 1
    return compare_corpus(sample) if sample.corpus and one else compare_means(sample)


def compare_languages(samples: Mapping[str, Sample]) -> dict[str, Comparison | NotComputed]:
    """Compare two systems in every language of ``samples``."""
    return {language: compare(sample) for language, sample in samples.items()}
