"""Results of MTEB: ``results/<org>__<model>/<revision>/<Task>.json``, in all the forms that it has had.

A file holds one task; each of its splits becomes a run with one score a subset (a language, or a pair of
them). Model and revision stand in the path only. The public tree has 100,000 such files, so they are read
many at a time (``Bulk``), by columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from intermezzo.engine.importing.draft import Bulk, Bundle, Draft, Guessed, Outcome, Refused
from intermezzo.engine.importing.reading import Unreadable, load_json, number, read_whole, table, text, unread
from intermezzo.engine.importing.sheet import Sheet
from intermezzo.engine.importing.tree import File, Tree, relative_to
from intermezzo.queries.records import Found, Run, Source, identified

from .mteb_file import TOOL, Content, Part, read_content

NAME = "mteb"
VERSION = 1

META = "model_meta.json"

_SIGNS = re.compile(rb'"(?:mteb_version|mteb_dataset_name|hf_subset|main_score)"\s*:')
_MAYBE = re.compile(
    rb'"(?:dataset_revision|task_name|scores|evaluation_time|kg_co2_emissions|test|dev|validation|train)"'
)
_NOT_MINE = re.compile(r"^(?:results|samples)[_.]|\d{4}-\d\d-\d\dT\d\d")
_NO_REVISION = frozenset({"no_revision_available", "no_revision", "external"})
_EXTERNAL = "external"
"""Name of the revision folder of figures that MTEB copied from model cards."""


def find(tree: Tree) -> Iterator[Bulk]:
    """Claim result files by their first bytes; in a folder ``<org>__<model>/<revision>`` by a few of them."""
    found: list[File] = []
    metas: list[File] = []
    for folder, files in tree.folders.items():
        likely = [f for f in files if f.path.endswith(".json") and not _NOT_MINE.match(f.name)]
        meta = [f for f in likely if f.name == META]
        likely = [f for f in likely if f.name != META]
        if not likely:
            continue
        if meta or "__" in folder.rpartition("/")[0].rpartition("/")[2]:
            mine = likely if any(_is_mine(tree, f) for f in likely[:2]) else []
        else:
            mine = []
        mine = mine or [f for f in likely if _is_mine(tree, f)]
        if mine:
            found += mine
            metas += meta
    if found:
        yield Bulk(NAME, tuple(found), tuple(metas))


def _is_mine(tree: Tree, file: File) -> bool:
    head = tree.head(file.path, 512)
    if _SIGNS.search(head):
        return True
    return _MAYBE.search(head) is not None and _SIGNS.search(tree.head(file.path, 4096)) is not None


class Home(NamedTuple):
    """What a file's folder says.

    Attributes:
        name: The model, as its hub names it.
        base_model: What it was adapted from, if its ``model_meta.json`` says so.
        revision: The model's revision, as the folder has it; ``None`` without.
        experiment: Name of the experiment, where the tool was run with other settings than its own.
        path: The folder, relative to the imported root.
        guess: What had to be inferred.
    """

    name: str
    base_model: str | None
    revision: str | None
    experiment: str | None
    path: str
    guess: str | None


def home_of(folder: str, root: str) -> Home:
    """Return what the folder of a file says of its model; its ``model_meta.json`` is read for the name."""
    parts = folder.split("/")
    experiment = None
    if len(parts) > 2 and parts[-2] == "experiments":
        experiment = parts[-1]
        parts = parts[:-2]
    meta = _meta("/".join(parts))
    guess = None
    revision: str | None = parts[-1]
    name = text(meta.get("name"))
    if len(parts) > 1 and "__" in parts[-2]:
        model = parts[-2]
    elif "__" in parts[-1]:
        model, revision = parts[-1], None
    else:
        model, revision = parts[-1], text(meta.get("revision"))
        guess = None if name else f"no folder above is named <org>__<model>: taken as {model} from its folder"
    return Home(
        name=name or model.replace("__", "/", 1),
        base_model=text(meta.get("adapted_from")),
        revision=revision if revision not in _NO_REVISION or revision == _EXTERNAL else None,
        experiment=experiment,
        path=relative_to(Path(root), folder),
        guess=guess,
    )


def _meta(folder: str) -> dict[str, Any]:
    try:
        data, _ = read_whole(Path(folder, META), NAME, VERSION)
        return table(load_json(data))
    except Unreadable:
        return {}


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Read one file by itself, to records."""
    sheet = Sheet()
    yield from read_into(sheet, str(bundle.main), str(bundle.context.get("root", bundle.main.parent)))
    yield from (Draft(run) for run in sheet.as_runs())


