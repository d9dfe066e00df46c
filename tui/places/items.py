"""Place 3: what systems said, item by item: one language, or one item in all its languages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from intermezzo.queries.harmless import harmless
from intermezzo.tui import items_state as its
from intermezzo.tui.data import Answer, Work
from intermezzo.tui.items_state import PAGE, ItemsState
from intermezzo.tui.keys import bindings
from intermezzo.tui.messages import PlaceChanged, RowMoved
from intermezzo.tui.output import Sheet
from intermezzo.tui.panes.reading import ReadingPane
from intermezzo.tui.panes.table import TablePane
from intermezzo.tui.sheets import save_answer
from intermezzo.tui.state import Errand, next_of
from intermezzo.tui.table import Rows
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget

from .base import Behind, Frame
from .viewed import Viewed

if TYPE_CHECKING:
    from intermezzo.queries.items import ItemRow, ItemsPage

REST = 0.12
"""Seconds the cursor rests on an item before it is read in all its languages."""

NOTHING = (
    "There are no items to show yet.\n"
    "Compare two systems: in the matrix mark them with space, then c.\n"
    "There press Enter on a language.\n"
    "Or for one system: Enter in the matrix, and i on a language."
)
"""What the place says before anything was sent to it."""


class ItemsPlace(Viewed[ItemsState]):
    """The items of a language, a page at a time, and the one under the cursor in all its languages."""

    place = "items"
    BINDINGS = bindings("items")
    blank = ItemsState()
    cursor = ("pane", "row")
    where = ("systems", "yardstick", "task", "language", "which", "filter", "row")
    words = {"which": tuple(its.WHICH)}
    panes = its.PANES
    filters_live = False

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.table = TablePane("items.grid", id="items")
        self.item = ReadingPane("items.item", id="item")
        self.page: ItemsPage | None = None
        self.pages: dict[int, tuple[ItemRow, ...]] = {}
        self.everywhere: tuple[str, ItemsPage] | None = None
        self._asked: dict[str, Any] = {}
        self._wanted: int | None = None
        self._item_asked: str | None = None
        self._problem = ""
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        """The list, and beside it the item where there is room."""
        self.lay_out()
        with Horizontal(classes="beside"):
            yield self.table
            yield self.item

    def on_mount(self) -> None:
        """Ask after the first paint, where the last visit left something to ask for."""
        self.show()
        self.call_after_refresh(self.ask)

    def pane_widget(self, scope: str) -> Widget:
        """Return the widget of a pane."""
        return self.item if scope == "items.item" else self.table

    # what the frame asks

    def crumbs(self) -> tuple[str, ...]:
        """Yardstick, systems, language, item."""
        state, row = self.state, self.row
        if self.page is None or state.language is None:
            return ()
        crumbs = (self.page.measure.task, " - ".join(state.systems), state.language)
        return (*crumbs, row.item_id) if self.pane == "items.item" and row else crumbs

    def status(self) -> str:
        """Which of how many, and how they fall."""
        page = self.page
        if page is None:
            return ""
        at = f"{self.state.row + 1:,} of {page.total:,}" if page.total else "none"
        words = f" · filter {self.state.filter}" if self.state.filter else ""
        return harmless(f"{at} · {its.WHICH[self.state.which]}{words} · {its.counts_text(page.counts)}")

    def arrive(self, errand: Errand) -> None:
        """Show the items that were sent for."""
        self.time = self.time.then(
            ItemsState(
                systems=errand.systems[:2],
                yardstick=errand.yardstick,
                task=errand.task,
                language=errand.language,
            )
        )
        self.lay_out()
        self.changed()

    def behind(self) -> Behind | None:
        """The command that prints the items, and the question for the runs whose files they are in."""
        state, row = self.state, self.row
        if not its.key_of(state):
            return None
        item = row.item_id if row is not None and self.pane == "items.item" else None
        everywhere = self.page is not None and its.is_parallel(self.page)
        command = its.command_of(state, self.frame.store, item, everywhere=everywhere)
        page = self.everywhere[1] if item and self.everywhere and self.everywhere[0] == item else self.page
        if page is None:
            return Behind(command, "items", {}, "-- the items are being read")
        from intermezzo.queries.items_sql import items_sql

        if item is not None:
            page = replace(page, request=replace(page.request, item=item, which="all"))
        return Behind(command, "items", {}, items_sql(page))

    def choices(self, source: str) -> tuple[str, ...]:
        """Languages for the palette."""
        return self.page.languages if source == "languages" and self.page else ()

    @property
    def row(self) -> ItemRow | None:
        """The item under the cursor, if its page is there."""
        page = self.pages.get(self.state.row // PAGE, ())
        at = self.state.row % PAGE
        return page[at] if at < len(page) else None

    # data

    def store_changed(self) -> None:
        """Read again."""
        self._asked = {}
        self.ask()

    def ask(self) -> None:
        """Read the page under the cursor, the pages in sight, and the item that is shown."""
        key = its.key_of(self.state)
        if not key:
            # undone up to where nothing had been sent here yet
            self._asked, self.page, self.pages = {}, None, {}
            self.show()
            return
        if key != self._asked:
            self._asked, self._problem, self.page = key, "", None
            self.pages, self.everywhere, self._wanted, self._item_asked = {}, None, None, None
            self._read(self.state.row // PAGE)
            self.show()
            return
        if self.page is None:
            return
        last = max(self.page.total - 1, 0)
        sight = (self.state.row, self.table.top, min(self.table.top + self.table.room, last))
        missing = next((n for n in dict.fromkeys(at // PAGE for at in sight) if n not in self.pages), None)
        if missing is not None and missing != self._wanted:
            self._read(missing)
        elif self.item.display:
            self._read_item()

    def _read(self, page: int) -> None:
        from_state = self.state
        self._wanted = page

        def work(ask: Any) -> Any:
            from intermezzo.queries.items import items_page

            return items_page(ask, its.request_of(from_state, page))

        self.frame.compute("page", "items", {**its.key_of(from_state), "page": page}, Work(work))

    def _read_item(self) -> None:
        row, state, page = self.row, self.state, self.page
        if row is None or page is None or row.item_id == self._item_asked:
            return
        item, everywhere = row.item_id, its.is_parallel(page)
        self._item_asked = item

        def work(ask: Any) -> Any:
            from intermezzo.queries.items import items_page

            return items_page(ask, its.item_request(state, item, everywhere=everywhere))

        self.frame.compute("item", "item", {**its.key_of(state), "item": item}, Work(work))

    def answered(self, answer: Answer) -> None:
        """Take a page, or an item in all its languages."""
        if answer.problem is not None:
            if answer.slot == "page":
                self._problem = answer.problem
            self.frame.say(answer.problem.split("\n")[0])
        elif answer.slot == "page":
            if not self._asked:
                return
            found: ItemsPage = answer.result
            self.page, self._wanted = found, None
            self.pages[found.request.offset // PAGE] = found.rows
            if self.state.row >= found.total:
                self.amend(row=max(found.total - 1, 0))
            self.call_after_refresh(self.ask)
        elif answer.slot == "export":
            self.frame.say(answer.result)
        else:
            self.everywhere = (answer.params["item"], answer.result)
        self.show()
        self.post_message(PlaceChanged())

    # showing

    def show(self) -> None:
        """Show the list and the item."""
        state, page = self.state, self.page
        if page is None or not page.total:
            self.table.present(
                Rows(), sentence=self._sentence(), title=self._title(), names=self.state.systems
            )
            self.item.present((), sentence=self._sentence())
            return
        two = len(state.systems) > 1

        def cell(row: int, column: int) -> str:
            held = self.pages.get(row // PAGE, ())
            return its.cells_of(held[row % PAGE], two)[column] if row % PAGE < len(held) else "…"

        rows = Rows(its.columns_of(two), page.total, cell)
        self.table.present(rows, state.row, title=self._title(), names=state.systems)
        self._show_item()

    def _title(self) -> str:
        """Return a template for the systems' names, which are cut before the rest is."""
        state = self.state
        if not state.language:
            return ""
        language = state.language.replace("{", "{{").replace("}", "}}")
        names = [f"{letter} {{}}" for letter, _ in zip("AB", state.systems, strict=False)]
        return " · ".join([*names, f"{language}: {its.WHICH[state.which]}"])

    def _sentence(self) -> str:
        if self._problem:
            return harmless(self._problem)
        if not its.key_of(self.state):
            return NOTHING
        if self.page is None:
            return "reading items ..."
        if self.state.filter:
            of = "" if self.state.which == "all" else f" of those with: {its.WHICH[self.state.which]}"
            return harmless(f"No item holds {self.state.filter!r}{of}. Esc clears the filter.")
        return f"No item is left with: {its.WHICH[self.state.which]}. f goes on, Esc shows all."

    def _show_item(self) -> None:
        row, state = self.row, self.state
        if row is None:
            self.item.present((), sentence="...")
            return
        known = self.everywhere
        rows = known[1].rows if known is not None and known[0] == row.item_id else (row,)
        lines = its.item_lines(rows, state.systems, state.language)
        self.item.present(lines, title=f"Item {row.item_id}")

    def on_row_moved(self, message: RowMoved) -> None:
        """Follow the cursor; read on once it rests."""
        message.stop()
        self.amend(row=message.row)
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST, self.rested)
        self.post_message(PlaceChanged())

    def rested(self) -> None:
        """The cursor rests."""
        self.ask()
        if self.page is not None and self.page.total:
            self._show_item()

    # actions

    def action_in(self) -> None:
        """To the item under the cursor, in all its languages."""
        if self.pane == "items.grid" and self.row is not None:
            self.turn(1)

    def filter_by(self, words: str) -> None:
        """Show only items that hold these words, from the first on."""
        self.change(filter=words, row=0)

    def action_which(self, which: str | None = None) -> None:
        """The next filter by who is right, or the one named."""
        wanted = which or next_of(tuple(its.WHICH), self.state.which)
        self.change(which=wanted, row=0)

    def out(self) -> bool:
        """Back to the list; in it, all words, then all items."""
        if super().out():
            return True
        if self.state.which != "all":
            self.change(which="all", row=0)
            return True
        return False

    def action_swap(self) -> None:
        """Swap A and B."""
        self.change(systems=self.state.systems[::-1], row=0)

    def action_next_language(self) -> None:
        """The next language that both have items in."""
        self._language(1)

    def action_previous_language(self) -> None:
        """The language before."""
        self._language(-1)

    def action_language(self, code: str) -> None:
        """A language by its code."""
        self.change(language=code, row=0)

    def _language(self, step: int) -> None:
        known = self.page.languages if self.page else ()
        if len(known) < 2:
            self.frame.say("there is no other language with items here")
            return
        at = known.index(self.state.language) if self.state.language in known else 0
        # the item stays: where the task is parallel it is the same one
        self.change(language=known[(at + step) % len(known)])

    # copying

    def cell_text(self) -> str:
        """Return the text of the item."""
        return "" if self.row is None else self.row.text or self.row.prediction_a or ""

    def sheet(self, *, row_only: bool = False) -> tuple[Sheet, str] | None:
        """Return the items that were read, or the one under the cursor."""
        if self.page is None or not self.pages:
            return None
        from intermezzo.tui.items_text import answer_of

        rows = tuple(row for n in sorted(self.pages) for row in self.pages[n])
        if row_only:
            rows = (self.row,) if self.row is not None else ()
        return answer_of(replace(self.page, rows=rows), all_columns=True).data, "items"

    def export(self, sheet: Sheet, name: str) -> None:
        """Write all items of the view, read or not, up to a limit; or the one that is shown."""
        del sheet
        state, row, page = self.state, self.row, self.page
        request = its.export_request(state)
        if self.pane == "items.item" and row is not None and page is not None:
            request = its.item_request(state, row.item_id, everywhere=its.is_parallel(page))

        def work(ask: Any) -> str:
            from intermezzo.queries.items import items_page
            from intermezzo.tui.items_text import answer_of

            found = items_page(ask, request)
            answer = answer_of(found, all_columns=True)
            said = save_answer(answer, answer.data, name)
            left = found.total - len(found.rows)
            return (
                f"{said}: the first of {found.total:,}, the command behind the view (.) prints all"
                if left
                else said
            )

        self.frame.compute("export", "export", {"name": name}, Work(work, remember=False))
