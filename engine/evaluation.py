"""Evaluating a model on a task: resumed where it was killed, never done twice; a run in the store."""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem
from intermezzo.queries.plain_files import at_home
from intermezzo.queries.records import ITEM_COLUMNS, Found, Items, Run, Score
from intermezzo.queries.store.known import present_runs
from intermezzo.queries.store.layout import Store, require_writable
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs
from intermezzo.queries.version import VERSION

from .data.errors import reasons
from .data.read import load_data
from .data.targets import targets
from .examples import DataSet, text_sha
from .expected import took
from .spool import Spool, spool, sweep_spool

if TYPE_CHECKING:
    from .models import Model

log = logging.getLogger("intermezzo.engine")

ENGINE_VERSION = 1
"""Of what is computed: a new number makes new runs of the same evaluations."""

RETRIEVAL = ("bitext retrieval", "bitext mining")

Watch = Callable[[int, int, str], None]
"""Told how far it is: done, in all, of what."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is asked for, before anything is loaded.

    Attributes:
        task: Task id or alias.
        model: Folder, hub id, or ``pocket``.
        data: Folder or hub id of the data; ``None``: pocket, or the declared one of the hub.
        languages: Codes; ``None``: all there are.
        split: ``test`` or ``validation``.
        limit: At most so many items a language.
        options: Settings of the kind that differ from the usual: ``max_tokens``, ``token_budget``, ``layer``,
            ``pooling``, ``prefix``, ``precision``, ``measure``, ``k``, ``threshold``.
        device: ``cpu`` or ``cuda``; ``None``: what there is.
        dtype: Number format; ``None``: what suits the device.
        trust_remote_code: Run Python code that came with the model.
        found: What is known about the model: fields of ``Found``, and ``selection``.
        training: How it was trained; kept with the run, no part of what the run is.
    """

    task: str
    model: str = "pocket"
    data: str | None = None
    languages: tuple[str, ...] | None = None
    split: str = "test"
    limit: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    device: str | None = None
    dtype: str | None = None
    trust_remote_code: bool = False
    found: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}


