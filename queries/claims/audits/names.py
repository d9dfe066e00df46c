"""The names of the audits, in the order in which they are told."""

from __future__ import annotations

AUDITS = (
    "aggregate-only",
    "coverage",
    "comparability",
    "seeds",
    "multiplicity",
    "sensitivity",
    "identical-collapsed",
    "selection",
    "precision",
)

ALWAYS = ("aggregate-only", "coverage", "comparability", "multiplicity", "identical-collapsed")
"""Audits that are mandatory for every claim: failed, they cap its verdict at undetermined. A claim may
name others besides; it cannot excuse itself from these."""
