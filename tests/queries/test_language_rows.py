"""The languages of a cell: rows, order, headings."""

from __future__ import annotations

from intermezzo.queries.language_rows import LanguageRow, heading_of, language_rows, sorted_languages

ROWS = (
    LanguageRow("sw", family="Atlantic-Congo", script="Latn", value=0.6, n=5010, delta=0.04),
    LanguageRow("ru", family="Indo-European", script="Cyrl", value=0.7, n=100, delta=-0.01),
    LanguageRow("th", family="Tai-Kadai", script="Thai", gap="refused"),
    LanguageRow("xx", value=0.5, n=10),
)


def codes(rows) -> list[str]:
    return [row.code for row in rows]


def test_each_sort_puts_what_is_unknown_last():
    assert codes(sorted_languages(ROWS, "value", descending=True)) == ["ru", "sw", "xx", "th"]
    assert codes(sorted_languages(ROWS, "value", descending=False)) == ["xx", "sw", "ru", "th"]
    assert codes(sorted_languages(ROWS, "value", descending=True, deltas=True)) == ["sw", "ru", "th", "xx"]
    assert codes(sorted_languages(ROWS, "n", descending=True)) == ["sw", "ru", "xx", "th"]
    assert codes(sorted_languages(ROWS, "family", descending=False)) == ["sw", "ru", "th", "xx"]
    assert codes(sorted_languages(ROWS, "language", descending=False)) == ["ru", "sw", "th", "xx"]


def test_headings_only_where_grouped():
    assert heading_of(ROWS[0], "family") == "Atlantic-Congo"
    assert heading_of(ROWS[3], "script") == "script unknown"
    assert heading_of(ROWS[0], "value") is None


def test_a_published_macro_is_no_language():
    columns = ["language", "value", "is_train_language", "mismatch", "unasked"]
    rows = language_rows(columns, [(None, 0.7, None, None, 1), ("en", 0.8, True, None, 1)])
    assert codes(rows) == ["en"]
    assert rows[0].is_train_language is True
    assert rows[0].mismatch is False


def test_a_pair_of_languages_is_told_apart():
    assert LanguageRow("sw", language_2="en").code == "sw>en"
