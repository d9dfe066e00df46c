"""An index in the making: a file in a workspace, which nobody else sees until it has landed."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from importlib import resources

from intermezzo.queries.errors import Problem
from intermezzo.queries.identity import Systems, load_systems
from intermezzo.queries.questions import install_views

from . import generations
from .batch import Landed, Tables
from .landing import copy
from .layout import Step, Store
from .load import (
    Bad,
    hide_runs,
    literal,
    load_claims,
    load_folders,
    load_reports,
    rename_all,
    run_step,
)
from .references import add_met, fill_references
from .standing import Base, Plan, base_of, mark_of, systems_digest
from .workspace import workspace

MEMORY = "256MB"
"""What DuckDB keeps in memory while an index is made: a million scores take no longer with more. Where
that is too little after all, it takes what it needs."""


_FORM = "STORAGE_VERSION 'v1.5.0', BLOCK_SIZE 16384, ROW_GROUP_SIZE 24576"
"""How an index is laid out. What is no whole row group yet stays in memory, and one thread packs it at the
end: so they are a fifth of DuckDB's usual ones."""


_PARTS = 4
_RUNS_A_PART = 10_000
"""Scores of languages are laid out by yardstick in so many parts at most, of at least so many runs."""


class Building:
    """An index in the making; everything happens in one transaction, begun with ``begin``.

    Attributes:
        base: The generation that it goes on from; ``None`` for one built anew.
        systems: Fingerprint of the rules by which its runs are named.
        taken: Run folders that were looked at, ...
        bad: ... and those of them that were left out.
    """

    def __init__(self, store: Store, base: str | None, step: Step) -> None:
        import duckdb

        self.base = base
        self.systems = ""
        self.taken: set[str] = set()
        self.bad: list[Bad] = []
        self._store = store
        self._tables: Tables = {}
        with ExitStack() as stack:
            self._tmp = stack.enter_context(workspace(store.tmp))
            self.file = self._tmp / "index.duckdb"
            if base is not None:
                copy(store.index_dir / base, self.file)
                os.chmod(self.file, 0o600)
                step("copied")
            self.con = duckdb.connect(":memory:", config={**generations.CONFIG, "threads": "2"})
            stack.callback(self.con.close)
            self.con.execute(f"SET temp_directory = {literal(str(self._tmp / 'spill'))}")
            self.con.execute(f"ATTACH {literal(str(self.file))} AS building ({_FORM})")
            self.con.execute("USE building")
            self.set_memory(MEMORY)
            self._open = stack.pop_all()

    def set_memory(self, limit: str | None) -> None:
        """Let DuckDB keep so much in memory; ``None``: as much as it likes."""
        self.con.execute(f"SET memory_limit = '{limit}'" if limit else "RESET memory_limit")

    def begin(self, unreadable: Sequence[Bad] = ()) -> None:
        """Begin, or begin again; ``unreadable`` are folders known to be bad."""
        self.systems = systems_digest(self._store)
        self._rules, self._note = _rules(self._store)
        self.bad = list(unreadable)
        self.taken = {entry.folder for entry in unreadable}
        self._tables = {}
        self.con.execute("BEGIN")
        if self.base is None:
            self.con.execute(_sql("schema.sql"))
            fill_references(self.con, self._tmp)
        # scores are only ever appended: what is new comes after those that are there
        ((self._first,),) = self.con.execute("SELECT count(*) FROM scores").fetchall()
        run_step(self.con, "nothing changed yet")

    def rollback(self) -> None:
        """Undo everything since ``begin``."""
        self.con.execute("ROLLBACK")

    def take(self, folders: Iterable[str], told: Mapping[str, Landed] | None = None) -> None:
        """Take run folders in, each checked against its manifest.

        Args:
            folders: Their names.
            told: What is in some of them, from who wrote them.

        Raises:
            duckdb.Error: If a file with a right checksum does not hold what it should (see ``probe``).
        """
        fresh = {name: (told or {}).get(name) for name in folders if name not in self.taken}
        self.taken.update(fresh)
        self.bad += load_folders(self.con, self._store, fresh, self._rules, self._tables)

    def complete(self, base: Base | None, plan: Plan, name: str, step: Step) -> None:
        """Take in the rest of what is on disk, and work out what is derived."""
        con, store = self.con, self._store
        self.take(plan.new)
        run_step(con, "supersede")
        step("loaded")
        if base is not None and base.meta.get("systems") != plan.meta["systems"]:
            rename_all(con, self._rules, self._tmp)
        hide_runs(con, store, self._tmp)
        if base is None or base.meta.get("reports") != plan.meta["reports"]:
            load_reports(con, store, self._tmp)
        if base is None or base.meta.get("claims") != plan.meta["claims"]:
            load_claims(con, store, self._tmp)
        add_met(con, self._tmp, self._first)
        run_step(con, "touched")
        self._derive()
        step("derived")
        if base is None:
            install_views(con)
        self._note_bad(base, plan)
        meta = {
            **plan.meta,
            "label": generations.label(),
            "generation": name,
            "published": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "intermezzo": _version(),
            "note": self._note,
        }
        for key, value in meta.items():
            con.execute("INSERT OR REPLACE INTO meta VALUES ($key, $value)", {"key": key, "value": value})

    def _derive(self) -> None:
        """Work out what is derived from runs and scores."""
        ((touched,),) = self.con.execute("SELECT count(*) FROM runs JOIN touched USING (system)").fetchall()
        parts = 1 + min(touched // _RUNS_A_PART, _PARTS - 1)
        run_step(self.con, "derive", params={"parts": parts})
        for part in range(1, parts + 1):
            run_step(self.con, "derive a part", params={"part": part})
        run_step(self.con, "derive means")

    def _note_bad(self, base: Base | None, plan: Plan) -> None:
        """Keep the quarantine: what was bad and was looked at again is judged anew."""
        marks: dict[str, str] = json.loads(base.meta.get("bad_folders", "{}")) if base is not None else {}
        for name in plan.new:
            marks.pop(name, None)
            if base is not None:
                self.con.execute("DELETE FROM quarantine WHERE folder = $name", {"name": name})
        for entry in self.bad:
            marks[entry.folder] = mark_of(self._store.runs / entry.folder)
            self.con.execute(
                "INSERT INTO quarantine VALUES ($folder, $file, $reason)",
                {"folder": entry.folder, "file": entry.file, "reason": entry.reason},
            )
        self.con.execute(
            "INSERT OR REPLACE INTO meta VALUES ('bad_folders', $marks)", {"marks": json.dumps(marks)}
        )

    def seal(self, name: str, step: Step) -> Base:
        """Commit, write everything into the file and let go of it; return what is in it."""
        self.con.execute("COMMIT")
        step("filled")
        built = base_of(name, self.con)
        self.con.execute("USE memory")
        self.con.execute("CHECKPOINT building")
        self.con.execute("DETACH building")
        step("checkpointed")
        self.con.close()
        return built

    def close(self) -> None:
        """Let go of everything; what has not landed is gone."""
        self._open.close()


def _rules(store: Store) -> tuple[Systems, str]:
    try:
        return load_systems(store), ""
    except Problem as error:
        # Runs must not vanish over a slip in a file of names: they go by the names that files give.
        return Systems(), f"{error} Until that is mended, no rule of it holds."


def _sql(name: str) -> str:
    return (resources.files("intermezzo.queries") / "store" / name).read_text(encoding="utf-8")


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("intermezzo")
    except metadata.PackageNotFoundError:
        return "unknown"
