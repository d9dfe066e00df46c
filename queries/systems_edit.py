"""Appending to a store's ``systems.toml``: what a person says a name or a folder is."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import tomli_w

from .errors import Problem
from .systems_file import FIELDS, FILE_NAME, HasPath, decoded, parse_systems


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
    folder = store if isinstance(store, Path) else store.path
    file = Path(os.path.realpath(folder / FILE_NAME))  # a link to a versioned file stays a link
    new_text = _entry_text(entry)
    new = parse_systems(new_text, "the new entry").rules[0]
    with locked(folder):
        old = file.read_bytes() if file.exists() else b""
        text = decoded(old, str(file))
        rules = parse_systems(text, str(file))
        same = [r for r in rules.rules if set(r.names) & set(new.names) or (r.path and r.path == new.path)]
        for rule in same:
            if dict(rule.values) == dict(new.values):
                return f"{file}, line {rule.line}: {rule.title()} is there already; nothing was changed."
            raise Problem(
                f"{file}, line {rule.line}: {rule.title()} already says {spoken(rule.values)}; "
                f"the new entry says {spoken(new.values)}. Edit that entry instead."
            )
        end = "\r\n" if "\r\n" in text else "\n"
        gap = "" if not text.strip() else end if text.endswith("\n") else end * 2
        whole = text + gap + new_text.replace("\n", end)
        parse_systems(whole, str(file))
        replace_file(file, whole.encode("utf-8"))
    return f"{file}: {new.title()} is now {spoken(new.values)}."


def _entry_text(entry: dict[str, str | int]) -> str:
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


def spoken(values: Mapping[str, str | int]) -> str:
    """Return what a rule says, for messages."""
    return ", ".join(f"{key} {values[key]!r}" for key in FIELDS if key in values) or "nothing"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process change the ``systems.toml`` in ``folder`` at a time."""
    try:
        handle = os.open(folder / ".systems.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise Problem(f"{folder / FILE_NAME}: the store cannot be written: {error.strerror}.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def replace_file(file: Path, data: bytes) -> None:
    """Replace a ``systems.toml`` as a whole, keeping its permissions."""
    try:
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(prefix=".systems-", dir=file.parent)
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
