"""What the cells of the matrix say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_ask import FakeAsk
from intermezzo.queries.matrix import Matrix, matrix_of
from intermezzo.tui.cell_text import cell_sentence
from intermezzo.tui.grid import ROOM, WIDEST, Grid
from intermezzo.tui.state import MatrixState
from rich.cells import cell_len


def a_matrix(**params: str) -> Matrix:
    table = FakeAsk().ask("matrix", **params)
    return matrix_of(table.columns, table.rows)


MATRIX = a_matrix()
STATE = MatrixState()
DELTAS = replace(STATE, show="deltas")


def cell_at(grid: Grid, system: str, task: str) -> tuple[int, int]:
    return grid.position(system, f"y-{task}")


@pytest.mark.parametrize("depth", ["none", "16", "256", "truecolor"])
@pytest.mark.parametrize(
    "state", [STATE, DELTAS, replace(STATE, transposed=True), replace(DELTAS, transposed=True)]
)
def test_every_cell_fits_its_column(depth, state):
    grid = Grid(MATRIX, state, depth)
    for row in range(len(grid.rows)):
        for column, width in enumerate(grid.widths):
            assert cell_len(grid.face(row, column).text) <= width <= WIDEST


def test_a_value_shows_its_rung_and_a_gap_a_dot():
    grid = Grid(MATRIX, STATE)
    assert grid.face(*cell_at(grid, "xlm-r-large", "xnli")).text[-2] == "p"
    assert grid.face(*cell_at(grid, "mbert + qqp", "mlqa")).text.strip() == "·"
    assert grid.face(*cell_at(grid, "mbert + qqp", "mlqa")).level is None
    assert grid.face(*cell_at(grid, "mbert + mnli", "xquad")).text.endswith("≠")


def test_deltas_always_carry_a_sign_and_significance_is_bold_and_a_mark():
    grid = Grid(MATRIX, DELTAS)
    faces = [grid.face(r, c) for r in range(len(grid.rows)) for c in range(len(grid.columns))]
    numbers = [face for face in faces if face.text.strip() not in {"·", "–"}]
    assert numbers
    assert all(face.text[0] in "+-" or face.text.startswith("0.0") for face in numbers)
    significant = [face for face in numbers if face.bold]
    assert significant
    assert all(face.text.endswith(("▲", "▼")) for face in significant)


def test_without_colour_values_carry_a_block_for_their_level():
    grid = Grid(MATRIX, STATE, "none")
    assert grid.face(0, 0).text[0] in "▁▂▃▄▅▆▇█"
    assert Grid(MATRIX, STATE, "256").face(0, 0).text[0] not in "▁▂▃▄▅▆▇█"


def test_transposing_swaps_rows_and_columns_and_keeps_cells():
    straight, swapped = Grid(MATRIX, STATE), Grid(MATRIX, replace(STATE, transposed=True))
    assert straight.face(2, 3) == swapped.face(3, 2)
    assert swapped.rows[0].label == "xnli"
    assert (swapped.columns[1].label, swapped.columns[1].detail) == ("xlm-r-large", "mnli")
    assert swapped.pair(3, 2) == straight.pair(2, 3)


def test_the_cursor_is_found_by_name_whatever_the_order():
    state = replace(STATE, sort="y-panx", filter="mbert")
    grid = Grid(MATRIX, state)
    row, column = grid.position("mbert + squad", "y-mlqa")
    assert grid.pair(row, column) == ("mbert + squad", "y-mlqa")
    assert grid.position("gone", None) == (0, 0)


def test_the_sentence_of_a_gap_begins_with_its_reason():
    grid = Grid(MATRIX, STATE)
    sentence = cell_sentence(grid, *cell_at(grid, "mbert + qqp", "mlqa"))
    assert sentence == "gap: refused: the file was cut off after 2 of 15 languages"


def test_the_sentence_of_a_cell_says_how_well_it_is_founded():
    grid = Grid(MATRIX, DELTAS)
    sentence = cell_sentence(grid, *cell_at(grid, "mbert + mnli", "xnli"))
    for words in (
        "accuracy",
        "published",
        "against mbert on 15 languages",
        "1 seed: training variance unknown",
    ):
        assert words in sentence
    assert "macro only" in cell_sentence(Grid(MATRIX, STATE), *cell_at(grid, "mbert", "tatoeba"))


def test_a_pinned_baseline_changes_every_delta():
    ours, pinned = Grid(MATRIX, DELTAS), Grid(a_matrix(baseline="mbert + squad"), DELTAS)
    assert ours.face(1, 0) != pinned.face(1, 0)
    assert pinned.face(*cell_at(pinned, "mbert + squad", "xnli")).text.strip() == "–"


def test_names_are_harmless_and_never_markup():
    ask = FakeAsk(systems=[("[red]\x1b[2J\u202eevil[/]", "m", "direct")])
    table = ask.ask("matrix")
    grid = Grid(matrix_of(table.columns, table.rows), STATE)
    assert grid.rows[0].label == "[red]\ufffd[2J\ufffdevil[/]"
    assert grid.rows[0].key == "[red]\x1b[2J\u202eevil[/]"


def test_an_empty_matrix_has_nothing_to_say():
    assert cell_sentence(Grid(Matrix(), STATE), 0, 0) == ""


def test_long_names_get_the_room_they_need_where_there_is_some():
    first, *others = MATRIX.yardsticks
    long = replace(first, label="pocket_catalogues")
    grid = Grid(replace(MATRIX, yardsticks=(long, *others)), STATE)
    assert grid.widths[0] == WIDEST
    grid.fit_to(ROOM)
    assert grid.widths[0] == cell_len("pocket_catalogues") + 1
    grid.fit_to(20)
    assert grid.widths[0] == WIDEST
    # many systems as columns stay narrow, a few need not
    swapped = Grid(MATRIX, replace(STATE, transposed=True))
    swapped.fit_to(ROOM)
    assert max(swapped.widths) == WIDEST
    swapped.fit_to(10_000)
    assert max(swapped.widths) > WIDEST


def test_who_was_never_here_begins_on_the_first_number_of_the_first_row():
    cells = dict(MATRIX.cells)
    first = MATRIX.systems[0].name
    for yardstick in MATRIX.yardsticks[:2]:
        del cells[first, yardstick.id]
    grid = Grid(replace(MATRIX, cells=cells), STATE)
    assert grid.position(None, None) == (0, 2)
    assert grid.position(first, MATRIX.yardsticks[1].id) == (0, 1)
    assert Grid(Matrix(), STATE).position(None, None) == (0, 0)
