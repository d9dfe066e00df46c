"""Appending to a store's ``systems.toml``: what a person says a name or a folder is."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import tomli_w

from .errors import Problem
from .systems_file import FIELDS, FILE_NAME, HasPath, Rule, decoded, parse_systems

_PREFIX = ".systems-"
"""Of the name of a file that is about to take the place of ``systems.toml``."""


def annotate(
    store: HasPath | Path,
    *,
    name: str | None = None,
    path: str | None = None,
    base_model: str | None = None,
    base_revision: str | None = None,
    recipe: str | None = None,
    train_seed: int | None = None,
    step: int | None = None,
    shots: int | None = None,
    prompt: str | None = None,
    system: str | None = None,
) -> str:
    """Append a ``[[system]]`` entry to a store's ``systems.toml``, keeping what is there to the letter.

    Args:
        store: The store, or its folder.
        name: Exact name as found; or give ``path``.
        path: Path pattern.
        base_model: Base model.
        base_revision: Its revision.
        recipe: Recipe words.
        train_seed: Seed of the training.
        step: Training step.
        shots: Few-shot examples.
        prompt: Prompt variant.
        system: Label to show.

    Returns:
        A sentence saying what was done.

    Raises:
        Problem: The entry is not valid, contradicts one that is there, or the file cannot be written.
    """
    said: dict[str, str | int | None] = {
        "name": name,
        "path": path,
        "base_model": base_model,
        "base_revision": base_revision,
    }
    said |= {"recipe": recipe, "train_seed": train_seed, "step": step}
    said |= {"shots": shots, "prompt": prompt, "system": system}
    entry = {key: value for key, value in said.items() if value is not None}
    file, told = _append(store, [entry])
    [(new, outcome)] = told
    if isinstance(outcome, Problem):
        raise outcome
    if isinstance(outcome, Rule):
        return f"{file}, line {outcome.line}: {outcome.title()} is there already; nothing was changed."
    return f"{file}: {new.title()} is now {spoken_of(new)}."


def annotate_all(
    store: HasPath | Path, entries: Sequence[Mapping[str, str | int]]
) -> tuple[list[dict[str, str | int]], list[str]]:
    """Append several entries at once; those that contradict one that is there are left out.

    Args:
        store: The store, or its folder.
        entries: What ``annotate`` takes, each ``name`` or ``path`` and what is said of it.

    Returns:
        The entries that are new, and a sentence for each that was left out.

    Raises:
        Problem: An entry is not valid, or the file cannot be read or written.
    """
    _, told = _append(store, entries)
    added = [dict(entry) for entry, (_, outcome) in zip(entries, told, strict=True) if outcome is None]
    return added, [str(outcome) for _, outcome in told if isinstance(outcome, Problem)]


def _append(
    store: HasPath | Path, entries: Sequence[Mapping[str, str | int]]
) -> tuple[Path, list[tuple[Rule, Rule | Problem | None]]]:
    """Append entries; return the file, and for each its rule and what it contradicts or repeats."""
    folder = store if isinstance(store, Path) else store.path
    file = Path(os.path.realpath(folder / FILE_NAME))  # a link to a versioned file stays a link
    texts = [_entry_text(entry) for entry in entries]
    fresh = [parse_systems(text, "the new entry").rules[0] for text in texts]
    told: list[tuple[Rule, Rule | Problem | None]] = []
    with locked(folder):
        old = file.read_bytes() if file.exists() else b""
        text = decoded(old, str(file))
        rules = parse_systems(text, str(file)).rules
        end = "\r\n" if "\r\n" in text else "\n"
        whole = text
        for new, new_text in zip(fresh, texts, strict=True):
            outcome = _met(new, rules, file)
            if outcome is None:
                gap = "" if not whole.strip() else end if whole.endswith("\n") else end * 2
                whole += gap + new_text.replace("\n", end)
            told.append((new, outcome))
        if whole != text:
            parse_systems(whole, str(file))
            replace_file(file, whole.encode("utf-8"))
    return file, told


def _met(new: Rule, rules: Sequence[Rule], file: Path) -> Rule | Problem | None:
    """Return the rule that says the same, or what the new one contradicts."""
    for rule in rules:
        if not (set(rule.names) & set(new.names) or (rule.path and rule.path == new.path)):
            continue
        if dict(rule.values) == dict(new.values):
            return rule
        return Problem(
            f"{file}, line {rule.line}: {rule.title()} already says {spoken(rule.values)}; "
            f"the new entry says {spoken(new.values)}. Edit that entry instead."
        )
    return None


def _entry_text(entry: Mapping[str, str | int]) -> str:
    lines = ["[[system]]\n"]
    for key, value in entry.items():
        try:
            line = tomli_w.dumps({key: value})
            line.encode("utf-8")
        except (UnicodeEncodeError, TypeError):
            raise Problem(
                f"the new entry: `{key}` holds characters that are no text: use a path pattern."
            ) from None
        lines.append(line)
    return "".join(lines)


def spoken_of(rule: Rule) -> str:
    """Return what a rule says, with what it takes from the path."""
    captured = ", ".join(key for key in FIELDS if key in rule.captures)
    said = [spoken(rule.values)] if rule.values else []
    return ", ".join([*said, *([f"known by its path ({captured})"] if captured else [])]) or "nothing"


def spoken(values: Mapping[str, str | int]) -> str:
    """Return what a rule says, for messages."""
    return ", ".join(f"{key} {values[key]!r}" for key in FIELDS if key in values) or "nothing"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process change the ``systems.toml`` in ``folder`` at a time; sweep what a killed one left."""
    try:
        handle = os.open(folder / ".systems.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise Problem(f"{folder / FILE_NAME}: the store cannot be written: {error.strerror}.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for left in folder.glob(f"{_PREFIX}*"):
            with suppress(OSError):
                left.unlink()
        yield
    finally:
        os.close(handle)


def replace_file(file: Path, data: bytes) -> None:
    """Replace a ``systems.toml`` as a whole, keeping its permissions."""
    try:
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(prefix=_PREFIX, dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            os.chmod(temporary, mode)
            os.replace(temporary, file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Problem(f"{file}: it cannot be written: {error.strerror}.") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
