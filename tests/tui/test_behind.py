"""What ``.`` names in each place: run, the command (and the SQL) gives the rows that are on screen."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from claims_store import claims_store
from cli_store import small_store
from click.testing import CliRunner
from intermezzo.engine.jobs import JobSpec, Reporter, make_job
from intermezzo.queries.locked import locked_connection
from intermezzo.queries.store.publisher import publish
from intermezzo.tui.claims_lines import verdict_of
from intermezzo.tui.cli import cli
from item_store import item_store
from screens import opened, press, reading


@pytest.fixture(scope="module")
def hidden(tmp_path_factory):
    """The same runs, one of them hidden."""
    store = item_store(tmp_path_factory.mktemp("hidden") / "store")
    with reading(store) as reader:
        run_id = reader.ask("run_list").dicts()[1]["run_id"]
    words = ["--store", str(store.path), "runs", "hide", run_id, "--why", "trained on test"]
    assert CliRunner().invoke(cli, words).exit_code == 0
    return store


def options(store) -> dict[str, Any]:
    return {"store_options": ("--store", str(store.path))}


def printed(app, codes: tuple[int, ...] = (0,)) -> list[dict[str, Any]]:
    """Run the command behind the view."""
    behind = app.place.behind()
    result = CliRunner().invoke(cli, [*shlex.split(behind.command)[1:], "--format", "json"])
    assert result.exit_code in codes, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def asked(app, reader, items: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Run the SQL behind the view."""
    with locked_connection(reader, items=items) as locked:
        answer = locked.run(app.place.behind().sql)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


COMPARED = ("j", "space", "k", "space", "j", "j", "space", "c")
"""mbert + mnli against mbert, then against mbert + qqp, then those two against each other."""


@pytest.mark.parametrize(
    "keys",
    [
        (),
        ("S",),
        ("s", "n"),
        ("s", "s", "slash", *"indo !hindi", "enter"),
        ("s", "s", "s", "S", "n", "n"),
        ("s", "s", "s", "s", "slash", *"e", "enter", "m"),
    ],
    ids=" ".join,
)
async def test_compare(store, ask, keys):
    async with opened(ask=ask, **options(store)) as (app, pilot):
        await press(app, pilot, *COMPARED, *keys)
        place = app.place
        rows = printed(app)
        shown = place.shown
        assert [row["language"] for row in rows] == [
            *(entry.label for entry in shown.languages),
            *(row.name for row in shown.over),
        ]
        assert [row["delta"] for row in rows[: len(shown.languages)]] == [x.delta for x in shown.languages]
        assert [row["p_adjusted"] for row in rows[:5]][: len(shown.languages)] == [
            entry.p_adjusted for entry in shown.languages
        ]
        scores = asked(app, ask)
        assert {(row["language"], row["system"]) for row in scores} == {
            (entry.label, name) for entry in shown.languages for name in (place.pair.a, place.pair.b)
        }
        of_a = {row["language"]: row["value"] for row in scores if row["system"] == place.pair.a}
        assert of_a == pytest.approx({entry.label: entry.a for entry in shown.languages})


