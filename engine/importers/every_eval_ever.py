"""Records of every_eval_ever, schema 0.2.0 to 0.3.0, with their samples files; EuroEval's results among them.

A record (a ``.json`` file, or a line of a ``.jsonl``) has one model and many results. Figures copied from
somewhere (``source_type`` documentation) are published, with source and locator; those of an evaluation run
are logged, and recomputed where every sample is there. The schema has no field for language, seed or lineage:
a language is taken from task names that are known, and from EuroEval's list, which is JSON inside a string.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Bundle, Draft, Guessed, Outcome, Refused, Waiting
from intermezzo.engine.importing.reading import (
    Unreadable,
    load_json,
    number,
    read_whole,
    shorten,
    table,
    text,
    unread,
)
from intermezzo.engine.importing.tree import Tree, relative_to
from intermezzo.queries.languages import canonical
from intermezzo.queries.records import Found, Run, Source

from .every_eval_fields import EUROEVAL, TOOL, BadField, Entry, Place, is_published, library, read_entry
from .every_eval_samples import attach
from .lm_eval import iso_date

NAME = "every-eval-ever"
VERSION = 1

_VERSION = re.compile(rb'"schema_version"\s*:\s*"')
_ID = re.compile(rb'"evaluation_id"\s*:\s*"')
_SAMPLE = re.compile(rb'"(?:sample_id|interaction_type)"\s*:')
_SAMPLES = "_samples.jsonl"
_MOST_REPLICATES = 200
_KEPT = ("source_metadata", "evaluation_id", "evaluation_timestamp", "retrieved_timestamp", "schema_version")


def find(tree: Tree) -> Iterator[Bundle]:
    """Claim records by content, each with its samples file, which is named after it."""
    for files in tree.folders.values():
        by_name = {file.name: file for file in files}
        taken: set[str] = set()
        for file in files:
            if not file.path.endswith((".json", ".jsonl")) or not _is_record(tree.head(file.path, 4096)):
                continue
            if _SAMPLE.search(tree.head(file.path, 4096)) and file.path.endswith(".jsonl"):
                continue
            companion = by_name.get(file.name.removesuffix(".json") + _SAMPLES)
            if companion is not None:
                taken.add(companion.name)
            yield Bundle(NAME, Path(file.path), (Path(companion.path),) if companion else ())
        for file in files:
            if file.name in taken or not file.path.endswith(".jsonl"):
                continue
            head = tree.head(file.path, 4096)
            if _is_record(head) and _SAMPLE.search(head):
                yield Bundle(NAME, Path(file.path), (), {"alone": True})


def _is_record(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"{") and bool(_VERSION.search(head)) and bool(_ID.search(head))


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Read a record, or every line of a file of records."""
    if bundle.context.get("alone"):
        yield Refused(bundle.main, "samples without the record that they belong to beside them")
        return
    try:
        data, source = read_whole(bundle.main, NAME, VERSION)
    except Unreadable as error:
        yield unread(bundle.main, error)
        return
    if bundle.main.suffix == ".json":
        try:
            record = load_json(data)
        except Unreadable as error:
            yield unread(bundle.main, error)
            return
        yield from read_record(bundle, record, source, "")
        return
    yield from read_lines(
        bundle.main, data, lambda at, record: read_record(bundle, record, source, f"line {at}: ")
    )


def read_lines(
    path: Path, data: bytes, read_line: Callable[[int, Any], Iterator[Outcome]]
) -> Iterator[Outcome]:
    """Read JSON line by line; what had to be guessed on many lines is said once.

    Args:
        path: The file.
        data: What is in it.
        read_line: Reads the JSON of a line that has any, by its number.
    """
    guessed: dict[str, list[int]] = {}
    pieces = data.split(b"\n")
    for at, line in enumerate(pieces, 1):
        if not line.strip():
            continue
        try:
            record = load_json(line)
        except Unreadable as error:
            said = unread(path, error)
            if at == len(pieces) and isinstance(said, Waiting):
                yield said
            else:
                yield Refused(path, f"the line is left out: {error}", f"line {at}")
            continue
        for outcome in read_line(at, record):
            if isinstance(outcome, Guessed):
                guessed.setdefault(outcome.sentence, []).append(at)
            else:
                yield outcome
    for sentence, lines in guessed.items():
        more = f" and {len(lines) - 1:,} more" if len(lines) > 1 else ""
        yield Guessed(path, f"line {lines[0]}{more}: {sentence}")


