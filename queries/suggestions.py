"""What names that are not known could mean: guesses from all that the files say, for a person to confirm.

Nothing is ever resolved by a guess: it becomes a rule of ``systems.toml`` only when somebody accepts it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import tomli_w

from .errors import Problem
from .naming import suggest, system_label
from .records import Found
from .systems_file import NUMBERS, parse_systems

NEEDED = ("base_model", "recipe")
"""What a rule has to say before a system is known."""

_GLOB = frozenset("*{}[]")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a name, or the folders of one name's runs, could mean.

    Attributes:
        name: The name as found.
        path: Pattern of the folders that are meant, where runs of one name differ; else ``None``.
        said: What a rule would say; empty where nothing could be guessed.
        identity: ``guessed`` or ``unknown``: what is known so far.
        runs: How many runs it is about.
        example: Where one of them was found, relative to what was imported.
    """

    name: str
    path: str | None
    said: Mapping[str, str | int]
    identity: str
    runs: int
    example: str

    @property
    def complete(self) -> bool:
        """Whether the system would be known by it."""
        return all(key in self.said for key in NEEDED)

    @property
    def about(self) -> str:
        """What the rule is about: a path pattern, or a name."""
        return self.path or self.name

    def meaning(self) -> str:
        """Return in words what it says: ``xlm-r-large + mnli, seed 2``."""
        base, recipe = (str(self.said[key]) if key in self.said else None for key in NEEDED)
        part = base or (f"? + {recipe}" if recipe else "")
        first = system_label(base, recipe) if base and recipe else part
        more = [f"{word} {self.said[key]}" for key, word in _WORDS.items() if key in self.said]
        return ", ".join(part for part in (first, *more) if part)

    def entry(self) -> dict[str, str | int]:
        """Return the ``[[system]]`` that accepts it."""
        about: dict[str, str | int] = {"path": self.path} if self.path else {"name": self.name}
        return about | dict(self.said)


_WORDS = {"train_seed": "seed", "step": "step"}


@dataclass(frozen=True, slots=True)
class _Guess:
    found: Found
    said: Mapping[str, str | int]
    identity: str
    runs: int


def suggestions(rows: Iterable[Mapping[str, Any]]) -> list[Suggestion]:
    """Return what the rows of the question ``unresolved`` suggest: one for each name, or its folders."""
    by_name: dict[str, list[_Guess]] = {}
    for row in rows:
        found = _found(row["found_name"], row["found"])
        said = suggest(found, row.get("checkpoint"), _table(row.get("hints")))
        by_name.setdefault(found.name, []).append(_Guess(found, said, row["identity"], row["runs"]))
    return [one for name, guesses in by_name.items() for one in _of_name(name, guesses)]


def _of_name(name: str, guesses: list[_Guess]) -> list[Suggestion]:
    agreed = _agreed(guesses)
    if all(dict(guess.said) == agreed for guess in guesses):
        return [_suggestion(name, None, agreed, guesses)]
    folders = _folders(guesses)
    if folders is None:  # a rule by name speaks for all of its runs: only what is alike can be said
        return [_suggestion(name, None, agreed, guesses)]
    return [_suggestion(name, path, several[0].said, several) for path, several in folders.items()]


def _suggestion(
    name: str, path: str | None, said: Mapping[str, str | int], guesses: list[_Guess]
) -> Suggestion:
    surest = "unknown" if any(guess.identity == "unknown" for guess in guesses) else guesses[0].identity
    runs = sum(guess.runs for guess in guesses)
    return Suggestion(name, path, dict(said), surest, runs, guesses[0].found.path)


def _agreed(guesses: list[_Guess]) -> dict[str, str | int]:
    """Return what is guessed alike for every run of a name."""
    first, *others = (guess.said for guess in guesses)
    return {key: value for key, value in first.items() if all(o.get(key) == value for o in others)}


