"""Moving runs between stores: whole run folders as they are, or the runs of a pack that are wanted.

Everything is copied, nothing is taken away. A run lands exactly once, checked against its manifest after it
was copied; what another store holds is only read. Killed at any point, the same call goes on.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from intermezzo.queries.errors import Problem
from intermezzo.queries.identity import load_systems, resolve, rule_for
from intermezzo.queries.plain_files import read_plain
from intermezzo.queries.records import Found
from intermezzo.queries.systems_file import Rule, Systems
from intermezzo.queries.systems_merge import RulesMerged, merge_systems

from . import frames, generations, manifest
from .hidden import read_record, record_names
from .known import present_runs
from .landing import copy
from .layout import (
    Step,
    Store,
    StoreError,
    no_step,
    require_writable,
    saying,
    sync_folder,
    write_atomic,
    write_synced,
)
from .manifest import Damaged, FileEntry, Manifest
from .records_kept import LARGEST, DamagedRecord
from .records_kept import read_record as read_statement
from .verify import first_line, read_folder, run_folders, texts_damage
from .workspace import workspace
from .writer import land_folder

STATEMENTS = ("claims", "verifications")
"""Folders of statements: one file each, only ever added."""

Progress = Callable[[int, int], None]
"""Called with run folders done, and run folders in all."""


class Refusal(NamedTuple):
    """Something that was not moved.

    Attributes:
        path: What, relative to the store it is in.
        reason: Why, a sentence fragment.
    """

    path: str
    reason: str


@dataclass(slots=True)
class Moved:
    """What a move came to.

    Attributes:
        added: Runs that are new here.
        present: Runs that were here already.
        refused: What could not be trusted, or says something else here, with the reason.
        texts: Files of item texts added.
        hidden: Records of hidden runs added.
        statements: Claims and verifications added.
        rules: What became of the rules of ``systems.toml``.
        renamed: Sentences: runs that go by another system here than there, or than before.
    """

    added: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    texts: int = 0
    hidden: int = 0
    statements: int = 0
    rules: RulesMerged = field(default_factory=RulesMerged)
    renamed: list[str] = field(default_factory=list)


def move_runs(
    source: Store,
    target: Store,
    only: Collection[str] | None = None,
    *,
    progress: Progress | None = None,
    step: Step = no_step,
) -> Moved:
    """Copy runs of one store into another, with what belongs to them; publishing is left to the caller.

    That is: the texts of their items, the records that hide them, the rules of ``systems.toml`` (of chosen
    runs: those that speak of them), claims and verifications. Import reports stay where they are.

    Args:
        source: Where from; it is only read.
        target: Where to.
        only: Ids of runs; all where not given.
        progress: Told after every run folder.
        step: Hook for tests.

    Raises:
        StoreError: If the target cannot be written, or is the source; what landed stays.
    """
    require_writable(target)
    if os.path.realpath(source.path) == os.path.realpath(target.path):
        raise StoreError(f"{target.path} is the same store: name another one to move runs from or to.")
    moved = Moved()
    # First what takes runs out of view, so that none is seen that should not be.
    _move_hidden(source, target, only, moved, step)
    names = run_folders(source)
    there, founds = _present(source, target, names, only)
    # Then what names them, so that none is seen under another system than in the end.
    _move_rules(source, target, founds, only is not None, moved, step)
    for number, name in enumerate(names, 1):
        _move_folder(source, target, name, only, there, moved, step)
        if progress is not None:
            progress(number, len(names))
    _move_statements(source, target, moved, step)
    return moved


def _present(
    source: Store, target: Store, names: Iterable[str], only: Collection[str] | None
) -> tuple[set[str], list[Found]]:
    """Return the wanted runs of the source that the target has, and who all wanted ones are about."""
    ids: set[str] = set()
    founds: dict[Found, None] = {}
    for name in names:
        try:
            told = read_folder(source.runs / name, checksums=False)
        except Damaged:
            continue  # it is named when its turn comes
        wanted = [r for r in told.runs if only is None or r["run_id"] in only]
        ids.update(r["run_id"] for r in wanted)
        founds.update(dict.fromkeys(_found(r["found"]) for r in wanted))
    return present_runs(target, ids), list(founds)


def _move_folder(
    source: Store,
    target: Store,
    name: str,
    only: Collection[str] | None,
    there: set[str],
    moved: Moved,
    step: Step,
) -> None:
    try:
        told = read_folder(source.runs / name, checksums=False)
    except Damaged as error:
        if only is None or name in only:
            moved.refused.append(Refusal(f"runs/{name}", str(error)))
        return
    wanted = [r for r in told.runs if only is None or r["run_id"] in only]
    fresh = [r["run_id"] for r in wanted if r["run_id"] not in there]
    if not wanted:
        return

    def bring_texts() -> None:
        for texts in sorted({t for r in wanted if (t := r["items"].get("texts"))}):
            try:
                with _from(source, target):
                    moved.texts += _copy_texts(source, target, texts, step)
            except Damaged as error:
                refusal = Refusal(f"texts/{texts}.parquet", str(error))
                if refusal not in moved.refused:
                    moved.refused.append(refusal)

    try:
        if fresh:
            with _from(source, target):
                landed = _copy_folder(source, target, name, told, fresh, bring_texts, step)
            (moved.added if landed else moved.present).extend(fresh)
            there.update(fresh)
    except Damaged as error:
        moved.refused.append(Refusal(f"runs/{name}", str(error)))
        return
    new = set(fresh)
    moved.present.extend(r["run_id"] for r in wanted if r["run_id"] not in new)
    if not fresh:
        bring_texts()  # the runs may be there without them


@contextmanager
def _from(source: Store, target: Store) -> Iterator[None]:
    """Tell a source that cannot be read from a target that cannot be written."""
    with saying(f"The store at {target.path} cannot be written"):
        try:
            yield
        except OSError as error:
            theirs = str(error.filename or "").startswith(f"{source.path}{os.sep}")
            if theirs or error.errno == errno.EIO:
                raise Damaged(f"it cannot be read ({error.strerror})") from error
            raise


def _copy_folder(
    source: Store,
    target: Store,
    name: str,
    told: Manifest,
    fresh: list[str],
    bring_texts: Callable[[], None],
    step: Step,
) -> bool:
    """Copy a run folder, or some of its runs into a folder of their own; say whether that is new.

    Texts come before the folder lands, as when a run is written: one that is there has its texts, whenever
    this is killed.

    Raises:
        Damaged: What was copied is not what the manifest vouches for.
    """
    with workspace(target.tmp) as tmp:
        step("workspace made")
        folder = tmp / name
        folder.mkdir()
        # The files are checked where they have come to, so that no fault on the way goes unseen.
        # Only what the manifest vouches for: what else lies there is nobody's to take along.
        for file in told.files:
            copy(source.runs / name / file, folder / file)
            step("file copied")
        copy(source.runs / name / manifest.NAME, folder / manifest.NAME)
        step("manifest copied")
        found = read_folder(folder)
        if len(fresh) < len(found.runs):
            folder = _part(tmp, folder, found, fresh)
            step("part made")
        sync_folder(folder)
        step("synced")
        bring_texts()
        return land_folder(target, folder, target.runs / folder.name, step)


def _part(tmp: Path, whole: Path, found: Manifest, fresh: list[str]) -> Path:
    """Make a run folder of some runs of a pack: written when and by whom the pack was."""
    import polars as pl

    folder = tmp / manifest.folder_name(fresh, packed=True)
    folder.mkdir()
    try:
        frame = pl.read_parquet(whole / manifest.SCORES, use_pyarrow=False)
        frame = frame.filter(pl.col("run_id").is_in(fresh))
    except pl.exceptions.PolarsError as error:
        raise Damaged(f"it is no table of scores ({first_line(error)})", manifest.SCORES) from error
    data = frames.parquet(frame)
    write_synced(folder / manifest.SCORES, data)
    files = {manifest.SCORES: FileEntry.of(data, frame.height)}
    entries = [orjson.dumps(raw) for raw in found.runs if raw["run_id"] in set(fresh)]
    write_synced(folder / manifest.NAME, manifest.assemble(entries, files, found.written, found.maker))
    return folder


def _copy_texts(source: Store, target: Store, name: str, step: Step) -> int:
    """Copy a file of item texts that is not there yet; return how many that are (0 or 1).

    Raises:
        Damaged: It is not what its name says.
    """
    file, goal = source.texts / f"{name}.parquet", target.texts / f"{name}.parquet"
    if not manifest.valid_id(name):
        raise Damaged("no file of texts is called like that")
    if goal.exists():
        return 0
    if not file.exists():
        raise Damaged("it is missing: the runs that need it came without their texts")
    with workspace(target.tmp) as tmp:
        side = tmp / goal.name
        copy(file, side)
        step("texts copied")
        reason = texts_damage(side)
        if reason is not None:
            raise Damaged(f"{reason}: the runs that need it came without their texts")
        os.replace(side, goal)
        sync_folder(target.texts)
        step("texts landed")
    return 1


def _move_hidden(
    source: Store, target: Store, only: Collection[str] | None, moved: Moved, step: Step
) -> None:
    here = set(record_names(target))
    for name in record_names(source):
        if name in here:
            continue
        found = read_record(source.hidden / name)
        if isinstance(found, str):
            if only is None:
                moved.refused.append(Refusal(f"hidden/{name}", found))
        elif only is None or found.run_id in only:
            data = read_plain(source.hidden / name, LARGEST)
            with saying(f"The store at {target.path} cannot be written"):
                write_atomic(target.hidden / name, data, target.tmp)
            step("record copied")
            moved.hidden += 1


def _move_statements(source: Store, target: Store, moved: Moved, step: Step) -> None:
    for kind in STATEMENTS:
        theirs, ours = source.path / kind, target.path / kind
        for path in sorted(theirs.iterdir()) if theirs.is_dir() else []:
            name = f"{kind}/{path.name}"
            if path.name.startswith(".") or path.name.endswith(".new") or path.is_dir():
                continue
            try:
                read_statement(path)
                data = read_plain(path, LARGEST)
                same = (ours / path.name).read_bytes() == data if (ours / path.name).exists() else None
            except DamagedRecord as error:
                moved.refused.append(Refusal(name, str(error)))
                continue
            except OSError as error:
                moved.refused.append(Refusal(name, f"it cannot be read ({error.strerror})"))
                continue
            if same is False:
                moved.refused.append(Refusal(name, "a file of that name says something else here, and stays"))
            elif same is None:
                with saying(f"The store at {target.path} cannot be written"):
                    ours.mkdir(exist_ok=True)
                    write_atomic(ours / path.name, data, target.tmp)
                step("statement copied")
                moved.statements += 1


def _move_rules(
    source: Store, target: Store, founds: Collection[Found], chosen: bool, moved: Moved, step: Step
) -> None:
    """Merge ``systems.toml``; of chosen runs, only the rules that speak of them."""
    try:
        theirs, before = load_systems(source), load_systems(target)
        moved.rules = merge_systems(target, source, _speaking(founds, theirs) if chosen else None)
        step("rules merged")
        now = load_systems(target)
    except Problem as problem:
        moved.refused.append(Refusal("systems.toml", f"no rule was taken: {problem}"))
        return
    moved.renamed += _renamed(founds, theirs, now, "there")
    if moved.rules.added:
        moved.renamed += _renamed(_founds(target), before, now, "here until now")


def _speaking(founds: Iterable[Found], rules: Systems) -> list[Rule]:
    """Return the rules by which runs are named."""
    spoken = {id(rule) for found in founds if (rule := rule_for(found, rules)) is not None}
    return [rule for rule in rules.rules if id(rule) in spoken]


def _renamed(founds: Iterable[Found], before: Systems, now: Systems, where: str) -> list[str]:
    """Say which runs go by another system: a rule that comes first there may not come first here."""
    said = []
    for found in founds:
        was, told = resolve(found, before), resolve(found, now)
        if was.system != told.system:
            path = f" ({found.path})" if found.path else ""
            said.append(f"{found.name}{path} is {told.system} here, {was.system} {where}: {told.why}.")
    return list(dict.fromkeys(said))


def _founds(store: Store) -> list[Found]:
    """Return who the published runs of a store are about, as found."""
    import duckdb

    opened = generations.newest(store)
    if opened is None:
        return []
    try:
        with opened[1] as con:
            texts = con.execute("SELECT DISTINCT found FROM runs ORDER BY found").fetchall()
    except duckdb.Error:
        return []  # a damaged index: the next publish builds it anew
    return [_found(orjson.loads(text)) for (text,) in texts]


def _found(raw: Mapping[str, Any]) -> Found:
    known: dict[str, Any] = {name: raw.get(name) for name in Found.__dataclass_fields__}
    return Found(**known)
