"""A watched folder: what is new or changed is found once it rests, at little cost."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.importing import watching
from intermezzo.engine.importing.watching import Watched


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    for name in ("a/one.json", "a/two.json", "b/c/three.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    return folder


def names(root: Path, paths: frozenset[str]) -> set[str]:
    return {str(Path(path).relative_to(root)) for path in paths}


def test_the_first_look_gives_everything_and_the_next_nothing(root: Path) -> None:
    watched = Watched(root)
    assert names(root, watched.look()) == {"a/one.json", "a/two.json", "b/c/three.json"}
    assert watched.look() == frozenset()
    assert watched.growing == frozenset()


def test_what_changes_is_given_once_it_rests(root: Path) -> None:
    watched = Watched(root)
    watched.look()
    (root / "new" / "deep").mkdir(parents=True)
    (root / "new" / "deep" / "four.json").write_text("{")
    (root / "a" / "one.json").write_text("{  }")
    assert watched.look() == frozenset()
    assert names(root, watched.growing) == {"new/deep/four.json", "a/one.json"}
    (root / "new" / "deep" / "four.json").write_text("{}")  # still being written
    assert names(root, watched.look()) == {"a/one.json"}
    assert names(root, watched.growing) == {"new/deep/four.json"}
    assert names(root, watched.look()) == {"new/deep/four.json"}
    assert watched.look() == frozenset()


def test_files_that_go_and_come_back(root: Path) -> None:
    watched = Watched(root)
    watched.look()
    kept = root.parent / "kept"
    shutil.move(root / "b", kept)
    assert watched.look() == watched.growing == frozenset()
    shutil.move(kept, root / "b")
    watched.look()
    assert names(root, watched.look()) == {"b/c/three.json"}
    (root / "a" / "one.json").write_text("{  }")
    watched.look()
    (root / "a" / "one.json").unlink()  # gone before it could rest
    assert watched.look() == frozenset()


def test_hidden_files_stores_and_circles_are_left_out(root: Path) -> None:
    (root / ".git").mkdir()
    (root / ".git" / "x.json").touch()
    (root / "store" / "runs").mkdir(parents=True)
    (root / "store" / "VERSION").touch()
    (root / "a" / "circle").symlink_to(root)
    (root / "nowhere").symlink_to(root / "nothing")
    watched = Watched(root)
    assert names(root, watched.look()) == {"a/one.json", "a/two.json", "b/c/three.json"}
    (root / "store" / "runs" / "new.json").touch()
    watched.look()
    assert watched.look() == frozenset()


def test_a_folder_that_goes_is_said_and_may_come_back(root: Path) -> None:
    watched = Watched(root)
    watched.look()
    kept = root.with_name("kept")
    root.rename(kept)
    with pytest.raises(FileNotFoundError):
        watched.look()
    kept.rename(root)
    (root / "four.json").touch()
    watched.look()
    assert names(root, watched.look()) == {"four.json"}


def test_a_single_file_can_be_watched(root: Path) -> None:
    file = root / "a" / "one.json"
    watched = Watched(file)
    assert watched.look() == {str(file)}
    assert watched.look() == frozenset()
    file.write_text("{ }")
    assert watched.look() == frozenset()
    assert watched.look() == {str(file)}


def test_a_look_at_a_large_tree_costs_a_part_of_it_and_in_turn_all_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "STATS_A_LOOK", 50)
    root = tmp_path / "large"
    for folder in range(40):
        (root / f"{folder:02}").mkdir(parents=True)
        for n in range(10):
            (root / f"{folder:02}" / f"{n}.json").touch()
    old = 10**9
    for path in root.rglob("*"):
        os.utime(path, (old, old))
    watched = Watched(root)
    assert len(watched.look()) == 400
    counts: Counter[str] = Counter()
    real = os.stat

    def counted(path: Any, *more: Any, **named: Any) -> os.stat_result:
        counts["stat"] += str(path).endswith(".json")
        return real(path, *more, **named)

    monkeypatch.setattr(os, "stat", counted)
    watched.look()
    assert 50 <= counts["stat"] <= 70
    (root / "39" / "9.json").write_text("changed in place")
    found = [names(root, watched.look()) for _ in range(12)]
    assert {"39/9.json"} in found
    (root / "07" / "new.json").touch()  # its folder tells: no file need be looked at
    watched.look()
    assert names(root, watched.look()) == {"07/new.json"}
