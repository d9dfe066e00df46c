"""What an evaluation takes before it is started: its items, and how long it would run.

Data are counted and a few batches tried in a process of its own, ``python -m intermezzo.engine.expected``,
which may be stopped at any time: whoever asks neither waits nor loads a model itself.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, TYPE_CHECKING, Any

from intermezzo.queries.errors import Problem

if TYPE_CHECKING:
    from .evaluation import Evaluation
    from .examples import DataSet
    from .models import Model

FIRST = 8
"""Units that are tried first; four times as many each time until that takes long enough."""

LONG_ENOUGH = 1.0
"""Seconds after which a try says how fast it goes."""

_PATIENCE = 5.0
"""Seconds that the process has to end by itself."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large an evaluation is.

    Attributes:
        items: Language -> items with gold.
        clusters: Language -> groups of them that are independent of each other.
        units: What takes the time, counted: texts to encode, or items.
        unit: ``texts`` or ``items``.
        kind: Task kind.
        left_out: Languages that were asked for and cannot be evaluated -> why not.
    """

    items: Mapping[str, int]
    clusters: Mapping[str, int]
    units: int
    unit: str
    kind: str
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast an evaluation goes on this machine.

    Attributes:
        loading: Seconds until the first unit is begun.
        a_unit: Seconds a unit.
        said: What that rests on, for people.
    """

    loading: float
    a_unit: float
    said: str

    def seconds(self, size: Size) -> float:
        """Return how long an evaluation of this size would run."""
        return self.loading + self.a_unit * size.units


def took(loading: float | None, seconds: float, units: int) -> dict[str, Any]:
    """Return what a run records of its time, for ``earlier_pace``."""
    return {"host": socket.gethostname(), "loading": loading, "seconds": seconds, "units": units}


def earlier_pace(asked: Evaluation, runs: Sequence[Mapping[str, Any]]) -> Pace | None:
    """Return the pace of the first run that did the same on this machine: task, model and settings.

    Args:
        asked: What is to be evaluated.
        runs: Records with ``run_id`` and ``config``, the newest first.
    """
    for run in runs:
        config = json.loads(run["config"] or "{}")
        spent, before = config.get("took"), config.get("asked")
        if not spent or not before or spent["host"] != socket.gethostname() or not spent["units"]:
            continue
        now = asked.as_json()
        if all(before.get(k) == now[k] for k in ("model", "options", "device", "dtype")):
            a_unit = spent["seconds"] / spent["units"]
            return Pace(spent["loading"] or 0.0, a_unit, f"as run {run['run_id'][:10]} of this model took")
    return None


class Expecting:
    """A process that finds out about an evaluation; ``stop`` ends it, whatever it does."""

    def __init__(self, asked: Evaluation, *, try_it: bool) -> None:
        command = [sys.executable, "-m", "intermezzo.engine.expected", *(["--try"] if try_it else [])]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._asked = json.dumps(asked.as_json()).encode()

    def findings(self) -> Iterator[Size | Pace | str]:
        """Yield what it finds as it comes: the size, then the pace; or a sentence that says why not."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None  # both are pipes
        assert stdout is not None
        try:
            stdin.write(self._asked)
            stdin.close()
        except OSError:
            return  # stopped before it began
        for line in stdout:
            what, found = json.loads(line)
            yield _FORMS[what](**found) if what in _FORMS else str(found)
        self._process.wait()

    def stop(self) -> None:
        """End it; nothing waits for that."""
        self._process.terminate()
        threading.Thread(target=self._end, daemon=True).start()

    def _end(self) -> None:
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()


_FORMS: Mapping[str, type[Size] | type[Pace]] = {"size": Size, "pace": Pace}


def size_of(data: DataSet) -> Size:
    """Return how large the evaluation of a data set is."""
    from .evaluation import RETRIEVAL

    scored = {code: [e for e in found if e.gold is not None] for code, found in data.languages.items()}
    items = {code: len(found) for code, found in scored.items()}
    clusters = {code: len({e.cluster_id for e in found}) for code, found in scored.items()}
    if data.kind in RETRIEVAL:
        from .kinds.retrieval import texts_of

        units, unit = len(texts_of(data)), "texts"
    else:
        units, unit = len(data), "items"
    return Size(items, clusters, units, unit, data.kind, dict(data.left_out))


def tried(asked: Evaluation, data: DataSet, began: float, load: Callable[[], Model] | None = None) -> Pace:
    """Load the model, evaluate a few units, and return how fast that went.

    Args:
        asked: The evaluation.
        data: What it evaluates.
        began: When loading began, ``time.perf_counter()``.
        load: Loads a model that stands in for the evaluation's own.

    Raises:
        Problem: The model cannot be had, or does not fit the data.
    """
    from .evaluation import RETRIEVAL, load_model

    model = load() if load is not None else load_model(asked, data)
    loading = time.perf_counter() - began
    options = {k: v for k, v in asked.options.items() if v is not None}
    run: Callable[[int], Any]
    if data.kind in RETRIEVAL:
        from .encoding import Encoding, default_encoding, encode
        from .kinds.retrieval import texts_of

        texts = texts_of(data)
        names = Encoding.__dataclass_fields__.keys()
        encoding = default_encoding(model, **{k: v for k, v in options.items() if k in names})
        most = len(texts)

        def run(count: int) -> Any:
            return encode(model, _spread(texts, count), encoding)

    else:
        from .data.targets import targets
        from .kinds import forward
        from .kinds.face import how_for

        how = how_for(data, model.labels, model.max_tokens, targets().get(data.task), **options)
        examples = [e for found in data.languages.values() for e in found]
        most = len(examples)

        def run(count: int) -> Any:
            return forward.predict(model, _spread(examples, count), how, lambda _ready: None)

    a_unit, count = _timed(run, most)
    return Pace(loading, a_unit, f"as {count} of them took just now")


def _timed(run: Callable[[int], Any], most: int) -> tuple[float, int]:
    """Return seconds a unit and how many units showed it: more and more until it takes long enough."""
    count = min(FIRST, most)
    while True:
        start = time.perf_counter()
        run(count)
        seconds = time.perf_counter() - start
        if seconds >= LONG_ENOUGH or count == most:
            return seconds / max(count, 1), count
        count = min(4 * count, most)


def _spread(found: Sequence[Any], count: int) -> list[Any]:
    """Return so many of them, evenly from all places."""
    return [found[n * len(found) // count] for n in range(count)]


def main(words: Sequence[str], source: IO[str], out: IO[str]) -> None:
    """Read an evaluation and print what is found, a JSON pair ``[what, found]`` a line."""
    from .data.read import load_data
    from .evaluation import from_json
    from .models import need_engine

    def say(what: str, found: Any) -> None:
        out.write(json.dumps([what, found]) + "\n")
        out.flush()

    began = time.perf_counter()
    try:
        asked = from_json(json.load(source))
        data = load_data(
            asked.task, path=asked.data, languages=asked.languages, split=asked.split, limit=asked.limit
        )
        say("size", asdict(size_of(data)))
        need_engine()
        if "--try" in words:
            say("pace", asdict(tried(asked, data, began)))
    except Problem as error:
        say("problem", str(error))
    except Exception as error:
        say("problem", f"It cannot be tried: {type(error).__name__}: {str(error)[:200]}")


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(1)  # so that what is half made is taken away


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    answers, sys.stdout = sys.stdout, sys.stderr  # libraries chatter
    main(sys.argv[1:], sys.stdin, answers)
