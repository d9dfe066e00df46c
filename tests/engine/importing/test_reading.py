from __future__ import annotations

import hashlib
import math
import os
from pathlib import Path

import pytest
from intermezzo.engine.importing import reading
from intermezzo.engine.importing.draft import Refused, Waiting
from intermezzo.engine.importing.reading import (
    Truncated,
    Unreadable,
    load_json,
    number,
    read_whole,
    unread,
    whole,
)


def test_a_file_is_read_with_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"{}")
    data, source = read_whole(path, "me", 3)
    assert data == b"{}"
    assert (source.sha256, source.size) == (hashlib.sha256(b"{}").hexdigest(), 2)
    assert (source.importer, source.importer_version, source.path) == ("me", 3, str(path))
    assert source.mtime_ns == os.stat(path).st_mtime_ns


def test_a_file_too_large_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_JSON_BYTES", 10)
    (tmp_path / "a.json").write_bytes(b"[" * 11)
    with pytest.raises(Unreadable, match="MB"):
        read_whole(tmp_path / "a.json", "me", 1)
    with pytest.raises(Unreadable, match="cannot be opened: No such file"):
        read_whole(tmp_path / "b.json", "me", 1)


@pytest.mark.parametrize(
    "text", ['{"a": 1', '{"a": "x', "", "   ", '{"a": [1, 2', "{", '{"a":', '{"a": "x\\']
)
def test_what_breaks_off_is_told_from_what_is_wrong(text: str) -> None:
    with pytest.raises(Truncated):
        load_json(text.encode())


@pytest.mark.parametrize("text", ['{"a" 1}', "nonsense here", '{"a": 1} trailing', "<html>"])
def test_what_is_no_json_is_no_truncation(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        load_json(text.encode())
    assert not isinstance(caught.value, Truncated)


def test_hostile_json_is_a_sentence() -> None:
    with pytest.raises(Unreadable, match="nested too deeply"):
        load_json(b"[" * 100_000 + b"]" * 100_000)
    with pytest.raises(Unreadable, match="too many digits"):
        load_json(b'{"a": ' + b"9" * 400_000 + b"}")
    with pytest.raises(Unreadable, match="UTF-8"):
        load_json(b'{"a": "\xff"}')


def test_nan_infinity_and_a_byte_order_mark_are_let_through() -> None:
    found = load_json(b'\xef\xbb\xbf{"a": NaN, "b": -Infinity, "c": 1e999}')
    assert math.isnan(found["a"])
    assert (found["b"], found["c"]) == (-math.inf, math.inf)


def test_only_a_young_file_that_breaks_off_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("{")
    assert isinstance(unread(path, Truncated("it ends")), Waiting)
    assert isinstance(unread(path, Unreadable("it is bad")), Refused)
    os.utime(path, (1, 1))
    assert unread(path, Truncated("it ends")) == Refused(path, "it ends")


def test_numbers_are_told_from_what_looks_like_them() -> None:
    assert [whole(v) for v in (3, 3.0, 3.5, True, "3", None, 2**70, math.inf)] == [
        3,
        3,
        None,
        None,
        None,
        None,
        None,
        None,
    ]
    assert [number(v) for v in (3, 0.5, True, "0.5", None, [], 10**400)] == [
        3.0,
        0.5,
        None,
        None,
        None,
        None,
        math.inf,
    ]
