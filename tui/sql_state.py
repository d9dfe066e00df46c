"""What the SQL place shows, completion, and saved questions; nothing here knows Textual."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT = 10_000
"""Most rows that are fetched; that there are more is said."""

HISTORY = 100
"""Statements remembered."""

_KEYWORDS = (
    "SELECT FROM WHERE GROUP BY ORDER LIMIT HAVING JOIN LEFT USING DISTINCT COUNT DESCRIBE "
    "BETWEEN LIKE NULL DESC CASE WHEN THEN ELSE END WITH UNION"
)
KEYWORDS = tuple(_KEYWORDS.split())
START = "SELECT system, task, metric, value FROM matrix ORDER BY value DESC NULLS LAST LIMIT 20;"
"""What stands in the editor of someone who was never here."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")


@dataclass(frozen=True, slots=True)
class SqlState:
    """What the SQL place shows.

    Attributes:
        text: What stands in the editor.
        ran: The statement whose rows are shown.
        history: Statements that were run, the newest last.
    """

    pane: str = "sql.editor"
    text: str = START
    ran: str = ""
    history: tuple[str, ...] = ()


def remembered(history: Sequence[str], statement: str) -> tuple[str, ...]:
    """Return the history with a statement as its newest."""
    return (*(old for old in history if old != statement), statement)[-HISTORY:]


def completed(before: str, names: Iterable[str]) -> tuple[str, list[str]]:
    """Complete the word before the cursor.

    Returns:
        What is to be inserted, and all names that fit.
    """
    found = _WORD.search(before)
    if found is None:
        return "", []
    word = found[0]
    words = KEYWORDS if word.isupper() else tuple(keyword.lower() for keyword in KEYWORDS)
    fits = sorted({name for name in (*names, *words) if name.casefold().startswith(word.casefold())})
    if not fits:
        return "", []
    folded = [name.casefold() for name in fits]
    common = len(word)
    while all(len(name) > common and name[common] == folded[0][common] for name in folded):
        common += 1
    rest = fits[0][len(word) : common]
    return rest + (" " if len(fits) == 1 else ""), fits


def command_of(statement: str, store: Sequence[str]) -> str:
    """Return the command that runs a statement."""
    if statement.startswith("-"):  # a comment, which is no option
        return shlex.join(["intermezzo", "sql", *store, "--", statement])
    return shlex.join(["intermezzo", "sql", statement, *store])


def unique(columns: Sequence[str]) -> list[str]:
    """Tell columns of the same name apart, so that JSON loses none."""
    names: list[str] = []
    for column in columns:
        name, number = column, 1
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names.append(name)
    return names


def own_folder() -> Path:
    """Return the folder of the user's own questions."""
    import platformdirs

    return Path(platformdirs.user_config_dir("intermezzo")) / "questions"


def saved() -> dict[str, str]:
    """Return saved statements by name: the questions that are views, and the user's own."""
    from intermezzo.queries.questions import questions

    found = {name: f"-- {q.title}\nSELECT * FROM {name};" for name, q in questions().items() if q.view}
    try:
        files = sorted(own_folder().glob("*.sql"))
        found |= {file.stem: file.read_text("utf-8", "replace") for file in files}
    except OSError:
        pass
    return found


def save(name: str, text: str) -> str:
    """Save a statement of the user's; return a sentence saying where, or why not."""
    if not _NAME.match(name):
        return "name it by letters, digits, - and _"
    path = own_folder() / f"{name}.sql"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return f"there is {path} already: take another name"
    except OSError as error:
        return f"{path} could not be written: {error.strerror}"
    return f"saved as {path}; :saved {name} brings it back"
