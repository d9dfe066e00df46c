from __future__ import annotations

import os
from pathlib import Path

import pytest
from intermezzo.engine.importing.tree import HEADS_KEPT, list_beside, list_tree


def names(root: Path) -> list[str]:
    tree = list_tree(root)
    return [tree.relative(file.path) for file in tree.files]


def test_lists_files_sorted_with_size_and_time(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.json").write_bytes(b"22")
    (tmp_path / "a.json").write_bytes(b"1")
    os.utime(tmp_path / "a.json", ns=(5, 7))
    tree = list_tree(tmp_path)
    assert [tree.relative(f.path) for f in tree.files] == ["a.json", "b/two.json"]
    assert (tree.files[0].size, tree.files[0].mtime_ns, tree.files[0].name) == (1, 7, "a.json")
    assert tree.files[1].folder == str(tmp_path / "b")


def test_leaves_out_hidden_caches_and_stores(tmp_path: Path) -> None:
    for folder in (".git", "__pycache__", "store/runs", "kept"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "results.json").write_text("{}")
    (tmp_path / "store" / "VERSION").write_text("1")
    (tmp_path / ".hidden.json").write_text("{}")
    assert names(tmp_path) == ["kept/results.json"]


def test_a_file_is_a_root_too(tmp_path: Path) -> None:
    path = tmp_path / "model" / "results.json"
    path.parent.mkdir()
    path.write_text("{}")
    (path.parent / "other.json").write_text("{}")
    (path.parent / "samples.jsonl").write_text("{}")
    tree = list_tree(path)
    assert [f.path for f in tree.files] == [str(path)]
    assert tree.relative(path) == "model/results.json"
    assert [f.name for f in list_beside(path).files] == ["results.json", "samples.jsonl"]


def test_follows_links_once_and_names_dead_ones(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.json").write_text("{}")
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    (tmp_path / "dead.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    tree = list_tree(tmp_path)
    assert [tree.relative(f.path) for f in tree.files] == ["real/a.json"]
    assert {os.path.basename(path) for path, _ in tree.unreadable} == {"dead.json", "self"}


def test_a_linked_folder_elsewhere_is_listed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.json").write_text("{}")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "elsewhere")
    assert names(tmp_path / "root") == ["link/a.json"]


def test_what_is_not_there_is_said_and_not_raised(tmp_path: Path) -> None:
    tree = list_tree(tmp_path / "none")
    assert tree.files == ()
    assert tree.unreadable == ((str(tmp_path / "none"), "there is no such file or folder"),)


@pytest.mark.skipif(os.geteuid() == 0, reason="left out: root may read every folder")
def test_a_folder_without_permission_is_said(tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir()
    (tmp_path / "open.json").write_text("{}")
    (tmp_path / "shut").chmod(0)
    try:
        tree = list_tree(tmp_path)
    finally:
        (tmp_path / "shut").chmod(0o700)
    assert tree.unreadable == ((str(tmp_path / "shut"), "no permission to read it"),)
    assert len(tree.files) == 1


def test_odd_names_are_listed_as_they_are(tmp_path: Path) -> None:
    odd = [
        b"..json",
        b"a..b.json",
        b"new\nline.json",
        b"\xff\xfe.json",
        b"n" * 250 + b".json",
        "日本‮.json".encode(),
    ]
    for name in odd:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as handle:
            handle.write(b"{}")
    found = {os.fsencode(f.name) for f in list_tree(tmp_path).files}
    assert found == set(odd) - {b"..json"}  # that one is hidden


def test_heads_are_read_once_and_forgotten_in_time(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"first")
    tree = list_tree(tmp_path)
    assert tree.head(path, 3) == b"fir"
    path.write_bytes(b"other")
    assert tree.head(path, 3) == b"fir"
    tree._kept[0] = HEADS_KEPT + 1
    assert tree.head(path, 1000) == b"other"
    assert tree.head(path, 3) == b"oth"
    assert tree.head(tmp_path / "gone") == b""


def test_without_keeps_the_rest(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text("")
    left = list_tree(tmp_path).without({str(tmp_path / "b")})
    assert [f.name for f in left.files] == ["a", "c"]
    assert {f.name for fs in left.folders.values() for f in fs} == {"a", "c"}
