"""The program as a user has it: real commands on real files, in a real terminal, by keys alone."""

from __future__ import annotations

import re
import shutil
import signal
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
        terminal.wait_for_line(r"xlmr-direct-s1 .*\d+\.\dr")
        terminal.send("j")
        terminal.wait_until(lambda: "xlmr-mnli-s2" in terminal.line(0), "the breadcrumb of the second row")
        terminal.send("b")
        terminal.rest()
        terminal.send("k")  # pinning shows deltas by itself
        terminal.wait_for("macro deltas")
        terminal.wait_until(lambda: re.search(r"xlmr-direct-s1 .*[+-]\d+\.\dr", terminal.text), "a delta")
        terminal.send("enter")
        terminal.wait_for("English")
        terminal.wait_until(
            lambda: "against" in terminal.text or "delta" in terminal.text, "what it differs from"
        )
        terminal.send("enter")
        terminal.wait_for("↑ system")
        terminal.send("esc")
        terminal.rest()
        terminal.send("esc")
        terminal.wait_for("xlmr-mnli-s2")
        terminal.rest()
        terminal.send(".")
        terminal.wait_for("intermezzo show matrix")
        terminal.wait_for("--baseline xlmr-mnli-s2")
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
        terminal.wait_for("xlmr-mnli-s2")
        terminal.wait_for("intermezzo show matrix")


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


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_ends_the_app_as_quitting_does(results, number):
    command = [*INTERMEZZO, "open", str(results)]
    with Terminal(command) as terminal:
        terminal.wait_for("accuracy")
        terminal.send("d")
        terminal.wait_for("macro deltas")
        terminal.process.send_signal(number)
        assert terminal.ended() == 0
        # what quitting ends with: out of the alternate screen, the cursor back, and not a word after it
        assert b"\x1b[?1049l\x1b[?25h" in bytes(terminal.raw)[-120:]
    with Terminal(command) as terminal:
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
        terminal.wait_for("A xlmr-mnli-s2  -  B xlmr-direct-s1")
        terminal.wait_for_line(r"^ en† +6 +100\.0 +83\.3 +\+16\.7 ")
        terminal.wait_for("macro · these")
        terminal.send("enter")
        terminal.wait_until(lambda: "› Items ›" in terminal.line(0), "the items of English")
        terminal.wait_for("1 of 6")
        terminal.send("f")
        terminal.wait_for("1 of 1")
        terminal.rest()
        terminal.wait_until(lambda: "A right, B wrong" in terminal.line(1), "A right, B wrong")
        terminal.wait_for_line(r"^ 4 +✓ +✗ +neutral +neutral +contradiction")
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
        terminal.wait_until(lambda: "› Matrix ›" in terminal.line(0), "› Matrix ›")
        terminal.send("q")
        assert terminal.ended() == 0


def test_from_the_list_of_claims_to_the_rows_of_one_and_back_to_the_matrix():
    with Terminal([*INTERMEZZO, "--demo"]) as terminal:
        terminal.wait_for("xlm-r-large")
        terminal.rest()
        terminal.send("4")
        terminal.wait_for("undetermined")
        terminal.rest()
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
        terminal.wait_for("*xlmr-mnli-s2")
        assert "*xlmr-direct-s1" not in terminal.text


WORDS = {"xnli": ("entailment", "neutral", "contradiction"), "pawsx": ("0", "1")}
WRONG = {
    ("xnli", "sw"): (range(3, 23), range(20, 26)),
    ("xnli", "en"): (range(4, 8), range(6, 10)),
    ("pawsx", "de"): (range(9), range(8)),
    ("pawsx", "en"): (range(4), range(6)),
}
"""Of forty items those that a baseline and a system have wrong: only Swahili XNLI differs for sure."""


@pytest.fixture
def flipped(tmp_path: Path) -> Path:
    """A folder of results: 17 items of Swahili XNLI are right in the second system only, 3 the reverse."""
    folder = tmp_path / "flipped"
    for (task, language), (baseline, system) in WRONG.items():
        says = {"labels": (), "xlmr-direct-s1/predictions": baseline, "xlmr-mnli-s2/predictions": system}
        for where, wrong in says.items():
            file = folder / where / task / f"test-{language}.tsv"
            file.parent.mkdir(parents=True, exist_ok=True)
            words = WORDS[task]
            file.write_text("".join(f"{words[(n + (n in wrong)) % len(words)]}\n" for n in range(40)))
    return folder


