"""The table that places show their rows in."""

from __future__ import annotations

from intermezzo.tui.panes.table import TablePane
from intermezzo.tui.table import Column, of_texts
from textual.app import App, ComposeResult

COLUMNS = (Column("run"), Column("system", most=26, stretch=True, middle=True))
NAMES = [
    f"multilingual-e5-small-{what}-cosine-schedule-with-warmup-5-epochs"
    for what in ("queue", "drain", "plain")
]


class _App(App[None]):
    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.table = TablePane("runs.grid")
        self.rows = of_texts(COLUMNS, [(str(n), name) for n, name in enumerate(names)])

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.present(self.rows)

    def systems(self) -> list[str]:
        return [self.table.render_line(y).text[6:].strip() for y in range(1, self.table.size.height)]


async def test_names_that_would_be_cut_alike_differ_on_screen():
    app = _App(NAMES)
    async with app.run_test(size=(40, 4)) as pilot:
        assert [
            word
            for name, word in zip(app.systems(), ("queue", "drain", "plain"), strict=True)
            if word in name
        ]
        assert len(set(app.systems())) == 3
        await pilot.press("G")
        assert len(set(app.systems())) == 3
        await pilot.resize_terminal(90, 4)
        assert app.systems() == NAMES


async def test_names_are_told_apart_wherever_one_has_scrolled_to():
    app = _App([f"multilingual-e5-small-{n:03}-cosine-schedule-with-warmup" for n in range(150)])
    async with app.run_test(size=(40, 7)) as pilot:
        for key in ("G", "g", "ctrl+d", "ctrl+d"):
            await pilot.press(key)
            assert len(set(app.systems())) == len(app.systems())
