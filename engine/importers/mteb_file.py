"""The content of an MTEB result file, whichever of its schemas it has: one part a split.

Kept of each subset are its main score, under the name of the metric that it is, and the metric by which our
own table of tasks measures the task where that is another (XTREME: Tatoeba by accuracy, MTEB: by F1). What
else stands there (50 numbers a subset, 60 million in the public tree) is counted and stays in the file.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any

from intermezzo.engine.importing.reading import shorten, text
from intermezzo.engine.importing.sheet import Block, Places
from intermezzo.queries.metrics import canonical_metric, check_value, metric
from intermezzo.queries.task_names import TaskName, mteb_tasks, read_task_name
from intermezzo.queries.tasks import task as known_task

from .mteb_about import about_entries

TOOL = "mteb"
MAIN = "main_score"

_FIELDS = {MAIN, "hf_subset", "languages", "scores_per_experiment", "evaluation_time", "mteb_version"}
_NOT_SPLITS = frozenset({"evaluation_phases", "model_meta", "prompts"})
_SIMILARITIES = frozenset({"cos_sim", "cosine", "similarity", "dot", "euclidean", "manhattan", "max"})
_NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})
_OLD_NAMES = {"cosine_spearman": "cos_sim_spearman", "map_at_1000": "map", "max_ap": "cos_sim_ap"}
"""What main scores were called before: a reranking's ``map`` has no cut-off, so it is named as found."""


@dataclass(frozen=True, slots=True)
class Part:
    """One split of a file: what makes a run.

    Attributes:
        split: Its name, as found.
        blocks: Its scores.
        replicates: Subset -> its main score in each of the tool's repetitions, where the file has them.
        languages: Subset -> languages as found, for subsets of more than two.
        others: How many other numbers of the split stay in the file.
    """

    split: str
    blocks: tuple[Block, ...]
    replicates: dict[str, list[float]]
    languages: dict[str, list[str]]
    others: int


@dataclass(slots=True)
class Content:
    """What a file came to.

    Attributes:
        task: The task's name as MTEB has it.
        read: That name taken apart.
        parts: Its splits.
        refused: ``(key, reason)`` of what was not taken.
        guessed: Sentences on what had to be inferred.
    """

    task: str
    read: TaskName
    parts: list[Part] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)

    def guess(self, *sentences: str) -> None:
        """Keep sentences on what had to be inferred, each once."""
        self.guessed += [sentence for sentence in sentences if sentence not in self.guessed]


def read_content(body: dict[str, Any], stem: str) -> Content:
    """Read a file's content.

    Args:
        body: The JSON object; a ``NaN`` in it may stand as the string ``"NaN"``.
        stem: The file's name without suffix, in case the file does not name its task.
    """
    name = text(body.get("task_name")) or text(body.get("mteb_dataset_name"))
    content = Content(name or stem, read_task_name(TOOL, name or stem))
    if name is None:
        content.guess(f"the file does not name its task: taken as {stem} from its name")
    if "scores" in body:
        splits = body["scores"]
        if not isinstance(splits, dict) or not splits:
            content.refused.append(("scores", f"it is {shorten(splits)}, not a table of splits"))
            return content
        for split, entries in splits.items():
            _read_split(content, split, entries, f"scores.{split}")
        return content
    splits = {k: v for k, v in body.items() if isinstance(v, dict) and v and k not in _NOT_SPLITS}
    if not splits:
        content.refused.append(("scores", "the file has neither scores nor the splits of MTEB's older form"))
    for split, found in splits.items():
        _read_split(content, split, _old_entries(content, split, found), split)
    return content


