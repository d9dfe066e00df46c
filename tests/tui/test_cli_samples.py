"""Real sample files by the command line: one import, a rule, deltas against a pinned baseline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from intermezzo.tui.cli import cli

pytestmark = pytest.mark.slow

PINNED, OTHER = "bloom-560m", "bloom-7b1"


def test_one_import_and_two_rules_give_deltas_against_a_pinned_baseline(shared: Path, tmp_path: Path) -> None:
    def run(*words: str) -> Result:
        result = CliRunner().invoke(cli, [*words, "--store", str(tmp_path / "store")])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    folders = [str(shared / "samples" / name) for name in ("lm_eval_v04", "lm_eval_v03", "xtreme")]
    [report] = json.loads(run("import", *folders, "--format", "json").stdout)
    assert report["files_refused"] == []
    assert report["runs_added"] > 0
    for name in (PINNED, OTHER):
        done = run(
            "systems", "annotate", "--name", f"bigscience/{name}", "--base-model", name, "--recipe", "direct"
        )
        assert done.exit_code == 0, done.output
    known = {row["system"]: row for row in json.loads(run("systems", "--format", "json").stdout)}
    assert known[f"{OTHER} · 0-shot"]["identity"] == "known"

    shown = run("show", "matrix", "--baseline", f"{PINNED} · 0-shot", "--format", "json")
    rows = [row for row in json.loads(shown.stdout) if row["value"] is not None]

    def values(name: str) -> dict[tuple[str, ...], dict[str, Any]]:
        mine = [row for row in rows if row["system"] == f"{name} · 0-shot"]
        return {(row["task"], row["split"], row["metric"]): row for row in mine}

    pinned, other = values(PINNED), values(OTHER)
    assert sorted(task for task, *_ in other) == ["pawsx", "xcopa", "xnli", "xstorycloze", "xwinograd"]
    for yardstick, cell in other.items():
        assert cell["delta"] == pytest.approx(cell["value"] - pinned[yardstick]["value"], abs=1e-12)
        assert cell["baseline"] == f"{PINNED} · 0-shot"
