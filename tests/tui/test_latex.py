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
        ("+1.2r!", r"\textbf{+1.2\textsuperscript{r}}$^{*}$"),
        ("-0.7", "$-$0.7"),
        ("[-0.7, 1.1]", "[$-$0.7, 1.1]"),
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
    assert r"\caption{Macro values. Mean over 15 languages, 3 seeds. P adjusted by Holm.}" in lines
    for name in ("table", "tabular"):
        assert sum(f"\\begin{{{name}}}" in line for line in lines) == 1
        assert sum(f"\\end{{{name}}}" in line for line in lines) == 1


def test_several_sheets_are_several_tables() -> None:
    sheet = Sheet(("a",), [(1,)])
    assert printed(sheet, sheet).count(r"\begin{table}") == 2
