from __future__ import annotations

import pytest
from intermezzo.engine.training.order import Order, Part, epoch_batches, learning_rate
from intermezzo.engine.training.settings import Settings


def test_an_epoch_has_every_example_once_in_batches_of_like_length_and_shape() -> None:
    lengths = [n % 37 + 1 for n in range(500)]
    shapes = [1 + n % 2 for n in range(500)]
    batches = epoch_batches(lengths, shapes, 8, "a")
    assert sorted(i for b in batches for i in b) == list(range(500))
    assert all(len({shapes[i] for i in b}) == 1 for b in batches)
    spread = [max(lengths[i] for i in b) - min(lengths[i] for i in b) for b in batches]
    assert sum(spread) / len(spread) < 3
    assert batches == epoch_batches(lengths, shapes, 8, "a")
    assert batches != epoch_batches(lengths, shapes, 8, "b")


def test_a_step_is_the_same_wherever_one_begins() -> None:
    def make() -> Order:
        parts = [Part([5] * 40, [1] * 40), Part([5] * 10, [1] * 10)]
        return Order(parts, Settings(batch_size=4, epochs=3), 7)

    whole = [make().at(0)] + [make().at(n) for n in range(1, 39)]
    order = make()
    assert [order.at(n) for n in range(order.steps)] == whole
    late = make()
    assert [late.at(n) for n in range(20, 39)] == whole[20:]


def test_joint_tasks_are_mixed_by_size_or_capped() -> None:
    parts = [Part([5] * 4000, [1] * 4000), Part([5] * 400, [1] * 400)]
    proportional = Order(parts, Settings(batch_size=4, epochs=1), 1)
    assert proportional.steps == 1100
    assert 0.05 < proportional.picks.count(1) / 1100 < 0.13
    capped = Order(parts, Settings(batch_size=4, epochs=1, sampling="capped", cap=400), 1)
    assert capped.steps == 200
    assert 0.4 < capped.picks.count(1) / 200 < 0.6


def test_checks_come_evenly_and_at_the_end() -> None:
    order = Order([Part([5] * 40, [1] * 40)], Settings(batch_size=4, epochs=2, checks=2), 1)
    assert order.checks() == {5, 10, 15, 20}
    short = Order([Part([5] * 40, [1] * 40)], Settings(batch_size=4, epochs=9, max_steps=7, checks=0), 1)
    assert short.steps == 7
    assert short.checks() == {7}


def test_the_learning_rate_rises_then_falls_or_stays() -> None:
    settings = Settings(learning_rate=1.0, warmup=0.2)
    rates = [learning_rate(n, 10, settings) for n in range(10)]
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert rates[-1] == pytest.approx(1 / 8)
    assert learning_rate(9, 10, Settings(learning_rate=1.0, schedule="constant")) == 1.0
