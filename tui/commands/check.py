"""``intermezzo check``: what the store makes of claims."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click
from intermezzo.queries.plain_files import at_home
from intermezzo.tui.options import chosen_store, format_option, store_options

if TYPE_CHECKING:
    from intermezzo.queries.claims.check import Checked
    from intermezzo.queries.claims.claim import Claim
    from intermezzo.queries.claims.kept import Claims, Kept
    from intermezzo.queries.store.reader import Reader


@click.command(name="check")
@click.argument("what", metavar="[ID|FILE]...", nargs=-1)
@click.option("--keep/--no-keep", default=True, help="Keep what is found of the store's claims, if new.")
@click.option(
    "--filter",
    "words",
    metavar="WORDS",
    default="",
    help="Print only claims whose id, statement, source or verdict holds every word; !word: does not.",
)
@click.option(
    "--all", "every", is_flag=True, help="Print those superseded and withdrawn too, as what they are."
)
@format_option
@store_options
@click.pass_context
def command(
    ctx: click.Context, what: tuple[str, ...], keep: bool, words: str, every: bool, format_name: str
) -> None:
    """Check claims against the store: verdict, audits, grades, and the evidence used.

    ID is a claim of the store, FILE a file of claims (docs/claims.md) that is checked without being added.
    Without either, all claims of the store that hold now. What is found of these is kept with the evidence
    used; an earlier finding is superseded, never edited.

    Exit code 0; 1 where a claim is contradicted; 2 where one cannot be evaluated.
    """
    from intermezzo.queries.claims.kept import read_kept
    from intermezzo.queries.claims.kept_verifications import keep_checks
    from intermezzo.queries.words import holds
    from intermezzo.tui.claims_text import check_answer, filtered_by, verdict_of
    from intermezzo.tui.output import READING, emit, say
    from intermezzo.tui.stores import reading

    store = chosen_store(ctx)
    there = read_kept(store)
    claims, notes = _chosen(there, what)
    if not claims and not (every and there.records):
        say(*notes, "There is no claim to check: `intermezzo claims add FILE` adds some.")
        ctx.exit(0)
    with reading(store) as reader:
        found = _stoppable(reader, claims)
    shown: list[Checked | Kept] = list(found)
    if every and not what:
        checked = dict(zip((kept.record for kept in there.current), found, strict=True))
        shown = [checked.get(kept.record, kept) for kept in there.records]
    shown = [c for c in shown if holds(filtered_by(c.claim, verdict_of(c)), words)]
    answer = check_answer(shown)
    emit(answer, format_name)
    if format_name in READING:
        say(*answer.notes)
    faults = [c for c in found if c.verdict == "error"]
    say(*notes, *(f"{c.claim.id} cannot be evaluated: {c.error}" for c in faults))
    if keep and store.writable:
        # last, so that what was found is told even where it cannot be kept
        keep_checks(store, found, read_kept(store))
    ctx.exit(2 if faults else 1 if any(c.verdict == "contradicted" for c in found) else 0)


def _stoppable(reader: Reader, claims: list[Claim]) -> list[Checked]:
    """Check claims so that Ctrl-C stops at once; in the main thread DuckDB looks for it rarely."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Event

    from intermezzo.queries.claims.check import check_claim
    from intermezzo.queries.locked import locked_connection

    stopped = Event()
    with locked_connection(reader) as locked, ThreadPoolExecutor(1) as pool:

        def check() -> list[Checked]:
            return [check_claim(reader, locked, claim) for claim in claims if not stopped.is_set()]

        running = pool.submit(check)
        try:
            return running.result()
        except KeyboardInterrupt:
            stopped.set()
            locked.interrupt()
            reader.interrupt()
            raise


def _chosen(there: Claims, what: tuple[str, ...]) -> tuple[list[Claim], list[str]]:
    """Return the claims that are meant, and what is worth saying of the store's."""
    from intermezzo.queries.claims.claim_file import read_claims
    from intermezzo.tui.claims_text import damage_notes

    notes = damage_notes(there)
    if not what:
        return [kept.claim for kept in there.current], notes
    claims: list[Claim] = []
    for word in what:
        if os.sep in word or word.endswith(".toml") or Path(word).is_file():
            claims += read_claims(at_home(word))
            continue
        kept = there.find(word)
        if kept.status != "current":
            notes.append(f"{word} is {kept.status}: `intermezzo claims show {word}` says by what.")
        claims.append(kept.claim)
    return claims, notes
