"""Intents and slots in dozens of languages: utterances sampled from the templates of Home Assistant.

The package home-assistant-intents (Apache-2.0) has human-written sentence templates; hassil parses them.
Utterances are sampled from templates, so they are no corpus of what people said; utterances of one template
are not independent (``cluster_id``); and the intents that a language has templates for differ. Templates,
not utterances, are divided into splits: English has a training split, and none of its templates is in another
split; the other languages are there to be tested on. Only intents that the training split has are drawn: of
others nobody who was trained on English can know, whatever the recipe.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from intermezzo.engine.data.errors import none_left
from intermezzo.engine.examples import DataSet, Example, revision_of
from intermezzo.queries.errors import Problem
from intermezzo.queries.languages import canonical

from . import PACKAGES

INTENTS = "pocket_intents"
SLOTS = "pocket_slots"
KINDS = {INTENTS: "classification", SLOTS: "tagging"}

SIZES = {"train": 2000, "validation": 100, "test": 200}
"""Utterances that are sampled for a language, where its templates have that many."""

TRAIN_LANGUAGE = "en"

Split = Literal["train", "validation", "test"]

_SEED = "intermezzo grammars 1"
_FEWEST = (100, 10)
"""Utterances and intents that a language must have in the test split."""

_TOO_FEW = f"the grammars have fewer than {_FEWEST[0]} different sentences or {_FEWEST[1]} intents for a test"

_TRIES = 12
_DEEPEST = 40
_UNSPACED = frozenset({"Hans", "Hant", "Jpan", "Khmr", "Laoo", "Mymr", "Thai"})
"""Scripts without spaces between words: a tag a character, as in PAN-X."""


class _CannotSay(Exception):
    """A sample that needs what the package does not have: names of devices, areas, floors, free text."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sampled sentence.

    Attributes:
        text: The sentence.
        intent: What it asks for.
        slots: (start, end, slot) of the values in it, by character.
        template: Id of the template.
    """

    text: str
    intent: str
    slots: tuple[tuple[int, int, str], ...]
    template: str


def grammar_data(
    task: str, languages: Sequence[str] | None = None, split: str = "test", limit: int | None = None
) -> DataSet:
    """Return utterances with their intents, or with a slot tag a word.

    Args:
        task: ``INTENTS`` or ``SLOTS``.
        languages: Canonical codes; all that have enough utterances and intents where ``None``.
        split: ``train``, ``validation`` or ``test``.
        limit: At most so many utterances a language, the first ones of a fixed random order.

    Returns:
        For intents: one text, ``gold`` the intent, ``labels`` all intents of the training split. For slots:
        the words, ``gold`` a tag each (``B-area``, ``I-area``, ``O``), ``labels`` all tags. A language asked
        for that has no grammar, or too little in it, is left out.

    Raises:
        Problem: The packages are not installed; no language asked for has enough utterances; no such split
            or task.
    """
    if task not in KINDS:
        raise Problem(f"The grammars have no task {task!r}: {' or '.join(KINDS)}.")
    if split not in SIZES:
        raise Problem(f"The grammars have no split {split!r}: {', '.join(SIZES)}.")
    files = locales()
    if split == "train":
        if languages is not None and set(languages) != {TRAIN_LANGUAGE}:
            raise Problem("The grammars have a training split in English (en) only.")
        languages = (TRAIN_LANGUAGE,)
    intents = trained_intents(files[TRAIN_LANGUAGE])
    data = {}
    left_out = {}
    for code in languages if languages is not None else files:
        if code not in files:
            left_out[code] = "the grammars do not have it"
        elif not _has_enough(files[code], code, intents):
            left_out[code] = _TOO_FEW
        else:
            drawn = utterances(files[code], code, split, None if split == "train" else intents)
            make = _intent_example if task == INTENTS else _slot_example
            data[code] = tuple(make(u, code) for u in drawn[:limit])
    if not data:
        raise none_left(task, left_out, (c for c in files if _has_enough(files[c], c, intents)))
    labels = intents if task == INTENTS else _all_tags(tuple(files.values()))
    revision = revision_of(e for code in sorted(data) for e in data[code])
    if languages is None:
        left_out = {}
    return DataSet(task, KINDS[task], split, revision, source(), False, data, labels, left_out=left_out)


def source() -> str:
    """Return where the data are from: the packages with their versions."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        names = ("home-assistant-intents", "hassil")
        return "pocket: " + ", ".join(f"{name} {version(name)}" for name in names)
    except PackageNotFoundError as error:
        raise Problem(f"The pocket data need the package {error.name}: {PACKAGES}.") from error


