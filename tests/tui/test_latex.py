"""Tables for papers: what LaTeX would choke on, and what a reader has to be told."""

from __future__ import annotations

import io
import re

import pytest
from intermezzo.tui.latex import cell, escaped
from intermezzo.tui.output import Answer, Sheet, emit


def printed(*sheets: Sheet, notes: tuple[str, ...] = ()) -> str:
    out = io.StringIO()
    emit(Answer(sheets[0], lambda: sheets, notes=notes), "latex", out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("79.2p", r"79.2\textsuperscript{p}"),
        ("+1.2▲", r"\textbf{+1.2}$^{\uparrow}$"),
        ("-0.4▼ [-0.7, -0.1]", r"\textbf{$-$0.4}$^{\downarrow}$ {\scriptsize [$-$0.7, $-$0.1]}"),
        ("81.2l +1.2 [-0.1, +2.5]", r"81.2\textsuperscript{l} +1.2 {\scriptsize [$-$0.1, +2.5]}"),
        ("53.4m~ 2/3", r"53.4\textsuperscript{m}\textasciitilde{} 2/3"),
        ("-0.7", "$-$0.7"),
        ("xlm-r-large", "xlm-r-large"),
        ("xlm_r & 50%", r"xlm\_r \& 50\%"),
        ("·", "--"),
        ("80.1r≠", r"80.1\textsuperscript{r}$\neq$"),
        ("wow!", "wow!"),
    ],
)
def test_cells(text: str, shown: str) -> None:
    assert cell(text) == shown


@pytest.mark.parametrize("text", ["\\input{/etc/passwd}", "$x_1^2$", "}{", "a#1%b~c"])
def test_no_name_is_obeyed(text: str) -> None:
    done = escaped(text)
    bare = re.sub(r"\\(?:textbackslash|textasciitilde|textasciicircum)\{\}|\\[{}$&#%_]", "", done)
    assert not set(bare) & set("\\{}$&#%_~^")


def test_a_table_has_a_cell_for_every_heading_and_a_caption_that_says_how() -> None:
    sheet = Sheet(("system", "xnli\ntest"), [("a & b", 0.5), ("c", None)], caption="macro values")
    lines = printed(sheet, notes=("Mean over 15 languages, 3 seeds.", "p adjusted by Holm.")).splitlines()
    assert [line.replace(r"\&", "").count("&") for line in lines if line.endswith(r"\\")] == [1, 1, 1, 1]
    assert r"\begin{tabular}{lr}" in lines
    assert r"c & -- \\" in lines
    assert r"\caption{macro values. Mean over 15 languages, 3 seeds. p adjusted by Holm.}" in lines
    for name in ("table", "tabular"):
        assert sum(f"\\begin{{{name}}}" in line for line in lines) == 1
        assert sum(f"\\end{{{name}}}" in line for line in lines) == 1


def test_a_sheet_with_a_caption_is_a_table_and_one_without_stands_below_it() -> None:
    sheet, below = Sheet(("a",), [(1,)], caption="one"), Sheet(("b",), [(2,)])
    text = printed(sheet, below, sheet, notes=("Said once.",))
    assert [text.count(rf"\begin{{{name}}}") for name in ("table", "tabular")] == [2, 3]
    assert text.count("Said once.") == 1


def test_names_that_look_like_numbers_with_a_rung_stay_names() -> None:
    sheet = Sheet(("system", "xnli"), [("bloom-560m", "37.4m"), ("7.5p", "1.0p")], right=frozenset({"xnli"}))
    lines = printed(sheet).splitlines()
    assert r"bloom-560m & 37.4\textsuperscript{m} \\" in lines
    assert r"7.5p & 1.0\textsuperscript{p} \\" in lines


def test_groups_of_rows_and_columns_are_named() -> None:
    sheet = Sheet(
        ("system", "xnli", "pawsx", "mean"),
        [("a", "1.0", "2.0", "1.5"), ("b", "3.0", "·", "3.0")],
        right=frozenset({"xnli", "pawsx", "mean"}),
        groups=((0, "X&Y"), (1, "Z")),
        spans=(("reasoning", 2), ("", 1)),
    )
    lines = printed(sheet).splitlines()
    assert r" & \multicolumn{2}{c}{reasoning} & \multicolumn{1}{c}{} \\" in lines
    assert r"\cmidrule(lr){2-3}" in lines
    assert r"\multicolumn{4}{l}{\emph{X\&Y}} \\" in lines
    assert lines.index(r"\addlinespace") == lines.index(r"\multicolumn{4}{l}{\emph{Z}} \\") - 1


def test_more_rows_than_a_page_holds_go_over_pages_under_a_repeated_heading() -> None:
    sheet = Sheet(("language", "xnli"), [(f"l{n}", n) for n in range(77)], caption="by language")
    lines = printed(sheet, notes=("Said once.",)).splitlines()
    assert not any(r"\begin{table}" in line or "tabular" in line for line in lines)
    assert lines.index(r"\endhead") == lines.index(r"\midrule") + 1
    assert lines[-2:] == [r"\caption{by language. Said once.} \\", r"\end{longtable}"]
