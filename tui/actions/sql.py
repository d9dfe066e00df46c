"""What can be done with SQL."""

from __future__ import annotations

from .action import Action, Argument, PaneHelp

ACTIONS: tuple[Action, ...] = (
    Action("execute", ("ctrl+r",), "run", "run the statement; so does Enter behind its ;", "sql", 1),
    Action("in", ("enter",), "edit", "to the editor; Esc comes back to the rows", "sql", 2),
    Action("history", (), "history", "bring back a statement that was run", "sql", 0,
           Argument("STATEMENT", source="history")),
    Action("saved", (), "saved", "a question of the store, or one that you saved", "sql", 0,
           Argument("NAME", required=True, source="saved")),
    Action("save", (), "save", "save the statement under a name, for every store", "sql", 0,
           Argument("NAME", required=True)),
)  # fmt: skip

PANES: dict[str, PaneHelp] = {
    "sql.grid": PaneHelp(
        "SQL",
        "The rows of your statement. It ran in a process of its own with limited memory, over the index and "
        "nothing else: no files, no network, no changes; ctrl+c stops it. The tables and views are "
        "commented: SELECT table_name, comment FROM duckdb_views();",
    ),
    "sql.editor": PaneHelp(
        "SQL editor",
        "DuckDB's dialect. Enter behind a ; or ctrl+r runs, Tab completes names, Esc goes to the rows.",
    ),
}
