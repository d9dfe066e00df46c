"""Reading an experiment's TOML file: what it may say, checked with a sentence for every mistake."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from intermezzo.engine.data.errors import listed, nearest
from intermezzo.engine.model_files import POCKET
from intermezzo.engine.training.settings import NAMES, Settings, check_setting, settings_from
from intermezzo.engine.training.sources import MLM, TRAINED_ON, source
from intermezzo.queries.errors import Problem
from intermezzo.queries.languages import canonical
from intermezzo.queries.naming import DIRECT, normal_recipe
from intermezzo.queries.plain_files import LARGEST_TEXT, at_home, read_plain
from intermezzo.queries.tasks import task
from intermezzo.queries.toml_text import NotToml, parse_toml

SHIPPED = ("pocket", "xstilts")
"""Experiments that come with the program."""

POCKET_TARGETS = ("pocket_intents", "pocket_slots", "pocket_catalogues")

_TOP = (
    *("name", "about", "models", "recipes", "targets", "seeds", "languages", "limit", "own_intermediate"),
    *("data", "model", "training", "intermediate", "target", "task", "floor", "evaluation", "slurm"),
)


@dataclass(frozen=True, slots=True)
class Experiment:
    """What an experiment's file says.

    Attributes:
        name: Its name.
        about: What it is, for people.
        path: Its file.
        models: Base models as they are loaded.
        recipes: In their one spelling.
        targets: Target tasks.
        seeds: Train seeds.
        languages: Canonical codes to evaluate; empty: all that each target has.
        limit: Only so many test items a language; 0: all.
        own_intermediate: Whether a recipe may hold the target's own training data.
        data: Task or training set, or ``*`` -> folder (absolute) or hub id.
        layers: Base model -> only so many of its first layers.
        evaluation: Target -> options of its evaluation.
        tables: The tables of settings: ``training``, ``intermediate``, ``target``, ``task``.
        slurm: What its jobs need of SLURM: partition, gres, minutes, ...
        floors: Target -> what the direct recipe must reach on the train language's validation split; below it
            nothing was learnt that could transfer, and the target is not evaluated.
    """

    name: str
    about: str
    path: Path
    models: tuple[str, ...]
    recipes: tuple[str, ...]
    targets: tuple[str, ...]
    seeds: tuple[int, ...]
    languages: tuple[str, ...] = ()
    limit: int = 0
    own_intermediate: bool = False
    data: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, int] = field(default_factory=dict)
    evaluation: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)
    slurm: Mapping[str, Any] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)

    def settings(self, role: str, tasks: tuple[str, ...]) -> Settings:
        """Return the settings of a stage.

        Args:
            role: ``intermediate`` or ``target``.
            tasks: What it is trained on. ``[task.X]`` wins over ``[target]`` and ``[intermediate]``, those
                over ``[training]``; joint tasks have a table of their own, ``[task."a + b"]``.
        """
        name = " + ".join(tasks)
        parts = {**self.tables["training"], **self.tables[role], **self.tables["task"].get(name, {})}
        return settings_from(parts, f"{self.path.name}, settings of {name}")

    def data_for(self, name: str) -> str | None:
        """Return the folder or hub id that the file gives for a data set; ``None``: the declared place."""
        return self.data.get(name, self.data.get("*"))


def find_experiment(name: str) -> Path:
    """Return the file of an experiment: a path, or the name of a shipped one.

    Raises:
        Problem: There is no such file.
    """
    path = at_home(name)
    if path.is_file():
        return path
    plain = name.removesuffix(".toml")
    if plain in SHIPPED:
        return Path(str(files(__package__).joinpath(f"{plain}.toml")))
    raise Problem(
        f"There is no experiment file {name}. Name a TOML file, or one that came with the program: "
        f"{' or '.join(SHIPPED)}."
    )


def read_experiment(path: Path, data: str | None = None) -> Experiment:
    """Read an experiment's file.

    Args:
        path: The file.
        data: Folder of the data, wherever the file says they are.

    Raises:
        Problem: It cannot be read, or says something that cannot be done.
    """
    try:
        table = parse_toml(read_plain(path, LARGEST_TEXT, links=True).decode())
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    except NotToml as error:
        raise Problem(f"{path} cannot be read: {error}.") from error
    where = path.name
    for key in table:
        if key not in _TOP:
            raise Problem(f"{where}: there is no key {key!r}.{nearest(key, _TOP)} Keys: {listed(_TOP)}.")
    models = tuple(_model(m, path) for m in _words(table, "models", where))
    recipes = tuple(_recipe(r, where) for r in _words(table, "recipes", where))
    targets = tuple(_target(t, where) for t in _words(table, "targets", where))
    for name, found in (("models", models), ("recipes", recipes), ("targets", targets)):
        twice = next((f for f in found if found.count(f) > 1), None)
        if twice:
            raise Problem(f"{where}: {name} has {twice!r} twice.")
    made = Experiment(
        name=_word(table, "name", where, path.stem),
        about=_word(table, "about", where, "").strip(),
        path=path,
        models=models,
        recipes=recipes,
        targets=targets,
        seeds=_seeds(table, where),
        languages=_languages(table, where),
        limit=_whole(table, "limit", where),
        own_intermediate=_choice(table, "own_intermediate", where, ("skip", "keep"), "skip") == "keep",
        data=_data(table, path, where) | ({"*": str(at_home(data).absolute())} if data else {}),
        layers=_layers(table, models, path),
        evaluation=_evaluation(table, targets, where),
        tables=_tables(table, recipes, targets, where),
        slurm=_slurm(table, where),
        floors=_floors(table, recipes, targets, where),
    )
    for recipe in recipes:
        for stage in stages_of(recipe):
            made.settings("intermediate", stage)
    for target in targets:
        if target in TRAINED_ON:
            made.settings("target", (TRAINED_ON[target],))
    return made


def stages_of(recipe: str) -> list[tuple[str, ...]]:
    """Return a recipe's stages in turn, each with its joint tasks."""
    return [] if recipe == DIRECT else [tuple(stage.split(" + ")) for stage in recipe.split(" > ")]


