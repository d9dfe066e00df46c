"""Sentence retrieval: find each sentence's translation by its vector (Tatoeba, BUCC, the pocket suite).

What is evaluated is a bare encoder, and how it is read out: the layer, the pooling, cosine or margin. All
of it is recorded (``config.how`` of the run's manifest), since published retrieval figures differ by it more
than by anything else: XTREME's scripts read ``cls`` of layer 7 of 12 or 13 of 24, jiant the mean of layer 14.

Unless asked otherwise it is the last layer, pooled as the model's own files say (``1_Pooling``), else by the
mean: what its authors meant by a sentence's vector, and a choice that no score made. A layer chosen by its
scores is to be chosen on the validation split (``--split validation``) and named with ``--layer``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from intermezzo.engine import neighbours
from intermezzo.engine.encoding import Encoding, Progress, encode, width_of
from intermezzo.engine.examples import DataSet, Example, shown_text, text_sha
from intermezzo.engine.metrics import bitext
from intermezzo.engine.vectors import open_vectors, vector_key
from intermezzo.queries.errors import Problem

from .retrieval_scoring import MINING, TOP1

if TYPE_CHECKING:
    import numpy as np
    from intermezzo.engine.int8 import Pair
    from intermezzo.engine.models import Model
    from numpy.typing import NDArray

log = logging.getLogger("intermezzo.engine")

KINDS = (TOP1, MINING)

Row = dict[str, Any]
"""An item row: some of ``ITEM_COLUMNS``."""

_SAMPLE = 256
"""Pairs that the loss of int8 is measured on."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How retrieval is done; all of it is recorded with the run.

    Attributes:
        encoding: Layer, pooling and the rest.
        measure: ``cosine`` or ``margin``; ``None``: cosine to find one translation, margin to mine.
        k: Neighbours that the margin is taken over.
        threshold: Least margin of a mined pair; ``None``: chosen, see ``predict``.
        block: Most queries whose products with all candidates are in memory at once.
    """

    encoding: Encoding = field(default_factory=Encoding)
    measure: Literal["cosine", "margin"] | None = None
    k: int = 4
    threshold: float | None = None
    block: int = neighbours.BLOCK

    def record(self, kind: str) -> dict[str, Any]:
        """Return what decides the result for a task kind, JSON-serialisable."""
        chosen: dict[str, Any] = {"measure": self.measure_for(kind), **self.encoding.record()}
        if kind == MINING or chosen["measure"] == "margin":
            chosen["k"] = self.k
        return chosen | ({"threshold": self.threshold} if kind == MINING else {})

    def measure_for(self, kind: str) -> str:
        """Return the measure, the usual one where none was chosen."""
        return self.measure or ("margin" if kind == MINING else "cosine")


@dataclass(slots=True)
class Notes:
    """What a run keeps beside scores and items.

    Attributes:
        texts: Different texts that were encoded.
        cut: How many of them were cut.
        progress: Counts of the encoding.
        thresholds: Language -> threshold that mining used.
        chosen_on: What the thresholds were chosen on, where they were.
        loss: What int8 lost on a sample.
    """

    texts: int = 0
    cut: int = 0
    progress: Progress = field(default_factory=Progress)
    thresholds: dict[str, float] = field(default_factory=dict)
    chosen_on: str | None = None
    loss: dict[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """Return them JSON-serialisable, without what is empty."""
        return {k: v for k, v in asdict(self).items() if v not in (None, {})}


@dataclass(frozen=True, slots=True)
class _Side:
    """Ids and texts of one side, in their order."""

    ids: list[str]
    texts: list[str]


@dataclass(frozen=True, slots=True)
class _Search:
    """One language: queries, candidates, and what is to be found."""

    language: str
    queries: _Side
    candidates: _Side
    examples: tuple[Example, ...]


def predict(
    model: Model,
    data: DataSet,
    how: Retrieval,
    sink: Callable[[list[Row]], None],
    *,
    done: Collection[tuple[str, str]] = frozenset(),
    work: Path | None = None,
    tune: DataSet | None = None,
    watch: Callable[[Progress, int], None] | None = None,
) -> Notes:
    """Search every language of a data set and hand over its item rows, a language at a time.

    Args:
        model: An encoder.
        data: Of kind ``bitext retrieval`` or ``bitext mining``; for the form see ``Example``.
        how: How to search.
        sink: Called with the rows of a whole language, to be kept all or not at all.
        done: (language, item id) of rows kept earlier; a language with any of them is left out.
        work: Folder for vectors, so that a killed run goes on after its last batch.
        tune: For mining without a threshold: another split, on which the threshold with the best F1 is
            chosen for each language. Without it that is done on ``data`` itself, which flatters; the notes
            say which.
        watch: Called after every batch with counts and the number of texts.

    Returns:
        What the run records beside rows and scores.

    Raises:
        Problem: Data of another kind, a language without candidates or queries, a gold id that is no
            candidate's, int8 without its packages.
    """
    if data.kind not in KINDS:
        raise Problem(f"{data.task} is {data.kind}, not {' or '.join(KINDS)}.")
    if how.k < 1 or how.block < 1:
        raise Problem("The margin needs at least one neighbour, and a block at least one query.")
    finished = {language for language, _ in done}
    # All languages, finished or not: what decides the vectors is the same in a resumed run.
    searches = [_search(data, code) for code in data.languages]
    choosing = data.kind == MINING and how.threshold is None
    tuning = {s.language: s for s in _tuning(tune, searches)} if tune is not None and choosing else {}
    notes = Notes()
    if not searches:
        return notes
    if how.encoding.precision == "int8":
        from intermezzo.engine.int8 import measure_loss

        loss = measure_loss(model, how.encoding, _sample(searches))
        log.info("%s", loss)
        notes.loss = asdict(loss)
    texts = _distinct((*searches, *tuning.values()))
    places = {text: i for i, text in enumerate(texts)}
    vectors = _vectors(model, texts, how.encoding, work, notes, watch)
    if choosing:
        notes.chosen_on = (
            f"{tune.split} split" if tune is not None else "the evaluated split itself, which flatters"
        )
    thresholds = _Thresholds(work, vector_key(how.record(data.kind), texts))
    notes.thresholds = thresholds.found
    for search in searches:
        if search.language in finished:
            continue
        x, y = _sides(search, vectors, places)
        if data.kind == TOP1:
            sink(_top1_rows(search, x, y, how))
            continue
        mined = neighbours.mine(neighbours.neighbours(x, y, how.k, how.k, how.block), how.k)
        threshold = how.threshold
        if threshold is None:
            other = tuning.get(search.language)
            threshold = _threshold(other, how, vectors, places) if other else _best(search, mined)
        thresholds.keep(search.language, threshold)
        sink(_mined_rows(search, [(s, t) for s, t, margin in mined if margin >= threshold]))
    return notes


class _Thresholds:
    """Thresholds by language, those of a killed run's finished languages too."""

    def __init__(self, work: Path | None, key: str) -> None:
        self.file = work / f"{key}.thresholds.json" if work else None
        self.found: dict[str, float] = {}
        if self.file and self.file.is_file():
            self.found = json.loads(self.file.read_bytes())

    def keep(self, language: str, threshold: float) -> None:
        """Keep one, before the language's rows are kept."""
        self.found[language] = threshold
        if self.file:
            fresh = self.file.with_suffix(".new")
            fresh.write_text(json.dumps(self.found))
            fresh.replace(self.file)


