"""What a publish puts into the index, and what it leaves alone."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import duckdb
import pytest
from intermezzo.queries.records import Found, Run, Score, identified
from intermezzo.queries.store.generations import generations
from intermezzo.queries.store.hidden import hide, unhide
from intermezzo.queries.store.landing import publishing
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.publisher import publish, rebuild, stale
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.writer import FileStatus, write_import_report, write_runs
from store_samples import contents, items, new_store, run


def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(store.results), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_runs_and_scores_are_as_they_were_handed_over(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    one = run("a", value=0.25, path="exp/x")
    write_runs(store, [(one, items())])
    published = publish(store)
    assert published.changed
    assert published.runs == 1
    assert rows(
        store,
        "SELECT run_id, found_name, found_path, task, split, n_items, items_path, source_path FROM runs",
    ) == [
        (
            one.run_id,
            "org/model",
            "exp/x",
            "xnli",
            "test",
            20,
            f"runs/{one.run_id}/items.parquet",
            "/results/one.json",
        )
    ]
    names = list(asdict(one.scores[0]))
    assert rows(store, f"SELECT {', '.join(names)} FROM scores ORDER BY language") == [
        tuple(asdict(s)[n] for n in names) for s in one.scores
    ]


def test_appending_gives_what_building_anew_gives(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a", name="m1"), None), (run("b", name="m2", task="pawsx"), items())])
    publish(store)
    old = run("c", name="m1", file="two", languages=("de", "yo"))
    write_runs(store, [(old, None)])
    publish(store)
    write_runs(store, [(run("c", name="m1", file="two", content="changed", value=0.75), None)])
    publish(store)
    write_runs(
        store, [(run("d", name="m3", languages=("qu", "sw"), supersedes=(run("a", name="m1").run_id,)), None)]
    )
    publish(store)
    with connect(store) as reader:
        appended = contents(reader)
        rebuild(store)
        assert reader.refresh()
        assert contents(reader) == appended
    assert len(appended["runs"]) == 5


def test_what_is_worked_out_for_some_systems_is_what_working_out_all_gives(tmp_path: Path) -> None:
    """Yardsticks are shared with systems that a publish does not look at."""
    store = new_store(tmp_path)

    def one(system: str, task: str, *scores: Score, key: str = "a") -> Run:
        return replace(run(key, file=f"{system} {task}", name=system, task=task), scores=scores, run_id="")

    def group(metric: str) -> Score:
        return Score(metric, 0.5, scope="group", implementation="theirs")

    own, theirs = Score("f1", 0.25, "sw", implementation="seqeval 1.2"), Score("accuracy", 0.75, "sw")
    steps: list[list[Run]] = [
        [one("m1", "panx", group("f1")), one("m1", "xnli", theirs)],
        [one("m2", "panx", own), one("m2", "xnli", group("accuracy"))],
        [one("m1", "panx", own, key="b"), one("m3", "new task", Score("some_metric", 7.0, "qu"))],
        [one("m3", "new task", Score("f1", 0.5, scope="macro"), key="b")],
    ]
    hidden: list[str] = []
    for runs in steps:
        runs = [identified(one) for one in runs]
        write_runs(store, [(one, None) for one in runs])
        publish(store)
        assert_as_built_anew(store)
        hidden.append(runs[-1].run_id)
    # what only hidden runs had is gone, and comes back
    hide(store, hidden[-2:], "a test")
    publish(store)
    assert "new task" not in {task for (task,) in rows(store, "SELECT task FROM yardsticks")}
    assert_as_built_anew(store)
    unhide(store, hidden[-1:])
    publish(store)
    assert "new task" in {task for (task,) in rows(store, "SELECT task FROM yardsticks")}
    assert_as_built_anew(store)


def assert_as_built_anew(store: Store) -> None:
    """Compare the derived tables with those of an index that is built of the folders alone."""
    tables = ("systems", "yardsticks", "stated_means", "language_scores")

    def derived() -> dict[str, list[tuple[object, ...]]]:
        found = {name: rows(store, f"SELECT t::VARCHAR FROM {name} t") for name in tables}
        return {name: table if name == "systems" else sorted(table) for name, table in found.items()}

    appended = derived()
    rebuild(store)
    assert derived() == appended


def test_nothing_new_is_no_new_generation(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    first = publish(store)
    again = publish(store)
    assert (first.changed, again.changed) == (True, False)
    assert again.generation == first.generation
    assert not stale(store)
    write_runs(store, [(run("a"), None)])
    assert stale(store)


def test_old_generations_go_but_an_open_reader_stays(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    publish(store)
    with connect(store) as reader:
        for key in "abcd":
            write_runs(store, [(run(key), None)])
            publish(store)
        assert len(generations(store)) == 2
        assert reader.generation not in generations(store)
        assert reader.sql("SELECT count(*) FROM runs").rows == [(0,)]
        assert reader.refresh()
        assert not reader.refresh()
        assert reader.sql("SELECT count(*) FROM runs").rows == [(4,)]


def test_a_generation_cannot_be_written(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    published = publish(store)
    assert (store.index_dir / published.generation).stat().st_mode & 0o222 == 0


def test_while_another_publishes_one_may_wait_or_go_on(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    publish(store)
    write_runs(store, [(run("a"), None)])
    with publishing(store, wait=True) as mine:
        assert mine
        assert not publish(store, wait=False).changed
    assert publish(store, wait=False).changed


def test_a_changed_file_replaces_what_it_said_before(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    old, other = run("a", value=0.1), run("b", value=0.2)
    write_runs(store, [(old, None), (other, None)])
    publish(store)
    new = run("a", value=0.9, content="changed")
    write_runs(store, [(new, None)])
    publish(store)
    found = dict(rows(store, "SELECT run_id, superseded_by FROM runs"))
    assert found == {old.run_id: new.run_id, other.run_id: None, new.run_id: None}
    assert rows(store, "SELECT path, runs FROM sources") == [("/results/one.json", 1)]


def test_a_newer_importer_replaces_what_an_older_one_read(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    old = run("a", name="misread")
    write_runs(store, [(old, None)])
    new = run("a", name="read right", version=2)
    write_runs(store, [(new, None)])
    publish(store)
    assert dict(rows(store, "SELECT run_id, superseded_by FROM runs")) == {
        old.run_id: new.run_id,
        new.run_id: None,
    }
    assert rows(store, "SELECT system FROM systems WHERE runs > 0 AND system = 'read right'")


def test_a_run_may_say_itself_what_it_replaces_even_before_that_lands(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    old = run("a", file="x")
    new = run("b", file="y", supersedes=(old.run_id,))
    write_runs(store, [(new, None)])
    publish(store)
    write_runs(store, [(old, None)])
    publish(store)
    assert dict(rows(store, "SELECT run_id, superseded_by FROM runs")) == {
        old.run_id: new.run_id,
        new.run_id: None,
    }


def test_systems_toml_renames_runs_that_are_there_already(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a", name="folder7"), None), (run("b", name="other"), None)])
    publish(store)
    before = rows(store, "SELECT system FROM runs WHERE found_name = 'other'")
    store.systems_toml.write_text(
        '[[system]]\nname = "folder7"\nbase_model = "xlm-roberta-large"\nrecipe = "mnli"\n'
    )
    assert publish(store).changed
    assert rows(store, "SELECT base_model, recipe, identity FROM runs WHERE found_name = 'folder7'") == [
        ("xlm-roberta-large", "mnli", "known")
    ]
    assert rows(store, "SELECT system FROM runs WHERE found_name = 'other'") == before
    assert len(rows(store, "SELECT DISTINCT system FROM language_scores")) == 2
    assert not publish(store).changed
    store.systems_toml.unlink()
    publish(store)
    assert rows(store, "SELECT recipe FROM runs WHERE found_name = 'folder7'") == [(None,)]


def test_a_broken_systems_toml_is_told_and_hides_no_run(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a"), None)])
    store.systems_toml.write_text("[[system]\n")
    published = publish(store)
    assert published.runs == 1
    assert any("systems.toml" in note for note in published.notes)
    assert publish(store).notes == published.notes


def test_import_reports_are_listed_until_the_next_import_says_otherwise(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a"), None)])
    refused = FileStatus("/results/bad.json", "refused", "It is cut short.", "sample", 1, 7, 8)
    waiting = FileStatus("/results/live.json", "waiting", "It is still being written.")
    guess = FileStatus("/results/one.json", "guessed", "told twice, listed once")
    write_import_report(store, "/results", [refused, waiting, guess])
    assert publish(store).changed
    found = rows(store, "SELECT path, status, reason, runs FROM sources ORDER BY path")
    assert found == [
        ("/results/bad.json", "refused", "It is cut short.", 0),
        ("/results/live.json", "waiting", "It is still being written.", 0),
        ("/results/one.json", "read", None, 1),
    ]
    write_import_report(store, "/results", [])
    publish(store)
    assert rows(store, "SELECT path FROM sources") == [("/results/one.json",)]


def test_a_report_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a"), None)])
    (store.imports / "zzz.json").write_text('{"files": [{"status": "refused"}, 3]}')
    (store.imports / "zzy.json").write_text("[")
    assert publish(store).runs == 1


def test_languages_that_no_table_names_are_added_when_met(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    publish(store)
    assert rows(store, "SELECT * FROM language_codes WHERE language IN ('nv', 'zz-odd')") == []
    write_runs(store, [(run("a", languages=("nv", "zz-odd")), None)])
    publish(store)
    found = dict(rows(store, "SELECT language, name FROM language_codes WHERE language IN ('nv', 'zz-odd')"))
    assert found == {"nv": "Navajo", "zz-odd": "zz-odd"}


def test_what_somebody_wrote_into_results_is_kept_beside_it(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    publish(store)
    with duckdb.connect(str(store.results)) as con:
        con.execute("CREATE TABLE my_notes AS SELECT 'precious' AS note")
    published = publish(store)
    (kept,) = store.path.glob("results.duckdb.kept-*")
    assert kept.name in published.notes[0]
    with duckdb.connect(str(kept), read_only=True) as con:
        assert con.execute("FROM my_notes").fetchall() == [("precious",)]
    assert rows(store, "SELECT count(*) FROM runs") == [(0,)]
    assert publish(store).notes == ()


def test_a_foreign_database_under_our_names_is_never_lost(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a"), None)])
    first = publish(store)
    foreign = tmp_path / "foreign.duckdb"
    with duckdb.connect(str(foreign)) as con:
        con.execute("CREATE TABLE thesis AS SELECT 42 AS answer")
    shutil.copy(foreign, store.results)
    taken = store.index_dir / first.generation.replace("-00000001-", "-00000009-")
    shutil.copy(foreign, taken)
    other = store.index_dir / "backup.duckdb"
    shutil.copy(foreign, other)
    write_runs(store, [(run("b"), None)])
    published = publish(store)
    assert published.runs == 2
    assert any(".damaged" in note for note in published.notes)
    kept = [*store.path.glob("results.duckdb.kept-*"), *store.index_dir.glob("*.damaged"), other]
    assert len(kept) == 3
    for path in kept:
        assert path.read_bytes() == foreign.read_bytes()
    assert rows(store, "SELECT count(*) FROM runs") == [(2,)]


def test_a_write_ahead_log_of_a_shell_is_not_played_into_the_new_index(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    publish(store)
    log = Path(f"{store.results}.wal")
    log.write_bytes(b"left by a shell that was killed")
    write_runs(store, [(run("a"), None)])
    publish(store)
    assert rows(store, "SELECT count(*) FROM runs") == [(1,)]
    assert not log.exists()
    assert [p.read_bytes() for p in store.path.glob("*.wal")] == [b"left by a shell that was killed"]


def test_a_folder_that_was_taken_away_leaves_the_index_too(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a"), items()), (run("b"), items())])
    publish(store)
    shutil.rmtree(store.runs / run("a").run_id)
    assert publish(store).runs == 1
    assert rows(store, "SELECT run_id FROM runs") == [(run("b").run_id,)]


def test_deleting_the_index_loses_nothing(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a"), items()), (run("b"), None)])
    with connect(store) as reader:
        before = contents(reader)
    shutil.rmtree(store.index_dir)
    store.results.unlink()
    store.index_dir.mkdir()
    with connect(store) as reader:
        assert contents(reader) == before


def test_an_index_of_an_older_program_is_built_anew(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a"), None)])
    name = publish(store).generation
    old = store.index_dir / ("0.abcdef" + name[name.index("-") :])
    os.rename(store.index_dir / name, old)
    with connect(store) as reader:
        assert reader.generation > old.name
        assert reader.sql("SELECT count(*) FROM runs").rows == [(1,)]
    assert old.exists()


def test_gaps_and_macro_scores_keep_their_reason(tmp_path: Path) -> None:
    from dataclasses import replace

    store = new_store(tmp_path)
    gap = Score("accuracy", None, "de", gap="the log says NaN")
    macro = Score("accuracy", 0.5, scope="macro", evidence="published")
    write_runs(store, [(replace(run("a"), scores=(gap, macro), found=Found("m")), None)])
    publish(store)
    assert rows(store, "SELECT value, gap, scope, evidence FROM scores ORDER BY scope") == [
        (None, "the log says NaN", "language", "logged"),
        (0.5, None, "macro", "published"),
    ]


@pytest.mark.parametrize("table", ["runs", "scores", "sources", "matrix", "languages"])
def test_tables_and_views_say_what_they_are(tmp_path: Path, table: str) -> None:
    store = new_store(tmp_path)
    publish(store)
    found = rows(
        store,
        f"SELECT comment FROM (SELECT table_name AS name, comment FROM duckdb_tables() "
        f"UNION ALL SELECT view_name, comment FROM duckdb_views()) WHERE name = '{table}'",
    )
    assert found[0][0]


def test_the_index_has_the_value_of_each_run_behind_a_mean_beside_its_id(tmp_path):
    store = new_store(tmp_path)
    direct = [run(str(seed), name="direct", value=seed / 10) for seed in (2, 1, 3)]
    direct = [
        identified(replace(r, found=replace(r.found, base_model="xlmr", recipe="direct", train_seed=n)))
        for n, r in enumerate(direct)
    ]
    alone = run("4", name="other", languages=("sw",))
    write_runs(store, [(r, None) for r in (*direct, alone)])
    publish(store)
    own = {r.run_id: r.scores[1].value for r in direct}
    (several,) = rows(
        store,
        "SELECT run_ids, run_values, run_ns, value, seeds FROM language_scores "
        "WHERE language = 'sw' AND len(run_ids) > 1",
    )
    assert several == (sorted(own), [own[r] for r in sorted(own)], [10] * 3, pytest.approx(0.21), 3)
    # of a run alone the mean is its value already
    assert rows(
        store, "SELECT run_ids, run_values, run_ns, value FROM language_scores WHERE len(run_ids) = 1"
    ) == [([alone.run_id], None, None, 0.5)]
