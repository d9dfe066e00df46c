"""The page of licences names everything that is installed, and nothing in it says that it may not be used."""

from __future__ import annotations

import importlib.util

import pytest
from licences import PAGE, SETS, UNSTATED, closure, licence

COPYLEFT = ("AGPL", "GPL-3", "GPL-2", "GPLv3", "GPLv2", "NonCommercial")


@pytest.mark.parametrize("extra", SETS)
def test_every_dependency_stands_on_the_page(extra: str) -> None:
    if extra and importlib.util.find_spec("torch") is None:
        pytest.skip("left out: the extras are not installed here (make engine)")
    page = PAGE.read_text()
    missing = [name for name in closure(extra) if f"| {name} |" not in page]
    assert missing == [], "python tests/packaging/licences.py --write"


@pytest.mark.parametrize("extra", SETS)
def test_every_licence_is_stated_and_lets_the_product_be_mit(extra: str) -> None:
    if extra and importlib.util.find_spec("torch") is None:
        pytest.skip("left out: the extras are not installed here (make engine)")
    stated = {name: licence(name) for name in closure(extra)}
    assert UNSTATED not in stated.values()
    # An alternative ("BSD-2-Clause OR LGPL-2.1-or-later") is the user's choice.
    strict = {n: words for n, words in stated.items() if " OR " not in words}
    assert {n: words for n, words in strict.items() if any(word in words for word in COPYLEFT)} == {}
