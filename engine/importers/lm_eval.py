"""Result files of lm-evaluation-harness v0.4, with their samples.

A file holds many tasks, and languages hide in task names (``xnli_fr``, ``xcopa_qu``). Its rows become one
run a benchmark task, split, subset, task version, prompt, number of shots and filter, with one score a
language and metric. Rows of groups are kept as scope ``group``, never as a language.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from intermezzo.engine.importing.draft import Bundle, Draft, Guessed, Outcome, Refused, Waiting
from intermezzo.engine.importing.reading import (
    Unreadable,
    digest,
    load_json,
    number,
    read_whole,
    table,
    text,
    unread,
    whole,
)
from intermezzo.engine.importing.tree import File, Tree, relative_to
from intermezzo.queries.records import Found, Run, Source

from .lm_eval_model import Model, name_of_folder, read_model
from .lm_eval_rows import TOOL, Part, read_parts
from .lm_eval_samples import DATE, SAMPLES_NAME, attach, shelve

NAME = "lm-eval"
VERSION = 1

_STARTS = re.compile(rb'^(?:\xef\xbb\xbf)?\s*\{\s*"results"\s*:\s*\{')
_COMMA_KEY = re.compile(rb'"[^",\n{}]{1,80},[\w.+-]{1,80}"\s*:')
_RESULTS_NAME = re.compile(r"^results.*\.json$")
_ITS_NAME = re.compile(rf"^results_{DATE}\.json$")
_DATED = re.compile(DATE)

_KEPT = (
    "model",
    "batch_size",
    "limit",
    "bootstrap_iters",
    "gen_kwargs",
    "model_dtype",
    "model_num_parameters",
)
_SEEDS = ("numpy_seed", "torch_seed", "fewshot_seed")
_OF_TASK = ("dataset_path", "dataset_name", "output_type", "num_fewshot", "fewshot_split")
_TEMPLATE = (
    "doc_to_text",
    "doc_to_target",
    "doc_to_choice",
    "description",
    "target_delimiter",
    "fewshot_delimiter",
)


def find(tree: Tree) -> Iterator[Bundle]:
    """Claim result files by name and content, each with the samples files of the same date beside it."""
    for files in tree.folders.values():
        results = [f for f in files if f.path.endswith(".json") and _is_results(tree, f)]
        samples = [f for f in files if f.path.endswith(".jsonl")]
        dates = {match[0] for f in results if (match := _DATED.search(f.name))}
        for file in results:
            dated = _DATED.search(file.name)
            mine = [s for s in samples if _belongs(tree, s, dated[0] if dated else None)]
            yield Bundle(NAME, Path(file.path), tuple(Path(s.path) for s in mine))
        for file in samples:
            named = SAMPLES_NAME.match(file.name)
            if named and named["date"] not in dates and b'"doc_id"' in tree.head(file.path, 512):
                yield Bundle(NAME, Path(file.path), (), {"alone": True})


def _is_results(tree: Tree, file: File) -> bool:
    start = tree.head(file.path, 512)
    likely = _RESULTS_NAME.match(file.name) is not None or _DATED.search(file.name) is not None
    if not _STARTS.match(start):
        if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return _ITS_NAME.match(file.name) is not None  # its name is lm-eval's own: said why it is refused
        if not likely:
            return False
        head = tree.head(file.path, 2**24)  # the keys may stand in another order
        return b'"results"' in head and b'"configs"' in head and _COMMA_KEY.search(head) is not None
    if _COMMA_KEY.search(tree.head(file.path, 4096)):
        return True
    return _COMMA_KEY.search(tree.head(file.path, 2**20)) is not None  # rows of groups may come first, empty


def _belongs(tree: Tree, samples: File, date: str | None) -> bool:
    named = SAMPLES_NAME.match(samples.name)
    if date is not None:
        return named is not None and named["date"] == date
    return named is None and b'"doc_id"' in tree.head(samples.path, 512)


def read(bundle: Bundle) -> Iterator[Outcome]:
    """Read a result file and its samples: its runs, what was guessed and what was refused."""
    if bundle.context.get("alone"):
        yield Refused(bundle.main, "samples without a results file of the same date beside them")
        return
    try:
        data, source = read_whole(bundle.main, NAME, VERSION)
        results = load_json(data)
    except Unreadable as error:
        yield unread(bundle.main, error)
        return
    del data
    if not isinstance(results, dict) or not isinstance(results.get("results"), dict):
        yield Refused(bundle.main, "it has no table of results")
        return
    guesses: list[str] = []
    parts, refused = read_parts(bundle.main, results, guesses)
    shelf, not_used = shelve(bundle.companions, results, bundle.context.get("memo", {}))
    yield from refused
    yield from not_used
    head = read_head(bundle, results, guesses)
    source = replace(source, guessed=tuple(guesses))
    for part in parts:
        attached = attach(shelf, part, NAME, VERSION)
        yield from attached.remarks
        if any(isinstance(remark, Waiting) for remark in attached.remarks):
            continue
        config = task_config(results, {row.task_name for row in attached.rows})
        if attached.implementations:
            config["item_implementations"] = attached.implementations
        run = make_run(head, part, results, (source, *attached.sources), config)
        yield Draft(replace(run, scores=tuple(row.score for row in attached.rows)), attached.items)
    if shelf.texts_left <= 0:
        yield Refused(bundle.main, "its items have too much text: some are kept without it", "doc")
    yield from (Guessed(bundle.main, sentence) for sentence in guesses)


@dataclass(frozen=True, slots=True)
class Head:
    """What is the same for all runs of a file.

    Attributes:
        model: Who it is about.
        name: The system's name, from the model or else from folders.
        path: The file relative to the imported root.
        date: When it was made, ISO 8601.
        tool_version: The tool's version.
        config: Settings worth keeping.
        prompt_hash: Hash of what wraps every prompt, whatever the language.
        eval_seed: The tool's ``random_seed``.
    """

    model: Model
    name: str
    path: str
    date: str | None
    tool_version: str
    config: dict[str, Any]
    prompt_hash: str | None
    eval_seed: int | None


def read_head(bundle: Bundle, results: dict[str, Any], guesses: list[str]) -> Head:
    """Read what all runs of a file share; adds a sentence to ``guesses`` for what the file does not say."""
    settings = table(results.get("config"))
    model = read_model(results)
    name = model.name or name_from_path(bundle.main, guesses)
    version = text(results.get("lm_eval_version"))
    if version is None:
        guesses.append("the file does not say its lm-eval version: taken as 0.4 from its keys")
    date = iso_date(results.get("date"))
    if date is None and (dated := _DATED.search(bundle.main.name)):
        date = date_of_name(dated[0])
        guesses.append(f"the date {date} is from the file name, its time zone unknown")
    config: dict[str, Any] = {
        key: settings[key] for key in (*_KEPT, *_SEEDS) if settings.get(key) is not None
    }
    config["model_args"] = model.arguments
    for key in ("git_hash", "transformers_version", "chat_template_sha", "fewshot_as_multiturn"):
        if results.get(key) is not None:
            config[key] = results[key]
    chat = text(results.get("chat_template"))
    # without a chat template the shots are one text, whatever the setting says
    wraps = [
        text(results.get("system_instruction")),
        chat,
        chat and bool(results.get("fewshot_as_multiturn")),
    ]
    return Head(
        model=model,
        name=name,
        path=relative_to(Path(bundle.context.get("root", bundle.main.parent)), bundle.main),
        date=date,
        tool_version=version or "0.4",
        config=config,
        prompt_hash=digest(wraps) if "chat_template" in results or "system_instruction" in results else None,
        eval_seed=whole(settings.get("random_seed")),
    )


def make_run(
    head: Head, part: Part, results: dict[str, Any], sources: tuple[Source, ...], config: dict[str, Any]
) -> Run:
    """Return a run without its scores."""
    place = part.place
    return Run(
        found=Found(
            name=head.name,
            path=head.path,
            base_model=head.model.base_model,
            base_revision=head.model.revision,
            shots=place.shots,
            prompt=place.prompt,
            step=head.model.step,
        ),
        task=place.task,
        sources=sources,
        scores=(),
        split=place.split,
        key=place.key,
        subset=place.subset,
        task_version=place.version,
        dataset_revision=_revision(results, part),
        filter=place.filter,
        prompt_hash=head.prompt_hash,
        limit=_limit(results, part),
        eval_seed=head.eval_seed,
        tool=TOOL,
        tool_version=head.tool_version,
        date=head.date,
        config=head.config | config,
        importer=NAME,
        importer_version=VERSION,
    )


def task_config(results: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Return the settings of the tasks of a run, each with the hash of its prompt template."""
    found: dict[str, Any] = {}
    better: dict[str, Any] = {}
    for name in sorted(names):
        better.update(table(table(results.get("higher_is_better")).get(name)))
        config = table(table(results.get("configs")).get(name))
        if not config:
            continue
        kept = {key: config[key] for key in _OF_TASK if config.get(key) is not None}
        kept["template"] = digest([config.get(key) for key in _TEMPLATE])
        hashed = text(table(results.get("task_hashes")).get(name))
        found[name] = kept | ({"task_hash": hashed} if hashed else {})
    return {"tasks": found, "higher_is_better": better}


