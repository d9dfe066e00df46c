from __future__ import annotations

from pathlib import Path

import pytest
from experiment_files import SMALL, experiment
from intermezzo.engine.experiments.file import SHIPPED, find_experiment, read_experiment
from intermezzo.engine.training.sources import PAPER, sources
from intermezzo.queries.errors import Problem


def test_settings_come_from_training_then_role_then_task(tmp_path: Path) -> None:
    found = experiment(tmp_path)
    assert found.settings("intermediate", ("mnli",)).learning_rate == 1e-5
    assert found.settings("target", ("mnli",)).learning_rate == 2e-5
    assert found.settings("intermediate", ("qqp",)).epochs == 2
    assert found.settings("target", ("pawsx",)).epochs == 5
    assert found.recipes == ("direct", "mnli", "mnli > qqp", "mnli + qqp")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("recipies = []", "Did you mean recipes?"),
        ("[task.pawsy]\nepochs = 1", "nothing here trains on. Did you mean pawsx"),
        ("[target]\nlearning = 1.0", "Did you mean learning_rate?"),
        ("[target]\nepochs = 0", "epochs cannot be 0"),
        ("[target]\nbatch_size = 1.5", "batch_size must be a whole number"),
        ("[target]\nschedule = 'cosine'", "'linear' or 'constant'"),
        ("[target]\nbatch_size = 2\naccumulation = 3", "cannot be computed in 3 parts"),
        ('languages = ["en", "klingonese"]', "'klingonese' is no language code"),
        ('[model."b/model"]\nlayers = 2', "not among models"),
        ("own_intermediate = 'perhaps'", "'skip' or 'keep'"),
        ("[floor]\nmnli = 0.5", "'mnli', which is not among targets"),
        ("[floor]\ntatoeba = 0.5", "for which nothing is trained"),
        ("[floor]\nxnli = 60", "between 0 and 1, not 60"),
        ("[target]\nhead_pooling = 'max'", "'declared' or 'mean' or 'cls'"),
    ],
)
def test_a_mistake_is_told_with_a_sentence(tmp_path: Path, line: str, said: str) -> None:
    text = f"{SMALL}\n{line}" if line.startswith("[") else f"{line}\n{SMALL}"
    with pytest.raises(Problem, match="small") as told:
        experiment(tmp_path, text)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"mnli > qqp"', '"mnli >"', "has an empty part"),
        ('"mnli > qqp"', '"mlni"', "Did you mean mnli"),
        ('"mnli > qqp"', '"mlm + mnli"', "a stage of its own"),
        ('"mnli > qqp"', '"mnli"', "'mnli' twice"),
        ('"xnli"', '"xlni"', "Did you mean xnli"),
        ("[1, 2]", "[1, 1]", "different whole numbers"),
        ("[1, 2]", "[]", "different whole numbers"),
        ('models = ["a/model"]', "models = 3", "must be a list of names"),
    ],
)
def test_what_is_asked_for_is_checked(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(Problem) as told:
        experiment(tmp_path, SMALL.replace(old, new))
    assert said in str(told.value)


def test_no_toml_and_no_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="not valid TOML"):
        experiment(tmp_path, "models = [")
    with pytest.raises(Problem, match="pocket or xstilts"):
        find_experiment(str(tmp_path / "none.toml"))


def test_the_shipped_files_are_sound_and_have_the_papers_nine_tasks() -> None:
    found = {name: read_experiment(find_experiment(name)) for name in SHIPPED}
    assert set(PAPER) < set(found["xstilts"].recipes)
    assert len(PAPER) == 9
    assert set(PAPER) < set(sources())
    assert "WAS NOT RUN" in found["xstilts"].about
    assert {"direct", "pocket_control"} < set(found["pocket"].recipes)
    assert set(found["pocket"].floors) == {"pocket_intents", "pocket_slots"}
