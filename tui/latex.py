"""Tables for papers: LaTeX with booktabs, the caption saying how the numbers were come by."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intermezzo.queries.harmless import harmless

from .output import BETTER, TRAIN, WORSE, Answer, Sheet, cell_text, headings, right_aligned

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "≠": r"$\neq$",
    "×": r"$\times$",
    "−": r"$-$",
    "·": r"\textperiodcentered{}",
    "…": r"\ldots{}",
    TRAIN: r"$^{\dagger}$",
    BETTER: r"$\uparrow$",
    WORSE: r"$\downarrow$",
}

_SIGNED = re.compile(r"(?<![\w.-])-(?=\d)")
"""A hyphen that is a minus."""

_NUMBER = re.compile(rf"([+-]?\d[\d.,]*)([plrm]?)([≠~]*)([{BETTER}{WORSE}]?)")
"""A number, the letter of its rung, marks, and the sign of significance."""

_MINUS = re.compile(r"(?<= )-(?= )")
"""A minus between two words: ``A - B``."""

_WORDS = re.compile(r"\[[^\]]*\]|\S+")
"""What a cell is made of: words, and intervals as a whole."""

_RAISED = {BETTER: r"$^{\uparrow}$", WORSE: r"$^{\downarrow}$"}

NO_VALUE = "--"

LONG = 45
"""Rows that one page still holds beside a caption; more go over pages."""


def escaped(text: str) -> str:
    """Return text so that LaTeX prints it as it stands."""
    return "".join(_SPECIAL.get(c, c) for c in text)


def cell(text: str) -> str:
    """Return a cell: numbers with a true minus, rungs raised, intervals small, what is significant bold.

    Args:
        text: As the table for reading has it; ``·`` alone is no value.
    """
    plain = " ".join(text.split())
    if plain in {"", "·"}:
        return NO_VALUE
    return " ".join(_word(part) for part in _WORDS.findall(plain))


def _word(text: str) -> str:
    if text.startswith("["):
        return rf"{{\scriptsize {_escaped_signs(text)}}}"
    found = _NUMBER.fullmatch(text)
    if found is None:
        return _escaped_signs(text)
    number, rung, mark, sign = found.groups()
    body = _escaped_signs(number) + (rf"\textsuperscript{{{rung}}}" if rung else "") + escaped(mark)
    return rf"\textbf{{{body}}}{_RAISED[sign]}" if sign else body


def _escaped_signs(text: str) -> str:
    return escaped(_SIGNED.sub("−", text))


def latex(answer: Answer) -> Iterator[str]:
    """Yield the lines of an answer; a sheet without a caption of its own stands below the one before it.

    In a paper notes have no other place than the caption: they go into the last one. A table that no page
    holds is a ``longtable``, its heading repeated on each page.
    """
    tables: list[list[Sheet]] = []
    for sheet in answer.sheets():
        if tables and not sheet.caption:
            tables[-1].append(sheet)
        else:
            tables.append([sheet])
    yield "% \\usepackage{booktabs,longtable}; LuaLaTeX or XeLaTeX where names are in other scripts\n"
    for n, sheets in enumerate(tables):
        notes = answer.notes if n == len(tables) - 1 else ()
        said = [text.rstrip(".") for text in (sheets[0].caption.replace("\n", " · "), *notes) if text]
        caption = f"\\caption{{{escaped(harmless('. '.join(said)))}.}}" if said else ""
        if sum(len(sheet.rows) + len(sheet.groups) for sheet in sheets) > LONG:
            for m, sheet in enumerate(sheets):
                yield from _tabular(sheet, "longtable", caption if m == len(sheets) - 1 else "")
            continue
        yield "\\begin{table}\n\\centering\n"
        for m, sheet in enumerate(sheets):
            yield "\n\\medskip\n" if m else ""
            yield from _tabular(sheet, "tabular")
        yield f"{caption}\n" if caption else ""
        yield "\\end{table}\n"


def _tabular(sheet: Sheet, environment: str, caption: str = "") -> Iterator[str]:
    """Yield the lines of a ``tabular`` or ``longtable``, groups of rows and columns named.

    Args:
        sheet: What it holds.
        environment: Which of the two.
        caption: Of a ``longtable``, which has it as its last row.
    """
    heads, right = headings(sheet), right_aligned(sheet)
    yield f"\\begin{{{environment}}}{{" + "".join("r" if r else "l" for r in right) + "}\n\\toprule\n"
    yield from _spans(sheet)
    for n in range(max(map(len, heads), default=0)):
        line = [escaped(_MINUS.sub("−", head[n])) if n < len(head) else "" for head in heads]
        yield " & ".join(line) + r" \\" + "\n"
    yield "\\midrule\n" + ("\\endhead\n" if environment == "longtable" else "")
    names = dict(sheet.groups)
    for at, row in enumerate(sheet.rows):
        if at in names:
            yield "\\addlinespace\n" if at else ""
            if names[at]:
                name = escaped(harmless(names[at]))
                yield f"\\multicolumn{{{len(heads)}}}{{l}}{{\\emph{{{name}}}}} \\\\\n"
        texts = [cell_text(value) for value in row]
        # what stands left is words, whatever they look like: bloom-560m
        cells = [cell(text) if r else _escaped_signs(text) for text, r in zip(texts, right, strict=True)]
        yield " & ".join(cells) + r" \\" + "\n"
    yield "\\bottomrule\n" + (f"{caption} \\\\\n" if caption else "") + f"\\end{{{environment}}}\n"


def _spans(sheet: Sheet) -> Iterator[str]:
    """Yield a heading line over groups of columns, with rules below it."""
    if not sheet.spans:
        return
    cells, rules, at = [""], [], 2
    for name, size in sheet.spans:
        cells.append(f"\\multicolumn{{{size}}}{{c}}{{{escaped(harmless(name))}}}")
        if name:
            rules.append(f"\\cmidrule(lr){{{at}-{at + size - 1}}}")
        at += size
    yield " & ".join(cells) + r" \\" + "\n" + " ".join(rules) + "\n"