def _read_split(content: Content, split: str, entries: Any, where: str) -> None:
    if not isinstance(entries, list):
        content.refused.append((where, f"it is {shorten(entries)}, not a list of subsets"))
        return
    if not entries:
        content.refused.append((where, "there are no subsets in it"))
        return
    sound: list[dict[str, Any]] = entries
    wheres: Sequence[str] | None = None
    if not all(type(e) is dict and MAIN in e for e in entries):
        sound, kept = [], []
        for i, entry in enumerate(entries):
            if not isinstance(entry, dict):
                content.refused.append((f"{where}[{i}]", f"it is {shorten(entry)}, not a table of scores"))
            elif MAIN not in entry:
                content.refused.append((f"{where}[{i}]", f"it has no {MAIN}"))
            else:
                sound.append(entry)
                kept.append(f"{where}[{i}]")
        wheres = kept
    if not sound:
        return
    about = about_entries(content.task, sound)
    content.guess(*about.guessed)
    places = about.places
    if about.doubled:
        for i in about.doubled:
            at = wheres[i] if wheres is not None else f"{where}[{i}]"
            content.refused.append((at, f"the subset {shorten(sound[i].get('hf_subset'))} is there twice"))
        left = [i for i in range(len(sound)) if i not in about.doubled]
        wheres = [wheres[i] if wheres is not None else f"{where}[{i}]" for i in left]
        sound, places = [sound[i] for i in left], places.only(left)
    values = [entry[MAIN] for entry in sound]
    name = main_metric(content.task, sound, values)
    if name is None:
        name = MAIN
        told = mteb_tasks().get(content.task)
        if told and all(e.keys() <= _FIELDS for e in sound):
            name = told[1]
            content.guess(f"the file does not say which metric its main score is: MTEB's is {name}")
    blocks = [_block(content, name, MAIN, values, places, where, wheres)]
    own = _own_metric(content.read.task, name, sound)
    if own is not None:
        found = [entry[own] for entry in sound]
        blocks.append(_block(content, own, own, found, places, where, wheres))
    filled = tuple(block for block in blocks if block.values)
    if filled:
        kept_values = len(sound) * (len(filled) - 1) + sum([name in e for e in sound])
        others = sum(map(len, sound)) - sum([f in e for e in sound for f in _FIELDS]) - kept_values
        content.parts.append(Part(split, filled, _replicates(sound, name), about.languages, max(0, others)))


def _block(
    content: Content,
    name: str,
    key: str,
    values: list[Any],
    places: Places,
    where: str,
    wheres: Sequence[str] | None,
) -> Block:
    """Return one metric's column; what cannot be its value is refused by key."""
    metric_id, implementation = canonical_metric(TOOL, name)
    if _all_sound(metric_id, values):
        return Block(metric_id, implementation, values, places, {})
    kept: list[float | None] = []
    left: list[int] = []
    gaps: dict[int, str] = {}
    for i, value in enumerate(values):
        reason = None
        if value is None or (isinstance(value, str) and value in _NOT_FINITE):
            gaps[len(kept)] = f"the file says {'null' if value is None else value}"
            value = None
        else:
            reason = check_value(metric_id, value)
        if reason is not None:
            at = wheres[i] if wheres is not None else f"{where}[{i}]"
            content.refused.append((f"{at}.{key}", f"the value {reason}"))
            continue
        kept.append(None if value is None else float(value))
        left.append(i)
    return Block(metric_id, implementation, kept, places.only(left), gaps)


def _all_sound(metric_id: str, values: list[Any]) -> bool:
    """Tell quickly whether all values are finite floats within the metric's range."""
    if set(map(type, values)) != {float} or not math.isfinite(sum(values)):
        return False
    found = metric(metric_id)
    if found is None:
        return True
    low, high = found.low, found.high
    return (low is None or min(values) >= low) and (high is None or max(values) <= high)


