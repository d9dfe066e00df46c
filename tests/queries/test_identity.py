"""Which system a run is: rules, precedence, labels, and what is said when a rule is wrong."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intermezzo.queries.errors import Problem
from intermezzo.queries.identity import annotate, load_systems, parse_systems, resolve, suggest, system_label
from intermezzo.queries.naming import normal_recipe
from intermezzo.queries.records import Found

LAB = """
# what our folders mean
[[system]]
name = "X-STILTs"
base_model = "FacebookAI/xlm-roberta-large"
recipe = "MNLI>SQuAD"

[[system]]
path = "runs/{model}-{recipe}-s{train_seed}/**"

[[system]]
path = "runs/**"
base_model = "xlm-roberta-base"
recipe = "direct"

[models]
xlmr = "xlm-roberta-large"

[recipes]
none = "direct"
mnli2 = "mnli"
mnli-squad = "mnli > squad"
"""


def test_exact_name_wins_over_paths_and_files() -> None:
    found = Found("X-STILTs", "runs/xlmr-none-s1/out.json", base_model="gpt2", recipe="direct")
    who = resolve(found, parse_systems(LAB))
    assert (who.base_model, who.recipe, who.status) == ("xlm-roberta-large", "mnli > squad", "known")
    assert who.system == "xlm-r-large + (mnli > squad)"
    assert "line 3" in who.why


@pytest.mark.parametrize(
    ("path", "base", "recipe", "seed"),
    [
        ("runs/xlmr-none-s1", "xlm-roberta-large", "direct", 1),
        ("runs/xlmr-mnli2-s12/deep/results.json", "xlm-roberta-large", "mnli", 12),
        ("runs/xlmr-mnli-squad-s3/x", "xlm-roberta-large", "mnli > squad", 3),
        ("runs/our-own-model-qqp-s4/x", "our-own-model", "qqp", 4),
        ("runs/something/else", "xlm-roberta-base", "direct", None),
    ],
)
def test_first_matching_path_pattern_wins(path: str, base: str, recipe: str, seed: int | None) -> None:
    who = resolve(Found("m", path), parse_systems(LAB))
    assert (who.base_model, who.recipe, who.train_seed, who.status) == (base, recipe, seed, "known")


def test_two_matching_patterns_are_told() -> None:
    why = resolve(Found("m", "runs/xlmr-none-s1/x"), parse_systems(LAB)).why
    assert "first of 2 that match" in why
    assert "line 11" in why


def test_star_stays_inside_a_folder_and_two_stars_cross() -> None:
    rules = parse_systems('[[system]]\npath = "a/*/b/**/c.json"\nrecipe = "direct"\nbase_model = "m"\n')
    known = {
        path: resolve(Found("n", path), rules).status == "known"
        for path in ("a/x/b/c.json", "a/x/b/y/z/c.json", "a/x/y/b/c.json", "a/x/b/c.jsonl", "z/a/x/b/c.json")
    }
    assert list(known.values()) == [True, True, False, False, False]


def test_a_rule_may_leave_parts_to_the_files() -> None:
    rules = parse_systems('[[system]]\nnames = ["a", "b"]\nbase_model = "m"\n')
    assert resolve(Found("b", recipe="squad"), rules).system == "m + squad"
    part = resolve(Found("b"), rules)
    assert (part.status, part.recipe, part.system) == ("guessed", None, "m (recipe ?)")


def test_without_rules_the_files_are_believed_as_far_as_they_go() -> None:
    none = parse_systems("")
    assert resolve(Found("google/gemma", base_model="google/gemma"), none).status == "guessed"
    said = resolve(Found("x", base_model="xlm-roberta-base", recipe="mnli", train_seed=3, step=100), none)
    assert (said.system, said.status, said.train_seed, said.step) == ("xlm-r-base + mnli", "known", 3, 100)
    unknown = resolve(Found("run7", shots=5), none)
    assert (unknown.system, unknown.status, unknown.recipe) == ("run7 · 5-shot", "unknown", None)


def test_an_unexplained_name_does_not_fall_together_with_a_known_system() -> None:
    rules = parse_systems('[[system]]\nname = "ours"\nbase_model = "gemma"\nrecipe = "direct"\n')
    assert resolve(Found("ours"), rules).system == "gemma"
    assert resolve(Found("gemma"), rules).system != "gemma"


def test_seeds_and_steps_are_no_part_of_a_system() -> None:
    rules = parse_systems('[[system]]\npath = "{model}/{recipe}/s{seed}/checkpoint-{step}/**"\n')
    labels = {
        resolve(Found("n", f"m/mnli/s{seed}/checkpoint-{step}/r.json"), rules).system
        for seed in (1, 2)
        for step in (10, 20)
    }
    assert labels == {"m + mnli"}


words = st.sampled_from(["mnli", "squad", "qqp", "ccg"])
recipes = st.one_of(st.just("direct"), st.lists(words, min_size=1, max_size=3, unique=True).map(" > ".join))
joint = st.lists(words, min_size=2, max_size=3, unique=True).map(" + ".join)
systems = st.tuples(
    st.sampled_from(["xlm-roberta-large", "xlm-roberta-base", "google/mt5-base", "mt5-base"]),
    st.one_of(recipes, joint).map(normal_recipe),
    st.one_of(st.none(), st.integers(0, 20)),
    st.one_of(st.none(), st.sampled_from(["direct", "cot"])),
)


@given(systems, systems)
def test_labels_are_one_to_one(
    a: tuple[str, str, int | None, str | None], b: tuple[str, str, int | None, str | None]
) -> None:
    assert (system_label(*a) == system_label(*b)) == (a == b)


@pytest.mark.parametrize(
    ("text", "recipe"),
    [
        ("mnli>squad", "mnli > squad"),
        ("  MNLI ", "mnli"),
        ("b + a", "a + b"),
        ("best  intermediate per target", "best intermediate per target"),
        ("b+a > c", "a + b > c"),
    ],
)
def test_recipes_have_one_spelling(text: str, recipe: str) -> None:
    assert normal_recipe(text) == recipe
    assert normal_recipe(recipe) == recipe


@pytest.mark.parametrize("text", ["", "a >", "direct > mnli", "a; b", "a\nb + ", "> a"])
def test_no_recipe(text: str) -> None:
    with pytest.raises(Problem):
        normal_recipe(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[[system]]\nnmae = "x"\n', ("line 2", "`nmae`", "`name`")),
        ('[[sytem]]\nname = "x"\n', ("line 1", "`sytem`", "`system`")),
        ('[[system]]\nname = "x"\nrecipe = 3\n', ("line 3", "`recipe`", "text")),
        ('[[system]]\nname = "x"\ntrain_seed = "3"\n', ("line 3", "whole number")),
        ('[[system]]\nname = "x"\nshots = true\n', ("line 3", "whole number")),
        ('[[system]]\nname = "x"\nrecipe = "a >"\n', ("line 3", "empty part")),
        ('[[system]]\nname = "x"\n', ("line 1", "says nothing")),
        ('\n[[system]]\nrecipe = "a"\n', ("line 2", "`name`")),
        ('[[system]]\npath = "a/{modle}/**"\n', ("line 2", "`modle`", "`model`")),
        ('[[system]]\npath = "a/{model}{recipe}"\n', ("line 2", "cannot be told apart")),
        ('[[system]]\npath = "a/{model"\n', ("line 2", "not closed")),
        ('[[system]]\npath = "{model}"\nbase_model = "x"\n', ("line 3", "drop one")),
        ('[[system]]\npath = "{model}"\nrecipe="a"\nsystem = "S"\n', ("every system that the path",)),
        ("[[system]\n", ("not valid TOML", "line 1")),
        ('[system]\nname = "x"\n', ("two brackets",)),
        ('[recipes]\nx = "a >"\n', ("line 2", "[recipes] x")),
        (
            '[[system]]\nname = "x"\nrecipe = "a"\n[[system]]\nnames = ["y", "x"]\nrecipe = "b"\n',
            ("line 4", "'x'", "line 1"),
        ),
        (
            '[[system]]\nname = "x"\nsystem = "S"\nbase_model = "a"\nrecipe = "b"\n'
            '[[system]]\nname = "y"\nsystem = "S"\nbase_model = "a"\nrecipe = "c"\n',
            ("line 6", "two systems"),
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, parts: tuple[str, ...]) -> None:
    with pytest.raises(Problem) as caught:
        parse_systems(text, "STORE/systems.toml")
    assert "STORE/systems.toml" in str(caught.value)
    for part in parts:
        assert part in str(caught.value)


def test_a_file_that_is_not_text_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "systems.toml").write_bytes(b'[[system]]\nname = "\xff"\n')
    with pytest.raises(Problem, match="line 2"):
        load_systems(tmp_path)


def test_a_store_without_rules_has_none(tmp_path: Path) -> None:
    assert load_systems(tmp_path).rules == ()


def test_annotate_appends_and_keeps_the_file_to_the_letter(tmp_path: Path) -> None:
    old = '# mine\r\n[[system]]   # first\r\nname = "a"\r\nbase_model = "m"\r\nrecipe = "direct"'
    file = tmp_path / "systems.toml"
    file.write_bytes(old.encode())
    file.chmod(0o640)
    told = annotate(tmp_path, name='odd "name"\t', base_model="xlm-r-large", recipe="mnli>qqp", train_seed=2)
    assert "mnli > qqp" in told
    assert file.read_bytes().startswith(old.encode())
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")
    assert file.stat().st_mode & 0o777 == 0o640
    who = resolve(Found('odd "name"\t'), load_systems(tmp_path))
    assert (who.base_model, who.recipe, who.train_seed) == ("xlm-roberta-large", "mnli > qqp", 2)


def test_annotate_refuses_to_contradict_and_repeats_without_change(tmp_path: Path) -> None:
    annotate(tmp_path, path="a/**", base_model="m", recipe="mnli")
    before = (tmp_path / "systems.toml").read_bytes()
    assert "already" in annotate(tmp_path, path="a/**", base_model="m", recipe="mnli")
    with pytest.raises(Problem, match=r"line 1.*already says.*'mnli'.*'direct'"):
        annotate(tmp_path, path="a/**", base_model="m", recipe="direct")
    assert (tmp_path / "systems.toml").read_bytes() == before


def test_annotate_refuses_what_is_no_rule(tmp_path: Path) -> None:
    for wrong in ({"name": "x"}, {"recipe": "mnli"}, {"name": "x", "path": "y", "recipe": "mnli"}):
        with pytest.raises(Problem):
            annotate(tmp_path, **wrong)  # type: ignore[arg-type]
    with pytest.raises(Problem, match="path pattern"):
        annotate(tmp_path, name="\udcff", recipe="mnli")
    assert not (tmp_path / "systems.toml").exists()


def test_annotate_leaves_a_broken_file_alone(tmp_path: Path) -> None:
    (tmp_path / "systems.toml").write_text("[[system]\n")
    with pytest.raises(Problem, match="not valid TOML"):
        annotate(tmp_path, name="x", base_model="m", recipe="mnli")
    assert (tmp_path / "systems.toml").read_text() == "[[system]\n"


def test_annotate_follows_a_link(tmp_path: Path) -> None:
    kept = tmp_path / "kept" / "systems.toml"
    kept.parent.mkdir()
    kept.write_text("# versioned elsewhere\n")
    (tmp_path / "systems.toml").symlink_to(kept)
    annotate(tmp_path, name="x", base_model="m", recipe="mnli")
    assert (tmp_path / "systems.toml").is_symlink()
    assert 'name = "x"' in kept.read_text()


def _annotate_some(folder: str, start: int) -> None:
    for number in range(start, start + 10):
        annotate(Path(folder), name=f"run-{number}", base_model="m", recipe="mnli")


def test_annotations_from_several_processes_are_all_kept(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_annotate_some, args=(str(tmp_path), n * 10)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert len(load_systems(tmp_path).by_name) == 30
    assert [name for name in os.listdir(tmp_path) if name.startswith(".systems-")] == []


@pytest.mark.parametrize(
    ("found", "guess"),
    [
        (
            Found("xlmr-large-mnli-s2"),
            {"base_model": "xlm-roberta-large", "recipe": "mnli", "train_seed": 2},
        ),
        (
            Found("xlm-roberta-base_squad_seed42"),
            {"base_model": "xlm-roberta-base", "recipe": "squad", "train_seed": 42},
        ),
        (
            Found("m", "out/xlmr-large/checkpoint-2000"),
            {"base_model": "xlm-roberta-large", "step": 2000},
        ),
        (
            Found("pretrained=meta/x,peft=runs/mnli-s3"),
            {"base_model": "meta/x", "recipe": "mnli", "train_seed": 3},
        ),
        (
            Found("bert-base-multilingual-cased-baseline"),
            {"base_model": "bert-base-multilingual-cased", "recipe": "direct"},
        ),
        (
            Found("my-model", base_model="FacebookAI/xlm-roberta-base", train_seed=1),
            {"base_model": "xlm-roberta-base", "train_seed": 1},
        ),
        (Found("bloom-560m"), {}),
        (Found("xss3-models5"), {}),
    ],
)
def test_suggestions(found: Found, guess: dict[str, str | int]) -> None:
    assert suggest(found) == guess


def test_suggestions_never_resolve_anything() -> None:
    who = resolve(Found("xlmr-large-mnli-s2"), parse_systems(""))
    assert (who.status, who.base_model, who.recipe, who.train_seed) == ("unknown", None, None, None)
