"""Reading a data set, wherever it is: pocket, XTREME's download folder, a saved data set, the hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from intermezzo.engine.examples import DataSet, Example, revision_of
from intermezzo.queries.languages import canonical
from intermezzo.queries.plain_files import at_home
from intermezzo.queries.tasks import task as known_task

from . import hub, layout
from .errors import DataError, listed, nearest, none_left
from .linking import apart, paragraph_clusters
from .raw import Raw
from .targets import Target, targets

POCKET = {
    "retrieval": "pocket_catalogues",
    "intents": "pocket_intents",
    "slots": "pocket_slots",
}
"""Short names of the pocket suite's tasks."""


def task_names() -> list[str]:
    """Return every task that can be evaluated."""
    return [*POCKET.values(), *targets()]


def task_id(name: str) -> str:
    """Return the task that a name means.

    Raises:
        DataError: There is none, or it cannot be evaluated.
    """
    if name in POCKET or name in task_names():
        return POCKET.get(name, name)
    known = known_task(name)
    if known is not None and known.id in targets():
        return known.id
    every = [*POCKET, *task_names()]
    what = "cannot be evaluated here" if known is not None else "is no task"
    raise DataError(f"{name} {what}.{nearest(name, every)} Tasks: {listed(every)}.")


def load_data(
    task: str,
    *,
    path: str | None = None,
    languages: Sequence[str] | None = None,
    split: str = "test",
    limit: int | None = None,
) -> DataSet:
    """Read a data set.

    Args:
        task: Task id, an alias, or ``retrieval``, ``intents``, ``slots`` for the pocket suite.
        path: XTREME's download folder, a folder of ``save_to_disk``, or a hub id; where ``None``, the
            declared data set of the hub.
        languages: Codes, as people write them; all there are where ``None``.
        split: ``test`` or ``validation``.
        limit: At most so many items a language, the first ones.

    Returns:
        The languages that can be evaluated; those that were asked for and cannot are left out, with reasons.

    Raises:
        DataError: No such task, split, folder; none of the languages; files of another form; no network.
    """
    name = task_id(task)
    if limit is not None and limit < 1:
        raise DataError(f"A limit of {limit} leaves nothing to evaluate.")
    codes = None if languages is None else codes_of(languages)
    if name in POCKET.values():
        return _pocket(name, path, codes, split, limit)
    target = targets()[name]
    folder = at_home(path) if path else None
    if folder is not None and folder.is_dir():
        if not hub.is_saved(folder) and layout.languages_here(folder, target, _split(target, split)):
            return _from_folder(target, folder, codes, split, limit)
        if hub.is_saved(folder) or any(hub.is_saved(p) for p in folder.iterdir() if p.is_dir()):
            return _from_hub(target, codes, split, limit, folder, None)
        wanted = layout.file_of(folder, target, split, "en" if "en" in target.task.languages else "de")
        raise DataError(
            f"{folder} has no {split} data of {name}: looked for {wanted.relative_to(folder)} "
            "(XTREME's download) and for data sets of save_to_disk."
        )
    if folder is not None and (folder.exists() or path is None or path.count("/") != 1 or path[0] in "./~"):
        raise DataError(f"{path} is no folder with data, and no hub id (owner/name) either.")
    return _from_hub(target, codes, split, limit, None, path)


def languages_of(task: str, path: str | None = None, split: str = "test") -> list[str]:
    """Return the languages that ``load_data`` would read, without reading them where that can be known.

    Raises:
        DataError: No such task; the pocket suite's packages are not installed.
    """
    name = task_id(task)
    if name in POCKET.values():
        return list(_pocket(name, None, None, split, 1).languages)
    target = targets()[name]
    folder = at_home(path) if path else None
    here = layout.languages_here(folder, target, _split(target, split)) if folder is not None else []
    return here or list(target.task.languages)


def codes_of(languages: Sequence[str]) -> list[str]:
    """Return the canonical codes of languages as people write them, each once.

    Raises:
        DataError: One is no language, or none is named.
    """
    found = []
    for word in languages:
        known = canonical(word)
        if known is None:
            raise DataError(f"{word!r} is no language: codes such as de, sw, zh-Hant are.")
        found.append(known.code)
    if not found:
        raise DataError("No language is named.")
    return list(dict.fromkeys(found))


def _pocket(name: str, path: str | None, codes: list[str] | None, split: str, limit: int | None) -> DataSet:
    if path:
        raise DataError(f"{name} comes from installed packages: it takes no --data.")
    if name == "pocket_catalogues":
        from intermezzo.engine.pocket.catalogues import catalogue_data

        return catalogue_data(codes, split, limit)
    from intermezzo.engine.pocket.grammars import grammar_data

    return grammar_data(name, codes, split, limit)


def _split(target: Target, split: str) -> str:
    if split not in target.files and (target.hub is None or split not in target.hub.splits):
        raise DataError(f"{target.task.id} has no {split} split: {' and '.join(target.files)}.")
    return split


def _strange(target: Target, codes: Sequence[str]) -> dict[str, str]:
    return {code: f"{target.task.id} does not have it" for code in codes if code not in target.task.languages}


