"""The languages of the cell under the cursor of the matrix, and their plot: asked for, waited for, shown."""

from __future__ import annotations

from typing import Any, cast

from intermezzo.queries.harmless import harmless
from intermezzo.queries.language_rows import MACRO_ONLY, LanguageRow, language_rows
from intermezzo.queries.matrix import reason_for_gap
from intermezzo.tui import state as st
from intermezzo.tui.data import Table
from intermezzo.tui.plots.reading import PlotRequest
from textual.timer import Timer

from .base import Frame
from .matrix_actions import MatrixActions

PATIENCE = 0.4
"""Seconds that the last cell's languages stay, under their own title, while others are read."""

MEAN_ONLY = "A mean over tasks: their languages differ. Go to a task to see its languages."
"""What stands in place of the languages of a mean."""


class MatrixCell(MatrixActions):
    """What stands beside the matrix.

    Attributes:
        loaded: Whether the matrix was read.
        languages: The rows that were read last, ...
        languages_from: ... and the call that they answer.
        languages_of: The call that was made last.
    """

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.loaded = False
        self.languages: tuple[LanguageRow, ...] = ()
        self.languages_of: tuple[str, dict[str, Any]] | None = None
        self.languages_from: tuple[str, dict[str, Any]] | None = None
        self._no_languages = "..."
        self._waiting: Timer | None = None

    @property
    def wide(self) -> bool:
        """Whether the panes stand side by side."""
        return self.has_class("-wide")

    def ask_languages(self) -> None:
        """Ask for the languages of the cell under the cursor, where they are seen."""
        call = st.languages_call(self.state)
        if call is None or call == self.languages_of or not self.grid_pane.grid.rows:
            return
        if self.matrix.yardstick(self.state.yardstick) is None:
            return
        if self.wide or self.state.pane != "matrix.grid":
            self.languages_of, self._no_languages = call, "..."
            self._wait_no_more()
            if self.languages_from != call:
                self._waiting = self.set_timer(PATIENCE, self.show_languages_now)
            self.frame.request("languages", *call)

    def take_languages(self, question: str, params: dict[str, Any], table: Table) -> None:
        """Take the rows that answer a call, and show them where they are of the cell under the cursor."""
        self.language_records = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        self.languages = language_rows(table.columns, table.rows)
        self.languages_from = (question, params)
        if self.languages_from == st.languages_call(self.state):
            self.show_languages_now()

    def take_no_languages(self, problem: str) -> None:
        """Say why there are none; they are asked for again when the cursor comes back."""
        self.languages_of, self._no_languages = None, problem
        self.show_languages_now()

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None

    def show_languages_now(self) -> None:
        """Show the cell's languages, or that they are being read."""
        self._wait_no_more()
        self.show_languages()

    def show_languages(self) -> None:
        """Show the cell's languages; for a moment the last cell's stay, until those of this one are read."""
        if self._waiting is not None and self.languages_of == st.languages_call(self.state):
            return
        self._wait_no_more()
        state, yardstick = self.state, self.matrix.yardstick(self.state.yardstick)
        if not self.loaded or state.system is None:
            return
        if yardstick is None:
            title = harmless(f" mean · {state.system}")
            self.languages_pane.show((), state, title=title, sentence=MEAN_ONLY, unit_interval=True)
            self.plot_pane.present(None, title=title, sentence=MEAN_ONLY)
            return
        current = self.languages_from == st.languages_call(state)
        title = harmless(f" {yardstick.full_name} · {state.system}")
        rows = self.languages if current else ()
        shown = {
            "title": title,
            "sentence": self._why_no_languages(),
            "unit_interval": yardstick.unit_interval,
        }
        self.languages_pane.show(rows, state, **cast(Any, shown))
        self.show_plot()

    def show_plot(self) -> None:
        """Show the plot of the cell, where its pane is seen."""
        state, yardstick = self.state, self.matrix.yardstick(self.state.yardstick)
        if state.system is None or yardstick is None or not self.plot_pane.display or self._waiting:
            return
        kind = st.plot_kind(state)
        title = harmless(f" {kind} · {yardstick.full_name} · {state.system}")
        if not self.languages_pane.rows:
            self.plot_pane.present(None, title=title, sentence=self._why_no_languages())
            return
        request = PlotRequest(
            kind,
            state.system,
            yardstick.id,
            state.baseline or self.matrix.cell(state.system, yardstick.id).baseline,
            state.show,
            yardstick.unit_interval,
            yardstick.higher_is_better,
        )
        found = self.plots.find(request, self.languages_pane.rows)
        if isinstance(found, str):
            self.plot_pane.present(None, title=title, sentence=found)
        else:
            self.plot_pane.present(found, title=title)

    def _why_no_languages(self) -> str:
        state = self.state
        if self.languages_from != st.languages_call(state):
            return self._no_languages
        cell = self.matrix.cell(state.system or "", state.yardstick or "")
        if cell.value is not None:
            return MACRO_ONLY if cell.stated_only or not cell.languages else self._no_languages
        return "gap: " + harmless(reason_for_gap(cell, "values", "macro"))