def test_from_a_folder_to_the_table_for_the_paper_and_all_of_it_undone(flipped, tmp_path):
    with Terminal([*INTERMEZZO, "open", str(flipped)], cwd=tmp_path) as terminal:

        def press(key: str, shown: str | re.Pattern[str]) -> None:
            terminal.rest()
            terminal.send(key)
            said = re.compile(re.escape(shown)) if isinstance(shown, str) else shown
            terminal.wait_until(lambda: said.search(terminal.text) is not None, f"{shown!r} after {key}")

        def matrix() -> str:
            return "\n".join(terminal.text.split("\n")[1:20])

        terminal.wait_for("xlmr-mnli-s2")
        terminal.wait_for("accuracy")
        terminal.rest()
        began = matrix()
        # the cell that gains most: differences from the baseline, tasks down, the largest first
        press("b", "macro deltas")
        press("t", re.compile(r"^ pawsx ", re.MULTILINE))
        terminal.wait_until(
            lambda: "xlmr-direct-s1 xlmr-mnli-s2" in terminal.line(1), "names with the room they need"
        )
        press("l", re.compile("› xlm.*mnli-s2 ›"))
        press("s", re.compile(r"^ xnli .* \+17\.5r\n pawsx .* -1\.3r", re.MULTILINE))
        press("g", re.compile("› xlm.*mnli-s2 › xnli"))
        # which languages
        press("enter", re.compile(r"^sw  Swahili +\+35\.0r", re.MULTILINE))
        terminal.wait_for_line(r"^en† English +0\.0r")
        press("esc", re.compile(r"^ xnli .* \+17\.5r", re.MULTILINE))
        # is it significant: sign, interval, p adjusted over the languages
        press("c", re.compile(r"^ sw +40 +85\.0 +50\.0 +\+35\.0▲ .*\.00\d", re.MULTILINE))
        terminal.wait_for_line(r"^ en† +40 +90\.0 +90\.0 +0\.0 ")
        terminal.wait_for("only A right 17, only B 3")
        # the table for the paper
        press("x", "export to: compare.csv")
        press("ctrl+u", re.compile(r"export to:\s*$", re.MULTILINE))
        press("pair.tex", "export to: pair.tex")
        press("enter", "pair.tex")
        terminal.wait_for("wrote ")
        table = (tmp_path / "pair.tex").read_text("utf-8")
        # three items that flipped
        press("enter", "1 of 40")
        press("f", "1 of 17 · A right, B wrong")
        for n, item in enumerate((3, 4, 5)):
            press("enter", re.compile(rf"^ Item {item}$", re.MULTILINE))
            terminal.wait_for_line(r"^ +A +✓ .*\n +B +✗ ")
            press("esc", f"{n + 1} of 17")
            press("j", f"{n + 2} of 17")
        # undo all of it, place by place
        press("u", "of 40 · all")
        press("u", "There are no items to show yet.")
        press("u", "nothing to undo")
        press("2", re.compile(r"^ sw +40 ", re.MULTILINE))
        press("u", "There is nothing to compare yet.")
        terminal.wait_until(lambda: "xlmr" not in terminal.line(0), "a breadcrumb of nothing")
        press("1", re.compile(r"^ xnli .* \+17\.5r", re.MULTILINE))
        press("u", re.compile(r"^ xnli .*\n pawsx ", re.MULTILINE))
        press("u", re.compile(r"^◂xlmr-direct-s1 ", re.MULTILINE))
        press("u", "macro values")
        terminal.wait_until(lambda: matrix() == began, "the matrix as it was")
        press("u", "nothing to undo")
        press("U", "macro deltas")
        terminal.send("q")
        assert terminal.ended() == 0
    assert r"\toprule" in table
    caption = table[table.index(r"\caption{") :]
    for said in ("paired by item, 40 items, t with 39 df", "1 seed: training variance unknown", "Holm"):
        assert said in caption, caption
    assert r"\textbf{+35.0}$^{\uparrow}$" in table
