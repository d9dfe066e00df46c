"""Which folders of a tree are XTREME submissions, which are labels, and who is meant by each."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from intermezzo.engine.importing.draft import Bundle
from intermezzo.engine.importing.tree import File, Tree
from intermezzo.engine.metrics.accuracy import IMPLEMENTATION as ACCURACY
from intermezzo.engine.metrics.bitext import BUCC, TATOEBA
from intermezzo.engine.metrics.chunk_f1 import SEQEVAL_0_0_12, SEQEVAL_1_2_2
from intermezzo.engine.metrics.qa import MLQA, SQUAD

from .xtreme_files import some

LABEL_FOLDERS = ("labels", "gold")
"""Names of folders that hold gold labels in the shape of a submission."""

IMPLEMENTATIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "xnli": (("accuracy", ACCURACY),),
    "pawsx": (("accuracy", ACCURACY),),
    "tatoeba": (("accuracy", TATOEBA),),
    "bucc2018": (("f1", BUCC),),
    "panx": (("f1", SEQEVAL_0_0_12), ("f1", SEQEVAL_1_2_2)),
    "udpos": (("f1", SEQEVAL_0_0_12), ("f1", SEQEVAL_1_2_2)),
    "xquad": (("f1", SQUAD), ("exact_match", SQUAD)),
    "tydiqa": (("f1", SQUAD), ("exact_match", SQUAD)),
    "mlqa": (("f1", MLQA), ("exact_match", MLQA)),
}
"""Tasks with a scorer, and the metrics and implementations that each language gets."""

QA = frozenset({"xquad", "mlqa", "tydiqa"})
"""Tasks whose files are JSON."""

FILE = re.compile(r"test-([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*)\.(tsv|jsonl?)")
"""Names of prediction and label files; group 1 is the language code."""

_PREDICTION_FOLDERS = frozenset({"predictions", "prediction", "preds"})
_NO_SCORER = frozenset({"mewslix", "xcopa", "lareqa"})

_Folders = dict[str, dict[str, list[File]]]


def bundles(tree: Tree, importer: str) -> Iterator[Bundle]:
    """Claim the task folders of every submission, each with its labels.

    A bundle's context has ``task``, ``system``, ``path``, ``predictions``, ``labels`` and ``guess``; or
    ``ignored``, or ``refused`` with ``folder``: a sentence on files that are named and not read.
    """
    submissions, unscored = _submissions(tree)
    labels = _labels_among(tree, submissions)
    for task, files in sorted(unscored.items()):
        # Predictions first: the sentence is about them, labels come along.
        files.sort(key=lambda f: (set(f.path.lower().split("/")[:-2]) & set(LABEL_FOLDERS) != set(), f))
        yield _apart(importer, files, ignored=f"{task} has no scorer here: its files were left out")
    systems = sorted(set(submissions) - labels)
    if not systems:
        for folder in sorted(labels):
            why = "labels without predictions: there is nothing to score beside them"
            yield _apart(importer, _all_files(submissions[folder]), ignored=why)
        return
    chosen = {system: _labels_for(tree, system, labels) for system in systems}
    names = _system_names(tree, {s: folder for s, (folder, _) in chosen.items() if folder})
    unpaired = {f.path: f for folder in labels for f in _all_files(submissions[folder])}
    for system in systems:
        gold_folder, said = chosen[system]
        if gold_folder is None:
            yield _apart(importer, _all_files(submissions[system]), refused=said, folder=system)
            continue
        for task, files in sorted(submissions[system].items()):
            wanted = {f.name for f in files}
            gold = sorted(f.path for f in _listed(tree, f"{gold_folder}/{task}") if f.name in wanted)
            for path in gold:
                unpaired.pop(path, None)
            yield Bundle(
                importer,
                Path(files[0].path),
                tuple(Path(p) for p in (*(f.path for f in files[1:]), *gold)),
                {
                    "task": task,
                    "system": names[system],
                    "path": tree.relative(f"{system}/{task}"),
                    "predictions": [f.path for f in files],
                    "labels": f"{gold_folder}/{task}",
                    "guess": said,
                },
            )
    if unpaired:
        why = f"{len(unpaired):,} label files have no predictions in any system: they were left out"
        yield _apart(importer, list(unpaired.values()), ignored=why)


def _apart(importer: str, files: list[File], **context: str) -> Bundle:
    paths = [Path(f.path) for f in files]
    return Bundle(importer, paths[0], tuple(paths[1:]), dict(context))


def _submissions(tree: Tree) -> tuple[_Folders, dict[str, list[File]]]:
    """Return folder -> task -> files for tasks with a scorer, and task -> files for folders beside them."""
    scored: _Folders = {}
    others: _Folders = {}
    for folder, files in tree.folders.items():
        parent, _, name = folder.rpartition("/")
        mine = [f for f in files if (m := FILE.fullmatch(f.name)) and _fits(name, m.group(2))]
        if mine:
            (scored if name in IMPLEMENTATIONS else others).setdefault(parent, {})[name] = mine
    unscored: dict[str, list[File]] = {}
    for parent, tasks in others.items():
        for name, files in tasks.items():
            if parent in scored or name in _NO_SCORER:
                unscored.setdefault(name, []).extend(files)
    return scored, unscored


def _fits(task: str, suffix: str) -> bool:
    return task not in IMPLEMENTATIONS or suffix == ("json" if task in QA else "tsv")


def _labels_among(tree: Tree, folders: Iterable[str]) -> set[str]:
    by_name = {f for f in folders if os.path.basename(f).lower() in LABEL_FOLDERS}
    if by_name:
        return by_name
    return {f for f in folders if set(tree.relative(f).lower().split("/")[:-1]) & set(LABEL_FOLDERS)}


def _labels_for(tree: Tree, system: str, labels: set[str]) -> tuple[str | None, str]:
    """Return the labels folder of a system, and what had to be guessed; or none, and why."""
    if labels:
        depth = {folder: len(os.path.commonpath([folder, system])) for folder in sorted(labels)}
        nearest = [folder for folder in depth if depth[folder] == max(depth.values())]
        if len(nearest) == 1:
            said = f"of {len(labels)} labels folders the nearest was taken: {tree.relative(nearest[0])}"
            return nearest[0], said if len(labels) > 1 else ""
        names = some([tree.relative(folder) for folder in nearest])
        return None, f"several labels folders are equally near ({names}): import one system with its labels"
    beside = [f"{os.path.dirname(system)}/{name}" for name in LABEL_FOLDERS]
    for folder in beside:
        if os.path.isdir(folder):
            return folder, f"labels were taken from {folder}, beside the imported folder"
    return None, (
        "predictions without labels cannot be scored: labels are looked for in the imported tree, in a "
        f"folder called labels or gold with the same <task>/test-<language> files, and in {beside[0]}"
    )


def _system_names(tree: Tree, labels_of: dict[str, str]) -> dict[str, str]:
    short: dict[str, str] = {}
    full: dict[str, str] = {}
    for system, labels in labels_of.items():
        base = os.path.dirname(labels)
        if not f"{system}/".startswith(f"{base}/"):
            base = tree.root.as_posix()
        relative = os.path.relpath(system, base)
        parts = [p for p in relative.split("/") if p not in (".", "..")]
        while parts and parts[0].lower() in _PREDICTION_FOLDERS:
            parts.pop(0)
        while parts and parts[-1].lower() in _PREDICTION_FOLDERS:
            parts.pop()
        whole = os.path.basename(base) or "xtreme"
        short[system] = "/".join(parts) or whole
        full[system] = whole if relative == "." else f"{whole}/{relative}"
    times = Counter(short.values())
    return {system: full[system] if times[name] > 1 else name for system, name in short.items()}


def _listed(tree: Tree, folder: str) -> list[File]:
    """Return the files of a folder, in the tree or (labels beside the imported folder) on disk."""
    files = tree.folders.get(folder)
    if files is None and os.path.isdir(folder):
        files = [File(entry.path, 0, 0) for entry in os.scandir(folder) if entry.is_file()]
    return files or []


def _all_files(tasks: dict[str, list[File]]) -> list[File]:
    return [file for files in tasks.values() for file in files]
