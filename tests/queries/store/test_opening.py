"""Opening a store, or saying in a sentence why not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from intermezzo.queries.errors import Problem
from intermezzo.queries.store import layout
from intermezzo.queries.store.layout import default_path, open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.reader import connect
from intermezzo.queries.store.writer import write_runs
from store_samples import new_store, run


def test_a_store_is_made_only_when_asked(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no store at"):
        open_store(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    made = open_store(tmp_path / "new", create=True)
    assert made.writable
    assert open_store(tmp_path / "new") == made


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(Problem, match="not a store"):
        open_store(tmp_path, create=True)
    assert os.listdir(tmp_path) == ["thesis.tex"]


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Problem, match="is a file"):
        open_store(tmp_path / "file")


def test_a_newer_store_is_refused_with_what_to_do(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    (store.path / "VERSION").write_text("intermezzo store 999\n")
    with pytest.raises(Problem, match=r"layout 999.*newer intermezzo"):
        open_store(store.path)


def test_a_version_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_bytes(b"\xff\xfe 1.2.3\n")
    with pytest.raises(Problem, match="VERSION does not say"):
        open_store(tmp_path)


def test_what_a_killed_maker_left_can_be_made_again(tmp_path: Path) -> None:
    (tmp_path / "s" / "runs").mkdir(parents=True)
    (tmp_path / "s" / "VERSION.77.ab12cd34.new").write_text("intermezzo")
    assert open_store(tmp_path / "s", create=True).writable


def test_the_default_is_the_environment_then_the_working_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_path() == Path("intermezzo-store")
    monkeypatch.setenv("INTERMEZZO_STORE", "/somewhere/else")
    assert default_path() == Path("/somewhere/else")


def test_a_read_only_store_keeps_its_index_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = new_store(tmp_path)
    write_runs(store, [(run("a"), None)])
    # root may write anywhere, so the answer of the system is replaced rather than the permission.
    monkeypatch.setattr(layout.os, "access", lambda *_: False)
    before = sorted(p for p in store.path.rglob("*"))
    mine = open_store(store.path)
    assert not mine.writable
    with pytest.raises(Problem, match="cannot be written"):
        write_runs(mine, [(run("b"), None)])
    with connect(mine) as reader:
        assert reader.sql("SELECT count(*) FROM runs").rows == [(1,)]
    assert mine.results.is_relative_to(Path.home() / ".cache")
    assert mine.results.exists()
    assert sorted(p for p in store.path.rglob("*")) == before
    assert not publish(mine).changed


@pytest.mark.parametrize("name", ["it's [1] *.", "dé pot", "a;b$c{runs}"])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    store = new_store(tmp_path / name)
    write_runs(store, [(run("a"), None)])
    with connect(store) as reader:
        assert reader.sql("SELECT count(*) FROM scores").rows == [(2,)]


@pytest.mark.parametrize("name", ["what?", "b\udc80d"])
def test_a_name_that_duckdb_cannot_open_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problem, match="question mark"):
        open_store(tmp_path / name, create=True)
    assert os.listdir(tmp_path) == []