def read_into(sheet: Sheet, path: str, root: str) -> Iterator[Outcome]:
    """Read one file into a sheet; yields what was guessed and refused.

    Args:
        sheet: Where runs and scores go.
        path: The file.
        root: The imported root.
    """
    try:
        data, source = read_whole(path, NAME, VERSION)
        body, changed = _loaded(data)
    except Unreadable as error:
        yield unread(Path(path), error)
        return
    if not isinstance(body, dict):
        yield Refused(Path(path), "its JSON is no table", "scores")
        return
    folder, _, file_name = path.rpartition("/")
    content = read_content(body, file_name.removesuffix(".json"))
    if changed and any(block.gaps for part in content.parts for block in part.blocks):
        body = _exactly(data)  # a gap says whether the file has NaN or null
        content = read_content(body, file_name.removesuffix(".json"))
    home = sheet.memo.get(folder)
    if home is None:
        home = sheet.memo[folder] = home_of(folder, root)
    guessed = (*content.guessed, home.guess) if home.guess else tuple(content.guessed)
    if guessed:
        source = Source(
            source.path,
            source.sha256,
            source.size,
            source.mtime_ns,
            source.importer,
            source.importer_version,
            guessed,
        )
    for part in content.parts:
        run = _run(body, content, part, home, source)
        sheet.add(run, part.blocks, "published" if home.revision == _EXTERNAL else "logged")
    for key, reason in content.refused:
        yield Refused(Path(path), reason, key)
    for sentence in guessed:
        yield Guessed(Path(path), sentence)


def _loaded(data: bytes) -> tuple[Any, bool]:
    """Parse a file; 19 % of the public ones hold the literal NaN.

    Returns:
        What it holds, and whether a ``NaN`` in it has become ``null``: else it is the string ``"NaN"``.
    """
    if b"N" in data and b"NaN" in data:  # looking for one letter is ten times as fast, and few files have it
        # A quote after a letter or digit ends a key (in a text it would be escaped): what follows is no text.
        pieces = data.split(b'": NaN')
        if not all(piece[-1:].isalnum() for piece in pieces[:-1]):
            return _exactly(data), False
        try:
            return orjson.loads(b'":null'.join(pieces)), True
        except orjson.JSONDecodeError:
            return _exactly(data), False
    try:
        return orjson.loads(data), False
    except orjson.JSONDecodeError:
        return _exactly(data), False


def _exactly(data: bytes) -> Any:
    """Parse a file that is not quite JSON: what is no finite number becomes a string."""
    # a text with this in it is no JSON any more, so nothing inside a text is changed
    try:
        return orjson.loads(data.replace(b": NaN", b': "NaN"').replace(b":NaN", b':"NaN"'))
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(data, parse_constant=str)
    except (ValueError, RecursionError):
        return load_json(data)  # which says what is wrong, in a sentence


def _run(body: dict[str, Any], content: Content, part: Part, home: Home, source: Source) -> Run:
    config: dict[str, Any] = {}
    if part.others:
        config["other_values"] = part.others
    if part.replicates:
        config["replicates"] = part.replicates
    if part.languages:
        config["languages"] = part.languages
    seconds = body.get("evaluation_time")
    if isinstance(seconds, float):
        config["evaluation_time"] = seconds
    read_name = content.read
    if read_name.task != content.task:
        config["task_name"] = content.task
    date = number(body.get("date"))
    version = body.get("mteb_version")
    return identified(
        Run(
            found=Found(name=home.name, path=home.path, base_model=home.base_model, prompt=home.experiment),
            task=read_name.task,
            sources=(source,),
            scores=(),
            split=part.split,
            key=f"{home.revision or ''}|{part.split}",
            subset=read_name.subset,
            dataset_revision=text(body.get("dataset_revision")),
            checkpoint=home.revision,
            tool=TOOL,
            tool_version=text(version),
            date=_iso(date),
            config=config,
            importer=NAME,
            importer_version=VERSION,
        )
    )


def _iso(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    from .lm_eval import iso_date

    return iso_date(seconds)
