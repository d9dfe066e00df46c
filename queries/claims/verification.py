"""A verification: somebody's attempt to check a claim, kept apart from it, and files of foreign ones.

A foreign record is stored as found; what it says against itself is worked out (``contradictions``), never
written into it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from .toml_table import Table, parse_tables, read_tables

About = Literal["claim", "verification"]

KEYS = (
    "claim",
    "by",
    "method",
    "verdict",
    "about",
    "gate",
    "reasons",
    "source",
    "locator",
    "date",
    "note",
    "rule",
    "scores",
    "aggregate",
    "grades",
    "says",
    "shows",
    "artefact",
)
"""What a verification may say."""


@dataclass(frozen=True, slots=True)
class Part:
    """One score of a verification: its name, value, range and what is said with it."""

    name: str
    value: float
    out_of: float | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A number that a verification makes of its scores."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Verification:
    """A foreign verification, in the words of whoever made it.

    Attributes:
        claim: Id of the claim that it is about.
        by: Who made it.
        verdict: Their verdict, in their word.
        method: How they went about it.
        about: What the verdict judges: the claim, or an attempt to verify it.
        gate: The stage at which it was given.
        reasons: Why, in their words as far as known.
        source: Where it stands.
        locator: Where in there.
        date: When it was made.
        note: What a reader should know.
        rule: A rule that they state for themselves.
        scores: Scores that they gave.
        aggregate: What they made of them.
        grades: Their grades by name.
        says: Numbers of things that they say there are.
        shows: Numbers of those that are shown.
        run_ids: Runs attached.
        query: Query attached.
    """

    claim: str
    by: str
    verdict: str
    method: str | None = None
    about: About = "claim"
    gate: str | None = None
    reasons: tuple[str, ...] = ()
    source: str | None = None
    locator: str | None = None
    date: str | None = None
    note: str | None = None
    rule: str | None = None
    scores: tuple[Part, ...] = ()
    aggregate: Total | None = None
    grades: Mapping[str, str] = field(default_factory=dict)
    says: Mapping[str, float] = field(default_factory=dict)
    shows: Mapping[str, float] = field(default_factory=dict)
    run_ids: tuple[str, ...] = ()
    query: str | None = None


def read_verifications(path: Path) -> list[Verification]:
    """Read a file of verifications: TOML, one ``[[verification]]`` each.

    Raises:
        FileFault: Something in it is wrong.
    """
    _, tables = read_tables(path, "verification")
    return [verification_of(t, f"{path}, verification {i}") for i, t in enumerate(tables, start=1)]


def parse_verifications(text: str, where: str) -> list[Verification]:
    """Read the text of such a file; see ``read_verifications``."""
    tables = parse_tables(text, "verification", where)
    return [verification_of(t, f"{where}, verification {i}") for i, t in enumerate(tables, start=1)]


def verification_of(values: Mapping[str, Any], where: str) -> Verification:
    """Return the verification that a table says.

    Raises:
        FileFault: It is wrong.
    """
    table = Table(values, where)
    table.only(KEYS)
    artefact = table.table("artefact")
    if artefact is not None:
        artefact.only(("run_ids", "query"))
    return Verification(
        claim=table.needed("claim"),
        by=table.needed("by"),
        verdict=table.needed("verdict"),
        method=table.text("method"),
        about=cast(About, table.one_of("about", ("claim", "verification")) or "claim"),
        gate=table.text("gate"),
        reasons=table.texts("reasons"),
        source=table.text("source"),
        locator=table.text("locator"),
        date=table.text("date"),
        note=table.text("note"),
        rule=table.text("rule"),
        scores=_scores(table),
        aggregate=_aggregate(table),
        grades=_texts(table, "grades"),
        says=_numbers(table, "says"),
        shows=_numbers(table, "shows"),
        run_ids=artefact.texts("run_ids") if artefact is not None else (),
        query=artefact.text("query") if artefact is not None else None,
    )


def _scores(table: Table) -> tuple[Part, ...]:
    listed = table.values.get("scores", [])
    if not isinstance(listed, list) or len(listed) > 1000 or not all(isinstance(s, dict) for s in listed):
        raise table.fault("scores must be a list of tables with name and value.")
    found = []
    for number, values in enumerate(listed, start=1):
        inner = Table(values, f"{table.where}, score {number}")
        inner.only(("name", "value", "out_of", "text"))
        value = inner.number("value")
        if value is None:
            raise inner.fault("value is missing.")
        found.append(Part(inner.needed("name"), value, inner.number("out_of"), inner.text("text")))
    return tuple(found)


def _aggregate(table: Table) -> Total | None:
    inner = table.table("aggregate")
    if inner is None:
        return None
    inner.only(("name", "value"))
    value = inner.number("value")
    if value is None:
        raise inner.fault("value is missing.")
    return Total(inner.needed("name"), value)


def _texts(table: Table, key: str) -> dict[str, str]:
    inner = table.table(key)
    return {name: inner.needed(name) for name in inner.values} if inner is not None else {}


def _numbers(table: Table, key: str) -> dict[str, float]:
    inner = table.table(key)
    return {name: inner.number(name) or 0.0 for name in inner.values} if inner is not None else {}


def verification_table(v: Verification) -> dict[str, Any]:
    """Return the table that says a verification: what a store keeps of a foreign one."""
    table: dict[str, Any] = {
        name: getattr(v, name)
        for name in ("claim", "by", "verdict", "method", "about", "gate", "source", "locator", "date", "note")
    }
    table |= {"rule": v.rule, "reasons": list(v.reasons) or None}
    table["scores"] = [_known(_part(p)) for p in v.scores] or None
    table["aggregate"] = {"name": v.aggregate.name, "value": v.aggregate.value} if v.aggregate else None
    table |= {name: dict(getattr(v, name)) or None for name in ("grades", "says", "shows")}
    table["artefact"] = _known({"run_ids": list(v.run_ids) or None, "query": v.query}) or None
    return _known(table)


def _part(p: Part) -> dict[str, Any]:
    return {"name": p.name, "value": p.value, "out_of": p.out_of, "text": p.text}


def _known(table: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value is not None}
