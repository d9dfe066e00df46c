"""A folder in the layout of XTREME's download, a few lines of each task, written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LABELS = ("entailment", "neutral", "contradiction")


def make(root: Path, lines: int = 6) -> Path:
    """Write every task in two languages (BUCC and Tatoeba: with English) and return the folder."""
    for code in ("en", "de"):
        pairs = [f"{code} text {n}\tand {n * n}\t{LABELS[n % 3]}" for n in range(lines)]
        write(root / f"xnli/test-{code}.tsv", pairs)
        write(root / f"pawsx/test-{code}.tsv", [f"{code} {n}\t{n} {code}\t{n % 2}" for n in range(lines)])
        write(root / f"udpos/test-{code}.tsv", ["The\tDET", "man\tNOUN", "", "Go\tVERB", ""])
        write(root / f"panx/test-{code}.tsv", ["Ann\tB-PER", "Lee\tI-PER", "went\tO", "", "Ok\tO", ""])
        write_json(root / f"xquad/xquad.{code}.json", questions(code))
        write_json(root / f"mlqa/MLQA_V1/test/test-context-{code}-question-{code}.json", questions(code))
        choices = [
            {"premise": f"{code} {n}", "choice1": "a", "choice2": "b", "question": ("cause", "effect")[n % 2],
             "label": n % 2}
            for n in range(lines)
        ]  # fmt: skip
        folder = root / "xcopa"
        if code == "de":  # a language XCOPA has
            write(folder / "test-it.jsonl", [json.dumps(c) for c in choices])
            write(folder / "test-sw.jsonl", [json.dumps(c) for c in choices])
    write_json(root / "tydiqa/tydiqa-goldp-v1.1-dev/tydiqa.goldp.sw.dev.json", questions("sw"))
    write(root / "tatoeba/de-en.de", [f"Satz {n}" for n in range(lines)])
    write(root / "tatoeba/de-en.en", [f"Sentence {n}" for n in range(lines)])
    for split in ("test", "dev"):
        write(root / f"bucc2018/de-en.{split}.de", [f"de-{n}\tSatz {n}" for n in range(lines)])
        write(root / f"bucc2018/de-en.{split}.en", [f"en-{n}\tSentence {n}" for n in range(lines)])
        write(root / f"bucc2018/de-en.{split}.gold", ["de-0\ten-0", "de-1\ten-3"])
    return root


def questions(code: str) -> dict[str, Any]:
    """Two paragraphs; the first has two questions, of which one repeats an answer."""
    first = {
        "context": f"{code}: rain falls from the clouds in autumn.",
        "qas": [
            asked("q1", "Where from?", [("the clouds", 18 + len(code)), ("clouds", 22 + len(code))]),
            asked("q2", "When?", [("autumn", 32 + len(code)), ("autumn", 32 + len(code))]),
        ],
    }
    second = {"context": f"{code}: the sun.", "qas": [asked("q3", "What?", [("sun", 6 + len(code))])]}
    return {"data": [{"title": "Rain", "paragraphs": [first]}, {"title": "Sun", "paragraphs": [second]}]}


def asked(key: str, question: str, answers: list[tuple[str, int]]) -> dict[str, Any]:
    """Return one question."""
    return {
        "id": key,
        "question": question,
        "answers": [{"text": text, "answer_start": start} for text, start in answers],
    }


def write(path: Path, lines: list[str]) -> None:
    """Write a text file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_json(path: Path, record: Any) -> None:
    """Write a JSON file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record), encoding="utf-8")
