"""Which items of different languages are one item, and which are not independent of each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence


def apart(gold: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the languages whose line numbers are not those of the others, and why.

    Parallel files have the same gold label in the same line (PAWS-X has a line less in Korean, so that
    all lines after it stand apart). The labels that most files share decide, English among equals.

    Args:
        gold: Gold labels in file order by language, of every file there is, whatever is evaluated, so that
            item ids are the same for everybody.
    """
    lines = {code: tuple(found) for code, found in gold.items()}
    if len(lines) < 2:
        return {}
    commonest = Counter(lines.values())
    reference = max(lines.items(), key=lambda pair: (commonest[pair[1]], pair[0] == "en", len(pair[1])))[1]
    found: dict[str, str] = {}
    for code, mine in lines.items():
        if len(mine) != len(reference):
            found[code] = f"{len(mine):,} lines where other languages have {len(reference):,}"
        elif sum(a != b for a, b in zip(mine, reference, strict=True)) > len(reference) // 20:
            found[code] = "the gold labels are not those of the other languages"
    return {code: f"{why}: its lines are not taken as parallel to theirs" for code, why in found.items()}


def paragraph_clusters(paragraphs: Iterable[Sequence[str]]) -> dict[str, str]:
    """Return question id -> cluster: paragraphs that share a question, in whatever language, are one.

    Args:
        paragraphs: The question ids of each paragraph of each language.

    Returns:
        The least question id of everything linked with a question.
    """
    parent: dict[str, str] = {}

    def root(question: str) -> str:
        while parent.setdefault(question, question) != question:
            parent[question] = question = parent[parent[question]]
        return question

    for ids in paragraphs:
        for other in ids:
            low, high = sorted((root(ids[0]), root(other)))
            parent[high] = low
    return {question: root(question) for question in list(parent)}
