"""Which yardstick systems share, which runs stand behind them there, and whether those may be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from intermezzo.queries.metrics import metric
from intermezzo.queries.store.reader import Reader

from .model import Attribute, Measure, NoYardstick, Request, State

Key = tuple[str | None, str | None, str]
"""A language of an arm: language, language_2, and the file's own word for it (empty where there is none)."""

PARTS = ("subset", "split", "task_version", "filter", "item_limit", "metric", "implementation")
"""Parts of a yardstick besides its task."""

_ASKED = ("metric", "split", "subset", "implementation")


@dataclass(frozen=True, slots=True)
class Standing:
    """One system in one language of the yardstick: as the index has it, or the mean of the seeds chosen.

    Attributes:
        of_runs: The runs behind it, and the value and number of items of each.
    """

    value: float | None
    n: int | None
    stderr: float | None
    seeds: int
    evidence: str | None
    item_set: str | None
    gap: str | None
    of_runs: Mapping[str, tuple[float | None, int | None]]

    @property
    def run_ids(self) -> tuple[str, ...]:
        """The runs behind it."""
        return tuple(self.of_runs)

    def only(self, runs: Mapping[str, tuple[float | None, int | None]]) -> Standing:
        """Return the standing of some of its runs."""
        if runs.keys() == self.of_runs.keys():
            return self
        own = [value for value, _ in runs.values() if value is not None]
        value = sum(own) / len(own) if own else None
        return replace(self, value=value, seeds=len(own), stderr=None, of_runs=runs)


@dataclass(frozen=True, slots=True)
class Place:
    """A language: what is known of it."""

    label: str
    language_2: str | None
    name: str | None
    family: str | None
    script: str | None
    is_train_language: bool


