"""Evaluations from the command line and the app: what is asked for, progress, what came of it."""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem

from .output import Answer, Sheet, counted, say
from .progress import Meter

if TYPE_CHECKING:
    from intermezzo.engine.evaluation import Evaluation
    from intermezzo.queries.store.layout import Store

OPTIONS = ("layer", "pooling", "prefix", "measure", "threshold", "precision", "max_tokens", "token_budget")
"""Settings of a task kind that have an option of their own."""

KNOWN = ("base_model", "recipe", "train_seed")
"""What the user may say about the model."""

COLUMNS = ("run", "system", "task", "split", "language", "metric", "value", "n", "stderr", "evidence")


def requested(
    task: str,
    model: str = "pocket",
    data: str | None = None,
    languages: str | None = None,
    limit: int | None = None,
    split: str = "test",
    **given: Any,
) -> Evaluation:
    """Return the evaluation that options ask for; folders as whole paths, so that any process finds them."""
    from intermezzo.engine.evaluation import Evaluation

    codes = tuple(c.strip() for c in languages.split(",") if c.strip()) if languages is not None else None
    return Evaluation(
        task=task,
        model=_whole(model),
        data=_whole(data) if data else None,
        languages=codes,
        split=split,
        limit=limit,
        options={k: given[k] for k in OPTIONS if given.get(k) is not None},
        device=given.get("device"),
        dtype=given.get("dtype"),
        trust_remote_code=bool(given.get("trust_remote_code")),
        found={k: given[k] for k in KNOWN if given.get(k) is not None},
    )


def _whole(path: str) -> str:
    expanded = os.path.expanduser(path)
    return os.path.abspath(expanded) if os.path.exists(expanded) and path != "pocket" else path


def title_of(asked: Evaluation) -> str:
    """Return what an evaluation is called in lists: task, model, languages, limit."""
    model = os.path.basename(asked.model.rstrip("/")) or asked.model
    parts = [f"{asked.task} with {model}"]
    if asked.languages is not None:
        parts.append(", ".join(asked.languages))
    if asked.limit is not None:
        parts.append(f"the first {asked.limit:,} a language")
    return " · ".join(parts)


def command_of(asked: Evaluation, store_options: tuple[str, ...] = ()) -> str:
    """Return the command line that does an evaluation."""
    words = ["intermezzo", "evaluate", asked.task]
    for name, value, usual in (
        ("model", asked.model, "pocket"),
        ("data", asked.data, None),
        ("languages", ",".join(asked.languages) if asked.languages is not None else None, None),
        ("limit", asked.limit, None),
        ("split", asked.split, "test"),
        *((k, asked.options.get(k), None) for k in OPTIONS),
        ("device", asked.device, None),
        ("dtype", asked.dtype, None),
        *((k, asked.found.get(k), None) for k in KNOWN),
    ):
        if value != usual:
            words += [f"--{name.replace('_', '-')}", str(value)]
    words += ["--trust-remote-code"] if asked.trust_remote_code else []
    return shlex.join([*words, *store_options])


def read_words(words: str) -> Evaluation:
    """Read what stands behind ``intermezzo evaluate``, or a whole command, pasted.

    Raises:
        Problem: It cannot be read; the sentence says why.
    """
    import shlex

    import click

    from .commands.evaluate import command

    try:
        said = shlex.split(words)
        if said[:2] == ["intermezzo", "evaluate"]:
            said = said[2:]
        context = command.make_context("evaluate", said)
    except ValueError as error:
        raise Problem(f"The line cannot be read: {error}.") from error
    except click.ClickException as error:
        raise Problem(error.format_message()) from error
    except click.exceptions.Exit as error:
        raise Problem("Say a task and options, e.g.  retrieval --languages de,sw") from error
    given = {k: v for k, v in context.params.items() if k not in ("background", "format_name")}
    return requested(**given)