def name_from_path(path: Path, guesses: list[str]) -> str:
    """Return a system name for a file that has none: its folder's, read as the tool writes it."""
    name = name_of_folder(path.parent.name) or path.parent.name or path.stem
    guesses.append(f"the file does not name its model: taken as {name} from its folder")
    return name


def iso_date(value: Any) -> str | None:
    """Return seconds since 1970 as an ISO 8601 date and time in UTC; ``None`` for anything else."""
    seconds = number(value)
    if seconds is None or not math.isfinite(seconds) or not 0 < seconds < 32_503_680_000:
        return None
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="milliseconds")


def date_of_name(dated: str) -> str:
    """Return the date of a file name in ISO 8601: the tool writes ``-`` for ``:``."""
    day, _, clock = dated.partition("T")
    return f"{day}T{clock.replace('-', ':')}"


def _limit(results: dict[str, Any], part: Part) -> int | None:
    """Return how many items the tasks of a run were limited to; ``None`` for all."""
    counts = [
        table(table(results.get("n-samples")).get(row.task_name))
        for row in part.rows
        if row.score.scope == "language"
    ]
    cuts = [
        effective
        for count in counts
        if (effective := whole(count.get("effective"))) is not None
        and (original := whole(count.get("original"))) is not None
        and effective < original
    ]
    asked = whole(table(results.get("config")).get("limit"))
    if cuts:
        return asked if asked and asked >= 1 else max(cuts)
    return asked if not any(counts) and asked and asked >= 1 else None


def _revision(results: dict[str, Any], part: Part) -> str | None:
    configs = table(results.get("configs"))
    found = {
        text(table(table(configs.get(row.task_name)).get("dataset_kwargs")).get("revision"))
        for row in part.rows
    }
    return found.pop() if len(found) == 1 else None
