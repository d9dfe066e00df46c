"""The limits that docs/security.md promises are those of the code."""

from __future__ import annotations

from pathlib import Path

import pytest
from intermezzo.engine.importers import lm_eval_lines, table_rows
from intermezzo.engine.importing import reading
from intermezzo.queries import confined, plain_files
from intermezzo.queries.claims import asking, toml_table
from intermezzo.queries.store import manifest, records_kept
from intermezzo.tui import sql_state
from intermezzo.tui.commands import sql

PAGE = (Path(__file__).parents[1] / "docs" / "security.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "said",
    [
        f"| JSON result file | {reading.MAX_JSON_BYTES // 2**20} MiB |",
        f"| line of a JSON-lines file | {lm_eval_lines.MAX_LINE_BYTES // 2**20} MiB |",
        f"| text of an item | {lm_eval_lines.MAX_TEXT:,} characters, cut |",
        f"| line of a CSV | {table_rows._MAX_LINE:,} characters |",
        f"{table_rows.MAX_ROWS:,} rows, {table_rows.MAX_BYTES // 2**20:,} MB unpacked",
        f"{manifest.LARGEST // 2**20} MiB, {manifest.MOST_ROWS:,} rows a file",
        f"| record of a claim, verification, hidden run | {records_kept.LARGEST:,} bytes |",
        f"| file of claims or verifications | {toml_table.LARGEST:,} bytes, {toml_table.LONGEST:,} char",
        f"| `systems.toml`, experiment | {plain_files.LARGEST_TEXT:,} bytes |",
        f"at most {confined.MEMORY_LIMIT[:-2]} MB for DuckDB, {confined.ADDRESS_SPACE >> 30} GiB of address",
        f"{sql_state.LIMIT:,} rows and an answer of\n  {confined.LARGEST_ANSWER // 2**20} MB",
        f"stopped after {asking.TIMEOUT:.0f} seconds",
        f"{sql.MEMORY[:-2]} GB for DuckDB, no limit on time",
    ],
)
def test_a_limit_is_as_in_the_code(said: str) -> None:
    assert said in PAGE
