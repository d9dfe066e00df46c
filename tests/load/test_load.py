"""A few of everybody on one store for some seconds; ``make load`` is the same with more, for minutes."""

from __future__ import annotations

from pathlib import Path

import pytest
from loading import put_under_load


@pytest.mark.slow
@pytest.mark.terminal
def test_everybody_uses_one_store_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    load = put_under_load(tmp_path, 6, writers=2, importers=1, apps=1, shells=2)
    assert load.wrong == []
    assert load.acknowledged > 0
    assert load.imported > 0
    assert load.in_store == 1 + load.acknowledged + load.imported
