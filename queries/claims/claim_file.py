"""Files of claims: TOML, one ``[[claim]]`` a claim (docs/claims.md says how one is written).

The same table, as JSON, is what a store keeps, so that a claim is read by one function wherever it lies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from intermezzo.queries.records import RUNGS, Evidence

from .audits.names import AUDITS
from .claim import Adjust, Asked, Claim, Comparing, Operator, Rule, RuleKind
from .toml_table import FileFault, Table, parse_tables, read_tables

KEYS = (
    "id",
    "statement",
    "source",
    "locator",
    "text_sha256",
    "note",
    "sql",
    "question",
    "params",
    "where",
    "compare",
    "rule",
    "operator",
    "margin",
    "value",
    "family",
    "units",
    "adjust",
    "needs",
    "mandatory",
    "supersedes",
    "why",
)
"""What a claim may say."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
_K_OF_N = re.compile(r"(\d{1,4}) of (\d{1,4})", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
OVER = ("these languages", "languages like these")
"""The two things that a mean over languages may be about, as ``queries.compare`` names them."""

_MOST = 1000
"""Claims in one file."""


def read_claims(path: Path) -> list[Claim]:
    """Read a file of claims.

    Raises:
        FileFault: Something in it is wrong; the sentence names the claim and what to write.
    """
    _, tables = read_tables(path, "claim")
    return _claims(tables, str(path))


def parse_claims(text: str, where: str) -> list[Claim]:
    """Read the text of a file of claims; see ``read_claims``."""
    return _claims(parse_tables(text, "claim", where), where)


def _claims(tables: list[Mapping[str, Any]], where: str) -> list[Claim]:
    if len(tables) > _MOST:
        raise FileFault(f"{where} holds {len(tables):,} claims; {_MOST:,} in one file are the most.")
    found: dict[str, Claim] = {}
    for number, table in enumerate(tables, start=1):
        claim = claim_of(table, f"{where}, claim {number}")
        if claim.id in found:
            raise FileFault(f"{where}: two claims have the id {claim.id}.")
        found[claim.id] = claim
    return list(found.values())


def claim_of(values: Mapping[str, Any], where: str) -> Claim:
    """Return the claim that a table says.

    Args:
        values: The table.
        where: What to call it in messages, until its id is known.

    Raises:
        FileFault: It is wrong.
    """
    table = Table(values, where)
    claim_id = table.needed("id")
    if not _ID.fullmatch(claim_id):
        raise table.fault(
            f"{harmless(claim_id)!r} cannot be an id: letters, digits, dot, - and _, at most 80, no spaces."
        )
    table = Table(values, f"{where} ({claim_id})")
    table.only(KEYS)
    operator = cast(Operator, table.one_of("operator", (">", "<", "=")) or ">")
    margin = table.number("margin") or 0.0
    if operator == "=" and margin <= 0:
        raise table.fault(
            'operator "=" (no difference) needs a margin above 0: up to where a difference counts as none.'
        )
    value = table.number("value")
    if value is not None and operator != "=":
        raise table.fault('value goes with operator "=" only; for > and < the margin is the bound.')
    sha = table.text("text_sha256")
    if sha is not None and not _SHA256.fullmatch(sha):
        raise table.fault("text_sha256 must be 64 hexadecimal digits: the SHA-256 of the source's text.")
    rule = _rule(table)
    units = table.texts("units")
    if rule.kind == "k of n" and units and len(units) != rule.n:
        raise table.fault(f"rule is {str(rule)!r} and units lists {len(units)}.")
    supersedes, why = table.texts("supersedes"), table.text("why")
    if supersedes and why is None:
        raise table.fault("supersedes needs why: whoever reads the store later will ask for it.")
    if claim_id in supersedes:
        raise table.fault(
            "supersedes names the claim itself; a new version of it is written by correcting it."
        )
    return Claim(
        id=claim_id,
        statement=table.needed("statement"),
        source=table.text("source"),
        locator=table.text("locator"),
        text_sha256=sha,
        note=table.text("note"),
        asked=_asked(table),
        rule=rule,
        operator=operator,
        margin=margin,
        value=value or 0.0,
        family=table.text("family"),
        units=units,
        adjust=cast(Adjust, table.one_of("adjust", ("holm", "bh")) or "holm"),
        needs=cast("Evidence | None", table.one_of("needs", RUNGS)),
        mandatory=_mandatory(table),
        supersedes=supersedes,
        why=why,
    )


def _rule(table: Table) -> Rule:
    text = table.text("rule") or "all"
    if text in ("all", "any", "macro"):
        return Rule(cast(RuleKind, text))
    match = _K_OF_N.fullmatch(text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise table.fault(f'rule is {harmless(text)!r}; say all, any, macro, or e.g. "3 of 6".')
    return Rule("k of n", int(match[1]), int(match[2]))


def _mandatory(table: Table) -> tuple[str, ...]:
    found = table.texts("mandatory")
    for name in found:
        if name not in AUDITS:
            raise table.fault(f"mandatory names {harmless(name)!r}; there are: {', '.join(AUDITS)}.")
    return found


def _asked(table: Table) -> Asked:
    given = [key for key in ("sql", "question", "compare") if key in table.values]
    if len(given) > 1:
        raise table.fault(f"it has {' and '.join(given)}: its rows come from one of them.")
    for key in ("params", "where"):
        if key in table.values and "question" not in table.values:
            raise table.fault(f"{key} goes with question.")
    if "sql" in table.values:
        return Asked(sql=table.needed("sql"))
    if "question" in table.values:
        return _question(table)
    inner = table.table("compare")
    if inner is None:
        return Asked()
    inner.only(("a", "b", "task", "split", "metric", "over"))
    tasks = inner.texts("task")
    if not tasks:
        raise inner.fault("task is missing: the target task, or a list of them.")
    return Asked(
        compare=Comparing(
            a=inner.needed("a"),
            b=inner.needed("b"),
            tasks=tasks,
            split=inner.text("split"),
            metric=inner.text("metric"),
            over=inner.one_of("over", OVER) or OVER[0],
        )
    )


def _question(table: Table) -> Asked:
    from intermezzo.queries.questions import question

    name = table.needed("question")
    try:
        entry = question(name)
    except Problem as error:
        raise table.fault(str(error)) from error
    params: dict[str, Any] = {}
    inner = table.table("params")
    if inner is not None:
        if not entry.params and inner.values:
            raise inner.fault(f"the question {name} has no parameter.")
        inner.only(entry.params)
        for key, value in inner.values.items():
            params[key] = inner.text(key) if isinstance(value, str) else inner.number(key)
    narrowed = table.table("where")
    where = {key: narrowed.texts(key) for key in narrowed.values} if narrowed is not None else {}
    return Asked(question=name, params=params, where=where)


def table_of(claim: Claim) -> dict[str, Any]:
    """Return the table that says a claim: what a store keeps, and ``claim_of`` reads again."""
    table: dict[str, Any] = {
        "id": claim.id,
        "statement": claim.statement,
        "source": claim.source,
        "locator": claim.locator,
        "text_sha256": claim.text_sha256,
        "note": claim.note,
        "sql": claim.asked.sql,
        "question": claim.asked.question,
        "params": dict(claim.asked.params) or None,
        "where": {k: list(v) for k, v in claim.asked.where.items()} or None,
        "compare": None,
        "rule": str(claim.rule),
        "operator": claim.operator,
        "margin": claim.margin,
        "value": claim.value if claim.operator == "=" else None,
        "family": claim.family,
        "units": list(claim.units) or None,
        "adjust": claim.adjust,
        "needs": claim.needs,
        "mandatory": list(claim.mandatory) or None,
        "supersedes": list(claim.supersedes) or None,
        "why": claim.why,
    }
    if claim.asked.compare is not None:
        c = claim.asked.compare
        inner = {
            "a": c.a,
            "b": c.b,
            "task": list(c.tasks),
            "split": c.split,
            "metric": c.metric,
            "over": c.over,
        }
        table["compare"] = {k: v for k, v in inner.items() if v is not None}
    return {key: value for key, value in table.items() if value is not None}
