"""Vectors in a file."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from intermezzo.engine.vectors import open_vectors, vector_key
from intermezzo.queries.errors import Problem


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    vectors, done = open_vectors(tmp_path / "work", "k", 5, 3)
    vectors[2] = (1, 2, 3)
    done[2] = 1
    del vectors, done
    again, flags = open_vectors(tmp_path / "work", "k", 5, 3)
    assert again[2].tolist() == [1, 2, 3]
    assert flags.tolist() == [0, 0, 1, 0, 0]
    assert not open_vectors(tmp_path / "work", "other", 5, 3)[1].any()


def test_a_file_that_was_cut_off_is_begun_again(tmp_path: Path) -> None:
    vectors, done = open_vectors(tmp_path, "k", 4, 2)
    vectors[:], done[:] = 1, 1
    del vectors, done
    (tmp_path / "k.done").write_bytes(b"\1")
    assert not open_vectors(tmp_path, "k", 4, 2)[1].any()


def test_vectors_that_were_cut_off_are_not_taken_for_done(tmp_path: Path) -> None:
    vectors, done = open_vectors(tmp_path, "k", 4, 2)
    vectors[:], done[:] = 1, 1
    del vectors, done
    (tmp_path / "k.vectors").write_bytes(b"")
    assert not open_vectors(tmp_path, "k", 4, 2)[1].any()


def test_a_flag_without_its_vector_is_taken_back(tmp_path: Path) -> None:
    vectors, done = open_vectors(tmp_path, "k", 3, 2)
    vectors[:2], done[:] = 1, 1
    del vectors, done
    assert open_vectors(tmp_path, "k", 3, 2)[1].tolist() == [1, 1, 0]


def test_no_space_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(Problem, match=r"No room for 4 vectors in .*: No space left on device"):
        open_vectors(tmp_path, "k", 4, 2)


def test_nothing_to_keep(tmp_path: Path) -> None:
    vectors, done = open_vectors(tmp_path, "k", 0, 2)
    assert (vectors.shape, done.shape) == ((0, 2), (0,))


def test_the_key_follows_model_encoding_and_texts() -> None:
    keys = {
        vector_key(("m", 1), ["a", "b"]),
        vector_key(("m", 2), ["a", "b"]),
        vector_key(("m", 1), ["b", "a"]),
        vector_key(("m", 1), ["ab"]),
        vector_key(("m", 1), ["a", "\udc80"]),
    }
    assert len(keys) == 5
