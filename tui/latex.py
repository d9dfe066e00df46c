"""Tables for papers: LaTeX with booktabs, the caption saying how the numbers were come by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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
}

_SIGNED = re.compile(r"(?<![\w.-])-(?=\d)")
"""A hyphen that is a minus."""

_RUNG = re.compile(r"(?<=\d)([plrm])(?![A-Za-z0-9])")
"""The letter of a rung behind a number."""

NO_VALUE = "--"


def escaped(text: str) -> str:
    """Return text so that LaTeX prints it as it stands."""
    return "".join(_SPECIAL.get(c, c) for c in text)


def cell(text: str) -> str:
    """Return a cell: numbers with a true minus, rungs raised, significance bold with its star.

    Args:
        text: As the table for reading has it; ``·`` alone is no value.
    """
    plain = " ".join(text.split())
    if plain in {"", "·"}:
        return NO_VALUE
    significant = re.search(r"\d[plrm]?≠?!$", plain) is not None
    body = escaped(_SIGNED.sub("−", plain.removesuffix("!") if significant else plain))
    body = _RUNG.sub(r"\\textsuperscript{\1}", body)
    return rf"\textbf{{{body}}}$^{{*}}$" if significant else body


def table(
    heads: Sequence[Sequence[str]],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[bool],
    caption: str,
) -> Iterator[str]:
    """Yield the lines of a ``table`` environment, line ends included.

    Args:
        heads: For each column the lines of its heading.
        rows: Cells as text.
        right: Which columns are aligned right.
        caption: What the numbers are: n, seeds, test, correction.
    """
    yield "% \\usepackage{booktabs}; LuaLaTeX or XeLaTeX where names are in other scripts\n"
    yield "\\begin{table}\n\\centering\n"
    yield "\\begin{tabular}{" + "".join("r" if r else "l" for r in right) + "}\n\\toprule\n"
    for n in range(max(map(len, heads), default=0)):
        line = [escaped(head[n]) if n < len(head) else "" for head in heads]
        yield " & ".join(line) + r" \\" + "\n"
    yield "\\midrule\n"
    for row in rows:
        yield " & ".join(map(cell, row)) + r" \\" + "\n"
    yield "\\bottomrule\n\\end{tabular}\n"
    if caption:
        yield f"\\caption{{{escaped(caption)}}}\n"
    yield "\\end{table}\n"