@dataclass(frozen=True, slots=True)
class _Head:
    """What is the same for all runs of a record."""

    name: str
    date: str | None
    config: dict[str, Any]


def read_record(
    bundle: Bundle,
    record: Any,
    source: Source,
    before: str,
    keys: Sequence[str] = (),
) -> Iterator[Outcome]:
    """Read a record.

    Args:
        bundle: The files that it is in.
        record: The record.
        source: The file that it is from, with the importer that reads it.
        before: What stands before the keys of this record, such as its line.
        keys: Where each of its results stands in the file, if the file is not such a record itself.
    """
    path = bundle.main
    results = table(record).get("evaluation_results")
    if not isinstance(results, list):
        yield Refused(path, "it has no list of results", f"{before}evaluation_results")
        return
    guesses: list[str] = []
    refused: list[Refused] = []
    languages = _languages(path, record, before, guesses, refused)
    entries: dict[Place, list[Entry]] = {}
    for at, result in enumerate(results):
        where = before + (keys[at] if keys else f"evaluation_results[{at}]")
        if not isinstance(result, dict):
            refused.append(Refused(path, f"the result is {shorten(result)}, not a table", where))
            continue
        try:
            entry = read_entry(record, result, where, languages)
        except BadField as bad:
            refused.append(Refused(path, bad.reason, where if keys else f"{where}.{bad.key}"))
            continue
        entries.setdefault(entry.place, []).append(entry)
        guesses.extend(entry.notes)
    head = _head(path, record, before, guesses, refused)
    if head is None:
        yield from refused
        return
    found = [entry for mine in entries.values() for entry in mine]
    samples = attach(bundle, record, found, source.importer, source.importer_version)
    yield from refused
    yield from samples.remarks
    if any(isinstance(remark, Waiting) for remark in samples.remarks):
        return
    guesses = list(dict.fromkeys(guesses))
    source = replace(source, guessed=tuple(guesses))
    for place in sorted(entries, key=lambda p: p.key):
        mine = entries[place]
        run = _run(bundle, record, head, place, before, source)
        scores = tuple(samples.again.get(id(entry), entry.score) for entry in mine)
        items = samples.items_of(mine)
        sources = (source, *((samples.source,) if items is not None and samples.source else ()))
        yield Draft(replace(run, scores=scores, sources=sources), items)
    yield from (Guessed(path, sentence) for sentence in guesses)


def _head(
    path: Path, record: dict[str, Any], before: str, guesses: list[str], refused: list[Refused]
) -> _Head | None:
    model = table(record.get("model_info"))
    name = text(model.get("id")) or text(model.get("name"))
    if name is None:
        refused.append(Refused(path, "the record does not name its model", f"{before}model_info.id"))
        return None
    config: dict[str, Any] = {key: record[key] for key in _KEPT if record.get(key) is not None}
    config["model_info"] = model
    config["eval_library"] = table(record.get("eval_library"))
    config["published"] = is_published(record)
    if is_published(record):
        said = table(record.get("source_metadata"))
        config["publication"] = ", ".join(
            part for key in ("source_name", "source_organization_name") if (part := text(said.get(key)))
        )
    extra = table(config["eval_library"].get("additional_details"))
    if library(record) == EUROEVAL:
        config["eval_library"] = config["eval_library"] | {
            "additional_details": {k: v for k, v in extra.items() if k != "raw_results"}
        }
        replicates = _replicates(path, extra.get("raw_results"), before, refused)
        if replicates:
            config["replicates"] = replicates
            guesses.append(
                "EuroEval: num_samples counts resamples, not items; how many items there are is unknown"
            )
    stamp = text(record.get("evaluation_timestamp"))
    return _Head(name, _date(stamp), config)


