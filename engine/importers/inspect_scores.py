"""The scores of an Inspect log, and its samples as items.

Values are turned into numbers as Inspect does: C, P, I and N are 1, 0.5, 0 and 0; yes, true, no, false;
numbers and numbers in strings as they are. Epochs are reduced as the log's own reductions say, else by their
mean.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from intermezzo.engine.importing.reading import number, shorten, table, text, whole
from intermezzo.queries.languages import canonical
from intermezzo.queries.metrics import canonical_metric, check_value, metric
from intermezzo.queries.records import Items, Score

from .item_rows import Row, items_of, keep_text, own_ids, rescored, shown, unique

_WORDS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_ERRORS = ("stderr", "bootstrap_stderr")
_SPREADS = (*_ERRORS, "std", "var", "ci_lower", "ci_upper")
_MEANS = ("accuracy", "mean")


@dataclass(slots=True)
class Reading:
    """What a log's results and samples came to.

    Attributes:
        scores: Its scores.
        items: Its samples; ``None`` if it has none.
        refused: Keys that were not taken, with the reason.
        guesses: What had to be inferred.
        rest: Metrics that are no scores (spreads), by scorer.
    """

    scores: list[Score] = field(default_factory=list)
    items: Items | None = None
    refused: list[tuple[str, str]] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Sample:
    id: str
    language: str | None
    gold: str | None
    text: str | None
    values: dict[str, list[Any]]
    """Scorer -> value of each epoch."""
    answers: dict[str, str | None]


def score_log(log: dict[str, Any], task: str, language: str | None, name: str) -> Reading:
    """Read the results of a log and recompute what its samples allow.

    Args:
        log: The log.
        task: Task id.
        language: Language of all samples, if something says it.
        name: The task as the log names it.
    """
    reading = Reading()
    samples = _samples(log, reading)
    results = table(log.get("results"))
    counted = whole(results.get("completed_samples"))
    told = [sample.language for sample in samples]
    several = language is None and len(set(told) - {None}) > 1 and None not in told
    if language is None and len(set(told)) == 1 and told[0] is not None:
        language = told[0]
    rows: list[Row] = []
    texts: dict[str, str] = {}
    listed = results.get("scores")
    for at, entry in enumerate(listed if isinstance(listed, list) else []):
        where = f"results.scores[{at}]"
        if not isinstance(entry, dict):
            reading.refused.append((where, f"the score is {shorten(entry)}, not a table"))
            continue
        scorer = text(entry.get("name")) or text(entry.get("scorer")) or f"scorer {at + 1}"
        n = whole(entry.get("scored_samples"))
        n = n if n is not None else counted
        credits_ = _credits(log, entry, samples)
        ids = own_ids(task, language, unique(sample.id for sample in samples))
        main = True
        for score in _metrics(entry, scorer, where, n, reading):
            plain = (score.locator or "").rpartition(".")[2] in _MEANS
            score = _placed(score, language, None if not several else "group", name)
            scored = [i for i, c in enumerate(credits_) if c is not None and not check_value(score.metric, c)]
            if plain and scored and len(scored) == (n if n is not None else len(samples)):
                values = [credits_[i] or 0.0 for i in scored]
                reading.scores.append(rescored(score, values, [ids[i] for i in scored]))
                if several:
                    mine = [samples[i] for i in scored]
                    reading.scores.extend(_by_language(score, mine, values, task))
            else:
                reading.scores.append(score)
            if plain and main and samples:
                main = False
                spelled = score.metric if at == 0 else f"{score.metric}@{scorer}"
                rows.extend(_rows(samples, entry, spelled, credits_, ids, task, language, texts))
    if several:
        reading.guesses.append(
            "languages are from the samples' metadata, a figure for each recomputed from them"
        )
    if rows:
        total = whole(results.get("total_samples"))
        few = f"{len(samples)} of {total}" if total is not None and len(samples) < total else None
        reading.items = items_of(rows, texts, few)
    return reading


def _metrics(
    entry: dict[str, Any], scorer: str, where: str, n: int | None, reading: Reading
) -> Iterator[Score]:
    found = table(entry.get("metrics"))
    by_name = {name.rpartition("/")[2]: table(metric_) for name, metric_ in found.items()}
    stderr = next((number(by_name[e].get("value")) for e in _ERRORS if e in by_name), None)
    if stderr is not None and not (math.isfinite(stderr) and stderr >= 0):
        reading.refused.append((f"{where}.metrics.stderr", f"the standard error is {stderr}"))
        stderr = None
    for name, metric_ in by_name.items():
        key = f"{where}.metrics.{name}"
        value = number(metric_.get("value"))
        if name in _SPREADS:
            if name not in _ERRORS and value is not None and math.isfinite(value):
                reading.rest.setdefault(scorer, {})[name] = value
            continue
        metric_id, _ = canonical_metric("inspect", name)
        if name == "mean" and metric(canonical_metric("inspect", scorer)[0]) is not None:
            metric_id = canonical_metric("inspect", scorer)[0]  # the scorer `f1` reports its `mean`
        if value is None:
            reading.refused.append((key, f"the value is {shorten(metric_.get('value'))}, not a number"))
            continue
        gap = problem = None
        if math.isnan(value):
            gap = "Inspect scored no sample"
        else:
            problem = check_value(metric_id, value)
        if problem:
            reading.refused.append((key, f"the value {problem}"))
            continue
        yield Score(
            metric=metric_id,
            value=None if gap else value,
            implementation=f"inspect {scorer} {name}",
            n=n,
            stderr=stderr if name in _MEANS and not gap else None,
            locator=key,
            gap=gap,
        )


def _placed(score: Score, language: str | None, scope: str | None, name: str) -> Score:
    if scope == "group":
        return replace(score, scope="group", subject=name)
    return replace(score, language=language, subject=None if language else name)


def _by_language(score: Score, samples: list[_Sample], values: list[float], task: str) -> Iterator[Score]:
    names = unique(sample.id for sample in samples)
    for language in sorted({sample.language for sample in samples if sample.language}):
        mine = [i for i, sample in enumerate(samples) if sample.language == language]
        ids = own_ids(task, language, [names[i] for i in mine])
        bare = replace(score, scope="language", language=language, subject=None, value=None, stderr=None)
        yield rescored(bare, [values[i] for i in mine], ids)


def _rows(
    samples: list[_Sample],
    entry: dict[str, Any],
    metric_id: str,
    credits_: list[float | None],
    ids: list[str],
    task: str,
    language: str | None,
    texts: dict[str, str],
) -> Iterator[Row]:
    names = unique(sample.id for sample in samples)
    keys = _keys(entry)
    for i, sample in enumerate(samples):
        own = language or sample.language
        answer = next((sample.answers[key] for key in keys if key in sample.answers), None)
        yield {
            "language": own,
            "item_id": ids[i] if language or own is None else own_ids(task, own, [names[i]])[0],
            "metric": metric_id,
            "credit": credits_[i],
            "gold": sample.gold,
            "prediction": answer,
            "text_sha": keep_text(texts, sample.text),
        }


def _samples(log: dict[str, Any], reading: Reading) -> list[_Sample]:
    """Return the samples, epochs of one id together, in order."""
    listed = log.get("samples")
    found: dict[str, _Sample] = {}
    for at, sample in enumerate(listed if isinstance(listed, list) else []):
        item_id = shown(table(sample).get("id"))
        if item_id is None:
            reading.refused.append((f"samples[{at}]", "the sample has no id"))
            continue
        scores = table(sample.get("scores"))
        values = {name: table(score).get("value") for name, score in scores.items()}
        if item_id in found:
            for name, value in values.items():
                found[item_id].values.setdefault(name, []).append(value)
            continue
        metadata = table(sample.get("metadata"))
        code = text(metadata.get("language")) or text(metadata.get("lang"))
        language = canonical(code) if code else None
        said = shown(_completion(table(sample.get("output"))))
        found[item_id] = _Sample(
            id=item_id,
            language=language.code if language else None,
            gold=shown(sample.get("target")),
            text=_asked(sample),
            values={name: [value] for name, value in values.items()},
            answers={name: shown(table(score).get("answer")) or said for name, score in scores.items()},
        )
    return list(found.values())


def _completion(output: dict[str, Any]) -> str | None:
    said = text(output.get("completion"))
    choices = output.get("choices")
    if said is None and isinstance(choices, list) and choices:
        said = _content(table(table(choices[0]).get("message")).get("content"))
    return said


def _asked(sample: dict[str, Any]) -> str | None:
    asked = sample.get("input")
    if isinstance(asked, list):
        asked = "\n\n".join(part for one in asked if (part := _content(table(one).get("content"))))
    choices = sample.get("choices")
    listed = "\n".join(f"- {c}" for c in choices) if isinstance(choices, list) and choices else None
    parts = [part for part in (text(asked), listed) if part]
    return "\n\n".join(parts) or None


def _content(content: Any) -> str | None:
    if isinstance(content, list):
        return "\n".join(part for one in content if (part := text(table(one).get("text")))) or None
    return text(content)


def _keys(entry: dict[str, Any]) -> list[str]:
    return [key for key in (text(entry.get("name")), text(entry.get("scorer"))) if key]


def _credits(log: dict[str, Any], entry: dict[str, Any], samples: list[_Sample]) -> list[float | None]:
    """Return each sample's credit under a score: the log's own reduction of its epochs, else their mean."""
    keys = _keys(entry)
    reducer = text(entry.get("reducer"))
    epochs = any(len(values) > 1 for sample in samples for values in sample.values.values())
    if epochs:
        reduced = _reduced(log, keys, reducer)
        if reduced:
            return [reduced.get(sample.id) for sample in samples]
        if reducer not in (None, "mean"):
            return [None] * len(samples)
    found: list[float | None] = []
    for sample in samples:
        values = next((sample.values[key] for key in keys if key in sample.values), [])
        numbers = [to_number(_part(value, keys)) for value in values]
        known = [v for v in numbers if v is not None]
        found.append(math.fsum(known) / len(known) if known and len(known) == len(numbers) else None)
    return found


def _reduced(log: dict[str, Any], keys: list[str], reducer: str | None) -> dict[str, float | None]:
    listed = log.get("reductions")
    for one in listed if isinstance(listed, list) else []:
        if text(table(one).get("scorer")) not in keys:
            continue
        if reducer is not None and text(table(one).get("reducer")) not in (None, reducer):
            continue
        samples = table(one).get("samples")
        return {
            name: to_number(_part(table(sample).get("value"), keys))
            for sample in (samples if isinstance(samples, list) else [])
            if (name := shown(table(sample).get("sample_id"))) is not None
        }
    return {}


def _part(value: Any, keys: list[str]) -> Any:
    """Return the part of a value that belongs to a score: scorers may give a table with one value each."""
    return next((value[key] for key in keys if key in value), None) if isinstance(value, dict) else value


def to_number(value: Any) -> float | None:
    """Return a sample's value as a number as Inspect does; ``None`` where it has none (also for NaN)."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        known = _WORDS.get(value, _WORDS.get(value.strip().lower()))
        if known is not None:
            return known
        try:
            value = float(value)
        except ValueError:
            return None
    found = number(value)
    return found if found is not None and math.isfinite(found) else None