def job_of(asked: Evaluation) -> Any:
    """Return the job that does an evaluation."""
    from intermezzo.engine.jobs import JobSpec

    return JobSpec("evaluate", asked.as_json(), title_of(asked))


def start_in_background(store: Store, asked: Evaluation) -> None:
    """Start an evaluation that needs no terminal, and say how to follow it.

    Raises:
        Problem: The task or a language is unknown, a package is missing: what can be known at once.
    """
    from intermezzo.engine.launchers import launcher_for

    check(asked)
    job = launcher_for("here").submit(store, job_of(asked))
    say(
        f"Started as job {job}: {title_of(asked)}.",
        f"Watch it: intermezzo jobs --watch    its log: intermezzo jobs log {job}",
    )


def check(asked: Evaluation) -> None:
    """Say at once what can be known at once.

    Raises:
        Problem: No such task or language, a missing package, no such folder.
    """
    from intermezzo.engine.data.read import codes_of, task_id
    from intermezzo.engine.model_files import lacking_model
    from intermezzo.engine.models import need_engine

    task_id(asked.task)
    if asked.languages is not None:
        codes_of(asked.languages)
    need_engine()
    if lacking := lacking_model(asked.model):
        raise Problem(f"{asked.model} cannot be evaluated: {lacking}.")


def evaluate_here(store: Store, asked: Evaluation) -> Answer:
    """Evaluate in this process, progress on stderr and for others among the jobs, and return the scores.

    Raises:
        Problem: Something asked for is not there or does not fit.
    """
    from intermezzo.engine.evaluation import evaluate
    from intermezzo.engine.launchers.terminal import at_terminal

    check(asked)
    meter = Meter()
    with talking(meter), at_terminal(store, job_of(asked)) as report:

        def told(done: int, total: int, unit: str) -> None:
            report.step(done, total, unit)
            meter(done, total, unit)

        meter.begin()
        done = evaluate(store, asked, watch=told)
        report.ran(done.run_id)
    if done.new:
        say(f"Run {done.run_id}: {counted(done.items, 'item row')}, evidence measured, in {store.path}.")
    else:
        say(f"Run {done.run_id} was in the store already: the same evaluation is not done twice.")
    return scores_answer(store, done.run_id)


@contextmanager
def talking(meter: Meter) -> Iterator[None]:
    """Let what the engine says go to stderr past a meter, which is closed at the end."""
    handler = _Talk(meter)
    logger = logging.getLogger("intermezzo.engine")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        meter.close()
        logger.removeHandler(handler)


class _Talk(logging.Handler):
    """What the engine says goes to stderr, past the living line."""

    def __init__(self, meter: Meter) -> None:
        super().__init__(logging.INFO)
        self._meter = meter

    def emit(self, record: logging.LogRecord) -> None:
        """Say it."""
        self._meter.close()
        say(record.getMessage())


def scores_answer(store: Store, run_id: str) -> Answer:
    """Return the scores of a run in the store."""
    from .stores import reading

    with reading(store) as reader:
        [run] = reader.ask("run_record", run=run_id).dicts()
        scores = reader.ask("run_scores", run=run_id).dicts()
    rows = [tuple({**run, **score, "run": run_id}[name] for name in COLUMNS) for score in scores]
    return Answer(Sheet(COLUMNS, rows), lambda: [_sheet(run, scores)])


def _sheet(run: dict[str, Any], scores: list[dict[str, Any]]) -> Sheet:
    """Lay out scores for people: x 100, with the interval's half."""
    rows = []
    for score in scores:
        value, error = score["value"], score["stderr"]
        shown = score["gap"] if value is None else f"{100 * value:.1f}"
        half = "" if error is None else f"± {196 * error:.1f}"
        rows.append((score["language"], score["metric"], shown, half, score["n"], score["implementation"]))
    columns = ("language", "metric", "x 100", "95 %", "n", "implementation")
    caption = f"{run['system']} · {run['task']} {run['split']} · measured"
    return Sheet(columns, rows, caption=caption, right=frozenset({"x 100"}))
