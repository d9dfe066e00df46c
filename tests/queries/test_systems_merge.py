"""Two systems.toml into one: comments stay, what contradicts is named and not taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from intermezzo.queries.errors import Problem
from intermezzo.queries.identity import load_systems
from intermezzo.queries.systems_merge import RulesMerged, merge_systems

OURS = """# our lab
[[system]]
name = "a"            # the first
base_model = "big"
recipe = "mnli"

[models]
# sizes
xl = "xlm-roberta-large"
"""

THEIRS = '''# their lab

# said by Ana
[[system]]
names = ["a", "b"]
base_model = "big"    # with care
recipe = "mnli"

[recipes]
# as in the paper
none = "direct"

[models]
xl = "xlm-roberta-base"
xb = "xlm-roberta-base"   # small

# folders
[[system]]
path = """{model}-{recipe}/**"""
'''


def merged(tmp_path: Path, ours: str | None, theirs: str) -> tuple[str, RulesMerged]:
    for name, text in (("ours", ours), ("theirs", theirs)):
        (tmp_path / name).mkdir(exist_ok=True)
        if text is not None:
            (tmp_path / name / "systems.toml").write_bytes(text.encode())
    told = merge_systems(tmp_path / "ours", tmp_path / "theirs")
    return (tmp_path / "ours" / "systems.toml").read_bytes().decode(), told


def test_what_is_new_is_added_with_its_comments_and_what_is_there_stays_to_the_letter(tmp_path: Path) -> None:
    text, told = merged(tmp_path, OURS, THEIRS)
    assert set(told.added) == {"[models] xb", "[recipes] none", "name 'b'", "pattern '{model}-{recipe}/**'"}
    assert told.present == 1  # the name a
    (conflict,) = told.conflicts
    assert "[models] xl is 'xlm-roberta-base' in" in conflict
    assert "stays 'xlm-roberta-large'" in conflict
    assert [line for line in text.split("\n") if line in OURS.split("\n")][
        : len(OURS.split("\n")) - 1
    ] == OURS.split("\n")[:-1]
    for comment in ("# said by Ana", "# as in the paper", "# small", "# folders", "# the first"):
        assert text.count(comment) == 1
    rules = load_systems(tmp_path / "ours")
    assert rules.models == {"xl": "xlm-roberta-large", "xb": "xlm-roberta-base"}
    assert rules.recipes == {"none": "direct"}
    assert set(rules.by_name) == {"a", "b"}


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    first, _ = merged(tmp_path, OURS, THEIRS)
    second, told = merged(tmp_path, None, THEIRS)
    assert second == first
    assert told.added == ()
    assert told.present == 5


def test_a_file_that_is_not_there_is_made_and_line_ends_are_kept(tmp_path: Path) -> None:
    text, told = merged(tmp_path, None, OURS)
    assert told.added == ("[models] xl", "name 'a'")
    assert "# the first" in text
    for file in tmp_path.glob("*/systems.toml"):
        file.unlink()
    text, _ = merged(tmp_path, OURS.replace("\n", "\r\n"), THEIRS)
    assert text.count("\n") == text.count("\r\n")


def test_the_same_pattern_with_another_meaning_is_not_taken(tmp_path: Path) -> None:
    ours = '[[system]]\npath = "x/**"\nbase_model = "big"\n'
    text, told = merged(tmp_path, ours, '[[system]]\npath = "x/**"\nbase_model = "small"\n')
    assert text == ours
    assert told.added == ()
    assert "pattern 'x/**' is base_model 'small' in" in told.conflicts[0]
    assert "line 1" in told.conflicts[0]


def test_a_label_that_would_stand_for_two_systems_is_not_taken_and_the_rest_is(tmp_path: Path) -> None:
    ours = '[[system]]\nname = "a"\nsystem = "best"\nbase_model = "big"\nrecipe = "mnli"\n'
    theirs = (
        '[[system]]\nname = "b"\nsystem = "best"\nbase_model = "big"\nrecipe = "qqp"\n'
        '[[system]]\nname = "c"\nbase_model = "big"\nrecipe = "qqp"\n'
    )
    _, told = merged(tmp_path, ours, theirs)
    assert told.added == ("name 'c'",)
    assert "stands for two systems" in told.conflicts[0]


def test_a_table_that_cannot_be_added_to_is_named(tmp_path: Path) -> None:
    ours = 'models = { xl = "xlm-roberta-large" }\n'
    text, told = merged(tmp_path, ours, '[models]\nxb = "xlm-roberta-base"\n')
    assert text == ours
    assert "[models] xb was not taken" in told.conflicts[0]


@pytest.mark.parametrize("where", ["ours", "theirs"])
def test_a_wrong_file_is_a_sentence_and_nothing_changes(tmp_path: Path, where: str) -> None:
    texts = {"ours": OURS, "theirs": THEIRS} | {where: "[[system]]\n"}
    with pytest.raises(Problem, match=f"{where}/systems.toml"):
        merged(tmp_path, texts["ours"], texts["theirs"])
    assert (tmp_path / "ours" / "systems.toml").read_text() == texts["ours"]


def test_an_entry_that_cannot_be_cut_out_is_written_anew(tmp_path: Path) -> None:
    theirs = 'system = [{ name = "a", base_model = "big", recipe = "mnli" }, { names = ["b"], shots = 2 }]\n'
    _, told = merged(tmp_path, None, theirs)
    assert told.added == ("name 'a'", "name 'b'")
    assert load_systems(tmp_path / "ours").by_name["b"].values == {"shots": 2}


def test_header_like_lines_inside_a_text_are_no_headers(tmp_path: Path) -> None:
    theirs = '[[system]]\nname = """\n[[system]]\n"""\nbase_model = "big"\nrecipe = "mnli"\n'
    _, told = merged(tmp_path, OURS, theirs)
    assert len(told.added) == 1
    assert "[[system]]\n" in load_systems(tmp_path / "ours").by_name