def from_json(record: Mapping[str, Any]) -> Evaluation:
    """Return the evaluation that ``as_json`` has made a record of.

    Raises:
        Problem: A key that an evaluation does not have.
    """
    known = {f.name for f in fields(Evaluation)}
    strange = sorted(record.keys() - known)
    if strange:
        raise Problem(f"An evaluation has no {', '.join(strange)}: {', '.join(sorted(known))}.")
    values = dict(record)
    if values.get("languages") is not None:
        values["languages"] = tuple(values["languages"])
    return Evaluation(**values)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an evaluation came to.

    Attributes:
        run_id: The run in the store.
        new: Whether it was done now; else it was there before.
        run: The run; ``None`` where it was there before.
        items: Item rows.
        resumed: Items that an earlier, killed attempt had finished.
    """

    run_id: str
    new: bool
    run: Run | None = None
    items: int = 0
    resumed: int = 0


def evaluate(
    store: Store, asked: Evaluation, *, watch: Watch | None = None, loaded: Model | None = None
) -> Evaluated:
    """Evaluate a model and write the run.

    Args:
        store: Where the run goes.
        asked: What is evaluated.
        watch: Told how far it is.
        loaded: A model in memory, in place of the one that ``asked`` names (which stays its name).

    Raises:
        Problem: Something asked for is not there or does not fit; nothing half-written is in the store,
            and what is finished is taken up by the next attempt.
    """
    require_writable(store)
    began = time.perf_counter()
    data = load_data(
        asked.task, path=asked.data, languages=asked.languages, split=asked.split, limit=asked.limit
    )
    if data.left_out:
        log.info("Left out, kept as gaps: %s.", reasons(data.left_out))
    model = loaded or load_model(asked, data)
    loading = None if loaded else time.perf_counter() - began
    if data.kind in RETRIEVAL:
        return _retrieval(store, asked, data, model, watch, loading)
    return _headed(store, asked, data, model, watch, loading)


def load_model(asked: Evaluation, data: DataSet) -> Model:
    """Load the model of an evaluation: a bare encoder, or with the head that the data need.

    Raises:
        Problem: It cannot be had, or has no such head.
    """
    from .models import load_encoder, load_head

    how: dict[str, Any] = {
        "trust_remote_code": asked.trust_remote_code,
        "device": asked.device,
        "dtype": asked.dtype,
    }
    if data.kind in RETRIEVAL:
        return load_encoder(asked.model, **how)
    if asked.model == "pocket":
        raise Problem(
            f"{data.task} needs a model with a trained head for {data.kind}, and the pocket model is a bare "
            "encoder: name a fine-tuned model (--model FOLDER), or evaluate it on retrieval."
        )
    return load_head(asked.model, data.kind, **how)


def _config(
    asked: Evaluation, data: DataSet, model: Model, how: Mapping[str, Any], **more: Any
) -> dict[str, Any]:
    """Return everything that decides the result, JSON-serialisable: what ``run_id`` is a hash of."""
    return {
        "engine": ENGINE_VERSION,
        "task": data.task,
        "kind": data.kind,
        "split": data.split,
        "data": data.revision,
        "languages": sorted(data.languages),
        "limit": asked.limit,
        "model": {"name": model.name, "revision": model.revision, "kind": model.kind, "dtype": model.dtype},
        "how": dict(how),
        "found": dict(asked.found),
        **({"left_out": dict(data.left_out)} if data.left_out else {}),
        **more,
    }


def run_id_of(config: Mapping[str, Any]) -> str:
    """Return the id of the run that a resolved configuration makes."""
    text = json.dumps(config, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(f"evaluation {text}".encode()).hexdigest()[:24]


def _there_already(store: Store, run_id: str) -> Evaluated | None:
    if run_id not in present_runs(store, [run_id]):
        return None
    publish(store)
    sweep_spool(store, run_id)
    return Evaluated(run_id, new=False)


def _headed(
    store: Store,
    asked: Evaluation,
    data: DataSet,
    model: Model,
    watch: Watch | None,
    loading: float | None,
) -> Evaluated:
    from .kinds import forward
    from .kinds.face import how_for
    from .kinds.registry import kind_for
    from .kinds.scoring import scores

    _check_options(asked, data, _HEADED_OPTIONS)
    how = how_for(data, model.labels, model.max_tokens, targets().get(data.task), **asked.options)
    config = _config(asked, data, model, how.record())
    run_id = run_id_of(config)
    if there := _there_already(store, run_id):
        return there
    examples = [e for found in data.languages.values() for e in found]
    with spool(store, run_id) as kept:
        predictions: dict[int, Any] = {int(n): p for n, p in kept.read()}
        resumed = len(predictions)
        _say_resumed(resumed, len(examples), "items")

        def sink(ready: list[tuple[int, Any]]) -> None:
            kept.write([list(pair) for pair in ready])
            predictions.update(ready)

        def told(done: int, total: int) -> None:
            if watch:
                watch(done, total, "items")

        began = time.perf_counter()
        forward.predict(model, examples, how, sink, done=set(predictions), watch=told)
        more = {} if resumed else {"took": took(loading, time.perf_counter() - began, len(examples))}
        rows = forward.item_rows(data, [predictions[n] for n in range(len(examples))], how)
        kind = kind_for(data.kind)
        texts = {text_sha(t): t for t in map(kind.shown, examples)}
        run = _run(run_id, asked, data, model, config, tuple(scores(rows, how)), more)
        return _written(store, kept, run, rows, texts, resumed)


def _retrieval(
    store: Store,
    asked: Evaluation,
    data: DataSet,
    model: Model,
    watch: Watch | None,
    loading: float | None,
) -> Evaluated:
    from .encoding import Progress, default_encoding
    from .examples import shown_text
    from .kinds import retrieval, retrieval_scoring

    _check_options(asked, data, _RETRIEVAL_OPTIONS)
    chosen = dict(asked.options)
    own = {k: chosen.pop(k) for k in ("measure", "k", "threshold", "block") if chosen.get(k) is not None}
    how = retrieval.Retrieval(encoding=default_encoding(model, **chosen), **own)
    tune = None
    if data.kind == "bitext mining" and how.threshold is None and data.split == "test":
        tune = load_data(asked.task, path=asked.data, languages=tuple(data.languages), split="validation")
    config = _config(
        asked, data, model, how.record(data.kind), **({"tuned_on": tune.revision} if tune else {})
    )
    run_id = run_id_of(config)
    if there := _there_already(store, run_id):
        return there
    with spool(store, run_id) as kept:
        rows: list[dict[str, Any]] = [row for language in kept.read() for row in language]
        resumed = len(rows)

        def sink(found: list[dict[str, Any]]) -> None:
            kept.write([found])  # a language is a line: kept all or not at all
            rows.extend(found)

        def told(progress: Progress, total: int) -> None:
            if watch:
                watch(progress.texts, total, "texts")

        done = {(row["language"], row["item_id"]) for row in rows}
        fresh = not resumed and not any(kept.folder.glob("*.done"))
        began = time.perf_counter()
        notes = retrieval.predict(model, data, how, sink, done=done, work=kept.folder, tune=tune, watch=told)
        more: dict[str, Any] = {"notes": notes.record()}
        if fresh:  # else an earlier attempt has done some of it
            more["took"] = took(loading, time.perf_counter() - began, notes.texts)
        order = {code: n for n, code in enumerate(data.languages)}
        rows.sort(key=lambda row: order[row["language"]])
        texts = {
            text_sha(t): t
            for code, found in data.languages.items()
            for t in (shown_text(e) for e in found if e.language == code)
        }
        scores = tuple(retrieval_scoring.scores(data.kind, rows))
        run = _run(run_id, asked, data, model, config, scores, more)
        return _written(store, kept, run, rows, texts, resumed)


_HEADED_OPTIONS = ("max_tokens", "stride", "n_best", "max_answer", "token_budget")
_RETRIEVAL_OPTIONS = (
    *("layer", "pooling", "prefix", "max_tokens", "precision", "token_budget"),
    *("measure", "k", "threshold", "block"),
)


def _check_options(asked: Evaluation, data: DataSet, known: tuple[str, ...]) -> None:
    strange = sorted(asked.options.keys() - set(known))
    if strange:
        raise Problem(f"{data.task} has no setting {', '.join(strange)}: {', '.join(known)}.")


def _say_resumed(done: int, total: int, unit: str) -> None:
    if done:
        log.info(
            "Going on: %s of %s %s were finished by an earlier attempt.", f"{done:,}", f"{total:,}", unit
        )


def _run(
    run_id: str,
    asked: Evaluation,
    data: DataSet,
    model: Model,
    config: Mapping[str, Any],
    scores: tuple[Score, ...],
    more: Mapping[str, Any],
) -> Run:
    told = dict(asked.found)
    selection = told.pop("selection", None)
    checkpoint = told.pop("checkpoint", None) or asked.model
    metrics = dict.fromkeys((score.metric, score.implementation) for score in scores)
    gaps = tuple(
        Score(metric, None, language=code, implementation=computed, evidence="measured", gap=reason)
        for code, reason in data.left_out.items()
        for metric, computed in metrics
    )
    usual: dict[str, Any] = {"name": model.name, "path": _shown_path(asked.model)}
    if model.kind == "encoder":
        # Nothing was done to it before the task, and nothing is trained on the task either.
        usual |= {"base_model": model.name, "base_revision": model.revision, "recipe": "direct"}
    return Run(
        found=Found(**(usual | told)),
        task=data.task,
        sources=(),
        scores=scores + gaps,
        split=data.split,
        key=data.task,
        dataset_revision=data.revision,
        limit=asked.limit,
        checkpoint=checkpoint,
        train_language=data.train_language,
        selection=selection,
        tool="intermezzo",
        tool_version=VERSION,
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        config={
            **config,
            "source": data.source,
            "asked": asked.as_json(),
            "model": model.record(),
            **more,
        },
        importer="engine",
        importer_version=ENGINE_VERSION,
        run_id=run_id,
    )


def _shown_path(ref: str) -> str:
    path = at_home(ref)
    return f"{path.parent.name}/{path.name}" if path.is_dir() else ref


def _written(
    store: Store,
    kept: Spool,
    run: Run,
    rows: Iterable[Mapping[str, Any]],
    texts: Mapping[str, str],
    resumed: int,
) -> Evaluated:
    found = list(rows)
    columns = {name: [row.get(name) for row in found] for name in ITEM_COLUMNS}
    used = set(columns["text_sha"])
    items = Items(columns, texts={sha: text for sha, text in texts.items() if sha in used})
    write_runs(store, [(run, items)])
    publish(store)
    kept.remove()
    return Evaluated(run.run_id, new=True, run=run, items=len(found), resumed=resumed)
