"""Importing from the command line: progress on stderr, and the report as an answer."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .output import Answer, Sheet, counted, say
from .progress import Meter

MANY = 8
"""Languages, and folders of files, that are named one by one with a reason; more are counted."""

_KEYED = re.compile(r"([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*): ")
"""What a reason starts with that is said of one language of a file."""

if TYPE_CHECKING:
    from intermezzo.engine.importing.report import Remark, Report
    from intermezzo.queries.store.layout import Store


def import_into(store: Store, paths: Iterable[str | os.PathLike[str]], mapping: str | None = None) -> Report:
    """Import files and folders into a store; how far it is is told on stderr.

    Ctrl-C keeps what is read so far (``stopped`` in the report).

    Raises:
        Problem: The store cannot be written.
    """
    from intermezzo.engine.importing.pipeline import import_paths

    meter = Meter()
    meter.begin()

    def told(done: int, total: int, _size: int, _path: str) -> None:
        meter(done, total)

    try:
        return import_paths(store, paths, progress=told, mapping=mapping)
    finally:
        meter.close()


def used(report: Report) -> bool:
    """Say whether anything could be used: read now, or known already."""
    return bool(report.files_read or report.files_unchanged)


def exit_code(report: Report) -> int:
    """Return 0; 1 where something was refused and something used; 2 where nothing could be used."""
    if report.stopped:
        return 130
    if not used(report):
        return 2
    return 1 if report.files_refused else 0


def summary(report: Report) -> str:
    """Return what an import came to in one line."""
    guessed, refused = _files(report.files_guessed), _files(report.files_refused)
    parts = [
        f"{counted(report.files_read, 'file')} read",
        f"{report.files_unchanged:,} unchanged" if report.files_unchanged else "",
        f"{guessed:,} guessed" if guessed else "",
        f"{refused:,} with something refused" if refused else "",
        f"{_files(report.files_waiting):,} still being written" if report.files_waiting else "",
        f"{len(report.files_ignored):,} not recognised" if report.files_ignored else "",
    ]
    return f"{', '.join(part for part in parts if part)}; {counted(report.runs_added, 'new run')}."


def _files(remarks: Sequence[Remark]) -> int:
    return len({remark.path for remark in remarks})


def report_answer(report: Report) -> Answer:
    """Return a report: one object for scripts; counts, and every file with its reason, for reading."""
    record = report.as_json()
    return Answer(Sheet(tuple(record), [tuple(record.values())]), lambda: _sheets(report))


def _sheets(report: Report) -> list[Sheet]:
    counts = [
        ("files read", report.files_read),
        ("files unchanged", report.files_unchanged),
        ("files guessed", _files(report.files_guessed)),
        ("files with refusals", _files(report.files_refused)),
        ("files being written", _files(report.files_waiting)),
        ("files not recognised", len(report.files_ignored)),
        ("runs added", report.runs_added),
        ("runs known already", report.runs_unchanged),
        ("scores added", report.scores),
        ("items added", report.items),
    ]
    sheets = [Sheet(("import", "count"), counts)]
    for caption, remarks, lay_out in (
        ("Refused", report.files_refused, _by_file),
        ("Guessed", report.files_guessed, _by_reason),
        ("Still being written, tried again next time", report.files_waiting, _by_reason),
    ):
        if remarks:
            lines = lay_out(remarks)
            heading = f"{caption} ({counted(_files(remarks), 'file')}):"
            sheets.append(Sheet(("",), lines, caption=heading, whole=True))
    if report.files_ignored:
        rows_ignored = list(_by_kind(report.files_ignored).items())
        caption = f"Not recognised, left alone ({counted(len(report.files_ignored), 'file')}):"
        sheets.append(Sheet(("files", "count"), rows_ignored, caption=caption, whole=True))
    return sheets


def _by_file(remarks: Sequence[Remark]) -> list[tuple[str]]:
    """Lay out remarks as lines: each file with its reasons below."""
    groups: dict[str, list[str]] = {}
    for remark in remarks:
        groups.setdefault(remark.path, []).append(remark.reason)
    lines: list[tuple[str]] = []
    for path, reasons in groups.items():
        lines.append((path,))
        lines += [(f"    {reason}",) for reason in dict.fromkeys(reasons)]
    return lines


def _by_reason(remarks: Sequence[Remark]) -> list[tuple[str]]:
    """Lay out remarks as lines: each reason, the languages it is said of together, with its files below."""
    keys: dict[str, dict[str, None]] = {}
    files: dict[str, dict[str, None]] = {}
    for remark in remarks:
        match = _KEYED.match(remark.reason)
        reason = remark.reason[match.end() :] if match else remark.reason
        keys.setdefault(reason, {}).update(dict.fromkeys([match[1]] if match else []))
        files.setdefault(reason, {})[remark.path] = None
    lines: list[tuple[str]] = []
    for reason, paths in files.items():
        named = list(keys[reason])
        several = ", ".join(named[:MANY]) + (f" and {len(named) - MANY} more" if len(named) > MANY else "")
        lines.append((f"{several}: {reason}" if named else reason,))
        kinds = list(_by_kind(list(paths)).items())
        for kind, count in kinds[:MANY]:
            lines.append((f"    {kind}" + (f" ({count:,} files)" if count > 1 else ""),))
        if len(kinds) > MANY:
            left = sum(count for _, count in kinds[MANY:])
            folders = counted(len(kinds) - MANY, "more folder")
            lines.append((f"    and {left:,} in {folders} (`intermezzo show sources`)",))
    return lines


def tables_told(report: Report) -> list[str]:
    """Return a sentence on tables that nobody claimed, saying how they can be read."""
    from intermezzo.engine.importers.long_table import HINT
    from intermezzo.engine.importers.table_rows import SUFFIXES

    tables = [path for path in report.files_ignored if path.lower().endswith(SUFFIXES)]
    if not tables:
        return []
    which = tables[0] if len(tables) == 1 else f"{tables[0]} and {counted(len(tables) - 1, 'more table')}"
    return [
        f"{which}: the column names do not say what they are. {HINT} Or name one for all: --mapping FILE."
    ]


def _by_kind(paths: Sequence[str]) -> dict[str, int]:
    """Count files by folder and ending; one alone is named in full."""
    kinds: Counter[str] = Counter()
    example: dict[str, str] = {}
    for path in paths:
        kind = f"{Path(path).parent}/*{Path(path).suffix}"
        kinds[kind] += 1
        example[kind] = path
    return {example[kind] if count == 1 else kind: count for kind, count in kinds.items()}


def say_what_is_unclear(store: Store) -> None:
    """Say on stderr how many systems are guessed or unknown, and where to say what they are."""
    from .stores import reading

    with reading(store) as reader:
        counts = Counter(row["identity"] for row in reader.ask("system_list").dicts())
    unclear = [f"{counts[kind]:,} {kind}" for kind in ("guessed", "unknown") if counts[kind]]
    if unclear:
        whole = counted(sum(counts.values()), "system")
        from .suggestions import suggested, what_to_do

        say(f"Of {whole}, {' and '.join(unclear)}: {what_to_do(suggested(store))}")
