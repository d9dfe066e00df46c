"""Answers as Markdown: tables, and below them what is noted on them."""

from __future__ import annotations

from collections.abc import Iterator

from intermezzo.queries.harmless import harmless

from .output import Answer, cell_text, headings, right_aligned


def escaped(text: str) -> str:
    """Return text so that Markdown shows it as it stands."""
    for mark in "\\|`*_<>[]":
        text = text.replace(mark, "\\" + mark)
    return text.strip() or " "


def markdown(answer: Answer) -> Iterator[str]:
    """Yield the pieces of an answer, line ends included."""
    for number, sheet in enumerate(answer.sheets()):
        if number:
            yield "\n"
        if sheet.caption:
            yield escaped(harmless(sheet.caption.replace("\n", " · "))) + "\n\n"
        heads = headings(sheet)
        yield "| " + " | ".join(escaped(" ".join(head)) for head in heads) + " |\n"
        yield "|" + "|".join("---:" if right else "---" for right in right_aligned(sheet)) + "|\n"
        names = dict(sheet.groups)
        for at, row in enumerate(sheet.rows):
            if names.get(at):
                yield f"| **{escaped(harmless(names[at]))}** |" + " |" * (len(heads) - 1) + "\n"
            yield "| " + " | ".join(escaped(cell_text(value)) for value in row) + " |\n"
    if answer.notes:
        yield "\n" + "".join(f"- {escaped(harmless(note))}\n" for note in answer.notes)
