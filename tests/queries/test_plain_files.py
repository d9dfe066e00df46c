from __future__ import annotations

from pathlib import Path

import pytest
from intermezzo.queries.plain_files import at_home


def test_home_is_filled_in_and_what_is_nobodys_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert at_home("~/a") == tmp_path / "a"
    for path in ("~nobody-has-this-name/a", "~a\0/b", "a/~", ""):
        assert at_home(path) == Path(path)
