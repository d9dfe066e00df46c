"""Statistics of comparisons: plain functions over numpy arrays.

The way through, for one yardstick and two systems:

1. ``match.common_items`` (or a join) puts the items of all runs in one order; ``samples.arm`` and
   ``samples.Sample`` hold one language: credits (seeds x items) or counts (seeds x units x 3), clusters.
2. ``compare.compare_languages`` compares in each language; ``languages.these_languages`` and
   ``languages.languages_like_these`` over them, two questions with two answers.
3. ``decisions.decide`` adjusts one p a comparison over a declared family and gives the sign to show.

Beside them: ``aggregates`` (values over languages), ``flags`` (collapsed and identical runs, rank ranges,
detectable differences) and ``mcnemar``. A computation that cannot be done honestly returns
``results.NotComputed``, a sentence, and never a number. docs/coverage.md says how well intervals cover.
"""
