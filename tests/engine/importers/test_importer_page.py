"""The example of docs/importers.md is an importer that works."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from intermezzo.engine import importers
from reading_importers import imported, write

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "importers.md"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the page's example among the importers, as its own file would be."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "lab.py"
    file.write_text(code, encoding="utf-8")
    name = f"{importers.__name__}.lab"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    names = (*importers.IMPORTERS, "lab")
    monkeypatch.setattr(importers, "IMPORTERS", names)
    monkeypatch.setattr("reading_importers.claim", _with(names))
    return file


def _with(names: tuple[str, ...]):  # type: ignore[no-untyped-def]
    from intermezzo.engine.importing.claiming import claim

    return lambda tree: claim(tree, names=names)


def test_the_example_reads_its_format_and_refuses_by_line(example: Path, tmp_path: Path) -> None:
    body = "# lab-scores system=xlmr-mnli\nde\t76.5\nsw\t63.9\nxx-nothing\t1\nfr\t7650\nhi\thigh\n"
    write(tmp_path / "in" / "scores-xnli.lab", body)
    found = imported(tmp_path / "in", "lab")
    run = found.run("xnli")
    assert {(s.language, s.value) for s in run.scores} == {("de", 0.765), ("sw", 0.639)}
    assert run.found.name == "xlmr-mnli"
    assert set(found.reasons()) == {"line 4", "line 5", "line 6"}
    assert "the task, xnli, is from the file name" in found.sentences()


def test_the_example_keeps_the_house_style(example: Path) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("left out: ruff is not installed beside this Python")
    command = [str(ruff), "check", "--quiet", "--config", str(ROOT / "pyproject.toml"), str(example)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_the_page_names_every_part_of_the_interface() -> None:
    from intermezzo.engine.importing import draft

    text = PAGE.read_text(encoding="utf-8")
    for name in ("NAME", "VERSION", "find", "read", "Bundle", "Draft", "Refused", "Guessed", "Waiting"):
        assert f"`{name}" in text or f"{name}(" in text
        assert name in ("NAME", "VERSION", "find", "read") or hasattr(draft, name)
