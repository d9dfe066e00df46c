"""``systems.toml`` of a store: rules that say which system a name or a folder is.

::

    [[system]]
    name = "X-STILTs"                      # or names = ["...", "..."]: exactly as the files name it
    base_model = "xlm-roberta-large"
    recipe = "mnli > squad"                # direct | a | a > b (in turn) | a + b (jointly)

    [[system]]
    path = "runs/{model}-{recipe}-s{train_seed}/**"    # * within a folder, ** across folders

    [models]                               # what a captured {model} stands for
    xlmr = "xlm-roberta-large"

    [recipes]                              # what a captured {recipe} stands for
    none = "direct"

Paths are relative to the imported root. The first matching path pattern wins; an exact name wins over all.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from .errors import Problem
from .naming import canonical_base, normal_recipe, system_label
from .plain_files import LARGEST_TEXT, read_plain
from .toml_text import NotToml, parse_toml

FILE_NAME = "systems.toml"

_TEXTS = ("base_model", "base_revision", "recipe", "prompt", "system")
NUMBERS = ("train_seed", "step", "shots")
"""What a rule may say that is a whole number."""

FIELDS = (*_TEXTS, *NUMBERS)
"""What a rule may say of a system; ``system`` is its label."""

_KEYS = ("name", "names", "path", *FIELDS)
_TOP = ("system", "models", "recipes")
_PLACEHOLDERS = {
    "model": "base_model",
    "seed": "train_seed",
    "revision": "base_revision",
    **{name: name for name in FIELDS if name != "system"},
}
_MAPS = {"base_model": "models", "recipe": "recipes"}


class HasPath(Protocol):
    """A store, as far as its ``systems.toml`` goes."""

    @property
    def path(self) -> Path:
        """The store's folder."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """One ``[[system]]`` entry.

    Attributes:
        names: Exact names; empty for a path rule.
        path: Path pattern, or ``None``.
        values: What it says outright: some of ``FIELDS``, recipes and base models in their one spelling.
        line: Line of the entry in its file.
        patterns: The path pattern compiled: first with captures bound to the value tables, then free.
        captures: Fields that the pattern captures.
    """

    names: tuple[str, ...]
    path: str | None
    values: Mapping[str, str | int]
    line: int
    patterns: tuple[re.Pattern[str], ...] = ()
    captures: frozenset[str] = frozenset()

    def title(self) -> str:
        """Return how the rule is called in messages."""
        return f"pattern {self.path!r}" if self.path is not None else f"name {self.names[0]!r}"


@dataclass(frozen=True, slots=True)
class Systems:
    """A parsed ``systems.toml``.

    Attributes:
        rules: Its entries in order.
        models: What captured model names stand for.
        recipes: What captured recipe codes stand for.
        where: The file, for messages.
        by_name: The rule of each exact name.
    """

    rules: tuple[Rule, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    recipes: Mapping[str, str] = field(default_factory=dict)
    where: str = FILE_NAME
    by_name: Mapping[str, Rule] = field(default_factory=dict)


def load_systems(store: HasPath | Path) -> Systems:
    """Read the ``systems.toml`` of a store; a store without one has no rules.

    Args:
        store: The store, or its folder.

    Raises:
        Problem: The file is wrong; the sentence names file, line and key.
    """
    folder = store if isinstance(store, Path) else store.path
    file = folder / FILE_NAME
    try:
        data = read_plain(file, LARGEST_TEXT, links=True)
    except FileNotFoundError:
        return Systems(where=str(file))
    except OSError as error:
        raise Problem(f"{file}: it cannot be read: {error.strerror}.") from None
    return parse_systems(decoded(data, str(file)), str(file))


def parse_systems(text: str, where: str = FILE_NAME) -> Systems:
    """Parse the text of a ``systems.toml``.

    Args:
        text: TOML.
        where: How messages call the file.

    Raises:
        Problem: It is not valid; the sentence names line, key, and the nearest key that exists.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        data = parse_toml(text)
    except NotToml as error:
        raise Problem(f"{where}: {error}.") from None
    for key in data:
        if key not in _TOP:
            raise Problem(f"{where}, line {_line_of(text, key)}: {_unknown('table or key', key, _TOP)}")
    models = {k: canonical_base(v) for k, v in _table(data, "models", where, text).items()}
    recipes = {}
    for code, recipe in _table(data, "recipes", where, text).items():
        recipes[code] = _recipe(recipe, f"{where}, line {_line_of(text, code)}, [recipes] {code}")
    entries = data.get("system", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        line = _line_of(text, "system")
        raise Problem(f"{where}, line {line}: `system` must be entries headed [[system]] (two brackets).")
    lines = [
        n for n, line in enumerate(text.split("\n"), 1) if re.match(r"\s*\[\[\s*\"?system\"?\s*\]\]", line)
    ]
    lines = lines if len(lines) == len(entries) else [1] * len(entries)
    rules = tuple(_rule(e, n, text, where, models, recipes) for e, n in zip(entries, lines, strict=True))
    return Systems(rules, models, recipes, where, _by_name(rules, where))


def _rule(
    entry: dict[str, Any], line: int, text: str, where: str, models: dict[str, str], recipes: dict[str, str]
) -> Rule:
    def at(key: str) -> str:
        return f"{where}, line {_line_of(text, key, line)}"

    for key in entry:
        if key not in _KEYS:
            raise Problem(f"{at(key)}: {_unknown('key', key, _KEYS)}")
    given = [key for key in ("name", "names", "path") if key in entry]
    if len(given) != 1:
        have = "none of them" if not given else " and ".join(f"`{key}`" for key in given)
        raise Problem(
            f"{where}, line {line}: a [[system]] has one of `name`, `names`, `path`; this has {have}."
        )
    values: dict[str, str | int] = {}
    for key, value in entry.items():
        if key in NUMBERS:
            if type(value) is not int or not 0 <= value < 2**63:
                raise Problem(f"{at(key)}: `{key}` must be a whole number from 0 up, not {value!r}.")
            values[key] = value
        elif key == "names":
            if not isinstance(value, list) or not value or not all(isinstance(n, str) and n for n in value):
                raise Problem(f"{at(key)}: `names` must be a list of texts, not {value!r}.")
        elif not isinstance(value, str) or not value.strip():
            raise Problem(f"{at(key)}: `{key}` must be a text, not {value!r}.")
        elif key == "recipe":
            values[key] = _recipe(value, at(key))
        elif key == "base_model":
            if " + " in value or " · " in value:
                raise Problem(
                    f"{at(key)}: `base_model` is a model's name: what was done with it is its `recipe`."
                )
            values[key] = canonical_base(value)
        elif key in FIELDS:
            values[key] = value.strip()
    if "path" in entry:
        patterns, captures = _compiled(entry["path"], at("path"), models, recipes)
        if twice := sorted(captures & values.keys()):
            raise Problem(f"{at(twice[0])}: `{twice[0]}` is given both as a key and in the path: drop one.")
        if not captures and not values:
            raise Problem(f"{where}, line {line}: this [[system]] says nothing: add base_model or recipe.")
        return Rule((), entry["path"], values, line, patterns, captures)
    if not values:
        raise Problem(f"{where}, line {line}: this [[system]] says nothing: add base_model or recipe.")
    names = tuple(entry["names"]) if "names" in entry else (entry["name"],)
    return Rule(names, None, values, line)


def _compiled(
    path: str, at: str, models: dict[str, str], recipes: dict[str, str]
) -> tuple[tuple[re.Pattern[str], ...], frozenset[str]]:
    """Compile a path pattern; with value tables, first so that captures are keys of these."""
    bound, free = "", ""
    fields: list[str] = []
    tokens = re.split(r"(\{[^{}]*\}|\*+/?)", path.strip().removeprefix("./"))
    previous = ""
    for token in filter(None, tokens):
        if token.startswith("{") and token.endswith("}"):
            name = token[1:-1].strip()
            if name not in _PLACEHOLDERS:
                raise Problem(f"{at}: {_unknown('placeholder', name, tuple(_PLACEHOLDERS))}")
            if previous.endswith(("}", "*")):
                raise Problem(
                    f"{at}: {token} follows {previous} with nothing between: they cannot be told apart."
                )
            field_name = _PLACEHOLDERS[name]
            if field_name in fields:
                raise Problem(f"{at}: {field_name} is captured twice in the path.")
            fields.append(field_name)
            any_text = r"\d{1,18}" if field_name in NUMBERS else "[^/]+"
            codes = {"models": models, "recipes": recipes}.get(_MAPS.get(field_name, ""), {})
            known = "|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True))
            bound += f"(?P<{field_name}>{known or any_text})"
            free += f"(?P<{field_name}>{any_text})"
        else:
            if token.startswith("*") and previous.endswith("}"):
                raise Problem(
                    f"{at}: {token} follows {previous} with nothing between: they cannot be told apart."
                )
            if set(token) & set("{}"):
                raise Problem(f"{at}: a brace in {path!r} is not closed: placeholders are written {{model}}.")
            part = _glob_part(token, whole_folders=not previous or previous.endswith("/"))
            bound, free = bound + part, free + part
        previous = token
    # a pattern that ends in /** means the folder itself as well
    ends = [p[: -len("/.*")] + "(?:/.*)?" if p.endswith("/.*") else p for p in (bound, free)]
    compiled = [re.compile(p, re.DOTALL) for p in dict.fromkeys(ends)]
    return tuple(compiled), frozenset(fields)


def _glob_part(token: str, *, whole_folders: bool) -> str:
    if not token.startswith("*"):
        return re.escape(token)
    if token.startswith("**"):
        if token.endswith("/"):
            return "(?:.*/)?" if whole_folders else ".*/"
        return ".*"
    return "[^/]*/" if token.endswith("/") else "[^/]*"


def _by_name(rules: tuple[Rule, ...], where: str) -> dict[str, Rule]:
    by_name: dict[str, Rule] = {}
    labels: dict[str, tuple[object, ...]] = {}
    for rule in rules:
        for name in rule.names:
            if name in by_name:
                raise Problem(
                    f"{where}, line {rule.line}: name {name!r} is explained at line "
                    f"{by_name[name].line} already: keep one of the two."
                )
            by_name[name] = rule
        base, recipe = rule.values.get("base_model"), rule.values.get("recipe")
        shots, prompt = rule.values.get("shots"), rule.values.get("prompt")
        label = rule.values.get("system")
        if label is None and base and recipe:
            label = system_label(
                str(base), str(recipe), cast("int | None", shots), cast("str | None", prompt)
            )
        elif label is not None and rule.captures & {"base_model", "recipe", "shots", "prompt"}:
            raise Problem(
                f"{where}, line {rule.line}: label {label!r} would stand for every system that the path "
                "captures: drop `system`, or the placeholders."
            )
        if label is not None:
            meaning = (base, recipe, shots, prompt)
            if labels.setdefault(str(label), meaning) != meaning:
                raise Problem(
                    f"{where}, line {rule.line}: label {label!r} stands for two systems that differ "
                    "in base model, recipe, shots or prompt: give them two labels."
                )
    return by_name


def _table(data: dict[str, Any], key: str, where: str, text: str) -> dict[str, str]:
    table = data.get(key, {})
    if not isinstance(table, dict):
        raise Problem(f"{where}, line {_line_of(text, key)}: `{key}` must be a table headed [{key}].")
    for code, value in table.items():
        if not code or not isinstance(value, str) or not value.strip():
            raise Problem(
                f"{where}, line {_line_of(text, code)}: [{key}] {code} must be a text, not {value!r}."
            )
    return table


def _recipe(text: str, at: str) -> str:
    try:
        return normal_recipe(text)
    except Problem as problem:
        raise Problem(f"{at}: {problem}.") from None


def _unknown(what: str, word: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, known, 1, 0.5)
    hint = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}."
    return f"unknown {what} `{word}`; {hint}"


def _line_of(text: str, key: str, start: int = 1) -> int:
    """Return the line of the first ``key =`` or ``[key]`` from ``start`` on; ``start`` if there is none."""
    quoted = re.escape(key)
    pattern = re.compile(rf"\s*(?:\[+\s*)?[\"']?{quoted}[\"']?\s*(?:=|\]|\.)")
    for number, line in enumerate(text.split("\n")[start - 1 :], start):
        if pattern.match(line):
            return number
    return start


def decoded(data: bytes, where: str) -> str:
    """Decode the bytes of a ``systems.toml``; what is not UTF-8 is a ``Problem`` naming its line."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Problem(f"{where}, line {line}: it is not UTF-8 text.") from None