def _from_folder(
    target: Target, root: Path, codes: list[str] | None, split: str, limit: int | None
) -> DataSet:
    here = layout.languages_here(root, target, split)
    asked = here if codes is None else codes
    left_out = _strange(target, asked)
    for code in asked:
        if code not in here:
            file = layout.file_of(root, target, split, code).relative_to(root)
            left_out.setdefault(code, f"there is no {file}")
    chosen = [code for code in asked if code not in left_out]
    if not chosen:
        raise none_left(target.task.id, left_out, here)
    # Which lines are parallel and which paragraphs hang together is asked of every file there is, so that
    # ids are the same whatever is evaluated.
    linked = target.task.parallel and target.reader in ("pairs", "questions", "choices")
    read = {
        code: layout.read_language(root, target, split, code)
        for code in dict.fromkeys([*chosen, *(here if linked else ())])
    }
    english = (
        {code: layout.english_side(root, target, split, code) for code in chosen}
        if target.reader == "mining"
        else {}
    )
    return _data_set(target, read, chosen, split, limit, f"folder {root.resolve()}", english, left_out)


def _from_hub(
    target: Target,
    codes: list[str] | None,
    split: str,
    limit: int | None,
    path: Path | None,
    hub_id: str | None,
) -> DataSet:
    asked = list(target.task.languages) if codes is None else codes
    left_out = _strange(target, asked)
    wanted = [code for code in asked if code not in left_out]
    read, absent = hub.read_hub(target, split, wanted, path=path, hub_id=hub_id)
    if not read:
        raise none_left(target.task.id, left_out | absent, () if wanted else target.task.languages)
    if codes is not None:  # else all there are, and the others were not asked for
        left_out |= absent
    where = f"saved data set {path.resolve()}" if path else f"hub {hub_id or (target.hub and target.hub.id)}"
    return _data_set(target, read, list(read), split, limit, where, {}, left_out)


def _data_set(
    target: Target,
    read: Mapping[str, list[Raw]],
    chosen: Sequence[str],
    split: str,
    limit: int | None,
    source: str,
    english: Mapping[str, list[Raw]],
    left_out: dict[str, str],
) -> DataSet:
    unscored = [
        code
        for code in chosen
        if all(raw.gold is None for raw in read[code]) and target.reader != "sentences"
    ]
    left_out |= dict.fromkeys(unscored, f"its {split} data have no labels to score against")
    chosen = [code for code in chosen if code not in unscored]
    if not chosen:
        raise DataError(
            f"The {split} data of {target.task.id} in {listed(unscored)} have no labels to score against "
            "(XTREME takes them off its test files)."
        )
    shifted = _shifted(target, read)
    clusters = paragraph_clusters(_paragraphs(read)) if _linked_questions(target) else {}
    # Sentences of the hub's own choosing must not be taken for those of XTREME's files.
    own = source.startswith(("hub", "saved")) and target.hub is not None and target.hub.ids == "own"
    languages: dict[str, tuple[Example, ...]] = {}
    for code in chosen:
        mark = f"{code}:hub:" if own else f"{code}:"
        line = (
            ""
            if target.task.parallel and target.reader in ("pairs", "choices") and code not in shifted
            else mark
        )
        made = _examples(target, code, read[code], line, clusters)
        languages[code] = tuple(_limited(made, limit, target)) + tuple(
            Example(raw.id, "en", raw.id, raw.texts) for raw in english.get(code, ())
        )
    revision = revision_of(e for code in sorted(languages) for e in languages[code])
    return DataSet(
        target.task.id,
        target.task.kind,
        split,
        revision,
        source,
        target.task.parallel,
        languages,
        target.labels,
        target.task.train_language,
        left_out,
    )


def _examples(
    target: Target, code: str, found: Sequence[Raw], line: str, clusters: Mapping[str, str]
) -> list[Example]:
    seen: dict[str, int] = {}
    made = []
    for n, raw in enumerate(found):
        if target.reader == "questions":
            seen[raw.id] = seen.get(raw.id, 0) + 1
            key = raw.id if seen[raw.id] == 1 else f"{raw.id}#{seen[raw.id]}"
            extra = MappingProxyType({"starts": raw.starts})
            cluster = clusters.get(raw.id, raw.paragraph)
            made.append(Example(key, code, cluster, raw.texts, raw.gold, extra=extra))
        elif target.reader == "sentences":
            made.append(Example(f"{line}{n}", code, f"{line}{n}", raw.texts, str(n), "en"))
        elif target.reader == "mining":
            made.append(Example(raw.id, code, raw.id, raw.texts, raw.gold))
        else:
            key = f"{line}{n}"
            made.append(Example(key, code, key, raw.texts, raw.gold, choices=raw.choices))
    return made


def _limited(made: list[Example], limit: int | None, target: Target) -> list[Example]:
    if limit is None:
        return made
    # Fewer sentences to search for, the same ones to search in.
    rest = made[limit:] if target.reader == "sentences" else []
    return [*made[:limit], *(Example(str(e.gold), "en", e.cluster_id, e.texts[1:]) for e in rest)]


def _shifted(target: Target, read: Mapping[str, list[Raw]]) -> dict[str, str]:
    if not (target.task.parallel and target.reader in ("pairs", "choices")):
        return {}
    return apart({code: [str(raw.gold) for raw in found] for code, found in read.items()})


def _linked_questions(target: Target) -> bool:
    return target.reader == "questions" and target.task.parallel


def _paragraphs(read: Mapping[str, list[Raw]]) -> list[list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for code, items in read.items():
        for raw in items:
            found.setdefault((code, raw.paragraph), []).append(raw.id)
    return list(found.values())
