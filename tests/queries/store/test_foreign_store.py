"""A store from somebody else, made to harm: nothing outside is read or written, and nothing hangs."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import duckdb
import orjson
import polars as pl
import pytest
from intermezzo.queries.claims.claim_file import claim_of
from intermezzo.queries.claims.kept import add_claims, read_kept
from intermezzo.queries.errors import Problem
from intermezzo.queries.store import manifest
from intermezzo.queries.store.generations import connect_index, generations
from intermezzo.queries.store.layout import Store, open_store
from intermezzo.queries.store.moving import move_runs
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.records_kept import add_record
from intermezzo.queries.store.verify import verify
from intermezzo.queries.store.writer import write_runs
from store_samples import items, new_store, run

BAD, GOOD = run("bad"), run("good")
SECRET = "the examination questions"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = new_store(tmp_path)
    write_runs(made, [(BAD, items()), (GOOD, items())])
    (tmp_path / "secret.txt").write_text(SECRET)
    return made


def resealed(folder: Path, old: bytes, new: bytes) -> None:
    """Change a manifest and give it the right checksum."""
    path = folder / "manifest.json"
    head = path.read_bytes().rsplit(b',\n  "checksum"', 1)[0].replace(old, new, 1)
    path.write_bytes(head + b',\n  "checksum": "' + hashlib.sha256(head).hexdigest().encode() + b'"\n}\n')


def test_an_index_with_views_and_macros_that_read_files_cannot_read_any(store: Store, tmp_path: Path) -> None:
    path = store.index_dir / publish(store).generation
    path.chmod(0o644)
    secret = tmp_path / "secret.txt"
    with duckdb.connect(str(path)) as con:
        con.execute(f"CREATE MACRO lower(x) AS (SELECT content FROM read_text('{secret}'))")
        con.execute(f"CREATE VIEW look AS SELECT content FROM read_text('{secret}')")
    with connect_index(path) as con:
        for sql in ("SELECT lower('A')", "FROM look", f"FROM read_text('{secret}')"):
            with pytest.raises(duckdb.Error) as error:
                con.execute(sql).fetchall()
            assert SECRET not in str(error.value)
    with connect(store, fresh=False) as reader, pytest.raises(Problem):
        reader.sql("FROM look")


def test_an_index_with_macros_is_not_gone_on_with(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from intermezzo.queries.store import publisher

    name = publish(store).generation
    path = store.index_dir / name
    path.chmod(0o644)
    with duckdb.connect(str(path)) as con:
        con.execute(
            f"CREATE MACRO coalesce(x, y) AS (SELECT content FROM read_text('{tmp_path / 'secret.txt'}'))"
        )
    monkeypatch.setattr(publisher, "_own", set())  # as in another process
    write_runs(store, [(run("new"), None)])
    published = publish(store)
    assert published.runs == 3
    assert any("no intermezzo made" in note for note in published.notes)
    with connect_index(store.index_dir / generations(store)[-1]) as con:
        assert con.execute("SELECT count(*) FROM duckdb_functions() WHERE NOT internal").fetchall() == [(0,)]


def test_a_foreign_database_in_the_place_of_the_index_is_set_aside(store: Store) -> None:
    name = publish(store).generation
    path = store.index_dir / name
    path.unlink()
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE meta AS SELECT 'label' AS key, 'x' AS value; CREATE TABLE runs (a INT)")
    assert publish(store).runs == 2
    with connect(store, fresh=False) as reader:
        assert reader.sql("SELECT count(*) FROM runs").rows == [(2,)]


@pytest.mark.parametrize("file", ["manifest.json", "scores.parquet", "items.parquet"])
@pytest.mark.parametrize("how", ["link", "pipe", "device", "folder"])
def test_what_is_no_ordinary_file_is_named_and_never_waited_for(store: Store, file: str, how: str) -> None:
    path = store.runs / BAD.run_id / file
    whole = path.read_bytes()
    path.unlink()
    if how == "link":
        (store.path / "elsewhere").write_bytes(whole)
        path.symlink_to(store.path / "elsewhere")
    elif how == "pipe":
        os.mkfifo(path)
    elif how == "device":
        path.symlink_to("/dev/zero")
        if file != "manifest.json":
            folder = store.runs / BAD.run_id
            resealed(folder, f'"bytes": {len(whole)}'.encode(), b'"bytes": 0')
    else:
        path.mkdir()
    published = publish(store)
    assert list(published.quarantined) == [BAD.run_id]
    assert published.runs == 1
    assert [d.path for d in verify(store)] == [f"runs/{BAD.run_id}"]


def test_names_in_a_manifest_lead_nowhere_else(store: Store) -> None:
    resealed(store.runs / BAD.run_id, b'"texts": null', b'"texts": "../../secret"')
    assert "names them wrongly" in publish(store).quarantined[BAD.run_id]


@pytest.mark.parametrize("name", ["..", "a/b", "a\n", "\u202ea", "-a", "a" * 65, ""])
def test_no_such_name_is_a_run(name: str) -> None:
    assert not manifest.valid_id(name)


def test_a_small_file_of_billions_of_rows_is_not_unpacked(store: Store) -> None:
    folder = store.runs / BAD.run_id
    whole = (folder / "scores.parquet").read_bytes()
    columns = pl.read_parquet(whole).columns
    bomb = pl.DataFrame({c: pl.repeat(None, 3_000, eager=True, dtype=pl.String) for c in columns})
    bomb.write_parquet(folder / "scores.parquet")
    data = (folder / "scores.parquet").read_bytes()
    for old, new in (
        (hashlib.sha256(whole).hexdigest(), hashlib.sha256(data).hexdigest()),
        (f'"bytes": {len(whole)}', f'"bytes": {len(data)}'),
    ):
        resealed(folder, old.encode(), new.encode())
    assert "3,000 rows, not those" in publish(store).quarantined[BAD.run_id]
    resealed(folder, b'"rows": 2,', b'"rows": 3000000000,')
    assert "more than 100,000,000 rows" in publish(store).quarantined[BAD.run_id]


def another(folder: Path) -> Store:
    folder.mkdir()
    return new_store(folder)


def test_merging_takes_nothing_along_that_the_other_store_only_points_to(
    store: Store, tmp_path: Path
) -> None:
    """Else whoever shares a store could have another's private files copied into the other's shared one."""
    secret = tmp_path / "secret.txt"
    write_runs(store, [(run("packed", file="two"), None)])
    (pack,) = (p.parent for p in store.runs.glob("p*/manifest.json"))
    (pack / "items.parquet").symlink_to(secret)
    (pack / "notes.txt").symlink_to(secret)
    (store.claims / f"{'a' * 24}.json").symlink_to(secret)
    (store.claims / "claim.txt").symlink_to(secret)
    (store.verifications / f"{'b' * 24}.json").symlink_to(secret)
    (store.hidden / f"{'c' * 24}.json").symlink_to(secret)
    target = another(tmp_path / "target")
    moved = move_runs(store, target)
    assert len(moved.added) == 3
    assert {r.path.split("/")[0] for r in moved.refused} == {"claims", "verifications", "hidden"}
    for path in target.path.rglob("*"):
        assert not path.is_symlink(), path
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


def test_merging_waits_for_no_pipe(store: Store, tmp_path: Path) -> None:
    os.mkfifo(store.claims / f"{'a' * 24}.json")
    (store.runs / BAD.run_id / "items.parquet").unlink()
    os.mkfifo(store.runs / BAD.run_id / "items.parquet")
    target = another(tmp_path / "target")
    moved = move_runs(store, target)
    assert moved.added == [GOOD.run_id]
    assert len(moved.refused) == 2


def test_a_verification_of_another_form_says_nothing_and_stops_nothing(store: Store) -> None:
    said = {"id": "better", "statement": "It helps.", "sql": "SELECT 1"}
    add_claims(store, [claim_of(said, "test")])
    found = {"verdict": "supported", "reasons": [], "audit": {"seeds": "pass"}}
    body = {"kind": "own", "claim": "better", "claim_record": "x", "by": "me", "found": found, "replaces": []}
    add_record(store, store.verifications, body)
    assert publish(store).runs == 2
    assert len(read_kept(store).records) == 1


def test_a_run_whose_texts_are_missing_is_named(store: Store) -> None:
    texts = {hashlib.sha256(t.encode()).hexdigest(): t for t in ("hello", "habari")}
    write_runs(store, [(run("c"), items(texts=texts))])
    (path,) = store.texts.iterdir()
    path.unlink()
    (damage,) = verify(store)
    assert damage.path == f"texts/{path.name}"
    assert "missing" in damage.reason


def test_run_folders_that_are_gone_are_named(store: Store) -> None:
    import shutil

    publish(store)
    shutil.rmtree(store.runs / BAD.run_id)
    published = publish(store)
    assert published.runs == 1
    assert any(BAD.run_id in note and "gone from runs/" in note for note in published.notes)


def test_import_reports_of_another_form_stop_nothing(store: Store) -> None:
    from intermezzo.queries.store.layout import open_store as again

    (store.imports / "x.json").write_bytes(orjson.dumps({"files": [{"status": "refused", "path": ["x"]}]}))
    assert publish(again(store.path)).runs == 2


def test_a_version_file_that_is_a_pipe_is_said(tmp_path: Path) -> None:
    made = new_store(tmp_path)
    (made.path / "VERSION").unlink()
    os.mkfifo(made.path / "VERSION")
    with pytest.raises(Problem, match="no ordinary file"):
        open_store(made.path)