def _folders(guesses: list[_Guess]) -> dict[str, list[_Guess]] | None:
    """Return the highest folders in each of which all is guessed alike, as patterns, if there are such."""
    found: dict[str, list[_Guess]] = {}
    left = guesses
    for depth in range(1, 1 + max(len(guess.found.path.split("/")) for guess in guesses)):
        inside: dict[str, list[_Guess]] = {}
        for guess in left:
            inside.setdefault("/".join(guess.found.path.split("/")[:depth]), []).append(guess)
        left = []
        for folder, several in inside.items():
            if len({tuple(guess.said.items()) for guess in several}) > 1:
                left += several
            elif not folder or set(folder) & _GLOB:
                return None
            else:
                found[f"{folder}/**"] = several
    return found if not left and found else None


def pattern_for(several: Iterable[Suggestion]) -> tuple[str, int] | None:
    """Return a path pattern that says of many names what is suggested for each, and of how many.

    It is made of one name by putting captures for what was guessed, and holds only if it says exactly what
    is suggested of every name that it matches, and of at least two.
    """
    from .identity import resolve

    whole = [one for one in several if one.complete and one.path is None and one.example]
    for model in whole[:3]:
        pattern = _with_captures(model)
        if pattern is None:
            continue
        rules = parse_systems(f"[[system]]\npath = {json.dumps(pattern)}\n")
        spoken = 0
        for one in whole:
            told = resolve(Found(one.name, one.example), rules)
            if told.recipe is None:
                continue
            said = {"base_model": told.base_model, "recipe": told.recipe, "train_seed": told.train_seed}
            if {key: value for key, value in said.items() if value is not None} != dict(one.said):
                break
            spoken += 1
        else:
            if spoken > 1:
                return pattern, spoken
    return None


def _with_captures(one: Suggestion) -> str | None:
    """Return the first folder of a path with captures in it: ``{base_model}-{recipe}-s{train_seed}/**``."""
    folder = one.example.split("/")[0]
    seed = one.said.get("train_seed")
    if set(folder) & _GLOB or not one.example.startswith(f"{folder}/"):
        return None
    tail = ""
    for mark in ("-seed", "_seed", "-s", "_s"):
        head, sign, number = folder.rpartition(mark)
        if seed is not None and sign and number.isdigit() and int(number) == seed:
            folder, tail = head, f"{mark}{{train_seed}}"
            break
    else:
        if seed is not None:
            return None
    for mark in ("-", "_"):
        head, sign, recipe = folder.rpartition(mark)
        if sign and head and recipe.casefold() == one.said["recipe"]:
            return f"{{base_model}}{mark}{{recipe}}{tail}/**"
    return None


def rule_text(one: Suggestion) -> str:
    """Return how a person edits it: ``base_model = xlm-roberta-large, recipe = mnli, train_seed = 2``."""
    keys = [*NEEDED, *(key for key in one.said if key not in NEEDED)]
    return ", ".join(f"{key} = {one.said.get(key, '')}".rstrip() for key in keys)


def read_rule(one: Suggestion, text: str) -> dict[str, str | int]:
    """Return the entry that an edited ``rule_text`` means.

    Raises:
        Problem: It is none; the sentence says why.
    """
    entry: dict[str, str | int] = {"path": one.path} if one.path else {"name": one.name}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, sign, value = (word.strip() for word in part.partition("="))
        if not sign:
            raise Problem(f"{part!r} is not KEY = VALUE: write base_model = MODEL, recipe = RECIPE.")
        if value:
            entry[key] = int(value) if key in NUMBERS and value.isdecimal() else value
    parse_systems(tomli_w.dumps({"system": [entry]}), "the rule")
    return entry


def _found(name: str, text: str | None) -> Found:
    said = _table(text)
    known = {key: said[key] for key in Found.__dataclass_fields__ if key in said}
    return Found(**{"name": name, **known})


def _table(text: Any) -> dict[str, Any]:
    try:
        said = json.loads(text) if text else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
