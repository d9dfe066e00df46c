"""Statistics of comparisons: plain functions over numpy arrays.

Start with ``compare.compare`` (one language) and ``languages`` (over languages). A computation that
cannot be done honestly returns ``results.NotComputed``, a sentence, and never a number.
"""
