"""What the bench found, as one table in a terminal and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench_results import Measurement
from bench_row import BenchRow, figure

HEAD = ("what", "size", "ours", "peer", "ours / peer", "wanted", "")
NUMBERS = (1, 2, 4)
"""Columns that are aligned at their right."""

SHOWN = ("intermezzo", "duckdb", "polars", "textual", "harlequin", "orjson", "numpy", "torch",
         "transformers", "sentence-transformers", "onnxruntime")  # fmt: skip
"""Versions that the page names; the JSON has all."""


def cells(row: BenchRow) -> tuple[str, ...]:
    """Return a row as the table has it."""
    size = f"{row.size:,} {row.of}".strip() if row.size is not None else ""
    ours = f"{figure(row.ours)} {row.unit}".strip() if row.ours is not None else "-"
    peers = f" {figure(row.peers)}" if row.peers is not None else ""
    times = f"{row.times:.2f}" if row.times is not None else ""
    return (row.what, size, ours, f"{row.peer}{peers}".strip(), times, row.wanted, row.verdict)


def grown(rows: Sequence[BenchRow]) -> Iterator[str]:
    """Say of each figure that was taken at several sizes how it grows."""
    series: dict[tuple[str, str], list[BenchRow]] = {}
    for row in rows:
        if row.size and row.ours is not None:
            series.setdefault((row.what, row.unit), []).append(row)
    for (what, unit), found in series.items():
        found.sort(key=lambda row: row.size or 0)
        first, last = found[0], found[-1]
        if not first.size or not last.size or first.size == last.size or not first.ours or last.ours is None:
            continue
        yield (
            f"{what}: {last.size / first.size:,.0f} times the {last.of or 'size'}, "
            f"{last.ours / first.ours:.2f} times the figure "
            f"({', '.join(figure(row.ours) for row in found)} {unit})"
        )


def remarks(rows: Sequence[BenchRow]) -> list[str]:
    """Return notes and problems, each once."""
    return list(
        dict.fromkeys(f"{row.what}: {said}" for row in rows for said in (row.problem, row.note) if said)
    )


def text_table(found: Sequence[Measurement]) -> str:
    """Return all rows as one table, grouped by subject."""
    lines = {m.module: [cells(row) for row in m.rows] for m in found}
    every = [HEAD, *(line for group in lines.values() for line in group)]
    widths = [max(len(line[i]) for line in every) for i in range(len(HEAD))]

    def drawn(line: Sequence[str]) -> str:
        padded = (
            cell.rjust(width) if i in NUMBERS else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    out = [drawn(HEAD)]
    for one in found:
        out += ["", one.subject, *map(drawn, lines[one.module])]
        out += [f"  · {said}" for said in (*grown(one.rows), *remarks(one.rows))]
    return "\n".join(out)


def page(found: Sequence[Measurement]) -> str:
    """Return the page, in Markdown."""
    rows = [row for one in found for row in one.rows]
    missed = sum(row.missed for row in rows)
    absent = sum(row.ours is None for row in rows)
    wanted = sum(bool(row.wanted) and row.ours is not None for row in rows)
    out = [
        "# What is measured, and beside what",
        "",
        "Made by `make bench` from `tests/bench/results.json`, which has the figure of every round and all",
        "versions: do not edit. `make bench ARGS='--only NAME'` measures one part anew.",
        "Every figure stands beside its peer's, taken in the same run on the same data.",
        "Times differ on another machine; ratios, bytes and growth should not much.",
        "",
        f"{len(rows)} rows; {wanted} with a budget, of which {wanted - missed} met and {missed} missed"
        + (f"; {absent} not measured." if absent else "."),
    ]
    for one in found:
        out += ["", f"## {one.subject}", "", one.about, "", *_circumstances(one), ""]
        out += ["| " + " | ".join(HEAD) + " |", "|---|--:|--:|---|--:|---|---|"]
        out += ["| " + " | ".join(cell.replace("|", "\\|") for cell in cells(row)) + " |" for row in one.rows]
        for title, lines in (("How it grows:", list(grown(one.rows))), ("Notes:", remarks(one.rows))):
            if lines:
                out += ["", title, "", *(f"- {line}" for line in lines)]
    return "\n".join(out) + "\n"


def _circumstances(one: Measurement) -> list[str]:
    place = one.machine
    where = (
        f"{place['processor']}, {place['cores']} cores, {place['memory'] / 2**30:.0f} GiB, "
        f"{place['system']}, Python {place['python']}"
    )
    known = ", ".join(f"{name} {one.versions[name]}" for name in SHOWN if name in one.versions)
    when = f"{one.date.replace('T', ' ')[:16]} UTC at {one.commit}, in {one.seconds:.0f} s"
    said = [
        f"Measured {when}, load average {one.load[0]:.1f} before and {one.load[1]:.1f} after, "
        f"on {where}; {known}.",
    ]
    if one.settings:
        said[0] += " Set: " + ", ".join(f"{name}={value}" for name, value in one.settings.items()) + "."
    return said
