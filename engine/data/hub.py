"""Data sets of the Hugging Face hub, and folders that ``save_to_disk`` has written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from intermezzo.queries.languages import canonical

from .errors import DataError, NotThere
from .from_hub import from_hub
from .layout import choice, paragraph_key
from .raw import Raw
from .targets import HubSource, Target

INSTALL = "pip install 'intermezzo[engine]'"


def is_saved(path: Path) -> bool:
    """Say whether a folder is what ``save_to_disk`` writes: a data set, or several by split."""
    return any((path / name).is_file() for name in ("dataset_info.json", "dataset_dict.json"))


def read_hub(
    target: Target,
    split: str,
    languages: Iterable[str],
    *,
    path: Path | None = None,
    hub_id: str | None = None,
) -> tuple[dict[str, list[Raw]], dict[str, str]]:
    """Return the items of each language, and of those that are not there why not.

    Args:
        target: The declaration.
        split: Our name of the split.
        languages: Canonical codes.
        path: A folder of ``save_to_disk``, or one with a folder for each configuration.
        hub_id: Another data set of the same form; the declared one where ``None``.

    Raises:
        DataError: The data set cannot be had, or is not of the form it should have.
    """
    source = target.hub
    if source is None:
        raise DataError(
            f"{target.task.id} is read from XTREME's download folder only: name it with --data FOLDER."
        )
    if split not in source.splits:
        raise DataError(
            f"{source.id} has no {split} split of {target.task.id}: {' and '.join(source.splits)}."
        )
    found: dict[str, list[Raw]] = {}
    absent: dict[str, str] = {}
    opened: dict[str, Any] = {}
    wanted = list(languages)
    for code in wanted:
        config = source.config
        for mark, word in (("{code}", code), ("{three}", _three(code)), ("{name}", _name(code))):
            config = config.replace(mark, word)
        try:
            if config not in opened:
                opened[config] = _open(source, config, split, path, hub_id, alone=len(wanted) == 1)
        except NotThere as error:
            absent[code] = str(error)
            continue
        table = opened[config]
        rows = _of_language(table, source, code)
        try:
            found[code] = [_raw(row, target, source, table) for row in rows]
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise DataError(
                f"{path or hub_id or source.id} ({config}) is not of the form that {target.task.id} has: "
                f"{type(error).__name__} at {error}. It has the columns {', '.join(table.column_names)}."
            ) from error
        if not found[code]:
            del found[code]
            absent[code] = f"no item of {config} is in it"
    return found, absent


def _open(
    source: HubSource, config: str, split: str, path: Path | None, hub_id: str | None, *, alone: bool
) -> Any:
    try:
        import datasets
    except ImportError as error:
        raise DataError(f"Reading a Hugging Face data set needs datasets: {INSTALL}.") from error
    datasets.disable_progress_bars()
    theirs = source.splits[split]
    if path is None:
        name = hub_id or source.id
        try:
            return from_hub(name, config, theirs)
        except Exception as error:
            raise DataError(
                f"{name} ({config}, {theirs}) could not be had from the hub: {str(error).strip()[:160]}. "
                "Name a folder with the data: --data FOLDER (XTREME's download, or save_to_disk)."
            ) from error
    folder = next((p for p in (path / config, path / config / theirs) if is_saved(p)), None)
    if folder is None and is_saved(path) and (alone or source.language):
        folder = path
    if folder is None and is_saved(path):
        raise DataError(f"{path} is one data set, of one language: say which with --languages.")
    if folder is None:
        raise NotThere(f"no folder {config} that save_to_disk has written")
    try:
        table = datasets.load_from_disk(str(folder))
    except Exception as error:
        raise DataError(
            f"{folder} cannot be read as a saved data set: {str(error).strip()[:160]}."
        ) from error
    if isinstance(table, datasets.DatasetDict):
        if theirs not in table:
            raise NotThere(f"no split {theirs} in {folder.name}, which has {', '.join(table)}")
        return table[theirs]
    return table


def _of_language(table: Any, source: HubSource, code: str) -> Iterable[Mapping[str, Any]]:
    if not source.language:
        return list(table)
    if source.language == "id":  # TyDi QA: `swahili-12-3`
        name = _name(code).casefold()
        return [row for row in table if str(row["id"]).casefold().startswith(f"{name}-")]
    return [row for row in table if (found := canonical(str(row[source.language]))) and found.code == code]


def _raw(row: Mapping[str, Any], target: Target, source: HubSource, table: Any) -> Raw:
    if target.reader == "questions":
        places: dict[str, int] = {}
        for text, start in zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True):
            places.setdefault(text, int(start))
        return Raw(
            (row["question"], row["context"]),
            tuple(places) or None,
            str(row["id"]),
            tuple(places.values()),
            paragraph=paragraph_key(str(row.get("title") or ""), row["context"]),
        )
    if target.reader == "choices":
        return choice(row)
    if target.reader == "tags":
        tags = tuple(_named(t, source.gold, table) for t in row[source.gold])
        return Raw(tuple(row[source.texts[0]]), tags)
    texts = tuple(str(row[name]) for name in source.texts)
    if target.reader == "sentences":
        return Raw(texts)
    return Raw(texts, _named(row[source.gold], source.gold, table))


def _named(value: Any, column: str, table: Any) -> str:
    """Return a label by its name; numbers are looked up in the table's own list of names."""
    if isinstance(value, str):
        return value
    feature = table.features[column]
    names = getattr(getattr(feature, "feature", feature), "names", None)
    return str(names[value]) if names else str(value)


def _three(code: str) -> str:
    found = canonical(code)
    return (found.iso639_3 if found else None) or code


def _name(code: str) -> str:
    found = canonical(code)
    return found.name if found else code