def _search(data: DataSet, language: str) -> _Search:
    """Divide a language's examples into queries and candidates, see ``Example``."""
    queries, candidates = _Side([], []), _Side([], [])
    asked: list[Example] = []
    for e in data.languages[language]:
        if e.language == language:
            queries.ids.append(e.item_id)
            queries.texts.append(e.texts[0])
            asked.append(e)
            if len(e.texts) > 1:
                candidates.ids.append(str(e.gold))
                candidates.texts.append(e.texts[1])
        else:
            candidates.ids.append(e.item_id)
            candidates.texts.append(e.texts[0])
    if not queries.ids or not candidates.ids:
        lacking = "sentences to search for" if not queries.ids else "sentences to search in"
        raise Problem(f"{data.task} ({data.source}) has no {lacking} in {language}.")
    known = set(candidates.ids)
    if len(known) < len(candidates.ids):
        raise Problem(f"{data.task} ({data.source}) has a candidate id twice in {language}.")
    lost = next((g for e in asked for g in _gold(e) if g not in known), None)
    if lost is not None:
        raise Problem(f"{data.task} ({data.source}): in {language}, the gold sentence {lost} is not there.")
    return _Search(language, queries, candidates, tuple(asked))


def _tuning(tune: DataSet, searches: Sequence[_Search]) -> list[_Search]:
    missing = [s.language for s in searches if s.language not in tune.languages]
    if missing:
        raise Problem(
            f"{tune.task} has no {tune.split} split in {', '.join(missing)} to choose a threshold on."
        )
    return [_search(tune, s.language) for s in searches]


def _gold(example: Example) -> tuple[str, ...]:
    if example.gold is None:
        return ()
    return (example.gold,) if isinstance(example.gold, str) else example.gold


def texts_of(data: DataSet) -> list[str]:
    """Return the different texts of a data set: what is encoded, each once."""
    return _distinct([_search(data, code) for code in data.languages])


