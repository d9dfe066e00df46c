"""Fixtures for all tests: nothing touches the developer's own folders, real samples where they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test asks the hub, whether there is a network or not; read when its library is imported first.
os.environ["HF_HUB_OFFLINE"] = "1"

# A shared machine may be slow: how long something takes decides no test.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real sample files beside the checkout; tests that need it are left out without it."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "samples").is_dir():
        pytest.skip("left out: the folder ../shared with real sample files is not beside this checkout")
    return folder


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test its own home, cache and configuration folders, and no colour or store settings."""
    home = tmp_path_factory.mktemp("home")
    for name, folder in (
        ("HOME", ""),
        ("XDG_CACHE_HOME", ".cache"),
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
    ):
        monkeypatch.setenv(name, str(home / folder))
    for name in ("INTERMEZZO_STORE", "NO_COLOR", "COLORTERM", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