def locales() -> dict[str, Path]:
    """Return the grammar file of each language; of two variants with one code, the one so named."""
    from importlib.util import find_spec

    spec = find_spec("home_assistant_intents")
    if spec is None or not spec.origin or find_spec("hassil") is None:
        raise Problem(f"The pocket data need the packages home-assistant-intents and hassil: {PACKAGES}.")
    found: dict[str, Path] = {}
    for file in sorted(
        (Path(spec.origin).parent / "data").glob("*.json"), key=lambda f: (len(f.stem), f.stem)
    ):
        language = canonical(file.stem)
        if language is not None:
            found.setdefault(language.code, file)
    return dict(sorted(found.items()))


def trained_intents(file: Path) -> tuple[str, ...]:
    """Return the intents of the training split of English's grammar, sorted."""
    return tuple(sorted({u.intent for u in utterances(file, TRAIN_LANGUAGE, "train")}))


def _has_enough(file: Path, code: str, intents: tuple[str, ...]) -> bool:
    test = utterances(file, code, "test", intents)
    return len(test) >= _FEWEST[0] and len({u.intent for u in test}) >= _FEWEST[1]


@lru_cache(maxsize=256)
def utterances(
    file: Path, code: str, split: str, only: tuple[str, ...] | None = None
) -> tuple[Utterance, ...]:
    """Sample the utterances of a split from a grammar file, the same ones every time.

    Intents are drawn equally often, then one of the intent's templates, then what the template leaves open.

    Args:
        file: Grammar of one language, as home-assistant-intents has it.
        code: Its language: part of the seed.
        split: A key of ``SIZES``.
        only: The intents that are drawn from; all of the grammar where ``None``.

    Returns:
        Up to ``SIZES[split]`` different texts, fewer where the templates cannot say more.

    Raises:
        Problem: The file cannot be read.
    """
    grammar = _read(file)
    templates = {
        intent: [t for t in found if split_of(code, intent, t) == split]
        for intent, found in _templates(grammar)
        if only is None or intent in only
    }
    intents = [intent for intent, found in templates.items() if found]
    sampler = _Sampler(grammar, random.Random(f"{_SEED} {code} {split}"))
    found: dict[str, Utterance] = {}
    for _ in range(SIZES[split] * _TRIES if intents else 0):
        if len(found) >= SIZES[split]:
            break
        intent = sampler.rng.choice(intents)
        template = sampler.rng.choice(templates[intent])
        try:
            text, slots = _joined(sampler.say(template))
        except _CannotSay:
            continue
        if text and text not in found:
            found[text] = Utterance(text, intent, slots, _template_id(intent, template))
    return tuple(found.values())


def split_of(code: str, intent: str, template: str) -> Split:
    """Return the split that a template is in.

    English: 70 % train, 10 % validation, 20 % test; other languages: 10 % validation, 90 % test.
    """
    tenth = int(_template_id(intent, template), 16) % 10
    if tenth == 7:
        return "validation"
    return "train" if tenth < 7 and code == TRAIN_LANGUAGE else "test"


def _template_id(intent: str, template: str) -> str:
    return hashlib.sha256(f"{_SEED}\0{intent}\0{template}".encode()).hexdigest()[:12]


@lru_cache(maxsize=4)
def _read(file: Path) -> Mapping[str, Any]:
    try:
        grammar = json.loads(file.read_bytes())
        if not isinstance(grammar["intents"], dict):
            raise TypeError("intents is no table")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(f"{file} is no grammar of home-assistant-intents: {error}.") from error
    return dict(grammar)


