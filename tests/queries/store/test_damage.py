"""What is damaged is named and left out; the rest opens."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pytest
from intermezzo.queries.errors import Problem
from intermezzo.queries.store import manifest
from intermezzo.queries.store.generations import generations
from intermezzo.queries.store.layout import Store, file_sha256, open_store
from intermezzo.queries.store.publisher import publish, rebuild
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.verify import verify
from intermezzo.queries.store.writer import write_runs
from store_samples import flip, items, new_store, run

BAD, GOOD, PACKED = run("bad"), run("good"), run("packed", file="two")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = new_store(tmp_path)
    write_runs(made, [(BAD, items()), (GOOD, items())])
    write_runs(made, [(PACKED, None)])
    return made


def run_ids(store: Store) -> list[str]:
    with connect(store) as reader:
        return [r for (r,) in reader.sql("SELECT run_id FROM runs ORDER BY run_id").rows]


@pytest.mark.parametrize("file", ["scores.parquet", "items.parquet", "manifest.json"])
@pytest.mark.parametrize("where", [0.0, 0.3, 0.999])
def test_a_flipped_bit_quarantines_that_run_by_name(store: Store, file: str, where: float) -> None:
    flip(store.runs / BAD.run_id / file, where)
    published = publish(store)
    assert list(published.quarantined) == [BAD.run_id]
    assert file in published.quarantined[BAD.run_id]
    assert run_ids(store) == sorted([GOOD.run_id, PACKED.run_id])
    with connect(store) as reader:
        (row,) = reader.sql("SELECT folder, file FROM quarantine").rows
    assert row == (BAD.run_id, file)
    assert [d.path for d in verify(store)] == [f"runs/{BAD.run_id}"]
    assert not publish(store).changed


@pytest.mark.parametrize("file", ["scores.parquet", "items.parquet", "manifest.json"])
@pytest.mark.parametrize("how", ["cut", "empty", "gone"])
def test_a_cut_or_missing_file_quarantines_that_run(store: Store, file: str, how: str) -> None:
    path = store.runs / BAD.run_id / file
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-7] if how == "cut" else b"")
    assert list(publish(store).quarantined) == [BAD.run_id]
    assert run_ids(store) == sorted([GOOD.run_id, PACKED.run_id])


def test_a_mended_run_leaves_the_quarantine(store: Store) -> None:
    path = store.runs / BAD.run_id / "scores.parquet"
    whole = path.read_bytes()
    flip(path)
    assert publish(store).quarantined
    path.write_bytes(whole)
    assert publish(store).quarantined == {}
    assert len(run_ids(store)) == 3


def test_importing_again_puts_a_whole_run_in_the_place_of_a_damaged_one(store: Store) -> None:
    flip(store.runs / BAD.run_id / "scores.parquet")
    publish(store)
    assert write_runs(store, [(BAD, items()), (GOOD, items())]).added == [BAD.run_id]
    assert publish(store).quarantined == {}
    assert len(run_ids(store)) == 3
    assert verify(store) == []
    (aside,) = (store.path / "quarantine").iterdir()
    assert aside.name.startswith(BAD.run_id)


def test_damage_after_publishing_is_found_by_verify_and_left_out_by_a_rebuild(store: Store) -> None:
    publish(store)
    flip(store.runs / BAD.run_id / "items.parquet")
    assert len(run_ids(store)) == 3
    (damage,) = verify(store)
    assert damage.path == f"runs/{BAD.run_id}"
    assert "items.parquet was changed" in damage.reason
    assert list(rebuild(store).quarantined) == [BAD.run_id]


def test_items_changed_after_publishing_are_not_read(store: Store) -> None:
    with connect(store) as reader:
        assert list(reader.items_paths([BAD.run_id, GOOD.run_id, PACKED.run_id])) == sorted(
            [BAD.run_id, GOOD.run_id]
        )
    flip(store.runs / BAD.run_id / "items.parquet")
    with connect(store) as reader:
        assert list(reader.items_paths([GOOD.run_id])) == [GOOD.run_id]
        with pytest.raises(Problem, match=f"{BAD.run_id} cannot be trusted: items.parquet was changed"):
            reader.items_paths([BAD.run_id])


def forge(store: Store, parquet: str) -> Path:
    """Make a pack whose checksums are right and whose scores are something else."""
    forged = run("forged", file="three")
    write_runs(store, [(forged, None)])
    (folder,) = (
        p.parent for p in store.runs.glob("p*/manifest.json") if forged.run_id.encode() in p.read_bytes()
    )
    scores = folder / "scores.parquet"
    duckdb.sql(f"COPY ({parquet}) TO '{scores}' (FORMAT parquet)")
    found = manifest.load((folder / "manifest.json").read_bytes(), folder.name)
    entry = manifest.FileEntry(file_sha256(scores), 1, scores.stat().st_size)
    data = manifest.dump(
        [manifest.run_of(r) for r in found.runs], {"scores.parquet": entry}, found.written, {}
    )
    (folder / "manifest.json").write_bytes(data)
    return folder


@pytest.mark.parametrize(
    "parquet", ["SELECT 1 AS one", "SELECT 'x' AS run_id, 'high' AS value, 'm' AS metric"]
)
def test_a_whole_file_that_is_no_table_of_scores_is_left_out(store: Store, parquet: str) -> None:
    folder = forge(store, parquet)
    published = publish(store)
    assert list(published.quarantined) == [folder.name]
    assert "no table of scores" in published.quarantined[folder.name]
    assert published.runs == 3


@pytest.mark.parametrize("name", ["no-manifest", "pffffffffffffffffffffffff"])
def test_a_stray_folder_is_named(store: Store, name: str) -> None:
    (store.runs / name).mkdir()
    (store.runs / "notes.txt").write_text("mine")
    assert publish(store).quarantined == {name: "it has no manifest.json"}


def test_a_run_folder_under_another_name_is_not_taken_in_twice(store: Store) -> None:
    shutil.copytree(store.runs / GOOD.run_id, store.runs / "copy")
    published = publish(store)
    assert list(published.quarantined) == ["copy"]
    assert published.runs == 3


def test_a_manifest_of_a_newer_program_is_left_to_that(store: Store) -> None:
    path = store.runs / BAD.run_id / "manifest.json"
    import hashlib

    head = path.read_bytes().rsplit(b',\n  "checksum"', 1)[0].replace(b'"format": 1', b'"format": 99', 1)
    path.write_bytes(head + b',\n  "checksum": "' + hashlib.sha256(head).hexdigest().encode() + b'"\n}\n')
    assert "format 99, newer" in publish(store).quarantined[BAD.run_id]


def overwrite_blocks(path: Path, fill: bytes) -> None:
    """Damage everything behind the headers of a database."""
    path.chmod(0o644)
    data = path.read_bytes()
    path.write_bytes(data[:12288] + (fill * len(data))[: len(data) - 12288])


@pytest.mark.parametrize("part", ["header", "blocks", "cut", "empty"])
def test_a_damaged_index_is_rebuilt(store: Store, part: str) -> None:
    name = publish(store).generation
    path = store.index_dir / name
    if part == "header":
        flip(path, 0.0)
        path.write_bytes(b"\0" * 20000)
    elif part == "blocks":
        overwrite_blocks(path, b"\x5a")
    else:
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:5000] if part == "cut" else b"")
    assert len(run_ids(store)) == 3
    assert generations(store)[-1] != name
    assert (store.index_dir / f"{name}.damaged").exists()


def test_a_block_that_went_bad_is_noticed_when_it_is_read_and_the_index_rebuilt(store: Store) -> None:
    name = publish(store).generation
    path = store.index_dir / name
    whole = path.read_bytes()
    # The block with the run ids: found by its text, so that opening the index still works.
    at = whole.index(GOOD.run_id.encode())
    path.chmod(0o644)
    path.write_bytes(whole[:at] + b"#" + whole[at + 1 :])
    assert [d.path for d in verify(store)] == [f"index/{name}"]
    with connect(store, fresh=False) as reader:
        assert reader.generation == name
        for table in ("folders", "runs", "scores", "language_scores"):
            assert {r for (r,) in reader.sql(f"SELECT hash(t) IS NULL FROM {table} t").rows} == {False}
        assert reader.generation != name


def test_appending_to_a_bad_index_builds_anew(store: Store) -> None:
    name = publish(store).generation
    path = store.index_dir / name
    whole = path.read_bytes()
    at = whole.index(GOOD.run_id.encode())
    path.chmod(0o644)
    path.write_bytes(whole[:at] + b"#" + whole[at + 1 :])
    write_runs(store, [(run("new"), None)])
    assert publish(store).runs == 4
    assert len(run_ids(store)) == 4


def test_a_wrong_text_is_named(store: Store) -> None:
    import hashlib

    texts = {hashlib.sha256(t.encode()).hexdigest(): t for t in ("hello", "habari")}
    write_runs(store, [(run("c"), items(texts=texts))])
    (path,) = store.texts.iterdir()
    duckdb.sql(
        f"CREATE TEMP TABLE t AS SELECT text_sha, text || '!' AS text FROM '{path}'; COPY t TO '{path}'"
    )
    (damage,) = verify(store)
    assert damage.path == f"texts/{path.name}"
    assert "was changed" in damage.reason


@pytest.mark.parametrize("how", ["copy", "move"])
def test_a_store_elsewhere_is_the_same_store(store: Store, tmp_path: Path, how: str) -> None:
    publish(store)
    target = tmp_path / "else" / "where"
    target.parent.mkdir()
    if how == "copy":
        shutil.copytree(store.path, target, copy_function=shutil.copyfile)
    else:
        os.rename(store.path, target)
    there = open_store(target)
    published = publish(there)
    assert (published.runs, published.changed, published.notes) == (3, False, ())
    with connect(there) as reader:
        ((path, folder),) = reader.sql(
            "SELECT items_path, folder FROM runs WHERE run_id = $id", {"id": GOOD.run_id}
        ).rows
        assert (there.path / path).exists()
        assert reader.items_paths([GOOD.run_id]) == {GOOD.run_id: there.runs / folder / "items.parquet"}
    write_runs(there, [(run("new"), None)])
    assert publish(there).notes == ()
    assert not list(target.glob("*.kept-*"))
