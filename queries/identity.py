"""Which system a run is about: what its files say, read by the rules of the store's ``systems.toml``.

Precedence: the rule of an exact name, the first matching path pattern, what the files say, unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .errors import Problem
from .naming import base_label, canonical_base, normal_recipe, prompting, suggest, system_label
from .records import Found
from .systems_edit import annotate
from .systems_file import FIELDS, FILE_NAME, Rule, Systems, load_systems, parse_systems

__all__ = [
    "FILE_NAME",
    "Identity",
    "Status",
    "Systems",
    "annotate",
    "load_systems",
    "parse_systems",
    "resolve",
    "rule_for",
    "suggest",
    "system_label",
]

Status = Literal["known", "guessed", "unknown"]
"""``known``: base model and recipe are stated, by a rule or by the run's own record; ``guessed``: only
part of it is; ``unknown``: there is only a name."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a run is about.

    Attributes:
        system: Label of the system: base model, recipe, shots and prompt; no seed, no step.
        base_model: Base model in its one spelling.
        base_revision: Its revision.
        recipe: ``direct``, ``mnli``, ``a > b``, ``a + b``.
        train_seed: Seed of the training.
        step: Training step of the checkpoint.
        shots: Few-shot examples in the prompt.
        prompt: Prompt variant.
        status: How well this is founded.
        why: What it rests on, as a sentence.
    """

    system: str
    base_model: str | None
    base_revision: str | None
    recipe: str | None
    train_seed: int | None
    step: int | None
    shots: int | None
    prompt: str | None
    status: Status
    why: str


def resolve(found: Found, rules: Systems) -> Identity:
    """Say which system a run is about.

    Args:
        found: What the files say.
        rules: The store's rules.

    Returns:
        The identity; what nobody says is ``None``. Values of a rule win over those of the files.
    """
    hits = _hits(found, rules)
    rule, values = hits[0] if hits else (None, {})
    why = f"{FILE_NAME}, line {rule.line}: {rule.title()}" if rule is not None else ""
    if len(hits) > 1:
        others = ", ".join(str(r.line) for r, _ in hits[1:])
        why += f", the first of {len(hits)} that match (also line {others})"
    said = _said_by_files(found)
    label = values.pop("system", None)
    merged = {**said, **values}
    base, recipe = _text(merged, "base_model"), _text(merged, "recipe")
    if base and recipe:
        status: Status = "known"
        why = why or "the run's own record names base model and recipe"
    elif base or rule is not None:
        status = "guessed"
        why = f"{why}; the recipe is not said" if why and base else why
        why = why or "the files name the base model, not the recipe"
    else:
        status = "unknown"
        why = f"no rule in {FILE_NAME} and no file says what it is"
    shots, prompt = _number(merged, "shots"), _text(merged, "prompt")
    if label is None:
        label = _label(found, base, recipe, shots, prompt, rule, rules)
    else:  # a label given by hand stands for one number of shots and one prompt, too
        unsaid = None if "shots" in values else shots, None if "prompt" in values else prompt
        label = f"{label}{prompting(*unsaid)}"
    return Identity(
        system=label,
        base_model=base,
        base_revision=_text(merged, "base_revision"),
        recipe=recipe,
        train_seed=_number(merged, "train_seed"),
        step=_number(merged, "step"),
        shots=shots,
        prompt=prompt,
        status=status,
        why=why,
    )


def rule_for(found: Found, rules: Systems) -> Rule | None:
    """Return the rule by which a run is named, if there is one."""
    hits = _hits(found, rules)
    return hits[0][0] if hits else None


def _hits(found: Found, rules: Systems) -> list[tuple[Rule, dict[str, str | int]]]:
    """Return the rules that speak of a run and what they say; the first holds."""
    named = rules.by_name.get(found.name)
    if named is not None:
        return [(named, dict(named.values))]
    if not found.path:
        return []
    return [(r, v) for r in rules.rules if r.path and (v := _matched(r, found.path, rules)) is not None]


def _label(
    found: Found,
    base: str | None,
    recipe: str | None,
    shots: int | None,
    prompt: str | None,
    rule: Rule | None,
    rules: Systems,
) -> str:
    if base and recipe:
        return system_label(base, recipe, shots, prompt)
    name = base_label(base) if base and rule is not None else found.name
    # a name that the rules could also give to a known system must not fall together with that
    if rule is not None or _may_be_label(name, rules):
        name += " (recipe ?)"
    return name + prompting(shots, prompt)


def _may_be_label(name: str, rules: Systems) -> bool:
    for rule in rules.rules:
        base, recipe = rule.values.get("base_model"), rule.values.get("recipe")
        if rule.values.get("system") == name:
            return True
        # a captured model name holds no slash, so that hub names keep their plain label
        if ("base_model" in rule.captures and "/" not in name) or (base and canonical_base(name) == base):
            return True
        if base and recipe and name.startswith(f"{base_label(str(base))} + "):
            return True
    return False


def _matched(rule: Rule, path: str, rules: Systems) -> dict[str, str | int] | None:
    """Return what a path rule says of a path, or ``None``."""
    for pattern in rule.patterns:
        match = pattern.fullmatch(path)
        if match is None:
            continue
        values = dict(rule.values)
        for key, text in match.groupdict().items():
            if key == "base_model":
                values[key] = rules.models.get(text) or canonical_base(text)
            elif key == "recipe":
                try:
                    values[key] = rules.recipes.get(text) or normal_recipe(text)
                except Problem:
                    break  # what was captured is no recipe, so the pattern does not fit
            else:
                values[key] = int(text) if key in ("train_seed", "step", "shots") else text
        else:
            return values
    return None


def _said_by_files(found: Found) -> dict[str, str | int]:
    said: dict[str, str | int] = {}
    for key in FIELDS:
        value = getattr(found, key, None)
        if value is None or value == "":
            continue
        if key == "base_model":
            value = canonical_base(value)
        elif key == "recipe":
            try:
                value = normal_recipe(value)
            except Problem:
                continue
        said[key] = value
    return said


def _text(values: dict[str, str | int], key: str) -> str | None:
    value = values.get(key)
    return value if isinstance(value, str) else None


def _number(values: dict[str, str | int], key: str) -> int | None:
    value = values.get(key)
    return value if isinstance(value, int) else None
