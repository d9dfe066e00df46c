"""Place 2: systems compared inside one yardstick, language by language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from intermezzo.queries.comparison.orders import LARGEST_FIRST
from intermezzo.queries.harmless import harmless
from intermezzo.queries.matrix import number_text
from intermezzo.tui import compare_state as cs
from intermezzo.tui.compare_state import CompareState, Shown
from intermezzo.tui.data import Answer, Work
from intermezzo.tui.keys import bindings
from intermezzo.tui.messages import PlaceChanged, RowMoved
from intermezzo.tui.output import Answer as Printed
from intermezzo.tui.output import Sheet
from intermezzo.tui.panes.lines import Line
from intermezzo.tui.panes.plot import PlotPane
from intermezzo.tui.panes.reading import ReadingPane
from intermezzo.tui.panes.table import TablePane
from intermezzo.tui.plots.finding import PlotFinder
from intermezzo.tui.plots.kinds import Plot
from intermezzo.tui.state import Errand, next_of
from intermezzo.tui.table import of_texts
from intermezzo.tui.text import fit
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from .base import Behind, Frame
from .store_names import StoreNames
from .viewed import Viewed

if TYPE_CHECKING:
    from intermezzo.queries.comparison.model import Comparison, Pair

NOTHING = (
    "There is nothing to compare yet.\n"
    "Go to the matrix (1), mark two systems or more with space, put the cursor on a task, press c.\n"
    "With one mark, c compares the system under the cursor with the marked one."
)
"""What the place says before anything was sent to it."""


class ComparePlace(Viewed[CompareState]):
    """Languages and rows over them, a forest plot, and what stands behind the numbers."""

    place = "compare"
    BINDINGS = bindings("compare")
    blank = CompareState()
    cursor = ("pane", "row")
    where = ("systems", "yardstick", "task", "pair", "row")
    words = cs.WORDS
    panes = cs.PANES

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.table = TablePane("compare.grid", id="compared")
        self.plot_pane = PlotPane("compare.plot", frame.depth, id="compare-plot")
        self.plots = PlotFinder(frame.compute)
        self.names = StoreNames(frame)
        self.notes = ReadingPane("compare.notes", id="notes")
        self.detail = Line(id="detail")
        self.comparison: Comparison | None = None
        self.shown = Shown()
        self._asked: dict[str, Any] = {}
        self._problem = ""

    def compose(self) -> ComposeResult:
        """The table, and beside it plot and notes where there is room."""
        self.lay_out()
        with Horizontal(classes="beside"):
            yield self.table
            with Vertical(id="compare-side"):
                yield self.plot_pane
                yield self.notes
        yield self.detail

    def on_mount(self) -> None:
        """Compare after the first paint, where the last visit left something to compare."""
        self.show()
        self.call_after_refresh(self.ask)
        self.call_after_refresh(self.names.ask)

    def lay_out(self) -> None:
        """Show all panes where there is room, else the one with the focus."""
        super().lay_out()
        self.set_class(self.pane == "compare.grid" and not self.has_class("-wide"), "-grid")

    def pane_widget(self, scope: str) -> Widget:
        """Return the widget of a pane."""
        return {"compare.plot": self.plot_pane, "compare.notes": self.notes}.get(scope, self.table)

    # what the frame asks

    def crumbs(self) -> tuple[str, ...]:
        """The yardstick and the two systems."""
        pair = self.pair
        if self.comparison is None or pair is None:
            return ()
        return (self.comparison.measure.full_name, f"{pair.a} - {pair.b}")

    def status(self) -> str:
        """How the pair went."""
        pair = self.pair
        if self.comparison is None or pair is None:
            return ""
        return harmless(cs.status_of(self.comparison, pair, self.state))

    def arrive(self, errand: Errand) -> None:
        """Compare what was sent."""
        state = self.state
        self.time = self.time.then(
            replace(
                state,
                pane="compare.grid",
                systems=errand.systems,
                yardstick=errand.yardstick,
                task=errand.task,
                pair=0,
                row=None,
                insist=False,
            )
        )
        self.lay_out()
        self.changed()

    def take_offer(self, errand: Errand) -> None:
        """Compare what was marked, unless that is what is compared, in whatever order."""
        state = self.state
        if set(errand.systems) != set(state.systems) or errand.yardstick != state.yardstick:
            self.arrive(errand)

    def behind(self) -> Behind | None:
        """The command that prints the comparison, and the question for its arms."""
        state = self.state
        if not cs.key_of(state):
            return None
        pair = (self.pair.a, self.pair.b) if self.pair else None
        state = replace(state, pair=min(state.pair, len(self.comparison.pairs) - 1 if self.comparison else 0))
        return Behind(cs.command_of(state, self.frame.store, pair), "arms", {}, cs.sql_of(state, self.pair))

    def choices(self, source: str) -> tuple[str, ...]:
        """Tasks for the palette."""
        return self.names.of(source)

    @property
    def pair(self) -> Pair | None:
        """The pair that is shown."""
        if self.comparison is None or not self.comparison.pairs:
            return None
        return self.comparison.pairs[min(self.state.pair, len(self.comparison.pairs) - 1)]

    # data

    def store_changed(self) -> None:
        """Compare again."""
        self._asked = {}
        self.plots.forget()
        self.ask()
        self.names.ask()

    def ask(self) -> None:
        """Compare, where what is wanted is not at hand."""
        key = cs.key_of(self.state)
        if not key:
            # undone up to where nothing had been sent here yet
            self._asked, self.comparison = {}, None
            return
        if key == self._asked:
            return
        self._asked, self._problem = key, ""
        state = self.state

        def work(ask: Any) -> Any:
            from intermezzo.queries.compare import compare

            return compare(ask, cs.request_of(state))

        self.frame.compute("compare", "compare", key, Work(work))

    def answered(self, answer: Answer) -> None:
        """Take a comparison, or what a plot is drawn from."""
        if self.names.take(answer):
            return
        if self.plots.take(answer):
            self._show_plot()
            return
        if not self._asked:
            return
        if answer.problem is not None:
            self._problem, self.comparison = answer.problem, None
        else:
            self.comparison = answer.result
        self.show()
        self.post_message(PlaceChanged())

    # showing

    def show(self) -> None:
        """Show the pair."""
        pair, comparison = self.pair, self.comparison
        current = self._asked == cs.key_of(self.state)
        if pair is None or comparison is None or not current:
            self._show_sentence()
            return
        unit = comparison.measure.unit_interval
        self.shown = cs.shown_of(pair, self.state)
        columns, texts = cs.texts_of(self.shown, unit=unit, room=self.table.size.width - 2)
        keys = self.shown.keys
        at = keys.index(self.state.row) if self.state.row in keys else 0
        self.amend(row=keys[at] if keys else None)
        heading = cs.OVER

        def look(n: int) -> str:
            return "bold" if keys[n] == heading else ""

        rows = of_texts(columns, texts, look=look)
        self.table.present(
            rows, at, sentence=self._why_none(pair), title="A {}  -  B {}", names=(pair.a, pair.b)
        )
        self._show_plot()
        self.notes.present(cs.note_lines(comparison, pair), title="What stands behind this")
        self._show_detail()

    def _show_plot(self) -> None:
        """Show the plot of the pair, where its pane is seen."""
        pair, comparison = self.pair, self.comparison
        if pair is None or comparison is None or not self.plot_pane.display:
            return
        title = f" {self.state.plot} · A - B on {comparison.measure.full_name}"
        if pair.refused or not self.shown.languages:
            self.plot_pane.present(None, title=title, sentence=self._why_none(pair))
            return
        found: Plot | str | None = cs.plot_of(self.shown, comparison, self.state.plot)
        if found is None:
            found = self.plots.find(cs.plot_request(self.state, comparison, pair), ())
        if isinstance(found, str):
            self.plot_pane.present(None, title=title, sentence=found)
        else:
            self.plot_pane.present(found, title=title)

    def _why_none(self, pair: Pair) -> str:
        if pair.refused:
            return (
                f"Refused: {pair.refused}\nTab shows what differs; i insists: compares all the same, and "
                "says so."
            )
        if self.state.filter:
            return f"No language holds {self.state.filter!r}. Esc clears the filter."
        return "These systems have no language in common here: Tab says what each has."

    def _show_sentence(self) -> None:
        self.shown = Shown()
        text = "comparing ..." if cs.key_of(self.state) and not self._problem else self._problem or NOTHING
        text = harmless(text) if self._problem else text
        self.table.present(of_texts((), ()), sentence=text)
        self.plot_pane.present(None, title="", sentence=text)
        self.notes.present((), sentence=text)
        self.detail.show()

    def _show_detail(self) -> None:
        unit = self.comparison.measure.unit_interval if self.comparison else True
        text = cs.row_sentence(self.shown, self.state.row, unit=unit)
        self.detail.show((" " + fit(text, max(self.app.size.width - 1, 0)), None))

    def on_resize(self) -> None:
        """Lay out the table for its new width, once it has one."""
        self.call_after_refresh(self.show)

    def on_row_moved(self, message: RowMoved) -> None:
        """Follow the cursor."""
        message.stop()
        self.amend(row=self.shown.keys[message.row])
        self._show_detail()
        self.post_message(PlaceChanged())

    # actions

    def action_in(self) -> None:
        """To the items of the language under the cursor."""
        pair, entry = self.pair, self.shown.language(self.state.row)
        if pair is None or self.comparison is None:
            return
        if entry is None:
            self.frame.say("put the cursor on a language: Enter shows its items")
            return
        errand = Errand(
            (pair.a, pair.b),
            yardstick=self.comparison.measure.id,
            task=self.comparison.measure.task,
            language=entry.label,
        )
        self.frame.go("items", errand)

    def action_sort(self, by: str | None = None) -> None:
        """Sort by the next column, or the one named."""
        if by is not None and by not in cs.SORTS:
            self.frame.say(f"languages are sorted by {', '.join(cs.SORTS)}")
            return
        sort = by or next_of(cs.SORTS, self.state.sort)
        self.change(sort=sort, descending=sort in LARGEST_FIRST)

    def action_reverse(self) -> None:
        """Reverse the sort."""
        self.change(descending=not self.state.descending)

    def action_pair(self) -> None:
        """The next pair."""
        pairs = len(self.comparison.pairs) if self.comparison else 0
        if pairs < 2:
            self.frame.say("there is one pair: mark more systems in the matrix to compare more")
            return
        self.change(pair=(self.state.pair + 1) % pairs)

    def action_plot(self, kind: str | None = None) -> None:
        """The next kind of plot, or the one named."""
        hidden = not self.plot_pane.display
        if kind in cs.PLOTS or (kind is None and not hidden):
            self.change(plot=kind or next_of(cs.sensible_plots(self.shown), self.state.plot))
        if hidden:
            self.frame.visited(self.spot())
            self.go_pane("compare.plot")

    def action_swap(self) -> None:
        """Swap A and B."""
        pair = self.pair
        if pair is not None:
            others = tuple(name for name in self.state.systems if name not in {pair.a, pair.b})
            self.change(systems=(pair.b, pair.a, *others), pair=0)

    def action_insist(self) -> None:
        """Compare what is known to differ, or refuse again."""
        self.change(insist=not self.state.insist)

    def action_adjust(self, how: str | None = None) -> None:
        """Holm or Benjamini-Hochberg."""
        self.change(adjust=how or next_of(("holm", "bh"), self.state.adjust))

    def action_items_only(self) -> None:
        """Only languages whose items are at hand, or all."""
        self.change(items_only=not self.state.items_only)

    def action_task(self, task: str) -> None:
        """The same systems on another task."""
        self.change(task=task, yardstick=None, row=None)

    # copying

    def cell_text(self) -> str:
        """Return the row's difference as it is shown."""
        entry = self.shown.language(self.state.row) or self.shown.over_row(self.state.row)
        if self.comparison is None or entry is None or entry.delta is None:
            return ""
        return number_text(entry.delta, unit_interval=self.comparison.measure.unit_interval, signed=True)

    def printed(self) -> Printed | None:
        """Return the pair as the command prints it: rounded and noted where people read it."""
        if self.comparison is None or self.pair is None:
            return None
        from intermezzo.tui.compare_text import answer_of

        return answer_of(self._narrowed(self.comparison, self.pair), all_columns=True)

    def _narrowed(self, comparison: Comparison, pair: Pair) -> Comparison:
        """Return the comparison with just the pair that is shown, filtered and sorted as it is."""
        return replace(comparison, pairs=(replace(pair, languages=self.shown.languages),))

    def sheet(self, *, row_only: bool = False) -> tuple[Sheet, str] | None:
        """Return the pair as the command prints it, or the row under the cursor."""
        if self.comparison is None or self.pair is None or not self.shown.keys:
            return None
        from intermezzo.tui.compare_text import data_sheet

        pair = replace(self.pair, languages=self.shown.languages)
        if row_only:
            pair = replace(
                pair,
                languages=tuple(e for e in pair.languages if e.label == self.state.row),
                over=tuple(row for row in pair.over if row.name == self.state.row),
            )
        return data_sheet(replace(self.comparison, pairs=(pair,)), all_columns=True), "compare"