def _run(
    bundle: Bundle, record: dict[str, Any], head: _Head, place: Place, before: str, source: Source
) -> Run:
    by = library(record)
    extra = table(table(record.get("eval_library")).get("additional_details"))
    shots = 0 if by == EUROEVAL and extra.get("few_shot") == "false" and _generative(record) else None
    prompt = "few-shot" if by == EUROEVAL and extra.get("few_shot") == "true" else place.prompt
    version = text(table(record.get("eval_library")).get("version"))
    config = head.config
    samples = [
        generation
        for result in record["evaluation_results"]
        if (generation := table(table(result).get("generation_config")))
    ]
    if samples and all(one == samples[0] for one in samples):
        config = config | {"generation_config": samples[0]}
    root = Path(bundle.context.get("root", bundle.main.parent))
    return Run(
        found=Found(
            name=head.name, path=relative_to(root, bundle.main), shots=shots, prompt=prompt or place.prompt
        ),
        task=place.task,
        sources=(),
        scores=(),
        split=place.split,
        subset=place.subset,
        filter=place.filter,
        key=before + place.key,
        tool=by if by != "unknown" else TOOL,
        tool_version=version if version != "unknown" else None,
        date=head.date,
        config=config,
        importer=source.importer,
        importer_version=source.importer_version,
    )


def _generative(record: dict[str, Any]) -> bool:
    return table(table(record.get("model_info")).get("additional_details")).get("generative") == "true"


def _languages(
    path: Path, record: dict[str, Any], before: str, guesses: list[str], refused: list[Refused]
) -> list[str]:
    """Return the languages that EuroEval's record names: a JSON list inside a string."""
    said = table(table(record.get("eval_library")).get("additional_details")).get("languages")
    if said is None:
        return []
    try:
        codes = load_json(said.encode("utf-8", "surrogatepass")) if isinstance(said, str) else said
    except Unreadable:
        codes = None
    key = f"{before}eval_library.additional_details.languages"
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        refused.append(Refused(path, f"the languages are {shorten(said)}, not a list of codes", key))
        return []
    found = list(dict.fromkeys((known.code if (known := canonical(code)) else code) for code in codes))
    if len(found) > 1:
        guesses.append(f"the figures are for {', '.join(found)} together: no single language")
    if len(found) == 1 and canonical(found[0]) is None:
        guesses.append(f"{shorten(found[0])} is no language that is known here: language unknown")
    return found


def _replicates(path: Path, said: Any, before: str, refused: list[Refused]) -> dict[str, list[float]]:
    """Return EuroEval's figures of each resample by metric, as found (0..1), from JSON inside a string."""
    if said is None:
        return {}
    key = f"{before}eval_library.additional_details.raw_results"
    try:
        rows = load_json(said.encode("utf-8", "surrogatepass")) if isinstance(said, str) else said
    except Unreadable as error:
        refused.append(Refused(path, f"the raw results cannot be read: {error}", key))
        return {}
    if isinstance(rows, dict):
        rows = rows.get("test", [])
    if not isinstance(rows, list):
        refused.append(Refused(path, f"the raw results are {shorten(said)}, not a list", key))
        return {}
    found: dict[str, list[float]] = {}
    for row in rows[:_MOST_REPLICATES]:
        for name, value in table(row).items():
            figure = number(value)
            if figure is not None and math.isfinite(figure):
                found.setdefault(name, []).append(figure)
    return found


def _date(stamp: str | None) -> str | None:
    """Return a timestamp, seconds since 1970 in a string or ISO 8601, as ISO 8601."""
    if stamp is None:
        return None
    try:
        return iso_date(float(stamp))
    except ValueError:
        return stamp if re.match(r"^\d{4}-\d\d-\d\d", stamp) else None
