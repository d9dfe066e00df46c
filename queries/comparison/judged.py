"""What is worth a warning beside a comparison: collapsed runs, and runs whose predictions are identical."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from intermezzo.queries.matrix import number_text
from intermezzo.queries.statistics.aggregates import mean_of_cells
from intermezzo.queries.statistics.flags import Output, chance_level, collapsed, identical, prediction_hashes
from intermezzo.queries.statistics.results import NotComputed
from intermezzo.queries.statistics.samples import Sample

from .arms import ArmOf, Key, Place
from .item_rows import ItemsOf
from .model import Measure


def collapsed_runs(
    arms: Sequence[ArmOf],
    places: Mapping[Key, Place],
    measure: Measure,
) -> Iterator[str]:
    """Yield a sentence a system and reason with the runs that collapsed in some language."""
    chance = chance_level(measure.metric, measure.chance)
    if not measure.higher_is_better:
        return
    for arm in arms:
        met: dict[str, list[str]] = {}
        for key, standing in arm.languages.items():
            runs = sorted(standing.run_ids)
            found = collapsed([standing.of_runs[r][0] for r in runs], chance)
            for run, reason in zip(runs, found, strict=True):
                if reason:
                    seed = arm.runs[run]["train_seed"]
                    name = places[key].label + (f" seed {seed}" if seed is not None else "")
                    met.setdefault(reason, []).append(name)
        for reason, names in met.items():
            shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
            yield f"Collapsed: {arm.system} in {shown}: {reason}."


def identical_runs(
    a: ArmOf,
    b: ArmOf,
    samples: Mapping[Key, Sample],
    runs: Mapping[Key, tuple[tuple[str, ...], tuple[str, ...]]],
    places: Mapping[Key, Place],
    items: ItemsOf,
) -> Iterator[str]:
    """Yield a sentence for every two trained runs that should differ and predict the same everywhere.

    Equal credits are seen first; only then are predictions read.
    """
    met: dict[tuple[str, str], list[str]] = {}
    for key, sample in samples.items():
        pool = [
            (run, arm_, values)
            for arm_, sampled, ids in ((a, sample.a, runs[key][0]), (b, sample.b, runs[key][1]))
            if sampled.trained
            for run, values in zip(ids, sampled.values, strict=True)
        ]
        for (run, own, left), (other, its, right) in combinations(pool, 2):
            if not np.array_equal(left, right) or run == other:
                continue
            if items.same_predictions(run, other, key):
                names = (_training(own, run), _training(its, other))
                met.setdefault(names, []).append(places[key].label)
    for (left_name, right_name), languages in met.items():
        shown = ", ".join(languages[:6]) + (" ..." if len(languages) > 6 else "")
        who = f"{left_name} and {right_name}"
        yield f"Identical predictions: {who} in {shown}: trained runs that should differ."


def identical_hashes(a: ArmOf, b: ArmOf, keys: Iterable[Key], places: Mapping[Key, Place]) -> Iterator[str]:
    """Yield a sentence for trained runs that predict the same by what their files say, without items."""
    told = {run: prediction_hashes(facts["hashes"]) for arm in (a, b) for run, facts in arm.runs.items()}
    if not any(told.values()):
        return
    met: dict[tuple[str, str], list[str]] = {}
    for key in keys:
        outputs = [
            Output(run, _training(arm, run), told[run].get(key[0] or key[2]))
            for arm in (a, b)
            for run in sorted(arm.languages[key].run_ids)
        ]
        for first, second in identical(outputs):
            met.setdefault((first.training, second.training), []).append(places[key].label)
    for (left, right), languages in met.items():
        shown = ", ".join(languages[:6]) + (" ..." if len(languages) > 6 else "")
        yield f"Identical predictions: {left} and {right} in {shown}: trained runs that should differ."


def centres_disagree(
    a: ArmOf,
    b: ArmOf,
    keys: Sequence[Key],
    measure: Measure,
) -> Iterator[str]:
    """Yield a sentence where means and medians over seeds rank the two systems differently."""
    means: dict[str, dict[str, float]] = {}
    for centre in ("mean", "median"):
        for arm in (a, b):
            cells = {
                str(key): [v for v, _ in arm.languages[key].of_runs.values() if v is not None] for key in keys
            }
            found = mean_of_cells(cells, centre)
            if isinstance(found, NotComputed):
                return
            means.setdefault(centre, {})[arm.system] = found.value
    (by_mean, by_median) = (means[c][a.system] - means[c][b.system] for c in ("mean", "median"))
    if by_mean * by_median < 0:
        unit = measure.unit_interval
        shown = {
            c: " against ".join(number_text(means[c][x.system], unit_interval=unit) for x in (a, b))
            for c in means
        }
        yield (
            f"Means and medians over seeds disagree: {shown['mean']} by means of runs, {shown['median']} by "
            "medians: few runs decide who is better."
        )


def _training(arm: ArmOf, run: str) -> str:
    seed = arm.runs[run]["train_seed"]
    return f"{arm.system} seed {seed}" if seed is not None else f"{arm.system} (run {run[:8]})"
