"""``identical-collapsed``: are runs behind it byte-identical copies of others, or did a training collapse?"""

from __future__ import annotations

from collections.abc import Sequence

from intermezzo.queries.claims.behind import Behind, Case
from intermezzo.queries.claims.verdict import named

from .outcome import NO_ROWS, UNNAMED, Outcome, failed, passed, unknown

_SHOWN = 3
"""Findings that are told in full."""

_LEAST_EQUAL = 3
"""Languages in which two trained systems may not have exactly equal values, all of them."""


def audit(case: Case) -> Outcome:
    """Fail where two trainings left one file, all languages are exactly equal, or a run collapsed."""
    if not case.rows:
        return NO_ROWS
    behind = list(dict.fromkeys(b for row in case.rows for b in case.arms(row).both))
    if not behind:
        return UNNAMED
    # a comparison item by item looked closer already
    found = [flag.rstrip(".") for flag in case.flags] or [*_same_predictions(behind), *_collapsed(behind)]
    found = list(dict.fromkeys([*_copies(behind), *_equal(case), *found]))
    if found:
        more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        return failed(f"{'; '.join(found[:_SHOWN])}{more}.")
    if all(b.stated for b in behind):
        return unknown("Only stated means are there: nothing shows whether a run collapsed.")
    return passed(f"{len({b.run_id for b in behind})} runs: no copies, none collapsed.")


def _copies(behind: Sequence[Behind]) -> list[str]:
    """Find equal files at different paths that are said to come from different trainings."""
    files: dict[str, dict[str, str]] = {}
    for b in behind:
        if b.trained and b.source_sha256 and b.source_path:
            files.setdefault(b.source_sha256, {})[b.source_path] = _training(b)
    return [
        f"{' and '.join(dict.fromkeys(paths.values()))} come from byte-identical files"
        for paths in files.values()
        if len(paths) > 1 and len(set(paths.values())) > 1
    ]


def _same_predictions(behind: Sequence[Behind]) -> list[str]:
    """Find trainings that should differ and whose files name one hash of predictions."""
    from intermezzo.queries.statistics.flags import Output, identical

    cells: dict[tuple[str, str | None], list[Output]] = {}
    for b in behind:
        if not b.stated:
            output = Output(b.run_id, _training(b), _hash(b), b.trained)
            cells.setdefault((b.yardstick, b.language), []).append(output)
    met: dict[tuple[str, str], list[str]] = {}
    for (_, language), outputs in cells.items():
        for first, second in identical(outputs):
            met.setdefault((first.training, second.training), []).append(language or "?")
    return [f"{a} and {b} predict the same in {named(codes)}" for (a, b), codes in met.items()]


def _hash(b: Behind) -> str | None:
    """Return the hash of a run's predictions in a language, where its file names one."""
    from intermezzo.queries.statistics.flags import prediction_hashes

    if b.language is None or b.config is None or '"prediction_hash"' not in b.config:
        return None
    return prediction_hashes(b.config).get(b.language)


def _training(b: Behind) -> str:
    return b.system if b.train_seed is None else f"{b.system} seed {b.train_seed}"


def _equal(case: Case) -> list[str]:
    """Find two trained systems whose values are equal in every language."""
    pairs: dict[tuple[str, str], list[bool]] = {}
    for row in case.units:
        arms = case.arms(row)
        values = [
            {b.language: b.value for b in side if b.trained and not b.stated} for side in (arms.a, arms.b)
        ]
        for code in values[0].keys() & values[1].keys():
            key = (row.system or "", row.baseline or "")
            pairs.setdefault(key, []).append(values[0][code] == values[1][code])
    return [
        f"{a} and {b} have exactly equal values in all {len(equal)} languages"
        for (a, b), equal in pairs.items()
        if len(equal) >= _LEAST_EQUAL and all(equal)
    ]


def _collapsed(behind: Sequence[Behind]) -> list[str]:
    from intermezzo.queries.statistics.flags import collapsed

    cells: dict[tuple[str, str, str | None], list[Behind]] = {}
    for b in behind:
        if not b.stated and b.trained:
            cells.setdefault((b.system, b.yardstick, b.language), []).append(b)
    found = []
    for listed in cells.values():
        reasons = collapsed([b.value for b in listed], listed[0].chance)
        found += [
            f"{_training(b)} collapsed in {b.language or '?'}: {reason}"
            for b, reason in zip(listed, reasons, strict=True)
            if reason
        ]
    return found
