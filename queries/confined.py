"""SQL of users in a process of its own, whose memory the system limits and which can be stopped at any time.

DuckDB's own limit does not hold for one huge string, and a statement may be deep in a function that looks for
no interruption: a child that is killed takes nothing along.
"""

from __future__ import annotations

import json
import os
import queue
import resource
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from intermezzo.queries.locked import Answer, SqlError, locked_connection

MEMORY_LIMIT = "512MB"
"""What DuckDB may take."""

ADDRESS_SPACE = 3 << 30
"""Bytes of address space of the child, libraries and stacks of threads included."""


LARGEST_ANSWER = 64 * 2**20
"""Characters of an answer, as JSON, that the app takes in."""


class Confined:
    """A child that answers statements over one index; it is started with the first statement.

    Args:
        index: Path of the index.
    """

    def __init__(self, index: Path) -> None:
        self.index = index
        self._child: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def run(self, sql: str, max_rows: int) -> Answer:
        """Run one statement; values that JSON has no word for come as text.

        Raises:
            SqlError: It is refused, fails, is stopped, or needs too much memory.
        """
        with self._lock:
            self._stopped = False
            child = self._child
            if child is None or child.poll() is not None:
                child = self._child = _started(self.index)
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps({"sql": sql, "max_rows": max_rows}) + "\n")
            child.stdin.flush()
            line = child.stdout.readline()
        except (OSError, ValueError):
            line = ""
        if not line:
            self._end(child)
            if self._stopped:
                raise SqlError("The statement was stopped.")
            raise SqlError(
                "The statement needed more memory than is allowed here: take fewer rows or columns."
            )
        said: dict[str, Any] = json.loads(line)
        if "error" in said:
            text = said["error"]
            if "Out of Memory" in text:
                text = f"{text.splitlines()[0]}. Ask for less at once."
            raise SqlError(text)
        return Answer(said["columns"], [tuple(row) for row in said["rows"]], said["ms"], said["truncated"])

    def stop(self) -> None:
        """Stop what runs; the next statement starts a new child."""
        self._stopped = True
        if self._child is not None:
            self._child.kill()

    def close(self) -> None:
        """End the child."""
        with self._lock:
            child, self._child = self._child, None
        if child is not None:
            self._end(child)

    def _end(self, child: subprocess.Popen[str]) -> None:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def _started(index: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "intermezzo.queries.confined", str(index)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="surrogatepass",
        # keys typed at the terminal (ctrl+c) are the app's
        start_new_session=True,
    )


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _listen(lines: queue.SimpleQueue[str]) -> None:
    """Hand on what is asked; end the process when who asks is gone, whatever it is busy with."""
    for line in sys.stdin:
        lines.put(line)
    # an app that was killed could not end its child: a statement would go on for hours, for nobody
    os._exit(0)


def serve(index: Path) -> None:
    """Answer statements from standard input; when it ends, so does the process."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    with locked_connection(index, memory_limit=MEMORY_LIMIT) as locked:
        threading.Thread(target=_listen, args=(lines,), daemon=True).start()
        while True:
            asked = json.loads(lines.get())
            said: dict[str, Any]
            try:
                answer = locked.run(asked["sql"], max_rows=asked["max_rows"])
                rows = [[_plain(value) for value in row] for row in answer.rows]
                said = {
                    "columns": answer.columns,
                    "rows": rows,
                    "ms": answer.ms,
                    "truncated": answer.truncated,
                }
                text = json.dumps(said)
            except SqlError as error:
                text = json.dumps({"error": str(error)})
            except MemoryError:
                text = json.dumps({"error": "The statement needed more memory than is allowed here."})
            except Exception as error:
                text = json.dumps({"error": f"The answer cannot be shown: {type(error).__name__}: {error}"})
            if len(text) > LARGEST_ANSWER:
                told = f"The answer has more than {LARGEST_ANSWER // 2**20} MB: ask for less at once."
                text = json.dumps({"error": told})
            sys.stdout.write(text + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