def _templates(grammar: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for intent, content in sorted(grammar["intents"].items()):
        found = {t for block in content.get("data", ()) for t in block.get("sentences") or ()}
        yield intent, sorted(found)


class _Sampler:
    """Says templates of one grammar; what it parsed is kept, since templates share their rules."""

    def __init__(self, grammar: Mapping[str, Any], rng: random.Random) -> None:
        self.rng = rng
        self.lists: Mapping[str, Any] = grammar.get("lists", {})
        self.rules: Mapping[str, str] = grammar.get("expansion_rules", {})
        self.parsed: dict[str, Any] = {}

    def say(self, template: str, depth: int = 0) -> list[tuple[str, str | None]]:
        """Return the pieces of a random sentence of the template: text, and its slot if it is a value."""
        from hassil.parse_expression import parse_sentence
        from hassil.parser import ParseError

        if template not in self.parsed:
            try:
                self.parsed[template] = parse_sentence(template).expression
            except (ParseError, ValueError):
                self.parsed[template] = None
        return self._pieces(self.parsed[template], depth)

    def _pieces(self, expression: Any, depth: int) -> list[tuple[str, str | None]]:
        from hassil import expression as kinds

        if depth > _DEEPEST:
            raise _CannotSay("rules that contain themselves")
        if isinstance(expression, kinds.TextChunk):
            return [(expression.original_text, None)]
        if isinstance(expression, kinds.Alternative):
            return self._pieces(self.rng.choice(expression.items), depth + 1)
        if isinstance(expression, kinds.Permutation):
            items = list(expression.items)
            self.rng.shuffle(items)
            return [p for item in items for p in (*self._pieces(item, depth + 1), (" ", None))]
        if isinstance(expression, kinds.Group):
            return [p for item in expression.items for p in self._pieces(item, depth + 1)]
        if isinstance(expression, kinds.RuleReference) and expression.rule_name in self.rules:
            return self.say(self.rules[expression.rule_name], depth + 1)
        if isinstance(expression, kinds.ListReference):
            return [(self._value(expression, depth), expression.slot_name)]
        raise _CannotSay(type(expression).__name__)

    def _value(self, reference: Any, depth: int) -> str:
        if reference.is_inline_range:
            first, last, step = reference.get_inline_range()
            return str(self.rng.randrange(first, last + 1, step))
        content = self.lists.get(reference.list_name, {})
        if "range" in content:
            r = content["range"]
            return str(self.rng.randrange(int(r["from"]), int(r["to"]) + 1, int(r.get("step", 1))))
        if not content.get("values"):
            raise _CannotSay(reference.list_name)
        value = self.rng.choice(content["values"])
        spoken = value if isinstance(value, str) else value["in"]
        return "".join(text for text, _ in self.say(str(spoken), depth + 1))


def _joined(pieces: Sequence[tuple[str, str | None]]) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    """Join pieces to a text with single spaces; return it and where the slot values are in it."""
    characters: list[tuple[str, int]] = []
    for number, (text, slot) in enumerate(pieces):
        for character in text:
            owner = number if slot else -1
            if not character.isspace():
                characters.append((character, owner))
            elif characters and characters[-1][0] != " ":
                characters.append((" ", owner))
    while characters and characters[-1][0] == " ":
        characters.pop()
    spans: dict[int, tuple[int, int]] = {}
    for at, (character, owner) in enumerate(characters):
        if owner >= 0 and character != " ":
            spans[owner] = (spans.get(owner, (at, at))[0], at + 1)
    slots = tuple((start, end, str(pieces[owner][1])) for owner, (start, end) in sorted(spans.items()))
    return "".join(c for c, _ in characters), slots


def words(utterance: Utterance, code: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of an utterance and a tag for each.

    Words are cut at spaces and where a slot value begins or ends; in scripts without spaces every
    character is a word, Latin letters and digits in a row excepted.
    """
    language = canonical(code)
    unspaced = language is not None and language.script in _UNSPACED
    found: list[str] = []
    tags: list[str] = []
    at = 0
    for start, end, slot in (*utterance.slots, (len(utterance.text),) * 2 + ("",)):
        outside = _cut(utterance.text[at:start], unspaced)
        inside = _cut(utterance.text[start:end], unspaced)
        found += [*outside, *inside]
        tags += ["O"] * len(outside) + [f"{'I' if i else 'B'}-{slot}" for i in range(len(inside))]
        at = end
    return tuple(found), tuple(tags)


def _cut(text: str, unspaced: bool) -> list[str]:
    if not unspaced:
        return text.split()
    found: list[str] = []
    for piece in re.findall(r"[A-Za-z0-9]+|\S", text):
        # A combining mark belongs to the character before it.
        if found and unicodedata.category(piece[0]).startswith("M"):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def _id(utterance: Utterance) -> str:
    return hashlib.sha256(f"{utterance.intent}\0{utterance.text}".encode()).hexdigest()[:12]


def _intent_example(utterance: Utterance, code: str) -> Example:
    texts = (utterance.text,)
    return Example(f"{code}:{_id(utterance)}", code, utterance.template, texts, utterance.intent)


def _slot_example(utterance: Utterance, code: str) -> Example:
    found, tags = words(utterance, code)
    return Example(f"{code}:{_id(utterance)}", code, utterance.template, found, tags)


@lru_cache(maxsize=4)
def _all_tags(files: tuple[Path, ...]) -> tuple[str, ...]:
    """Return a tag for every slot that any template or rule of any language names."""
    slots: set[str] = set()
    find: Callable[[str], list[str]] = re.compile(r"\{([^{}]+)\}").findall
    for file in files:
        grammar = _read(file)
        rules = grammar.get("expansion_rules", {}).values()
        for text in (*rules, *(t for _, found in _templates(grammar) for t in found)):
            slots |= {name.rpartition(":")[2].strip() for name in find(text)}
    return ("O", *(f"{head}-{slot}" for slot in sorted(slots) for head in "BI"))