@dataclass(frozen=True, slots=True)
class ArmOf:
    """One system on the yardstick.

    Attributes:
        system: Its name.
        languages: What it has in each language.
        stated: A mean over languages that a publication or tool states, with its rung.
        runs: Facts on its runs by run id.
    """

    system: str
    languages: Mapping[Key, Standing]
    stated: tuple[float, str | None] | None
    runs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What ``found`` returns: the yardstick, the arms in the order they were named, the languages."""

    measure: Measure
    arms: tuple[ArmOf, ...]
    places: Mapping[Key, Place]
    notes: tuple[str, ...]


def found(reader: Reader, request: Request) -> Found:
    """Settle the yardstick and find the runs of every system on it.

    Raises:
        NoYardstick: The systems share none, or several: the sentence says what each has, or how to choose.
    """
    table = reader.ask("arms", systems=list(request.systems), task=request.task, yardstick=request.yardstick)
    rows = table.dicts()
    by_yardstick: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in rows:
        by_yardstick.setdefault(row["yardstick"], {}).setdefault(row["system"], []).append(row)
    chosen, notes = _chosen(by_yardstick, request, rows)
    members = by_yardstick[chosen]
    first = next(iter(members.values()))[0]
    run_ids = sorted({run for of in members.values() for row in of for run in row["run_ids"] or ()})
    runs = {row["run_id"]: row for row in reader.ask("arm_runs", runs=run_ids).dicts()}
    places: dict[Key, Place] = {}
    arms: list[ArmOf] = []
    for system in request.systems:
        arms.append(_arm(system, members[system], runs, request.train_seeds, places))
    return Found(_measure(first), tuple(arms), _told_apart(places), tuple(notes))


def _told_apart(places: Mapping[Key, Place]) -> dict[Key, Place]:
    """Add the file's own word to languages that a file has twice (Tatoeba's dtp is also its kzj)."""
    met = Counter((place.label, place.language_2) for place in places.values())
    return {
        key: replace(place, label=f"{place.label} [{key[2]}]")
        if key[2] and met[place.label, place.language_2] > 1
        else place
        for key, place in places.items()
    }


def check(request: Request) -> None:
    """Raise ``NoYardstick`` for a request that is no comparison."""
    systems = request.systems
    if len(systems) < 2:
        raise NoYardstick("A comparison needs two systems.")
    twice = next((s for s in systems if systems.count(s) > 1), None)
    if twice is not None:
        raise NoYardstick(f"{twice} is named twice: a comparison needs different systems.")
    if request.task is None and request.yardstick is None:
        raise NoYardstick("A comparison needs a task: --task NAME.")


def _arm(
    system: str,
    rows: Iterable[Mapping[str, Any]],
    runs: Mapping[str, Mapping[str, Any]],
    seeds: tuple[int, ...],
    places: dict[Key, Place],
) -> ArmOf:
    languages: dict[Key, Standing] = {}
    stated: tuple[float, str | None] | None = None
    for row in rows:
        if row["scope"] != "language":
            if row["value"] is not None and (stated is None or row["scope"] == "macro"):
                stated = (row["value"], row["evidence"])
            continue
        # of a run that stands alone the language's value is its own
        own = zip(row["run_values"] or [row["value"]], row["run_ns"] or [row["n"]], strict=True)
        of_runs = dict(zip(row["run_ids"], own, strict=True))
        meant = {r: said for r, said in of_runs.items() if not seeds or runs[r]["train_seed"] in seeds}
        if not meant:
            continue
        key = (row["language"], row["language_2"], row["subject"])
        known = places.get(key)
        places[key] = Place(
            row["language"] or row["subject"] or "?",
            row["language_2"],
            row["name"],
            row["family"],
            row["script"],
            bool(row["is_train_language"] or (known and known.is_train_language)),
        )
        whole = Standing(
            row["value"],
            row["n"],
            row["stderr"],
            row["seeds"],
            row["evidence"],
            row["item_set"],
            row["gap"],
            of_runs,
        )
        languages[key] = whole.only(meant)
    used = {run: runs[run] for standing in languages.values() for run in standing.run_ids}
    return ArmOf(system, languages, stated, used)


def _measure(row: Mapping[str, Any]) -> Measure:
    return Measure(
        id=row["yardstick"],
        task=row["task"],
        task_title=row["task_title"],
        subset=row["subset"],
        split=row["split"],
        task_version=row["task_version"],
        filter=row["filter"],
        item_limit=row["item_limit"],
        metric=row["metric"],
        implementation=row["implementation"],
        unit_interval=row["unit_interval"],
        higher_is_better=row["higher_is_better"],
        kind=row["metric_kind"],
        task_kind=row["task_kind"],
        parallel=row["parallel"],
        chance=row["chance"],
    )


def _chosen(
    by_yardstick: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]],
    request: Request,
    rows: Sequence[Mapping[str, Any]],
) -> tuple[str, list[str]]:
    """Return the yardstick that all systems share and the request means."""
    task = request.task or "that yardstick"
    for system in request.systems:
        if not any(row["system"] == system for row in rows):
            raise NoYardstick(
                f"{system} has no score on {task}: `intermezzo show coverage` says what there is."
            )
    shared = {y: of for y, of in by_yardstick.items() if all(s in of for s in request.systems)}
    if not shared:
        raise NoYardstick(_apart(by_yardstick, request))
    wanted = {y: of for y, of in shared.items() if _asked_for(_head(of), request)}
    if not wanted:
        asked = " ".join(f"--{p} {v}" for p in _ASKED if (v := getattr(request, p)))
        raise NoYardstick(
            f"No yardstick of {task} that the systems share has {asked}; they share: "
            f"{'; '.join(_measure(_head(of)).full_name for of in shared.values())}."
        )
    left = wanted
    notes: list[str] = []
    for keep in (_is_primary, _has_languages):
        kept = {y: of for y, of in left.items() if keep(of, request)}
        left = kept or left
    if len(left) > 1:
        raise NoYardstick(_which(left, request))
    (yardstick,) = left
    others = [_measure(_head(of)).full_name for y, of in shared.items() if y != yardstick]
    if len(request.systems) < 2:
        return yardstick, notes
    if others and len(others) <= 6:
        notes.append(f"The systems also share: {'; '.join(others)}.")
    elif others:
        notes.append(f"The systems share {len(others)} other yardsticks of {task}.")
    return yardstick, notes


def _head(of: Mapping[str, Sequence[Mapping[str, Any]]]) -> Mapping[str, Any]:
    return next(iter(of.values()))[0]


def _asked_for(row: Mapping[str, Any], request: Request) -> bool:
    return all(getattr(request, p) in (None, row[p]) for p in _ASKED)


def _is_primary(of: Mapping[str, Sequence[Mapping[str, Any]]], request: Request) -> bool:
    return request.metric is not None or bool(_head(of)["is_primary"])


def _has_languages(of: Mapping[str, Sequence[Mapping[str, Any]]], request: Request) -> bool:
    return all(any(r["scope"] == "language" for r in of[s]) for s in request.systems)


def _which(left: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]], request: Request) -> str:
    """Say that several yardsticks are shared, and which option tells them apart."""
    heads = [_head(of) for of in left.values()]
    named = "; ".join(f"{_measure(h).full_name} [{h['yardstick']}]" for h in heads)
    options = [f"--{p}" for p in _ASKED if len({h[p] for h in heads}) > 1]
    choose = " or ".join([*options, "--yardstick with the id in brackets"])
    who = "The systems share" if len(request.systems) > 1 else f"{request.systems[0]} has"
    return f"{who} {len(heads)} yardsticks of {request.task}: {named}. Choose one by {choose}."


def _apart(by_yardstick: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]], request: Request) -> str:
    """Say what each system was measured by, and in what the nearest two yardsticks differ."""
    own: dict[str, list[Mapping[str, Any]]] = {}
    for system in request.systems:
        heads = [_head({system: of[system]}) for of in by_yardstick.values() if system in of]
        own[system] = [h for h in heads if _asked_for(h, request)] or heads
    parts = []
    for system, heads in own.items():
        primary = [h for h in heads if h["is_primary"] and request.metric is None] or heads
        names = [_measure(h).full_name for h in primary]
        shown = "; ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        parts.append(f"{system} was measured by {shown}")
    first, second = own[request.systems[0]], own[request.systems[1]]
    primary_pairs = [(x, y) for x in first for y in second if x["is_primary"] and y["is_primary"]]
    near = min(
        primary_pairs or [(x, y) for x in first for y in second],
        key=lambda pair: sum(pair[0][p] != pair[1][p] for p in PARTS),
    )
    differ = [
        f"{p.replace('_', ' ')} ({near[0][p] or '?'} against {near[1][p] or '?'})"
        for p in PARTS
        if near[0][p] != near[1][p]
    ]
    return (
        f"{' and '.join(request.systems[:2])} share no yardstick of {request.task}, and a difference exists "
        f"only inside one. {'. '.join(parts)}. The nearest differ in {', '.join(differ) or 'nothing known'}."
    )


def attributes(measure: Measure, a: ArmOf, b: ArmOf) -> tuple[Attribute, ...]:
    """Return what is known of the comparability of two arms on one yardstick.

    Parts of the yardstick are the same or unknown there; what belongs to the runs may differ. Shots and
    prompts are asked for only where a run has them: a fine-tuned encoder has none.
    """
    out = []
    for name in ("split", "task_version", "implementation"):
        value = getattr(measure, name)
        state: State = "unknown" if value is None else "same"
        if name == "implementation" and _without_version(measure):
            state = "unknown"
        out.append(Attribute(name.replace("_", " "), state, (value,), (value,)))
    for name in ("shots", "prompt", "prompt_hash", "dataset_revision", "selection"):
        left, right = _told(a, name), _told(b, name)
        if name in ("shots", "prompt", "prompt_hash") and {*left, *right} == {None}:
            prompted = any(run["shots"] is not None for arm in (a, b) for run in arm.runs.values())
            if not prompted or name == "prompt":
                continue
        out.append(Attribute(name.replace("_", " "), _state(left, right), left, right))
    return tuple(out)


def _without_version(measure: Measure) -> bool:
    """Say whether an implementation is named without the version that its values depend on (seqeval)."""
    known = metric(measure.metric)
    name = measure.implementation
    return known is not None and any(other.startswith(f"{name}-") for other in known.alternates)


def _told(arm: ArmOf, name: str) -> tuple[str | None, ...]:
    values = {None if run[name] is None else str(run[name]) for run in arm.runs.values()}
    return tuple(sorted(values, key=lambda v: (v is None, v or ""))) or (None,)


def _state(a: tuple[str | None, ...], b: tuple[str | None, ...]) -> State:
    known = {v for v in (*a, *b) if v is not None}
    if len(known) > 1:
        return "different"
    return "unknown" if None in (*a, *b) else "same"
