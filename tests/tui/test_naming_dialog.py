"""Saying who runs are, in the app: suggestions accepted, edited, skipped by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from intermezzo.queries.identity import load_systems
from intermezzo.queries.records import Found, Run, Score, Source, identified
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.writer import write_runs
from intermezzo.tui.app import IntermezzoApp
from intermezzo.tui.messages import StoreChanged
from intermezzo.tui.running import Watcher
from screens import place_of, press, screen_text, settled
from textual.pilot import Pilot

NAMES = ("gpt", "xlmr-large-direct-s1", "xlmr-large-mnli-s1", "xlmr-large-mnli-s2")

pytestmark = pytest.mark.slow


def a_run(name: str, value: float, base: str | None = None) -> Run:
    source = Source(f"/results/{name}.tsv", f"{name.encode().hex():0<64}"[:64], 10, 1, "by hand", 1)
    scores = tuple(Score("accuracy", value + n / 100, code) for n, code in enumerate(("en", "sw")))
    found = Found(name, f"{name}/predictions/xnli", base_model=base, recipe="direct" if base else None)
    return identified(
        Run(found, "xnli", (source,), scores, split="test", importer="by hand", importer_version=1)
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = open_store(tmp_path / "store", create=True)
    write_runs(made, [(a_run(name, 0.5 + n / 10), None) for n, name in enumerate(NAMES)])
    return made


@asynccontextmanager
async def on(
    store: Store, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[IntermezzoApp, Pilot[int]]]:
    watcher = Watcher(store)
    app = IntermezzoApp(watcher.connect, store_name="real")
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        yield app, pilot
        generation = watcher.check()
        if generation is not None:
            app.post_message(StoreChanged(generation))
        await settled(app, pilot)
        await press(app, pilot, "escape", "escape")
    watcher.close()


def lines(app: IntermezzoApp) -> list[str]:
    return [" ".join(line.replace("│", " ").split()) for line in screen_text(app).splitlines()]


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_names_stand_with_what_is_suggested(store: Store, size: tuple[int, int]) -> None:
    async with on(store, size) as (app, pilot):
        await press(app, pilot, "n")
        text = screen_text(app)
        assert "Who these runs are: 4 names not known" in text
        assert "nothing is suggested: e says what it is" in text
        assert "xlm-r-large + mnli, seed 2" in text
        assert "unknown: 1 run, e.g. gpt/predictions/xnli" in text
        assert "Enter accepts · A all complete · e edits · s skips · Esc closes" in text


async def test_one_is_accepted_and_the_matrix_follows(store: Store) -> None:
    async with on(store) as (app, pilot):
        await press(app, pilot, "n")
        await press(app, pilot, "j", "j", "enter")
        text = screen_text(app)
        assert "accepted: xlm-r-large + mnli, seed 1" in text
        assert "1 rule written to systems.toml" in text
        assert "3 names not known" in text
    assert list(load_systems(store).by_name) == ["xlmr-large-mnli-s1"]
    assert "xlm-r-large + mnli" in {system.name for system in place_of(app).matrix.systems}


async def test_all_complete_ones_at_once(store: Store) -> None:
    async with on(store) as (app, pilot):
        await press(app, pilot, "n")
        await press(app, pilot, "A")
        assert "3 rules written to systems.toml" in screen_text(app)
        await press(app, pilot, "A")
        assert "no suggestion that is left says both base model and recipe" in screen_text(app)
    assert {system.name for system in place_of(app).matrix.systems} == {
        "gpt",
        "xlm-r-large",
        "xlm-r-large + mnli",
    }


async def test_what_nothing_is_suggested_for_can_be_said_by_hand(store: Store) -> None:
    async with on(store) as (app, pilot):
        await press(app, pilot, "n")
        await press(app, pilot, "enter")
        assert "nothing is suggested for it: e says what it is" in screen_text(app)
        await press(app, pilot, "e")
        assert "base_model =, recipe =" in screen_text(app)
        await press(app, pilot, "ctrl+u", *"base_model = gpt2, recepi = direct", "enter")
        assert "unknown key `recepi`; did you mean `recipe`?" in screen_text(app)
        await press(app, pilot, "ctrl+u", *"base_model = gpt2, recipe = a > b, train_seed = 7", "enter")
        assert "accepted: gpt2 + (a > b), seed 7" in screen_text(app)
    assert load_systems(store).by_name["gpt"].values == {
        "base_model": "gpt2",
        "recipe": "a > b",
        "train_seed": 7,
    }


async def test_an_edit_is_given_up_and_names_are_skipped_without_writing(store: Store) -> None:
    async with on(store) as (app, pilot):
        await press(app, pilot, "n")
        await press(app, pilot, "e", "x", "escape")
        assert "Enter accepts" in screen_text(app)
        await press(app, pilot, *"ssss")
        assert "skipped" in screen_text(app)
        assert "0 names not known" in screen_text(app)
        assert "all are looked at: Esc closes" in screen_text(app)
        await press(app, pilot, "escape")
        assert "Who these runs are" not in screen_text(app)
    assert not store.systems_toml.exists()


async def test_a_rule_that_is_there_already_is_not_overruled(store: Store) -> None:
    async with on(store) as (app, pilot):
        await press(app, pilot, "n")
        await press(app, pilot, "j")
        store.systems_toml.write_text(f'[[system]]\nname = "{NAMES[1]}"\nbase_model = "other"\n')
        await press(app, pilot, "enter")
        assert "already says base_model 'other'" in " ".join(lines(app))
        assert "accepted" not in screen_text(app)


async def test_where_all_is_known_it_says_so(tmp_path: Path) -> None:
    made = open_store(tmp_path / "store", create=True)
    write_runs(made, [(a_run("m", 0.5, base="gpt2"), None)])
    async with on(made) as (app, pilot):
        await press(app, pilot, "n")
        assert "every system of this store is known" in screen_text(app)


async def test_it_is_in_help_and_palette(store: Store) -> None:
    async with on(store, (160, 60)) as (app, pilot):
        await press(app, pilot, "question_mark")
        assert "say who runs are" in screen_text(app)
        await press(app, pilot, "escape", "colon", *"names", "enter")
        assert "Who these runs are" in screen_text(app)
