"""The program as a user has it: real commands on real files, in a real terminal, by keys alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from driver import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.slow]

RESULTS = Path(__file__).parents[1] / "fixtures" / "xtreme_two_systems"
INTERMEZZO = [sys.executable, "-m", "intermezzo.tui"]
SIZES = [(80, 24), (160, 48)]
COLOURS = [{}, {"NO_COLOR": "1"}]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RESULTS, tmp_path / "results"))


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("env", COLOURS, ids=["256 colours", "no colour"])
def test_from_a_folder_to_the_language_that_gains_and_back(results, size, env):
    columns, rows = size
    command = [*INTERMEZZO, "open", str(results)]
    with Terminal(command, columns=columns, rows=rows, env=env) as terminal:
        terminal.wait_for("? help")
        terminal.wait_for("xlmr-mnli-s2")
        terminal.wait_for("accuracy")
        # both systems are in the matrix with what they scored, each with the letter of its rung
        assert re.search(r"xlmr-direct-s1 .*\d+\.\dr", terminal.text), terminal.text
        terminal.send("j")
        terminal.wait_until(lambda: "xlmr-mnli-s2" in terminal.line(0), "the breadcrumb of the second row")
        terminal.send("b")
        terminal.rest()
        terminal.send("k")  # pinning shows deltas by itself
        terminal.wait_for("macro deltas")
        terminal.wait_until(lambda: re.search(r"xlmr-direct-s1 .*[+-]\d+\.\dr", terminal.text), "a delta")
        terminal.send("enter")
        terminal.wait_for("English")
        assert "against" in terminal.text or "delta" in terminal.text
        terminal.send("enter")
        terminal.wait_for("the diagonal")
        terminal.send("esc")
        terminal.rest()
        terminal.send("esc")
        terminal.wait_for("xlmr-mnli-s2")
        terminal.rest()
        terminal.send(".")
        terminal.wait_for("intermezzo show matrix")
        assert "--baseline xlmr-mnli-s2" in terminal.text
        terminal.rest()
        terminal.send("esc")
        terminal.wait_gone("The command behind")
        terminal.send("q")
        assert terminal.ended() == 0
        raw = bytes(terminal.raw)
    assert (b"\x1b[38;5;" in raw or b"48;5;" in raw) == (not env)
    assert b"[38;2;" not in raw


def test_without_a_terminal_the_matrix_is_printed(results):
    with Terminal([*INTERMEZZO, "open", str(results)], env={"TERM": "dumb"}, columns=120) as terminal:
        assert terminal.ended() == 0
        assert "xlmr-mnli-s2" in terminal.text
        assert "intermezzo show matrix" in terminal.text


def test_an_app_whose_terminal_is_gone_ends_and_remembers_where_one_was(results, tmp_path):
    # as under make or nohup: no signal tells the app that the connection broke
    deaf = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *INTERMEZZO, "open", str(results)]
    with Terminal(deaf) as terminal:
        terminal.wait_for("accuracy")
        terminal.send("d")
        terminal.wait_for("macro deltas")
        assert terminal.hang_up() in {0, 129}
    with Terminal([*INTERMEZZO, "open", str(results)]) as terminal:
        terminal.wait_for("macro deltas")


@pytest.mark.parametrize("env", COLOURS, ids=["256 colours", "no colour"])
def test_from_a_claim_to_the_rows_that_decided_it_and_the_run_behind_one(env):
    with Terminal([*INTERMEZZO, "demo"], env=env) as terminal:
        terminal.wait_for("The matrix  1 of")
        terminal.send("enter")
        terminal.wait_for("2 of 6")
        terminal.send("esc")
        terminal.wait_gone("2 of 6")
        terminal.wait_for("? help")
        terminal.rest()
        terminal.send("4")
        terminal.wait_for("1 supported")
        terminal.send("tab")
        terminal.wait_for("aggregate-only: Only averages")
        terminal.send("esc")
        terminal.wait_gone("aggregate-only: Only averages")
        terminal.send("/")
        terminal.wait_for("Enter takes it")
        terminal.send(*"bloom")
        terminal.wait_for("bloom")
        terminal.rest()
        terminal.send("enter")
        terminal.wait_for("filter bloom")
        terminal.rest()
        terminal.send("enter")
        terminal.wait_for("delta > 0 for the mean over units")
        row = r"zh +\+0\.\d+ +[+-]0\.\d+ +\+0\.\d+ +1,511 +p"
        terminal.wait_until(lambda: re.search(row, terminal.text), "the row of Chinese")
        terminal.send("enter")
        terminal.wait_until(lambda: "Runs › bloom-7b1" in terminal.line(0), "the runs behind the row")
        terminal.send("[")
        terminal.wait_for("delta > 0 for the mean over units")
        terminal.rest()
        terminal.send("q", "q")
        assert terminal.ended() == 0


@pytest.mark.parametrize("env", COLOURS, ids=["256 colours", "no colour"])
def test_from_two_marked_systems_to_the_item_that_tells_them_apart_and_back(results, tmp_path, env):
    store = ["--store", str(tmp_path / "store")]
    subprocess.run([*INTERMEZZO, "import", str(results), *store], check=True, capture_output=True)
    with Terminal([*INTERMEZZO, "open", *store], env=env) as terminal:
        terminal.wait_for("xlmr-mnli-s2")
        terminal.wait_for("accuracy")
        terminal.rest()
        terminal.send("j")
        terminal.rest()
        terminal.send("space")
        terminal.wait_for("*xlmr-mnli-s2")
        terminal.send("k")
        terminal.rest()
        terminal.send("space")
        terminal.wait_for("2 marked")
        terminal.send("c")
        terminal.wait_until(lambda: "› Compare ›" in terminal.line(0), "the comparison")
        terminal.wait_for("macro · these")
        # marked first, it is A; one item of six is 16.7 points
        assert "A xlmr-mnli-s2  -  B xlmr-direct-s1" in terminal.text
        assert re.search(r"^ en\* +6 +100\.0 +83\.3 +\+16\.7 ", terminal.text, re.MULTILINE), terminal.text
        assert "macro · these" in terminal.text
        terminal.send("enter")
        terminal.wait_until(lambda: "› Items ›" in terminal.line(0), "the items of English")
        terminal.wait_for("1 of 6")
        terminal.send("f")
        terminal.wait_for("1 of 1")
        terminal.rest()
        assert "A right, B wrong" in terminal.line(1)
        assert re.search(r"^ 4 +✓ +✗ +neutral +neutral +contradiction", terminal.text, re.MULTILINE)
        terminal.send("enter")
        terminal.wait_for("Item 4")
        terminal.rest()
        terminal.send("esc")
        terminal.wait_gone("Item 4")
        terminal.rest()
        for where in ("Item 4", "1 of 1", "A wins", "2 marked"):
            terminal.send("[")
            terminal.wait_for(where)
            terminal.rest()
        assert "› Matrix ›" in terminal.line(0)
        terminal.send("q")
        assert terminal.ended() == 0


def test_from_the_list_of_claims_to_the_rows_of_one_and_back_to_the_matrix():
    with Terminal([*INTERMEZZO, "--demo"]) as terminal:
        terminal.wait_for("xlm-r-large")
        terminal.rest()
        terminal.send("4")
        terminal.wait_for("undetermined")
        listed = terminal.text
        first = terminal.line(0)
        terminal.send("enter")
        terminal.wait_for("for the mean over units")
        assert terminal.line(0).startswith(first), "the breadcrumb goes on to the row under the cursor"
        row = re.compile(r"^ pawsx +\+0\.0130 .* p", re.MULTILINE)
        terminal.wait_until(lambda: row.search(terminal.text) is not None, "the row of PAWS-X")
        terminal.rest()
        terminal.send("esc")
        terminal.wait_gone("for the mean over units")
        terminal.wait_until(lambda: terminal.line(0) == first, "the claim in the list")
        terminal.rest()
        assert terminal.text.split("\n")[1:20] == listed.split("\n")[1:20]
        terminal.send("1")
        terminal.wait_until(lambda: "› Matrix" in terminal.line(0), "the matrix")
        terminal.rest()
        terminal.send("q")
        assert terminal.ended() == 0


def test_a_key_in_the_same_burst_acts_on_the_row_that_the_cursor_came_to(results, tmp_path):
    store = ["--store", str(tmp_path / "store")]
    subprocess.run([*INTERMEZZO, "import", str(results), *store], check=True, capture_output=True)
    with Terminal([*INTERMEZZO, *store]) as terminal:
        terminal.wait_for("accuracy")
        terminal.rest()
        terminal.send("j", "space")
        terminal.wait_for("1 marked")
        terminal.rest()
        assert "*xlmr-mnli-s2" in terminal.text
        assert "*xlmr-direct-s1" not in terminal.text
