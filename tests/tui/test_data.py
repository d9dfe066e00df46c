"""Questions in threads: numbers, interruption, memory; watching the store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import Queue

import pytest
from fake_ask import FakeAsk
from intermezzo.queries.errors import Problem
from intermezzo.tui.data import Answer, Desk, Work, sql_of, watch
from intermezzo.tui.messages import Answered, StoreChanged
from textual.message import Message

CELL = {"system": "mbert", "yardstick": "y-xnli"}


class Bench:
    """A desk with real threads, and what it posted."""

    def __init__(self, source: FakeAsk | Callable[[], FakeAsk]) -> None:
        self.posted: Queue[Message] = Queue()
        self.threads: list[threading.Thread] = []
        self.desk = Desk(source, self.posted.put, self._start)

    def _start(self, work: Callable[[], None], slot: str) -> None:
        thread = threading.Thread(target=work, name=slot)
        self.threads.append(thread)
        thread.start()

    def answers(self) -> list[Answer]:
        for thread in self.threads:
            thread.join()
        found = []
        while not self.posted.empty():
            message = self.posted.get()
            assert isinstance(message, Answered)
            found.append(message.answer)
        return found


def test_an_answer_carries_the_number_of_its_request():
    bench = Bench(FakeAsk())
    number = bench.desk.request("matrix", "matrix", {})
    (answer,) = bench.answers()
    assert (answer.slot, answer.number, answer.problem) == ("matrix", number, None)
    assert answer.table is not None
    assert bench.desk.current(answer)
    assert not bench.desk.busy()


def test_the_store_is_opened_in_a_thread_and_once():
    opened: list[str] = []
    ask = FakeAsk()

    def open_it() -> FakeAsk:
        opened.append(threading.current_thread().name)
        return ask

    bench = Bench(open_it)
    assert bench.desk.generation == ""
    bench.desk.request("matrix", "matrix", {})
    bench.desk.request("languages", "languages", CELL)
    assert len(bench.answers()) == 2
    assert len(opened) == 1
    assert opened[0] in {"matrix", "languages"}
    assert bench.desk.generation == "g1"


def test_the_same_question_is_answered_from_memory_until_the_store_changes():
    ask = FakeAsk()
    bench = Bench(ask)
    bench.desk.request("languages", "languages", CELL)
    first = bench.answers()[0]
    bench.desk.request("languages", "languages", CELL)
    again = bench.answers()[0]
    assert again.table is first.table
    assert again.number > first.number
    assert len(ask.asked) == 1
    ask.generation = "g2"
    bench.desk.request("languages", "languages", CELL)
    bench.answers()
    assert len(ask.asked) == 2


def test_answers_of_a_generation_that_is_gone_are_let_go_of():
    ask = FakeAsk()
    bench = Bench(ask)
    bench.desk.request("languages", "languages", CELL)
    bench.answers()
    bench.desk.forget()
    bench.desk.request("languages", "languages", CELL)
    bench.answers()
    assert len(ask.asked) == 1
    ask.generation = "g2"
    bench.desk.forget()
    ask.generation = "g1"
    bench.desk.request("languages", "languages", CELL)
    bench.answers()
    assert len(ask.asked) == 2


def test_a_newer_request_of_a_slot_interrupts_the_older_which_is_never_posted():
    ask = FakeAsk()
    bench = Bench(ask)
    ask.gate.clear()
    old = bench.desk.request("languages", "languages", CELL)
    ask.started.wait()
    new = bench.desk.request("languages", "languages", {**CELL, "system": "xlm-r-large"})
    answers = bench.answers()
    assert ask.interrupted == 1
    assert [a.number for a in answers] == [new]
    assert answers[0].table is not None
    assert old < new


def test_an_interruption_meant_for_another_slot_is_not_felt():
    ask = FakeAsk()
    bench = Bench(ask)
    ask.gate.clear()
    bench.desk.request("matrix", "matrix", {})
    ask.started.wait()
    bench.desk.request("languages", "languages", CELL)
    bench.desk.request("languages", "languages", {**CELL, "system": "xlm-r-large"})
    answers = {a.slot: a for a in bench.answers()}
    assert answers["matrix"].table is not None
    assert answers["languages"].table is not None


def test_work_is_given_the_store_and_its_result_is_remembered():
    ask = FakeAsk()
    bench = Bench(ask)
    work = Work(lambda source: len(source.ask("matrix").rows))
    for _ in range(2):
        bench.desk.request("compare", "compare", {"systems": ("a", "b")}, work)
        (answer,) = bench.answers()
        assert (answer.table, answer.problem) == (None, None)
        assert answer.result == 14 * 9
    assert len(ask.asked) == 1


def test_work_that_is_superseded_is_stopped_by_its_own_means_and_not_done_again():
    bench = Bench(FakeAsk())
    begun, ended = threading.Event(), threading.Event()

    def wait(_source: object) -> None:
        begun.set()
        ended.wait()
        raise Problem("stopped")

    bench.desk.request("sql", "sql", {"n": 1}, Work(wait, stop=ended.set, remember=False))
    begun.wait()
    bench.desk.request("sql", "sql", {"n": 2}, Work(lambda _: "second", stop=ended.set, remember=False))
    assert [answer.result for answer in bench.answers()] == ["second"]


def test_work_that_fails_is_a_sentence():
    def fail(_source: object) -> None:
        raise Problem("These two have no language in common.")

    bench = Bench(FakeAsk())
    bench.desk.request("compare", "compare", {}, Work(fail))
    (answer,) = bench.answers()
    assert (answer.result, answer.problem) == (None, "These two have no language in common.")


def test_stopping_gives_up_everything_that_runs():
    ask = FakeAsk()
    bench = Bench(ask)
    ask.gate.clear()
    bench.desk.request("matrix", "matrix", {})
    ask.started.wait()
    assert bench.desk.busy()
    assert bench.desk.stop()
    assert bench.answers() == []
    assert not bench.desk.stop()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Problem("The index is gone. Say: intermezzo index."), "The index is gone"),
        (ValueError("odd"), "failed: odd"),
    ],
)
def test_what_fails_is_a_sentence(error, said):
    bench = Bench(FakeAsk(fail={"matrix": error}))
    bench.desk.request("matrix", "matrix", {})
    (answer,) = bench.answers()
    assert answer.table is None
    assert said in (answer.problem or "")


def test_a_store_that_cannot_be_opened_is_a_sentence():
    def refuse() -> FakeAsk:
        raise Problem("There is no store here.")

    bench = Bench(refuse)
    bench.desk.request("matrix", "matrix", {})
    assert bench.answers()[0].problem == "There is no store here."


def test_watching_posts_each_new_generation_and_survives_errors():
    looks = iter([None, "g2", OSError("stale file handle"), None, "g3"])
    stopped, posted = threading.Event(), []

    def check() -> str | None:
        look = next(looks, "end")
        if look == "end":
            stopped.set()
            return None
        if isinstance(look, Exception):
            raise look
        return look

    watch(check, posted.append, stopped, seconds=0.001, first=0)
    assert [message.generation for message in posted if isinstance(message, StoreChanged)] == ["g2", "g3"]


def test_looks_come_sooner_after_something_new_than_after_looking_long_for_nothing():
    """Ten times as long as a look took is waited after one for nothing; else a publish would be too late."""
    pauses: list[float] = []

    class Stopped(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout or 0.0)
            return len(pauses) > 5

    def check() -> str | None:
        time.sleep(0.1 if len(pauses) in (1, 2) else 0)
        return "g2" if len(pauses) == 1 else None

    watch(check, lambda _message: None, Stopped(), seconds=0.01, first=0.5)
    first, after_new, after_nothing, *rest = pauses
    assert first == 0.5
    assert after_nothing >= 1
    assert after_new < after_nothing / 2
    assert rest[-1] < after_nothing / 2


def test_the_sql_of_a_question_can_be_shown():
    assert "SELECT" in (sql_of("matrix") or "")
    assert sql_of("nothing of the kind") is None
