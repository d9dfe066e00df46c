"""Training data for tests, easy enough for a tiny random model to learn something of, and stages on them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from intermezzo.engine.experiments.stages import Stage, stage_from, stage_hash
from intermezzo.engine.training.settings import settings_from

FEW = {"batch_size": 4, "epochs": 2, "learning_rate": 1e-3, "max_tokens": 48, "warmup": 0.1}


def write_data(folder: Path, examples: int = 24) -> Path:
    """Write pairs, tags, choices, questions and plain text below a folder."""
    chance = random.Random(1)
    words = ["ash", "beech", "cedar", "elm", "fir"]
    for split, count in (("train", examples), ("validation", 12)):
        rows: dict[str, list[dict[str, Any]]] = {"mnli": [], "ccg": [], "hellaswag": [], "squad-v1": []}
        for n in range(count):
            a, b = chance.choice(words), chance.choice(words)
            rows["mnli"].append({"premise": a, "hypothesis": b, "label": 0 if a == b else 2, "idx": n})
            rows["ccg"].append({"tokens": [a, "of", b], "tags": ["N", "P", "N"]})
            rows["hellaswag"].append({"ctx": a, "endings": [b, a] if n % 2 else [a, b], "label": str(n % 2)})
            answers = (
                {"text": [b], "answer_start": [len(a) + 4]} if n % 3 else {"text": [], "answer_start": []}
            )
            row = {"id": str(n), "question": f"what of {a}", "context": f"{a} of {b}", "answers": answers}
            rows["squad-v1"].append(row)
        for name, found in rows.items():
            (folder / name).mkdir(parents=True, exist_ok=True)
            text = "".join(json.dumps(row) + "\n" for row in found)
            (folder / name / f"{split}.jsonl").write_text(text)
    (folder / "mlm").mkdir()
    (folder / "mlm" / "en.txt").write_text("\n".join(" ".join(chance.sample(words, 3)) for _ in range(120)))
    return folder


def stage(
    model: Path | str, data: Path, *tasks: str, parent: str | None = None, seed: int = 1, **settings: Any
) -> Stage:
    """Make a stage of tasks whose data lie below a folder."""
    row: dict[str, Any] = {
        "model": str(model),
        "layers": settings.pop("layers", 0),
        "parent": parent,
        "role": "intermediate",
        "tasks": list(tasks),
        "settings": settings_from({**FEW, **settings}, "test").record(),
        "seed": seed,
        "data": {},
    }
    places = {t: str(data / t if t == "mlm" else data) for t in tasks}
    more = {"stage_id": stage_hash(row), "places": places, "lineage": " + ".join(tasks)}
    return stage_from(row | more)
