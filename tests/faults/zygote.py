"""A process that forks a child for each case: everything is imported once, and the child counts from zero.

Reads JSON objects, one a line: ``do`` (prepare, do, state, judge), ``operation``, ``folder``, ``point``,
``kind``. Answers with one: ``code`` (negative: killed by that signal), ``said`` (lines), ``calls``,
``state``. ``judge`` looks, does the same again, and looks again. It starts no thread itself.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import operations

PROBLEM, FAULT = 3, 4


def child(asked: dict[str, Any], out: int) -> int:
    """Do what is asked in this process; say it on ``out``."""
    from intermezzo.queries.errors import Problem

    def say(**told: Any) -> None:
        os.write(out, json.dumps(told).encode() + b"\n")

    folder = Path(asked["folder"])
    operation = operations.OPERATIONS[asked["operation"]]
    shim = ctypes.CDLL(None)
    try:
        if asked["do"] == "prepare":
            operation.prepare(folder)
        elif asked["do"] == "state":
            say(state=operations.state(folder))
        elif asked["do"] == "judge":
            say(state=operations.state(folder))
            operation.do(folder, lambda _: None)
            say(at_last=operations.state(folder))
        else:
            if "point" in asked:
                shim.fault_arm(os.fsencode(folder / "store"), ctypes.c_long(asked["point"]), asked["kind"])
            operation.do(folder, lambda word: say(said=word))
            if "point" in asked:
                say(calls=shim.fault_count())
        return 0
    except Problem as problem:
        say(problem=str(problem))
        return PROBLEM
    except BaseException:
        say(fault=traceback.format_exc())
        return FAULT


def main() -> None:
    """Answer until standard input ends."""
    import duckdb  # noqa: F401
    import orjson  # noqa: F401
    import polars  # noqa: F401
    from intermezzo.engine.importing import pipeline  # noqa: F401
    from intermezzo.queries.claims import kept  # noqa: F401

    if "engine" in sys.argv[1:]:
        import torch
        import transformers  # noqa: F401

        torch.set_num_threads(1)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        ours, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ours)
            os._exit(child(asked, theirs))
        os.close(theirs)
        with os.fdopen(ours, "rb") as pipe:
            said = [json.loads(row) for row in pipe.read().splitlines()]
        _, status = os.waitpid(pid, 0)
        answer: dict[str, Any] = {"code": os.waitstatus_to_exitcode(status), "said": []}
        for row in said:
            if "said" in row:
                answer["said"].append(row["said"])
            else:
                answer |= row
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
