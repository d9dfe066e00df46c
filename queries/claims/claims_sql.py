"""The SQL of the list of claims, and of the rows that bear on one."""

from __future__ import annotations

from intermezzo.queries.view_sql import filled, holding, literal

from .claim import Claim

HELD = ("claim", "statement", "source", "verdict")
"""Columns in which a filter of claims looks."""


def claims_sql(words: str = "", *, every: bool = False) -> str:
    """Return the SQL of the claims that hold now, oldest first, with the verdict of the last kept check.

    Args:
        words: Words that id, statement, source or verdict must hold, with ``!`` must not.
        every: Those superseded and withdrawn too, with that for a verdict.
    """
    where = [] if every else ["status = 'current'"]
    where += holding(HELD, words)
    conditions = "\n  AND ".join(where) or "true"
    return (
        "SELECT * FROM (\n"
        "  SELECT c.claim, CASE WHEN c.status = 'current' THEN v.verdict ELSE c.status END AS verdict,\n"
        "         c.statement, c.source, v.audit, v.grades, c.status, c.written, c.record\n"
        "  FROM claims c LEFT JOIN claim_list v USING (record)\n"
        f")\nWHERE {conditions}\nORDER BY written, record;\n"
        "-- verdicts are those of the last `intermezzo check` that was kept; the command checks anew\n"
    )


def rows_sql(claim: Claim) -> str:
    """Return the SQL of the rows that bear on a claim; of a comparison there is none, and it says so."""
    asked = claim.asked
    if asked.sql is not None:
        return asked.sql
    if asked.question is None:
        why = "a comparison reads items, which SQL has not" if asked.compare else "it asks nothing of a store"
        claimed = filled("claim_list", {"claim": claim.id})
        return f"{claimed};\n-- the command has the rows of this claim, SQL has not: {why}\n"
    where = [
        f"CAST({name} AS VARCHAR) IN ({', '.join(map(literal, values))})"
        for name, values in asked.where.items()
    ]
    added = ""
    if asked.question == "matrix":
        where += ["baseline IS NOT NULL", "value IS NOT NULL"]
        added = ", task AS unit, evidence AS rung"
    conditions = f"\nWHERE {' AND '.join(where)}" if where else ""
    return f"SELECT *{added} FROM (\n{filled(asked.question, asked.params)}\n){conditions};\n"