def main_metric(task: str, entries: Sequence[dict[str, Any]], values: list[Any]) -> str | None:
    """Return the name of the metric that the main scores, ``values``, are, as far as the entries bear it out.

    MTEB's own for the task where the values agree, else another that always has the same value, the commonest
    first; ``None`` where there is none.
    """
    told = mteb_tasks().get(task)
    if told is not None and [e.get(told[1]) for e in entries] == values:
        return told[1]
    first = next((e for e in entries if type(e[MAIN]) in (float, int)), entries[0])
    equal = [
        name
        for name, value in first.items()
        if value == first[MAIN] and type(value) in (float, int) and name not in _FIELDS
    ]
    equal = [name for name in equal if [e.get(name) for e in entries] == values]
    wanted = canonical_metric(TOOL, told[1])[0] if told is not None else None

    def liking(name: str) -> tuple[Any, ...]:
        found = canonical_metric(TOOL, name)[0]
        return found != wanted, _commonness().get(name, 0), metric(found) is None, len(name), name

    return min(equal, key=liking, default=None)


@lru_cache(maxsize=1)
def _commonness() -> dict[str, int]:
    """Names of main scores -> minus the number of MTEB's tasks that have it."""
    return {name: -count for name, count in Counter(main for _, main in mteb_tasks().values()).items()}


def _own_metric(task_id: str, main: str, entries: Sequence[dict[str, Any]]) -> str | None:
    """Return MTEB's name of the metric of our own row for the task, where it is not the main one."""
    wanted = _own_primary(task_id)
    if wanted is None or canonical_metric(TOOL, main)[0] == wanted:
        return None
    for name in (wanted, f"max_{wanted}", f"similarity_{wanted}", f"cosine_{wanted}", f"cos_sim_{wanted}"):
        if all(name in entry for entry in entries):
            return name
    return None


@lru_cache(maxsize=4096)
def _own_primary(task_id: str) -> str | None:
    found = known_task(task_id)
    return found.primary_metric if found is not None and found.id not in mteb_tasks() else None


def _replicates(entries: Iterable[dict[str, Any]], name: str) -> dict[str, list[float]]:
    """Return the main score of each repetition, by subset; clusterings list them by level."""
    found: dict[str, list[float]] = {}
    for entry in entries:
        runs = entry.get("scores_per_experiment")
        values: Iterable[Any]
        if isinstance(runs, list):
            values = [run.get(name) for run in runs if isinstance(run, dict)]
        elif name == "v_measure" and "v_measures" in entry:
            by_level = entry["v_measures"]
            levels = by_level.values() if isinstance(by_level, dict) else [by_level]
            values = chain.from_iterable(level for level in levels if isinstance(level, list))
        else:
            continue
        kept = [v for v in values if isinstance(v, float) and math.isfinite(v)]
        if len(kept) > 1:
            found[str(entry.get("hf_subset"))] = kept
    return found


def _old_entries(content: Content, split: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the subsets of a split of the older form as entries of the newer one."""
    inside = {k: v for k, v in found.items() if isinstance(v, dict)}
    if not inside or inside.keys() & _SIMILARITIES:
        inside = {"default": found}
    entries = []
    for subset, scores in inside.items():
        flat = _flat(scores)
        main = MAIN if MAIN in flat else _old_main(content.task, flat)
        if main is None:
            content.refused.append((f"{split}.{subset}", "it does not say which metric is its main score"))
            continue
        if main != MAIN:
            content.guess(f"an older file without {MAIN}: MTEB's for this task is {main}")
        entries.append({**flat, MAIN: flat[main], "hf_subset": subset})
    return entries


def _old_main(task: str, flat: dict[str, Any]) -> str | None:
    told = mteb_tasks().get(task)
    names = [told[1], _OLD_NAMES.get(told[1], "")] if told is not None else []
    names += (
        [name for name, _ in sorted(_commonness().items(), key=lambda pair: pair[1])] if told is None else []
    )
    return next((name for name in names if name in flat), None)


def _flat(scores: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in scores.items():
        if name == "evaluation_time":
            continue
        if isinstance(value, dict) and name in _SIMILARITIES:
            flat |= {f"{name}_{inner}": number for inner, number in value.items()}
        else:
            flat[name] = value
    return flat