def _distinct(searches: Sequence[_Search]) -> list[str]:
    return list(dict.fromkeys(t for s in searches for t in (*s.queries.texts, *s.candidates.texts)))


def _sample(searches: Sequence[_Search]) -> list[Pair]:
    """Return pairs of a query and its gold candidate, as many from each language, up to ``_SAMPLE``."""
    from intermezzo.engine.int8 import Pair

    share = max(_SAMPLE // len(searches), 1)
    sample: list[Pair] = []
    for search in searches[:_SAMPLE]:
        text_of = dict(zip(search.candidates.ids, search.candidates.texts, strict=True))
        pairs = [Pair(search.language, e.texts[0], text_of[g]) for e in search.examples for g in _gold(e)[:1]]
        step = max(len(pairs) // share, 1)
        sample += pairs[::step][:share]
    if not sample:
        raise Problem("No sentence has a translation to measure the loss of int8 on: leave int8 away.")
    return sample


def _vectors(
    model: Model,
    texts: list[str],
    how: Encoding,
    work: Path | None,
    notes: Notes,
    watch: Callable[[Progress, int], None] | None,
) -> NDArray[np.float32]:
    """Encode all texts of all languages together: each once, in batches of like lengths."""
    into = done = None
    if work is not None:
        what = (model.name, model.revision, model.dtype, model.device, sorted(how.record().items()))
        into, done = open_vectors(work, vector_key(what, texts), len(texts), width_of(model))
    encoded = encode(model, texts, how, into=into, done=done, watch=watch)
    notes.texts, notes.cut, notes.progress = len(texts), len(encoded.cut), encoded.progress
    return encoded.vectors


def _sides(
    search: _Search, vectors: NDArray[np.float32], places: Mapping[str, int]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    import numpy as np

    x, y = (
        np.ascontiguousarray(vectors[[places[t] for t in side.texts]])
        for side in (search.queries, search.candidates)
    )
    return x, y


def _top1_rows(search: _Search, x: NDArray[np.float32], y: NDArray[np.float32], how: Retrieval) -> list[Row]:
    if how.measure_for(TOP1) == "margin":
        found = neighbours.nearest_by_margin(x, y, how.k, how.block)
    else:
        found = neighbours.nearest(x, y, how.block)
    # A query without gold has nothing to find, and no credit to give.
    asked = [(e, search.candidates.ids[i]) for e, i in zip(search.examples, found, strict=True) if _gold(e)]
    gold = [g if (g := _gold(e)[0]) and p not in _gold(e) else p for e, p in asked]
    item_credits = bitext.tatoeba_credits(gold, [p for _, p in asked])
    return [
        {
            "language": search.language,
            "item_id": e.item_id,
            "cluster_id": e.cluster_id,
            "metric": "accuracy",
            "credit": credit,
            "gold": g,
            "prediction": p,
            "text_sha": text_sha(shown_text(e)),
        }
        for (e, p), g, credit in zip(asked, gold, item_credits, strict=True)
    ]


def _mined_rows(search: _Search, pairs: Sequence[tuple[int, int]]) -> list[Row]:
    """Return a row a pair that is gold or mined, with the ids of XTREME's importer."""
    found = [(search.queries.ids[s], search.candidates.ids[t]) for s, t in pairs]
    gold = [(e.item_id, g) for e in search.examples for g in _gold(e)]
    text_of = {e.item_id: text_sha(shown_text(e)) for e in search.examples}
    return [
        {
            "language": search.language,
            "item_id": f"{search.language}:{' '.join(pair)}",
            "cluster_id": f"{search.language}:{pair[0]}",
            "metric": "f1",
            **counts._asdict(),
            "gold": pair[1] if counts.n_gold else None,
            "prediction": pair[1] if counts.n_pred else None,
            "text_sha": text_of[pair[0]],
        }
        for pair, counts in bitext.bucc_counts(gold, found).items()
    ]


def _best(search: _Search, mined: Sequence[tuple[int, int, float]]) -> float:
    gold = {(e.item_id, g) for e in search.examples for g in _gold(e)}
    if not gold:
        raise Problem(f"No gold pairs in {search.language}: say a threshold for mining.")
    right = [(search.queries.ids[s], search.candidates.ids[t]) in gold for s, t, _ in mined]
    return neighbours.best_threshold([margin for *_, margin in mined], right, len(gold))[0]


def _threshold(
    search: _Search, how: Retrieval, vectors: NDArray[np.float32], places: Mapping[str, int]
) -> float:
    x, y = _sides(search, vectors, places)
    return _best(search, neighbours.mine(neighbours.neighbours(x, y, how.k, how.k, how.block), how.k))