async def test_an_exported_comparison_is_filtered_and_sorted_as_it_is_seen(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with opened(ask=ask) as (app, pilot):
        await press(app, pilot, *COMPARED, "s", "S", "slash", *"!zh", "enter")
        await press(app, pilot, "colon", *"export a.json", "enter")
        await press(app, pilot, "colon", *"export a.md", "enter")
        rows = json.loads((tmp_path / "a.json").read_text())
        assert [row["language"] for row in rows[:4]] == ["th", "hi", "en", "ar"]
        assert {row["system_b"] for row in rows} == {"mbert"}
        text = (tmp_path / "a.md").read_text()
        lines = [
            line for line in text.splitlines() if line.startswith(("| th", "| hi", "| en", "| ar", "| zh"))
        ]
        assert [line[2:4] for line in lines] == ["th", "hi", "en", "ar"]


@pytest.mark.parametrize(
    "keys",
    [
        (),
        ("S",),
        ("slash", *"mbert !qqp", "enter"),
        ("a",),
        ("s", "s", "s", "S", "slash", *"mnli", "enter"),
        ("1", "j", "R"),
    ],
    ids=" ".join,
)
async def test_runs(hidden, keys):
    with reading(hidden) as reader:
        async with opened(ask=reader, **options(hidden)) as (app, pilot):
            await press(app, pilot, "5", *keys)
            shown = [row["run_id"] for row in app.place.listed]
            assert shown
            rows = printed(app)
            assert [row["run_id"] for row in rows] == shown
            assert [(row["run_id"], row["evidence"]) for row in asked(app, reader)] == [
                (row["run_id"], row["evidence"]) for row in rows
            ]


async def test_what_is_known_of_a_run_and_of_two_compared(hidden):
    with reading(hidden) as reader:
        async with opened(ask=reader, **options(hidden)) as (app, pilot):
            await press(app, pilot, "5", "space", "enter")
            here = app.place.state.run
            assert [row["run_id"] for row in printed(app)] == [here]
            assert [row["run_id"] for row in asked(app, reader)] == [here]
            await press(app, pilot, "escape", "j", "space", "c")
            both = list(app.place.state.compared)
            assert [row["run_id"] for row in printed(app)] == both
            assert [row["run_id"] for row in asked(app, reader)] == both


async def test_exported_runs_stand_as_the_command_prints_them(hidden, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with reading(hidden) as reader:
        async with opened(ask=reader, **options(hidden)) as (app, pilot):
            await press(app, pilot, "5", "a", "slash", *"mbert", "enter", "s")
            shown = [row["run_id"] for row in app.place.listed]
            for ending in ("csv", "json", "md", "tex"):
                await press(app, pilot, "colon", *f"export a.{ending}", "enter")
            assert [row["run_id"] for row in json.loads((tmp_path / "a.json").read_text())] == shown
            command = [*shlex.split(app.place.behind().command)[1:], "--format"]
            for ending, name in (("csv", "csv"), ("md", "markdown"), ("tex", "latex")):
                assert (tmp_path / f"a.{ending}").read_text() == CliRunner().invoke(
                    cli, [*command, name]
                ).stdout
            assert shown[0][:10] in (tmp_path / "a.md").read_text()
            await press(app, pilot, "tab", "colon", *"export b.json", "enter")
            assert [row["run_id"] for row in json.loads((tmp_path / "b.json").read_text())] == [
                app.place.state.run
            ]


ITEMS = ("j", "space", "k", "space", "c", "enter")
"""mbert + mnli against mbert, then the items of the first language: zh."""


@pytest.mark.parametrize(
    "keys", [(), ("f",), ("f", "f", "t", "n"), ("f",) * 3, ("f",) * 4, ("f",) * 5], ids=" ".join
)
async def test_items(store, ask, keys, monkeypatch):
    async with opened((120, 80), ask=ask, **options(store)) as (app, pilot):
        await press(app, pilot, *ITEMS, *keys)
        place = app.place
        page, shown = place.page, [row for n in sorted(place.pages) for row in place.pages[n]]
        assert len(shown) == page.total > 0
        rows = printed(app)
        assert [(r["item_id"], r["text"]) for r in rows] == [(row.item_id, row.text) for row in shown]
        names = ("item_id", "gold", "prediction_a", "prediction_b", "credit_a", "credit_b")
        runs = tuple(run for part in page.parts for run in part.runs)
        assert [[r[n] for n in names] for r in asked(app, ask, runs)] == [
            [getattr(row, n) for n in names] for row in shown
        ]


async def test_one_item_in_all_its_languages(store, ask):
    async with opened((120, 40), ask=ask, **options(store)) as (app, pilot):
        await press(app, pilot, *ITEMS, "f", "j", "enter")
        place = app.place
        item, page = place.everywhere
        assert {(r["language"], r["item_id"]) for r in printed(app)} == {
            (row.language, item) for row in page.rows
        }
        runs = tuple({run for part in page.parts for run in part.runs})
        found = asked(app, ask, runs)
        assert (
            [r["language"] for r in found]
            == [row.language for row in page.rows]
            == ["ar", "en", "hi", "th", "zh"]
        )


async def test_one_systems_items(store, ask):
    async with opened(ask=ask, **options(store)) as (app, pilot):
        await press(app, pilot, "j", "enter", "i", *("f",) * 4)
        place = app.place
        shown = [row.item_id for row in place.pages[0]]
        assert place.state.which == "both-right"
        assert shown
        assert [row["item_id"] for row in printed(app)] == shown
        assert [row["item_id"] for row in asked(app, ask, place.page.parts[0].runs)] == shown


async def test_exported_items_are_all_of_the_view_and_say_where_they_were_cut(
    store, ask, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("intermezzo.tui.items_state.PAGE", 7)
    monkeypatch.setattr("intermezzo.tui.places.items.PAGE", 7)
    async with opened((80, 12), ask=ask, **options(store)) as (app, pilot):
        await press(app, pilot, *ITEMS, "f")
        assert len(app.place.pages) < 4
        for ending in ("json", "md", "tex"):
            await press(app, pilot, "colon", *f"export a.{ending}", "enter")
        rows = json.loads((tmp_path / "a.json").read_text())
        assert len(rows) == app.place.page.total == 22
        assert rows[0]["text"].startswith("一个男人")
        command = [*shlex.split(app.place.behind().command)[1:], "--format"]
        for ending, name in (("md", "markdown"), ("tex", "latex")):
            text = (tmp_path / f"a.{ending}").read_text()
            assert text == CliRunner().invoke(cli, [*command, name]).stdout
            assert "✓" in text
        monkeypatch.setattr("intermezzo.tui.items_state.EXPORTED", 5)
        await press(app, pilot, "colon", *"export b.csv", "enter")
        assert len((tmp_path / "b.csv").read_text().splitlines()) == 6
        assert "the first of 22" in app._said


@pytest.fixture(scope="module")
def claimed(tmp_path_factory):
    return claims_store(tmp_path_factory.mktemp("claims") / "store")


@pytest.mark.parametrize(
    "keys",
    [(), ("a",), ("slash", *"mnli !contradicted", "enter"), ("a", "slash", *"superseded", "enter")],
    ids=" ".join,
)
async def test_claims(claimed, keys):
    words = ["--store", str(claimed.path), "check"]
    assert CliRunner().invoke(cli, words).exit_code == 2
    publish(claimed)
    with reading(claimed) as reader:
        async with opened(ask=reader, **options(claimed)) as (app, pilot):
            await press(app, pilot, "4", *keys)
            place = app.place
            shown = [(e.claim.id, verdict_of(place.found, e)) for e in place.listed]
            assert shown
            assert [(row["id"], row["verdict"]) for row in printed(app, (0, 1, 2))] == shown
            assert [(row["claim"], row["verdict"]) for row in asked(app, reader)] == shown


async def test_the_rows_of_a_claim(claimed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with reading(claimed) as reader:
        async with opened(ask=reader, **options(claimed)) as (app, pilot):
            await press(app, pilot, "4", "enter")
            place = app.place
            checked = place._checked()
            shown = [(row.unit, row.delta, row.n) for row in checked.rows]
            [found] = printed(app, (0, 1, 2))
            assert [(row["unit"], row["delta"], row["n"]) for row in found["rows"]] == shown
            rows = asked(app, reader)
            assert {(row["language"], row["delta"]) for row in rows} == {
                (unit, delta) for unit, delta, _ in shown
            }
            for ending in ("json", "tex", "md"):
                await press(app, pilot, "colon", *f"export rows.{ending}", "enter")
            assert [row["delta"] for row in json.loads((tmp_path / "rows.json").read_text())] == [
                delta for _, delta, _ in shown
            ]
            assert "+0.0250" in (tmp_path / "rows.md").read_text()
            assert "+0.0250 & $-$0.0304" in (tmp_path / "rows.tex").read_text()


async def test_exported_claims_stand_as_the_command_prints_them(claimed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with reading(claimed) as reader:
        async with opened(ask=reader, **options(claimed)) as (app, pilot):
            await press(app, pilot, "4", "a", "slash", *"mnli", "enter")
            command = [*shlex.split(app.place.behind().command)[1:], "--format"]
            for ending, name in (("csv", "csv"), ("md", "markdown"), ("tex", "latex")):
                await press(app, pilot, "colon", *f"export a.{ending}", "enter")
                assert (tmp_path / f"a.{ending}").read_text() == CliRunner().invoke(
                    cli, [*command, name]
                ).stdout
            assert "| old | superseded |" in (tmp_path / "a.md").read_text()


async def test_sql(store, ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("intermezzo.tui.places.sql.LIMIT", 3)
    statement = (
        "SELECT system, value, value / 3 AS value, NULL AS none FROM matrix ORDER BY value DESC, system"
    )
    async with opened(ask=ask, **options(store)) as (app, pilot):
        await press(app, pilot, "7")
        app.place.editor.text = statement
        await press(app, pilot, "ctrl+r")
        shown = app.place.answer.rows
        assert len(shown) == 3
        assert [tuple(row.values()) for row in printed(app)[:3]] == shown
        for ending in ("json", "md", "tex", "csv"):
            await press(app, pilot, "colon", *f"export a.{ending}", "enter")
            assert "There are more rows: 3 is the limit here." in app._said
        rows = json.loads((tmp_path / "a.json").read_text())
        assert [tuple(row) for row in rows] == [("system", "value", "value_2", "none")] * 3
        for ending in ("md", "tex"):
            text = (tmp_path / f"a.{ending}").read_text()
            assert f"{shown[0][2]:.6g}" in text
            assert repr(shown[0][2]) not in text


async def test_jobs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("intermezzo.engine.launchers.slurm.ask_sacct", lambda _handles: {})
    made = small_store(tmp_path / "store")
    for title in ("first", "second"):
        report = Reporter(make_job(made, JobSpec("evaluate", {}, title), "here"))
        report.step(40, 100, "items")
        report.running()
    with reading(made) as reader:
        async with opened(ask=reader, **options(made)) as (app, pilot):
            await press(app, pilot, "6")
            shown = [(job.id, job.done, job.spec.title) for job in app.place.jobs]
            assert len(shown) == 2
            assert [(row["id"], row["done"], row["title"]) for row in printed(app)] == shown
            for ending in ("json", "md"):
                await press(app, pilot, "colon", *f"export a.{ending}", "enter")
            assert [row["id"] for row in json.loads((tmp_path / "a.json").read_text())] == [
                i for i, *_ in shown
            ]
            assert "| 40/100 items | first |" in (tmp_path / "a.md").read_text()


async def test_a_plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("intermezzo.engine.launchers.slurm.ask_sacct", lambda _handles: {})
    (tmp_path / "plan.toml").write_text(
        'models = ["a/model"]\nrecipes = ["direct", "mlm"]\ntargets = ["xnli"]\nseeds = [1, 2]\n'
    )
    made = small_store(tmp_path / "store")
    with reading(made) as reader:
        async with opened((120, 40), ask=reader, **options(made)) as (app, pilot):
            await press(app, pilot, "6", "colon", *"experiment plan.toml", "enter")
            stages = {s.stage_id for b in app.place.branches for s in b.stages.values() if b.trainings}
            rows = printed(app, (0, 1))
            assert {row["stage_id"] for row in rows if row["what"] == "train"} == stages != set()
            for ending in ("json", "md"):
                await press(app, pilot, "colon", *f"export a.{ending}", "enter")
            assert json.loads((tmp_path / "a.json").read_text()) == rows
            assert "Stages, equal ones once" in (tmp_path / "a.md").read_text()
