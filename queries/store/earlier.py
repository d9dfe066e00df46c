"""The runs that files gave when they were last read: what a changed file's new runs replace."""

from __future__ import annotations

from . import generations
from .layout import Store


def earlier_runs(store: Store) -> dict[str, dict[str, list[str]]]:
    """Return the runs in view of the published index, by main source file and then by key inside it.

    Paths are absolute and as ``layout.storable`` has them; a store without an index has none.
    """
    import duckdb

    opened = generations.newest(store)
    if opened is None:
        return {}
    _, con = opened
    try:
        with con:
            rows = con.execute(
                "SELECT source_path, coalesce(source_key, ''), run_id FROM runs "
                "WHERE superseded_by IS NULL AND source_path IS NOT NULL ORDER BY ALL"
            ).fetchall()
    except duckdb.Error:
        # A damaged index: the next publish builds it anew, and finds there what replaces what.
        return {}
    found: dict[str, dict[str, list[str]]] = {}
    for path, key, run_id in rows:
        found.setdefault(path, {}).setdefault(key, []).append(run_id)
    return found