def _word(table: Mapping[str, Any], key: str, where: str, usual: str) -> str:
    value = table.get(key, usual)
    if not isinstance(value, str):
        raise Problem(f"{where}: {key} must be text, not {value!r}.")
    return value


def _model(name: str, path: Path) -> str:
    """Return a model as it is loaded from anywhere: folders are meant from the file's own on."""
    beside = (Path.cwd() if _is_shipped(path) else path.resolve().parent) / at_home(name)
    local = name.startswith((".", "/", "~")) or (beside.is_dir() and name != POCKET)
    return os.path.abspath(beside) if local else name


def _is_shipped(path: Path) -> bool:
    return path.resolve().parent == Path(__file__).resolve().parent


def _choice(table: Mapping[str, Any], key: str, where: str, choices: tuple[str, ...], usual: str) -> str:
    value = table.get(key, usual)
    if value not in choices:
        raise Problem(f"{where}: {key} must be {' or '.join(map(repr, choices))}, not {value!r}.")
    return str(value)


def _whole(table: Mapping[str, Any], key: str, where: str) -> int:
    value = table.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Problem(f"{where}: {key} must be a whole number, not {value!r}.")
    return value


def _words(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = table.get(key)
    if not isinstance(found, list) or not found or not all(isinstance(f, str) and f.strip() for f in found):
        raise Problem(f"{where}: {key} must be a list of names with at least one, e.g. {_EXAMPLES[key]}.")
    return tuple(found)


_EXAMPLES = {
    "models": 'models = ["FacebookAI/xlm-roberta-base"]',
    "recipes": 'recipes = ["direct", "mnli", "mnli > qqp", "mnli + qqp"]',
    "targets": 'targets = ["xnli", "panx"]',
}


def _seeds(table: Mapping[str, Any], where: str) -> tuple[int, ...]:
    found = table.get("seeds", [])
    right = isinstance(found, list) and all(
        isinstance(s, int) and not isinstance(s, bool) and 0 <= s < 2**31 for s in found
    )
    if not right or not found or len(set(found)) < len(found):
        raise Problem(f"{where}: seeds must be a list of different whole numbers, e.g. seeds = [1, 2, 3].")
    return tuple(found)


def _recipe(text: str, where: str) -> str:
    try:
        recipe = normal_recipe(text)
    except Problem as problem:
        raise Problem(f"{where}: {problem}.") from problem
    for stage in stages_of(recipe):
        for name in stage:
            if source(name, where).kind == "masked lm" and len(stage) > 1:
                raise Problem(f"{where}: {MLM} is a stage of its own, not joint with others: `a > {MLM}`.")
    return recipe


def _target(name: str, where: str) -> str:
    known = task(name)
    if known is not None:
        return known.id
    if name in POCKET_TARGETS:
        return name
    from intermezzo.engine.data.targets import targets

    every = [*targets(), *POCKET_TARGETS]
    raise Problem(f"{where}: there is no target task {name!r}.{nearest(name, every)} Known: {listed(every)}.")


def _languages(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    found = table.get("languages", [])
    if not isinstance(found, list) or not all(isinstance(f, str) for f in found):
        raise Problem(f'{where}: languages must be a list of codes, e.g. languages = ["en", "sw"].')
    codes = []
    for text in found:
        language = canonical(text)
        if language is None:
            raise Problem(f"{where}: {text!r} is no language code.")
        codes.append(language.code)
    return tuple(dict.fromkeys(codes))


def _data(table: Mapping[str, Any], path: Path, where: str) -> dict[str, str]:
    found = table.get("data", {})
    if not isinstance(found, dict) or not all(isinstance(v, str) and v for v in found.values()):
        raise Problem(f'{where}: [data] gives a folder or a hub id for each data set, e.g. "*" = "download".')
    places = {}
    beside = Path.cwd() if _is_shipped(path) else path.resolve().parent
    for name, place in found.items():
        folder = at_home(place)
        local = folder if folder.is_absolute() else beside / folder
        looks_local = place.startswith((".", "/", "~")) or local.exists() or place.count("/") != 1
        places[name] = str(local) if looks_local else place
    return places


def _layers(table: Mapping[str, Any], models: tuple[str, ...], path: Path) -> dict[str, int]:
    found, where = table.get("model", {}), path.name
    if not isinstance(found, dict):
        raise Problem(f'{where}: [model."NAME"] gives layers = N for a model.')
    layers = {}
    for name, parts in found.items():
        model = _model(name, path)
        if model not in models:
            raise Problem(f"{where}: [model] speaks of {name!r}, which is not among models.")
        if not isinstance(parts, dict) or set(parts) != {"layers"} or not isinstance(parts["layers"], int):
            raise Problem(f"{where}: [model.{name}] can only say layers = N: the first N layers are kept.")
        if parts["layers"] < 1:
            raise Problem(f"{where}: [model.{name}] must keep at least one layer.")
        layers[model] = parts["layers"]
    return layers


def _evaluation(
    table: Mapping[str, Any], targets: tuple[str, ...], where: str
) -> dict[str, Mapping[str, Any]]:
    found = table.get("evaluation", {})
    if not isinstance(found, dict) or not all(isinstance(v, dict) for v in found.values()):
        raise Problem(f"{where}: [evaluation.TARGET] gives options of that target's evaluation.")
    unknown = next((name for name in found if name not in targets), None)
    if unknown:
        raise Problem(f"{where}: [evaluation] speaks of {unknown!r}, which is not among targets.")
    return dict(found)


def _floors(
    table: Mapping[str, Any], recipes: tuple[str, ...], targets: tuple[str, ...], where: str
) -> dict[str, float]:
    found = table.get("floor", {})
    if not isinstance(found, dict):
        raise Problem(f"{where}: [floor] gives the least value on validation for a target, e.g. xnli = 0.6.")
    for name, value in found.items():
        if name not in targets:
            raise Problem(f"{where}: [floor] speaks of {name!r}, which is not among targets.")
        if name not in TRAINED_ON:
            raise Problem(f"{where}: [floor] speaks of {name}, for which nothing is trained.")
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
            raise Problem(f"{where}: [floor] {name} must be between 0 and 1, not {value!r}.")
    if found and DIRECT not in recipes:
        raise Problem(f"{where}: [floor] is about the recipe {DIRECT}, which is not among recipes.")
    return {name: float(value) for name, value in found.items()}


def _slurm(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    from intermezzo.engine.launchers.slurm import NEEDS

    found = table.get("slurm", {})
    if not isinstance(found, dict):
        raise Problem(f"{where}: [slurm] says what jobs need: {', '.join(NEEDS)}.")
    for name, value in found.items():
        if name not in NEEDS:
            raise Problem(
                f"{where}: [slurm] has no {name!r}.{nearest(name, NEEDS)} Keys: {', '.join(NEEDS)}."
            )
        if not isinstance(value, (int, str)) or isinstance(value, bool):
            raise Problem(f"{where}: [slurm] {name} cannot be {value!r}.")
    return found


def _tables(
    table: Mapping[str, Any], recipes: tuple[str, ...], targets: tuple[str, ...], where: str
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("training", "intermediate", "target"):
        found[name] = _settings(table.get(name, {}), f"{where}, [{name}]")
    tasks = table.get("task", {})
    if not isinstance(tasks, dict):
        raise Problem(f"{where}: [task.NAME] gives settings for a task.")
    trained = {" + ".join(s) for r in recipes for s in stages_of(r)}
    trained |= {TRAINED_ON[t] for t in targets if t in TRAINED_ON}
    found["task"] = {}
    for name, parts in tasks.items():
        usual = " + ".join(sorted(name.split(" + ")))
        if usual not in trained:
            raise Problem(
                f"{where}: [task] speaks of {name!r}, which nothing here trains on."
                f"{nearest(usual, trained)} Trained on: {listed(sorted(trained))}."
            )
        found["task"][usual] = _settings(parts, f"{where}, [task.{name}]")
    return found


def _settings(parts: Any, where: str) -> dict[str, Any]:
    if not isinstance(parts, dict):
        raise Problem(f"{where} must be a table of settings: {', '.join(NAMES)}.")
    for name, value in parts.items():
        check_setting(name, value, where)
    return parts
