"""Runs the app on invented numbers, for tests in a real terminal: ``fake_app.py [SYSTEMS]``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fake_ask import FakeAsk
from intermezzo.tui.terminal import prepare, usable

if reason := usable():
    sys.exit(reason)
prepare()

from intermezzo.tui.app import IntermezzoApp  # noqa: E402

ask = FakeAsk()
if len(sys.argv) > 1:
    base = ask.systems
    ask.systems = [
        (f"{name} v{n}", model, recipe)
        for n in range(int(sys.argv[1]) // len(base) + 1)
        for name, model, recipe in base
    ][: int(sys.argv[1])]
state_file = os.environ.get("FAKE_STATE_FILE")
app = IntermezzoApp(ask, store_name="demo", state_file=Path(state_file) if state_file else None)
sys.exit(app.run() or 0)
