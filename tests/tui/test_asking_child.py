"""The first answer is had by a child while the app is imported, and is the one the app would have got."""

from __future__ import annotations

import marshal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from cli_store import small_store
from fake_ask import FakeAsk
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.reader import connect
from intermezzo.tui import resume
from intermezzo.tui.asking_child import First, asked
from intermezzo.tui.data import Desk
from intermezzo.tui.messages import Answered, StoreChanged
from textual.message import Message

CHILD = """
import sys
from pathlib import Path
from intermezzo.queries.store.layout import open_store
from intermezzo.tui.asking_child import AskingChild
before = set(sys.modules)
ahead = AskingChild(open_store(sys.argv[1]), Path(sys.argv[2]), "key")
if sys.argv[3:]:
    ahead.give_up()
first = ahead.first()
print(first and len(first.rows), "duckdb" in sys.modules)
"""


def test_what_is_asked_ahead_is_what_the_app_would_ask(tmp_path: Path) -> None:
    store = small_store(tmp_path / "store")
    views = tmp_path / "views.json"
    with connect(store) as reader:
        wanted = reader.ask("matrix")
        first = First(*marshal.loads(asked(store, views, "key")))
        assert (first.question, first.params, first.generation) == ("matrix", {}, reader.generation)
        assert (first.columns, first.rows) == (wanted.columns, wanted.rows)
        resume.save(views, "key", {"matrix": {"aggregate": "worst"}})
        first = First(*marshal.loads(asked(store, views, "key")))
        assert (first.params, first.rows) == (
            {"aggregate": "worst"},
            reader.ask("matrix", aggregate="worst").rows,
        )


def test_nothing_is_asked_ahead_of_another_place_or_without_an_index(tmp_path: Path) -> None:
    store = small_store(tmp_path / "store")
    views = tmp_path / "views.json"
    resume.save(views, "key", {resume.HERE: "runs"})
    assert asked(store, views, "key") == b""
    assert asked(open_store(tmp_path / "new", create=True), tmp_path / "none.json", "key") == b""


def test_a_child_reads_and_this_process_loads_no_database(tmp_path: Path) -> None:
    store = small_store(tmp_path / "store")

    def said(*more: str) -> str:
        command = [sys.executable, "-c", CHILD, str(store.path), str(tmp_path / "views.json"), *more]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    with connect(store) as reader:
        assert said() == f"{len(reader.ask('matrix').rows)} False"
    assert said("give up") == "None False"


class Sent:
    """An ``AskingChild`` whose child has this, once it may."""

    def __init__(self, first: First | None) -> None:
        self.has, self.may, self.ended = first, threading.Event(), False
        self.may.set()

    def first(self) -> First | None:
        self.may.wait()
        return None if self.ended else self.has

    def give_up(self) -> None:
        self.ended = True
        self.may.set()


class Bench:
    """A desk with whoever was sent ahead, and what it posts."""

    def __init__(self, sent: Sent) -> None:
        self.ask = FakeAsk()
        self.posted: list[Message] = []
        self.threads: list[threading.Thread] = []
        self.opened = threading.Event()
        self.desk = Desk(self.open, self.post, self.start, sent)

    def post(self, message: Message) -> None:
        self.posted.append(message)

    def open(self) -> FakeAsk:
        self.opened.set()
        return self.ask

    def start(self, work: Any, _slot: str) -> None:
        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()

    def end(self) -> None:
        for thread in self.threads:
            thread.join()


def first(generation: str = "g1") -> First:
    return First(generation, "matrix", {}, ["system"], [("ahead",)], 5.0)


def test_the_answer_is_shown_before_the_store_is_opened_which_then_stays_open() -> None:
    bench = Bench(Sent(first()))
    bench.desk.request("matrix", "matrix", {})
    while not bench.posted:
        pass
    assert not bench.opened.is_set()
    bench.desk.shown()
    bench.end()
    assert bench.opened.is_set()
    assert bench.ask.asked == []
    (answered,) = bench.posted
    assert isinstance(answered, Answered)
    assert answered.answer.table is not None
    assert answered.answer.table.rows == [("ahead",)]


def test_another_question_is_asked_as_ever() -> None:
    bench = Bench(Sent(first()))
    bench.desk.request("matrix", "matrix", {"aggregate": "worst"})
    bench.end()
    assert [name for name, _ in bench.ask.asked] == ["matrix"]


def test_a_generation_published_meanwhile_is_told() -> None:
    bench = Bench(Sent(first("g0")))
    bench.desk.shown()
    bench.desk.request("matrix", "matrix", {})
    bench.end()
    assert [type(message) for message in bench.posted] == [Answered, StoreChanged]


def test_stopping_ends_the_child_and_asks_nothing() -> None:
    sent = Sent(first())
    sent.may.clear()
    bench = Bench(sent)
    bench.desk.request("matrix", "matrix", {})
    assert bench.desk.stop()
    bench.end()
    assert bench.posted == []
    assert not bench.opened.is_set()
