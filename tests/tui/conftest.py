"""What tests of the app share: the terminal they think they are in, and a small store with items."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from intermezzo.queries.store.layout import Store
from intermezzo.queries.store.reader import Reader, connect
from item_store import item_store


@pytest.fixture(autouse=True)
def _usual_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """256 colours, as over ssh, whatever the developer's own is."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("TEXTUAL_COLOR_SYSTEM", raising=False)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The store of ``item_store``; modules that need another have a ``store`` of their own."""
    return item_store(tmp_path_factory.mktemp("items") / "store")


@pytest.fixture
def ask(store: Store) -> Iterator[Reader]:
    """Who answers questions about it."""
    with closing(connect(store)) as reader:
        yield reader
