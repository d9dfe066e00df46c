"""Where things are in a store, and opening or making one.

A store is a folder (design, section 3)::

    VERSION  runs/  texts/  imports/  hidden/  systems.toml  claims/  verifications/
    index/<label>-<generation>.duckdb  results.duckdb  tmp/

Everything but ``index/``, ``results.duckdb`` and ``tmp/`` is kept for ever; those three are derived.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from intermezzo.queries.errors import Problem
from intermezzo.queries.plain_files import at_home, open_plain, read_plain

from .workspace import workspace

FORMAT = 1
"""Version of the store's folder layout; a newer one is refused with a sentence."""

_VERSION_LINE = re.compile(r"^intermezzo store (\d{1,9})\s*$")
_FOLDERS = ("runs", "texts", "imports", "hidden", "claims", "verifications", "index", "tmp")

Step = Callable[[str], None]
"""Called with the name of each small step of a write; tests end the process there."""


def no_step(_name: str) -> None:
    """Do nothing: the step hook outside of tests."""


class StoreError(Problem):
    """A store cannot be opened, read or written; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Store:
    """A store's folders.

    Attributes:
        path: The store's folder, absolute.
        writable: Whether runs can be written into it.
        home: Where the derived files are: the store itself, or a folder of the user's cache where the
            store cannot be written.
    """

    path: Path
    writable: bool
    home: Path

    @property
    def runs(self) -> Path:
        """Folder of the run folders."""
        return self.path / "runs"

    @property
    def texts(self) -> Path:
        """Folder of item texts."""
        return self.path / "texts"

    @property
    def imports(self) -> Path:
        """Folder of the latest import report for each imported root."""
        return self.path / "imports"

    @property
    def hidden(self) -> Path:
        """Folder of the records that take runs out of view, or bring them back."""
        return self.path / "hidden"

    @property
    def claims(self) -> Path:
        """Folder of the records of claims."""
        return self.path / "claims"

    @property
    def verifications(self) -> Path:
        """Folder of the records of attempts to check claims."""
        return self.path / "verifications"

    @property
    def systems_toml(self) -> Path:
        """What folders and names mean; may be absent."""
        return self.path / "systems.toml"

    @property
    def tmp(self) -> Path:
        """Where writers fill folders before renaming them into place."""
        return self.home / "tmp"

    @property
    def index_dir(self) -> Path:
        """Folder of the index generations."""
        return self.home / "index"

    @property
    def results(self) -> Path:
        """The published index under the name that people use."""
        return self.home / "results.duckdb"


def default_path() -> Path:
    """Return the store that is meant when none is named: ``$INTERMEZZO_STORE`` or ``./intermezzo-store``."""
    return at_home(os.environ.get("INTERMEZZO_STORE") or "intermezzo-store")


def open_store(path: str | os.PathLike[str], create: bool = False) -> Store:
    """Open the store at ``path``.

    Args:
        path: The store's folder.
        create: Make an empty store where there is no folder, or an empty one.

    Returns:
        The store. Where it cannot be written, its derived files live in the user's cache.

    Raises:
        StoreError: If it is no store, is newer than this program, or cannot be made.
    """
    folder = Path(os.path.abspath(at_home(path)))
    if "?" in str(folder) or storable(str(folder)) != str(folder):
        raise StoreError(
            f"{storable(str(folder))} cannot be a store: DuckDB opens no file below a folder whose name has "
            "a question mark or is not UTF-8. Name another folder."
        )
    try:
        if not folder.exists():
            if not create:
                raise StoreError(
                    f"There is no store at {folder}. Import results into one first, or name another: --store."
                )
            _make(folder)
        elif not folder.is_dir():
            raise StoreError(f"{folder} is a file, not a store. Name the store's folder.")
        elif not (folder / "VERSION").exists():
            # A killed maker may have left our empty folders behind: those are no reason to refuse.
            strangers = [n for n in os.listdir(folder) if n not in _FOLDERS and not n.startswith("VERSION.")]
            # Looked at again: another maker may have finished between the two looks.
            if (strangers or not create) and not (folder / "VERSION").exists():
                raise StoreError(
                    f"{folder} is a folder but not a store (it has no VERSION file). "
                    "Name a store, or a folder that does not exist yet."
                )
            _make(folder)
        _check_version(folder)
        writable = os.access(folder, os.W_OK | os.X_OK)
        if writable:
            for name in _FOLDERS:
                (folder / name).mkdir(exist_ok=True)
    except OSError as error:
        raise said(error, f"The store at {folder} cannot be opened") from error
    return Store(path=folder, writable=writable, home=folder if writable else _cache_home(folder))


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in _FOLDERS:
        (folder / name).mkdir(exist_ok=True)
    write_atomic(folder / "VERSION", f"intermezzo store {FORMAT}\n".encode(), folder / "tmp")


def _check_version(folder: Path) -> None:
    text = read_plain(folder / "VERSION", 1 << 20)[:200].decode("utf-8", "replace")
    match = _VERSION_LINE.match(text)
    if match is None or not int(match.group(1)):
        raise StoreError(
            f"{folder / 'VERSION'} does not say which store this is (expected 'intermezzo store {FORMAT}'). "
            "If this is not a store of intermezzo, name another folder."
        )
    if int(match.group(1)) > FORMAT:
        raise StoreError(
            f"The store at {folder} has layout {match.group(1)}; this intermezzo knows {FORMAT}. "
            "Open it with a newer intermezzo."
        )


def _cache_home(folder: Path) -> Path:
    import platformdirs

    key = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:16]
    home = Path(platformdirs.user_cache_dir("intermezzo")) / "stores" / key
    try:
        for name in ("index", "tmp"):
            (home / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise said(
            error, f"The store at {folder} is read-only and its index cannot be kept in {home}"
        ) from error
    return home


def require_writable(store: Store) -> None:
    """Raise a ``StoreError`` unless runs can be written into ``store``."""
    if not store.writable:
        raise StoreError(f"The store at {store.path} cannot be written (no permission, or a read-only disk).")


def folder_inside(store: Store, *names: str) -> Path:
    """Return a folder of a store, made where it is not there yet; never the store itself.

    Raises:
        StoreError: The store is not there any more: at its old place nothing is begun anew.
        OSError: The folder cannot be made.
    """
    folder = store.path
    if not folder.is_dir():
        sentence = f"The store at {folder} is not there any more: it was moved, renamed or deleted."
        raise StoreError(f"{sentence} Say where it is now with --store.")
    for name in names:
        folder /= name
        folder.mkdir(exist_ok=True)
    return folder


def said(error: OSError, what: str) -> StoreError:
    """Return ``error`` as a sentence that starts with ``what``."""
    where = f" ({os.fsdecode(error.filename)})" if error.filename else ""
    again = "Free some space and repeat the command; nothing half-written was kept"
    reasons = {
        errno.ENOSPC: f"the disk is full. {again}",
        errno.EDQUOT: f"your quota is used up. {again}",
        errno.EFBIG: "a file may not get that large here (file size limit). Nothing half-written was kept",
        errno.EROFS: "the disk is read-only",
        errno.EACCES: "permission denied",
    }
    return StoreError(f"{what}{where}: {reasons.get(error.errno or 0, error.strerror or str(error))}.")


@contextmanager
def saying(what: str) -> Iterator[None]:
    """Turn an ``OSError`` inside the block into a sentence that starts with ``what``."""
    try:
        yield
    except OSError as error:
        raise said(error, what) from error


def storable(text: str) -> str:
    """Return ``text`` as it is kept: lone surrogates (in names that are not UTF-8) as backslash escapes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def pattern(path: Path) -> str:
    """Return the glob pattern that only this path matches: folders may have brackets in their names."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def write_synced(path: Path, data: bytes) -> None:
    """Write ``data`` to the new file ``path`` and see it onto the disk."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with open(fd, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_atomic(path: Path, data: bytes, tmp: Path | None = None) -> None:
    """Replace ``path`` by ``data``: a reader sees the old file or the new one, whole.

    Args:
        path: The file.
        data: Its new bytes.
        tmp: Where the new file is made (a store's ``tmp``, which is swept of the dead); beside ``path``
            if not given.
    """
    name = f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}.new"
    with workspace(tmp) if tmp is not None else nullcontext(path.parent) as folder:
        side = folder / name
        try:
            write_synced(side, data)
            os.replace(side, path)
        except BaseException:
            with suppress(OSError):
                side.unlink()
            raise
    sync_folder(path.parent)


def swept_tmp(store: Path) -> Path | None:
    """Return the ``tmp`` of the store in a folder, for ``write_atomic``; ``None`` where there is none."""
    tmp = store / "tmp"
    return tmp if tmp.is_dir() else None


def sync_folder(folder: Path) -> None:
    """See the names in ``folder`` onto the disk (where its file system can)."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    except OSError as error:
        # Some network file systems cannot sync a folder; a full disk must still be said.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EROFS):
            raise
    finally:
        os.close(fd)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with open_plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
