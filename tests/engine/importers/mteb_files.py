"""Files as MTEB writes them, and wrote them, for its importer's tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REVISION = "0123456789abcdef0123456789abcdef01234567"


def entry(value: Any, subset: str = "default", *languages: str, **more: Any) -> dict[str, Any]:
    """Return the scores of one subset, whose main score is its accuracy."""
    return {
        "accuracy": value,
        "f1": 0.4,
        "main_score": value,
        "hf_subset": subset,
        "languages": list(languages or ("eng-Latn",)),
        **more,
    }


def result(task: str = "XNLI", **splits: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the content of a file of today's form."""
    return {
        "dataset_revision": "09698e0180d87dc247ca447d3a1248b931ac0cdb",
        "task_name": task,
        "mteb_version": "1.18.0",
        "scores": splits or {"test": [entry(0.5)]},
        "evaluation_time": 3.25,
    }


def put(
    root: Path, content: Any, name: str = "XNLI.json", model: str = "lab__m", revision: str = REVISION
) -> Path:
    """Write a result file where MTEB would."""
    path = root / "results" / model / revision / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def many(root: Path, count: int) -> list[Path]:
    """Write a tree of so many files, one in five with a literal NaN, some of the older form."""
    paths = []
    for i in range(count):
        model, name = f"lab__m{i // 50}", f"Task{i % 50}.json"
        if i % 50 == 7:
            old = {"mteb_version": "1.0.0", "mteb_dataset_name": f"Task{i % 50}"}
            content: Any = {**old, "test": {"de": {"main_score": i / count}, "evaluation_time": 1.0}}
        else:
            content = result(
                f"Task{i % 50}",
                test=[entry(i / count, "de", "deu-Latn", f1=float("nan") if i % 5 == 0 else 0.1)],
            )
        paths.append(put(root, content, name, model))
    return paths
