"""Place 4: the claims of the store, what it makes of each and why, and the rows that decided it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from intermezzo.queries.claims.check import Checked
from intermezzo.queries.claims.kept import Kept
from intermezzo.queries.errors import Problem
from intermezzo.queries.harmless import harmless
from intermezzo.tui import claims_lines as cl
from intermezzo.tui.claims_lines import ClaimsState, Found
from intermezzo.tui.claims_text import check_answer, damage_notes, evidence_answer
from intermezzo.tui.data import Answer, Work
from intermezzo.tui.keys import bindings
from intermezzo.tui.messages import PlaceChanged, RowMoved
from intermezzo.tui.output import Answer as Printed
from intermezzo.tui.output import Sheet
from intermezzo.tui.panes.reading import ReadingPane
from intermezzo.tui.panes.table import TablePane
from intermezzo.tui.state import Errand
from intermezzo.tui.table import of_texts
from intermezzo.tui.text import count
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from .base import Behind, Frame
from .viewed import Viewed

EMPTY = (
    "This store holds no claims yet. Add some: q, then say  intermezzo claims add FILE  or, for those of the "
    "program,  intermezzo claims add --shipped"
)
"""What a store without claims says."""


class ClaimsPlace(Viewed[ClaimsState]):
    """The list, and beside or behind it what the store makes of a claim and by which rows."""

    place = "claims"
    BINDINGS = bindings("claims")
    blank = ClaimsState()
    cursor = ("pane", "record", "unit")
    where = ("record", "unit")
    panes = ("claims.grid", "claims.detail", "claims.rows")

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.table = TablePane("claims.grid", id="claims")
        self.detail = ReadingPane("claims.detail", id="claim")
        self.evidence = TablePane("claims.rows", id="evidence")
        self.side = Vertical(self.detail, self.evidence)
        self.found: Found | None = None
        self.listed: list[Kept] = []
        self._problem = ""

    def compose(self) -> ComposeResult:
        """List and claim, side by side where there is room."""
        self.lay_out()
        with Horizontal(classes="beside"):
            yield self.table
            yield self.side

    def lay_out(self) -> None:
        """Show all panes where there is room, else the one with the focus."""
        super().lay_out()
        self.side.display = self.detail.display or self.evidence.display

    def on_mount(self) -> None:
        """Ask for the claims after the first paint."""
        self.show()
        self.call_after_refresh(self.store_changed)

    def pane_widget(self, scope: str) -> Widget:
        """Return the widget of a pane."""
        return {"claims.detail": self.detail, "claims.rows": self.evidence}.get(scope, self.table)

    # what the frame asks

    def crumbs(self) -> tuple[str, ...]:
        """The claim under the cursor, and the row."""
        entry = self._entry()
        if entry is None:
            return ()
        deeper = self.state.unit if self.pane == "claims.rows" else None
        return (entry.claim.id, deeper) if deeper else (entry.claim.id,)

    def status(self) -> str:
        """How many of which verdict, filter."""
        if self.found is None:
            return ""
        whole = len(self.found.claims.records if self.state.every else self.found.claims.current)
        shown = len(self.listed)
        parts = [f"{shown:,} of {count(whole, 'claim')}" if shown != whole else count(whole, "claim")]
        verdicts = [cl.verdict_of(self.found, entry) for entry in self.listed]
        parts += [f"{verdicts.count(v)} {v}" for v in dict.fromkeys(verdicts) if v != "..."]
        if "..." in verdicts:
            parts.append("not checked: 4 asks again" if self._problem else "checking ...")
        if self.state.filter:
            parts.append(f"filter {self.state.filter}")
        return harmless(" · ".join(parts))

    def behind(self) -> Behind | None:
        """The command that checks."""
        entry = self._entry() if self.pane != "claims.grid" else None
        command = cl.command_of(self.state, entry, self.frame.store)
        return Behind(command, "claim_list", {}, cl.sql_of(self.state, entry))

    # data

    def store_changed(self) -> None:
        """Read the claims again, and check them again."""
        self._problem = ""
        self.frame.compute("list", "claims", {}, Work(_read, remember=False))

    def answered(self, answer: Answer) -> None:
        """Take the claims, or what the store makes of them."""
        if answer.problem is not None:
            self._problem = answer.problem
            self.frame.say(answer.problem)
        elif answer.slot == "list":
            before = self.found.checks if self.found is not None else {}
            self.found = Found(answer.result.claims, answer.result.attempts, before)
            for sentence in damage_notes(self.found.claims, self.found.attempts)[:1]:
                self.frame.say(sentence)
            records = {kept.record: kept for kept in self.found.claims.current}
            if records:
                work = Work(lambda ask: _check(ask, records))
                self.frame.compute("check", "check", {"claims": tuple(sorted(records))}, work)
        elif answer.slot == "check" and self.found is not None:
            self.found = Found(self.found.claims, self.found.attempts, answer.result)
        self.show()
        self.post_message(PlaceChanged())

    # showing

    def _entry(self) -> Kept | None:
        return next((entry for entry in self.listed if entry.record == self.state.record), None)

    def _checked(self) -> Checked | None:
        entry = self._entry()
        return None if entry is None or self.found is None else self.found.checks.get(entry.record)

    def show(self) -> None:
        """Show list, claim and rows."""
        found, state = self.found, self.state
        self.listed = cl.listed(found, state) if found is not None else []
        names = [entry.record for entry in self.listed]
        at = (
            names.index(state.record)
            if state.record in names
            else min(self.table.row, max(len(names) - 1, 0))
        )
        if names:
            self.amend(record=names[at])
        shown = of_texts(
            cl.LIST,
            cl.texts(found, self.listed) if found is not None else [],
            look=lambda n: "dim" if self.listed[n].status != "current" else "",
        )
        self.table.present(shown, at, sentence=self._sentence())
        self._show_claim()

    def _sentence(self) -> str:
        if self.found is None:
            return self._problem or "reading the claims ..."
        return EMPTY if not self.found.claims.records else "No claim is left: Esc clears the filter."

    def _show_claim(self) -> None:
        entry, checked = self._entry(), self._checked()
        if entry is None or self.found is None:
            self.detail.present((), sentence="")
            self.evidence.present(of_texts(cl.ROWS, []), sentence="")
            return
        self.detail.present(cl.detail_lines(self.found, entry), title=entry.claim.id)
        texts = cl.row_cells(checked) if checked is not None else []
        units = [text[0] for text in texts]
        at = units.index(self.state.unit) if self.state.unit in units else 0
        if units:
            self.amend(unit=units[at])
        nothing = (
            "being checked ..." if checked is None and entry.status == "current" else "No row bears on it."
        )
        if checked is not None and checked.error:
            nothing = checked.error
        self.evidence.present(of_texts(cl.ROWS, texts), at, sentence=nothing, title=f"{entry.claim.must}")

    def on_row_moved(self, message: RowMoved) -> None:
        """Follow the cursor."""
        message.stop()
        if message.pane == "claims.grid":
            self.amend(record=self.listed[message.row].record, unit=None)
            self._show_claim()
        elif (checked := self._checked()) is not None:
            self.amend(unit=checked.rows[message.row].unit)
        self.post_message(PlaceChanged())

    # actions

    def action_in(self) -> None:
        """To the rows that decided the claim; from a row to the runs behind it."""
        if self.pane != "claims.rows":
            if self._entry() is not None:
                self.frame.visited(self.spot())
                self.go_pane("claims.rows")
            return
        checked = self._checked()
        row = cl.row_of(checked, self.state.unit) if checked is not None else None
        if row is None:
            return
        if row.system is None:
            self.frame.say("this row names no system: nobody can look up the runs behind it")
            return
        self.frame.go("runs", Errand(systems=(row.system,), task=row.task))

    def action_every(self) -> None:
        """List superseded and withdrawn claims too, or not."""
        self.change(every=not self.state.every)

    # copying

    def cell_text(self) -> str:
        """Return the claim's id, or in the rows the difference as it is shown."""
        checked, entry = self._checked(), self._entry()
        if self.pane == "claims.rows" and checked is not None:
            row = cl.row_of(checked, self.state.unit)
            return "" if row is None or row.delta is None else cl.signed(row.delta)
        return entry.claim.id if entry is not None else ""

    def printed(self) -> Printed | None:
        """Return what is listed as the command prints it, the claim under the cursor, or the rows of it."""
        return self._printed()

    def _printed(self, *, row_only: bool = False) -> Printed | None:
        found, checked, entry = self.found, self._checked(), self._entry()
        if found is None:
            return None
        if self.pane == "claims.rows" and checked is not None:
            rows = tuple(r for r in checked.rows if not row_only or r.unit == self.state.unit)
            return evidence_answer(replace(checked, rows=rows))
        one = row_only or self.pane != "claims.grid"
        shown = [e for e in self.listed if not one or entry is None or e.record == entry.record]
        return check_answer(cl.checked_or_kept(found, shown)) if shown else None

    def action_export(self, name: str | None = None) -> None:
        """Write what is on screen, once it is checked."""
        if self.found is not None and any(cl.verdict_of(self.found, e) == "..." for e in self.listed):
            waits = "not all checked: 4 asks again" if self._problem else "still being checked"
            self.frame.say(f"the claims are {waits}: export them when that is done")
            return
        super().action_export(name)

    def sheet(self, *, row_only: bool = False) -> tuple[Sheet, str] | None:
        """Return the checks that are shown, or that under the cursor; in the rows, those."""
        answer = self._printed(row_only=row_only)
        name = "evidence" if self.pane == "claims.rows" else "claims"
        return None if answer is None or answer.empty else (answer.data, name)


def _read(ask: Any) -> Found:
    """Read the records of claims and verifications, in a thread."""
    store = getattr(ask, "store", None)
    if store is None:
        raise Problem("Only a store holds claims.")
    from intermezzo.queries.claims.kept import read_kept
    from intermezzo.queries.claims.kept_verifications import read_attempts

    return Found(read_kept(store), read_attempts(store))


def _check(ask: Any, records: dict[str, Kept]) -> dict[str, Checked]:
    """Check claims against the generation that is open, in a thread."""
    from intermezzo.queries.claims.check import check_claims

    names = list(records)
    return dict(zip(names, check_claims(ask, [records[name].claim for name in names]), strict=True))
