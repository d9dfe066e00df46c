"""Retrieval data from message catalogues: an English message of a program and its human translations.

The packages Django, Django REST framework and WTForms (BSD) carry compiled gettext catalogues in dozens of
languages. A translation is the query, all English messages are the candidates, the same ones for every
language, so that accuracies of languages are comparable. They are user interface sentences and the
candidates are a few hundred: easier than Tatoeba, and not comparable with it.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from intermezzo.engine.data.errors import none_left
from intermezzo.engine.examples import DataSet, Example, revision_of
from intermezzo.queries.errors import Problem
from intermezzo.queries.languages import canonical

from . import PACKAGES

TASK = "pocket_catalogues"
KIND = "bitext retrieval"
SPLITS = ("test", "validation")

_PACKAGES = ("django", "rest_framework", "wtforms")
_DISTRIBUTIONS = ("django", "djangorestframework", "wtforms")
_SEED = b"intermezzo catalogues 1"
_FEWEST = 40
"""Messages that a language must have in the test split."""

_TOO_FEW = f"the catalogues have fewer than {_FEWEST} messages for a test"

_SHARE = 6
"""One message in so many is for validation: choosing a layer, a pooling, a threshold."""

_PLACEHOLDER = re.compile(r"%[(\w]|\{|\}|<|>|&\w*;|\$\w|https?:|www\.|\x04")
_MAGIC = {b"\xde\x12\x04\x95": "<", b"\x95\x04\x12\xde": ">"}


def catalogue_data(
    languages: Sequence[str] | None = None, split: str = "test", limit: int | None = None
) -> DataSet:
    """Return translations and the English messages they are to find.

    Args:
        languages: Canonical codes; all that have enough messages where ``None``.
        split: ``test`` or ``validation``; a message is in the same split in every language.
        limit: At most so many messages a language, the first of a fixed random order.

    Returns:
        By language: pairs (translation, English message) as queries with ``gold`` the message's id, then
        the remaining English messages as candidates without gold. Item ids are equal across languages;
        ``cluster_id`` is the message. A language asked for with too few messages is left out.

    Raises:
        Problem: The packages are not installed; no language asked for has enough messages; there is no such
            split.
    """
    if split not in SPLITS:
        raise Problem(f"The catalogues have no split {split!r}: {' or '.join(SPLITS)}.")
    found = messages()
    pool = sorted({m for pairs in found.values() for m in pairs if split_of(m) == split}, key=_order)
    kept = {
        code: [m for m in pool if m in pairs]
        for code, pairs in sorted(found.items())
        if sum(split_of(m) == "test" for m in pairs) >= _FEWEST
    }
    chosen = list(kept) if languages is None else list(languages)
    left_out = {code: _TOO_FEW for code in chosen if code not in kept}
    if len(left_out) == len(chosen):
        raise none_left(TASK, left_out, kept)
    data = {}
    for code in chosen:
        if code in left_out:
            continue
        queries = kept[code][:limit]
        rest = [m for m in pool if m not in set(queries)]
        data[code] = (
            *(_example(m, code, (found[code][m], m)) for m in queries),
            *(_example(m, "en", (m,)) for m in rest),
        )
    revision = revision_of(e for code in sorted(data) for e in data[code])
    return DataSet(TASK, KIND, split, revision, source(), True, data, (), None, left_out)


def _example(message: str, language: str, texts: tuple[str, ...]) -> Example:
    key = message_id(message)
    pair = len(texts) == 2
    return Example(key, language, key, texts, key if pair else None, "en" if pair else None)


def message_id(message: str) -> str:
    """Return the id of an English message: a hash, so that it stays when messages come and go."""
    return hashlib.sha256(message.encode()).hexdigest()[:12]


def split_of(message: str) -> str:
    """Return the split a message is in, whatever the language."""
    return "validation" if int(_order(message), 16) % _SHARE == 0 else "test"


def _order(message: str) -> str:
    return hashlib.sha256(_SEED + message.encode()).hexdigest()


def source() -> str:
    """Return where the data are from: the packages with their versions."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return "pocket: " + ", ".join(f"{name} {version(name)}" for name in _DISTRIBUTIONS)
    except PackageNotFoundError as error:
        raise Problem(f"The pocket data need the package {error.name}: {PACKAGES}.") from error


def messages() -> dict[str, dict[str, str]]:
    """Return ``{language: {English message: translation}}``, usable sentences only, English left out.

    Where packages translate the same message, the first package's translation stays.
    """
    found: dict[str, dict[str, str]] = {}
    for package in _PACKAGES:
        for code, folders in _locales(_root(package)).items():
            pairs = found.setdefault(code, {})
            for file in folders:
                for message, translation in read_catalogue(file):
                    usable = _usable(message, translation)
                    if usable:
                        pairs.setdefault(*usable)
    return found


def _root(package: str) -> Path:
    from importlib.util import find_spec

    spec = find_spec(package)
    if spec is None or not spec.origin:
        distribution = _DISTRIBUTIONS[_PACKAGES.index(package)]
        raise Problem(f"The pocket data need the package {distribution}: {PACKAGES}.")
    return Path(spec.origin).parent


def _locales(root: Path) -> dict[str, list[Path]]:
    """Return each language's catalogues in a package, of one variant of the language only.

    ``pt_BR`` is usual Portuguese, but does not mix with a ``pt`` beside it; ``es_AR`` is left out.
    """
    by_name: dict[str, list[Path]] = {}
    for file in sorted(root.rglob("LC_MESSAGES/*.mo")):
        by_name.setdefault(file.parent.parent.name, []).append(file)
    found: dict[str, list[Path]] = {}
    # A name without a territory comes before one with it.
    for name in sorted(by_name, key=lambda n: (bool(re.search(r"_[A-Z]{2}$", n)), n)):
        language = canonical(name.replace("_", "-"))
        if language is None or language.code == "en" or re.search(r"-[A-Z]{2}$", language.code):
            continue
        found.setdefault(language.code, by_name[name])
    return found


def _usable(message: str, translation: str) -> tuple[str, str] | None:
    """Return a message and its translation as plain sentences, ``None`` where they are none."""
    english, other = " ".join(message.split()), " ".join(translation.split())
    if len(english) < 25 or english.count(" ") < 3 or not other or other == english:
        return None
    if _PLACEHOLDER.search(english) or _PLACEHOLDER.search(other):
        return None
    return english, other


def read_catalogue(file: Path) -> Iterator[tuple[str, str]]:
    """Yield message and translation of a compiled catalogue (GNU gettext's .mo), plurals left out.

    Raises:
        Problem: It is not a catalogue, or cut off.
    """
    data = file.read_bytes()
    order = _MAGIC.get(data[:4])
    if order is None:
        raise Problem(f"{file} is no message catalogue (.mo): install its package again.")
    try:
        _, count, originals, translations = struct.unpack_from(f"{order}4I", data, 4)
        for i in range(count):
            size, at = struct.unpack_from(f"{order}2I", data, originals + 8 * i)
            message = data[at : at + size].decode()
            size, at = struct.unpack_from(f"{order}2I", data, translations + 8 * i)
            if message and "\0" not in message:
                yield message.rpartition("\x04")[2], data[at : at + size].decode()
    except (struct.error, UnicodeDecodeError) as error:
        raise Problem(f"{file} is damaged: install its package again.") from error
