"""Trees in the shape of lm-evaluation-harness v0.4, with samples of 4.2 kB a line and all their fields.

Tasks are of four kinds: multiple choice, one number for each of two filters, three numbers of an open answer,
and a corpus metric whose samples hold lists. Every model answers the same documents.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

LINES = 1000
"""Lines of a samples file."""

DATE = "2025-03-11T21-17-00.511682"
# fmt: off
WORDS = ("mto", "anga", "tunda", "река", "гора", "дерево", "ciudad", "leche", "nube", "学校", "昨天", "पानी",
         "घर", "ประเทศ", "maison", "Straße")
# fmt: on
SHOTS = 1700
"""Characters of the examples in a prompt; with them a line has 4.2 kB on average."""


class Task(NamedTuple):
    """A task: its name, the tool's metrics, its filters, and whether it is multiple choice."""

    name: str
    metrics: tuple[str, ...]
    filters: tuple[str, ...] = ("none",)
    choice: bool = False


TASKS = (
    *(
        Task(f"xnli_{code}", ("acc",), choice=True)
        for code in ("ar", "de", "en", "fr", "ru", "sw", "ur", "zh")
    ),
    *(
        Task(f"truthfulqa-multi_gen_{code}", ("bleu_max", "bleu_acc", "bleu_diff"))
        for code in ("ca", "en", "eu")
    ),
    *(
        Task(f"mgsm_direct_{code}", ("exact_match",), ("remove_whitespace", "flexible-extract"))
        for code in ("bn", "es", "ja", "th")
    ),
    Task("masakhaner_luo_prompt_1", ("f1",), ("flexible-extract",)),
)


def write_tree(tree: Path, lines: int) -> int:
    """Write so many lines, the same for the same number, in files of ``LINES``; return their bytes."""
    size = 0
    documents = {task.name: list(_documents(task)) for task in TASKS}
    files = -(-lines // LINES)
    for first in range(0, files, len(TASKS)):
        model = first // len(TASKS)
        folder = tree / f"lab__model-{model}"
        folder.mkdir(parents=True)
        chance = random.Random(model)
        found: dict[str, dict[str, float]] = {}
        for task in TASKS[: files - first]:
            path = folder / f"samples_{task.name}_{DATE}.jsonl"
            sums = found[task.name] = {f"{m},{f}": 0.0 for f in task.filters for m in task.metrics}
            with path.open("w", encoding="utf-8") as file:
                for filter_, line, values in _lines(task, documents[task.name], chance):
                    file.write(line)
                    for name, value in zip(task.metrics, values, strict=True):
                        sums[f"{name},{filter_}"] += value
            size += path.stat().st_size
        body = _results(f"lab/model-{model}", found)
        (folder / f"results_{DATE}.json").write_text(json.dumps(body, indent=2), encoding="utf-8")
    return size


def _results(model: str, sums: dict[str, dict[str, float]]) -> dict[str, Any]:
    tasks = [task for task in TASKS if task.name in sums]
    count = {task.name: LINES // len(task.filters) for task in tasks}
    return {
        "results": {
            name: {"alias": name, **{key: value / count[name] for key, value in of.items()}}
            for name, of in sums.items()
        },
        "group_subtasks": {},
        "configs": {
            task.name: {
                "task": task.name,
                "test_split": "test",
                "output_type": "multiple_choice" if task.choice else "generate_until",
                "metric_list": [{"metric": m, "aggregation": _aggregation(m)} for m in task.metrics],
            }
            for task in tasks
        },
        "versions": {task.name: 1.0 for task in tasks},
        "n-shot": {task.name: 0 for task in tasks},
        "n-samples": {name: {"original": n, "effective": n} for name, n in count.items()},
        "config": {"model": "hf", "model_args": f"pretrained={model}", "limit": None, "random_seed": 0},
        "date": 1741725072.8,
        "lm_eval_version": "0.4.9",
        "model_name": model,
    }


def _aggregation(metric: str) -> str:
    return "span_f1" if metric == "f1" else "mean"


def _documents(task: Task) -> Iterator[tuple[str, str]]:
    """Yield the documents of a task: JSON up to the answer, and the target as JSON."""
    chance = random.Random(task.name)
    shots = _text(chance, SHOTS // (3 if task.choice else 1))
    for i in range(LINES // len(task.filters)):
        question = _text(chance, 90)
        document: dict[str, Any] = {"id": i, "question": question, "lang": task.name.rpartition("_")[2]}
        if task.choice:
            document = {"premise": question, "hypothesis": _text(chance, 50), "label": i % 3}
        elif task.name.startswith("truthfulqa"):
            answers = [_text(chance, 60) for _ in range(12)]
            document |= {"mc1_targets": {"choices": answers, "labels": [1] + [0] * 11}, "best": answers[0]}
        target = str(i % 3) if task.choice else _text(chance, 40)
        asked = {
            f"gen_args_{k}": {
                "arg_0": f"{shots}\n{question}",
                "arg_1": " yes" if task.choice else {"until": ["\n\n"]},
            }
            for k in range(3 if task.choice else 1)
        }
        head = json.dumps({"doc": document, "target": target, "arguments": asked}, ensure_ascii=False)
        yield head[1:-1], target


def _lines(
    task: Task, documents: list[tuple[str, str]], chance: random.Random
) -> Iterator[tuple[str, str, list[float]]]:
    hashed = f'"doc_hash": "{"d" * 64}", "prompt_hash": "{"e" * 64}", "target_hash": "{"f" * 64}"'
    answers = [_text(chance, 200) for _ in range(64)]
    named = json.dumps(list(task.metrics))
    for filter_ in task.filters:
        for i, (head, target) in enumerate(documents):
            values = [float(chance.random() < 0.6) for _ in task.metrics]
            said: Any = [answers[(i + chance.getrandbits(3)) % 64]]
            shown: list[Any] = list(values)
            if task.choice:
                said = [[f"-{chance.getrandbits(10) / 64}", "False"] for _ in range(3)]
            elif len(values) == 3:
                values = shown = [100 * chance.random(), values[1], 100 * chance.random() - 50]
            elif task.metrics == ("f1",):
                shown = [[target, said]]
            given = json.dumps([[one] for one in said] if task.choice else [said], ensure_ascii=False)
            scored = ", ".join(
                f'"{m}": {json.dumps(v, ensure_ascii=False)}'
                for m, v in zip(task.metrics, shown, strict=True)
            )
            yield (
                filter_,
                (
                    f'{{"doc_id": {i}, {head}, "resps": {given}, "filtered_resps": '
                    f'{json.dumps(said, ensure_ascii=False)}, "filter": "{filter_}", "metrics": {named}, '
                    f"{hashed}, {scored}}}\n"
                ),
                values,
            )


def _text(chance: random.Random, length: int) -> str:
    words: list[str] = []
    while length > 0:
        words.append(chance.choice(WORDS))
        length -= len(words[-1]) + 1
    return " ".join(words)
