from __future__ import annotations

import hashlib
from pathlib import Path

from experiment_files import SMALL, experiment
from intermezzo.engine.experiments.doing import units
from intermezzo.engine.experiments.plan import make_plan
from intermezzo.engine.experiments.stages import Scoring, Stage, resolve, stage_from
from intermezzo.engine.training.folders import stage_folder, write_json
from intermezzo.queries.records import Found, Run, Score
from intermezzo.queries.store.hidden import hide
from intermezzo.queries.store.layout import open_store
from intermezzo.queries.store.publisher import publish
from intermezzo.queries.store.writer import write_runs
from intermezzo.tui.experiments import plan_answer


def test_equal_stages_are_shared_and_other_settings_are_other_stages(tmp_path: Path) -> None:
    found = resolve(experiment(tmp_path))
    lineages = [s.lineage for s in found.stages.values() if s.seed == 1]
    # mnli as an intermediate task has another learning rate than as the target's own data
    assert lineages.count("mnli") == 2
    assert sorted(set(lineages)) == [
        *("mnli", "mnli + qqp", "mnli + qqp > pawsx", "mnli > pawsx", "mnli > qqp", "mnli > qqp > pawsx"),
        "pawsx",
    ]
    used = found.used_by()
    first = next(s for s in found.stages.values() if s.lineage == "mnli" and used[s.stage_id] == 4)
    assert first.parent is None, "mnli carries pawsx, tatoeba, and both again after qqp"
    same = resolve(experiment(tmp_path, SMALL.replace("learning_rate = 1e-5", "learning_rate = 2e-5")))
    assert [s.lineage for s in same.stages.values() if s.seed == 1].count("mnli") == 1


def test_a_recipe_with_the_targets_own_data_is_left_out_and_said(tmp_path: Path) -> None:
    found = resolve(experiment(tmp_path))
    assert {s.recipe for s in found.scorings if s.target == "xnli"} == {"direct"}
    assert any("mnli on xnli" in said for said in found.left_out)
    kept = resolve(experiment(tmp_path, f"own_intermediate = 'keep'\n{SMALL}"))
    assert {s.recipe for s in kept.scorings if s.target == "xnli"} > {"direct", "mnli"}


def test_the_base_model_is_evaluated_once_without_a_seed(tmp_path: Path) -> None:
    scorings = [s for s in resolve(experiment(tmp_path)).scorings if s.target == "tatoeba"]
    assert [s.seed for s in scorings if s.recipe == "direct"] == [None]
    assert [s.seed for s in scorings if s.recipe == "mnli"] == [1, 2]


def test_a_stage_is_the_same_wherever_its_data_lie_and_survives_json(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    here = resolve(experiment(tmp_path))
    there = resolve(experiment(tmp_path, data=str(tmp_path / "mine")))
    assert list(here.stages) == list(there.stages)
    stage = next(iter(there.stages.values()))
    assert stage.places
    assert stage_from(stage.as_json()) == stage


def test_a_plan_tells_steps_what_is_missing_and_what_it_blocks(tmp_path: Path) -> None:
    (tmp_path / "pawsx").mkdir()
    (tmp_path / "pawsx" / "train-en.tsv").write_text("a\tb\t0\n" * 33)
    text = SMALL.replace('"mnli > qqp"', '"ccg"')
    plan = make_plan(resolve(experiment(tmp_path, text, data=str(tmp_path))), None)
    trained = {s.title: s for s in plan.steps if s.what == "train"}
    assert trained["pawsx"].steps == 2 * 5, "the file that is here is counted"
    assert trained["mnli"].steps == -(-392702 // 32) * 2, "of what is not here the card tells the size"
    assert trained["ccg"].state == "blocked"
    assert trained["ccg > pawsx"].state == "blocked"
    assert len(plan.missing) == 1
    assert "ccg/train.jsonl" in plan.missing[0]
    assert {s.state for s in plan.steps if s.recipe == "ccg"} == {"blocked"}


def test_what_the_store_holds_is_done_and_earlier_stages_tell_the_cost(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    found = resolve(experiment(tmp_path, SMALL.replace("[1, 2]", "[1]")))
    scoring = next(s for s in found.scorings if s.recipe == "direct" and s.target == "pawsx")
    stage = found.stages[scoring.stage_id]
    done = {"stage": stage.as_json(), "seconds_a_step": 0.5, "ended": "2026", "steps": 7, "host": "n1"}
    write_json(stage_folder(store, stage.stage_id) / "done.json", done)
    before = make_plan(found, store)
    assert {s.title for s in before.steps if s.what == "train" and s.state == "done"} == {"pawsx"}
    first = next(s for s in before.steps if s.title == "mnli > pawsx")
    assert first.steps is not None
    assert first.seconds == first.steps * 0.5
    assert first.why == f"0.5 s a step, as stage {stage.stage_id[:10]} (pawsx) on n1"
    other = next(s for s in before.steps if s.title == "mnli")
    assert other.why is not None
    assert other.why.endswith("another task")
    run = Run(
        found=Found("x", base_model="a/model", recipe="direct", train_seed=1),
        task="pawsx",
        split="test",
        sources=(),
        checkpoint=stage.checkpoint,
        scores=(Score("accuracy", 0.9, language="de"),),
    )
    write_runs(store, [(run, None)])
    publish(store, wait=True)
    after = make_plan(found, store)
    held = [s for s in after.steps if s.run_id]
    assert [(s.recipe, s.title, s.state) for s in held] == [("direct", "pawsx", "done")]
    more = resolve(experiment(tmp_path, f'languages = ["de", "fr"]\n{SMALL}'))
    assert not any(s.run_id for s in make_plan(more, store).steps), "French was not evaluated"


def test_a_target_is_evaluated_in_those_of_the_languages_that_it_has(tmp_path: Path) -> None:
    found = resolve(experiment(tmp_path, f'languages = ["bg", "sw", "th"]\n{SMALL}'))
    asked = {s.target: s.languages for s in found.scorings}
    assert asked == {"xnli": ("bg", "sw", "th"), "tatoeba": ("bg", "sw", "th")}
    assert any("pawsx: it has none of the languages" in said for said in found.left_out)


def test_what_is_not_learnt_is_not_evaluated(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    found = resolve(experiment(tmp_path, f"{SMALL}\n[floor]\npawsx = 0.7\n"))
    plain = next(s for s in found.scorings if (s.recipe, s.target, s.seed) == ("direct", "pawsx", 2))
    done = {"stage": {}, "selected": {"step": 3, "metric": "accuracy", "value": 0.6}}
    write_json(stage_folder(store, plain.stage_id) / "done.json", done)
    plan = make_plan(found, store)
    blocked = {
        (s.title, s.recipe, s.seed) for s in plan.steps if s.what == "evaluate" and s.state == "blocked"
    }
    assert blocked == {("pawsx", recipe, 2) for recipe in ("direct", "mnli", "mnli > qqp", "mnli + qqp")}
    assert any("0.600 on validation, below the floor of 0.7" in said for said in plan.below)
    assert not plan.missing
    assert all(said.startswith("Not evaluated: pawsx: the direct recipe") for said in plan.wanting())
    assert plan.wanting()
    assert not any(s.target == "pawsx" and s.seed == 2 for unit in units(plan) for s in unit.scorings)
    done["selected"]["value"] = 0.7
    write_json(stage_folder(store, plain.stage_id) / "done.json", done)
    assert not any(s.state == "blocked" for s in make_plan(found, store).steps)


def test_all_of_a_seed_comes_before_the_next_one(tmp_path: Path) -> None:
    found = units(make_plan(resolve(experiment(tmp_path)), None))
    seeds = [unit.stage.seed for unit in found]
    assert seeds == [None, *(1 for s in seeds if s == 1), *(2 for s in seeds if s == 2)]
    ids = [unit.stage.stage_id for unit in found]
    assert all(ids.index(unit.after) < n for n, unit in enumerate(found) if unit.after)


def write_targets(folder: Path, *codes: str) -> None:
    (folder / "xnli").mkdir(exist_ok=True)
    for code in codes:
        (folder / "xnli" / f"test-{code}.tsv").write_text("a\tb\tneutral\n")


def test_missing_test_data_block_an_evaluation_and_the_training_that_only_it_needs(tmp_path: Path) -> None:
    write_targets(tmp_path, "de")
    text = f'languages = ["de", "sw"]\n{SMALL}'.replace('"pawsx", "tatoeba"', '"bucc2018"')
    text = text.replace("[task.pawsx]\nepochs = 5", "")
    plan = make_plan(resolve(experiment(tmp_path, text, data=str(tmp_path))), None)
    assert [m.partition(":")[0] for m in plan.missing] == ["xnli", "bucc2018"]
    assert "has no xnli/test-sw.tsv" in plan.missing[0]
    assert "download_data.sh" in plan.missing[1]
    assert {s.state for s in plan.steps} == {"blocked"}
    assert {s.why for s in plan.steps if s.what == "train"} == {"what rests on it cannot be evaluated"}
    write_targets(tmp_path, "sw")
    again = make_plan(plan.resolved, None)
    assert {s.state for s in again.steps if s.title == "xnli"} == {"to do"}


def test_a_folder_without_a_targets_data_leaves_the_hubs(tmp_path: Path) -> None:
    plan = make_plan(resolve(experiment(tmp_path, data=str(tmp_path))), None)
    assert not plan.missing
    assert {"xnli (google/xtreme)", "mnli (nyu-mll/glue)", "the model a/model"} <= set(plan.hub)


def test_a_model_that_is_no_folder_blocks_everything(tmp_path: Path) -> None:
    plan = make_plan(resolve(experiment(tmp_path, SMALL.replace("a/model", "./gone"))), None)
    assert plan.missing == (f"the model {tmp_path}/gone: there is no folder {tmp_path}/gone",)
    assert {s.state for s in plan.steps} == {"blocked"}


def evaluated(stage: Stage, scoring: Scoring, **options: object) -> Run:
    """A run as an evaluation of a stage leaves it."""
    return Run(
        found=Found("x", base_model=stage.model, recipe=scoring.recipe, train_seed=stage.seed),
        task=scoring.target,
        split="test",
        sources=(),
        checkpoint=stage.checkpoint,
        scores=(Score("accuracy", 0.9, language="de"),),
        config={"asked": {"options": options}},
        run_id=hashlib.sha256(f"{stage.stage_id} {scoring.target} {options}".encode()).hexdigest()[:24],
    )


def test_what_is_evaluated_needs_no_training_though_its_stage_is_gone(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    found = resolve(experiment(tmp_path, SMALL.replace("[1, 2]", "[1]")))
    runs = [evaluated(found.stages[s.stage_id], s) for s in found.scorings if s.recipe == "direct"]
    write_runs(store, [(run, None) for run in runs])
    publish(store, wait=True)
    plan = make_plan(found, store)
    states = {s.title: s.state for s in plan.steps if s.what == "train"}
    assert states["pawsx"] == "not needed"
    assert "pawsx" not in [unit.stage.lineage for unit in units(plan)]
    assert states["mnli > pawsx"] == "to do"


def test_other_options_are_another_evaluation(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    found = resolve(experiment(tmp_path, f"{SMALL}\n[evaluation.tatoeba]\nlayer = 3"))
    scoring = next(s for s in found.scorings if s.recipe == "direct" and s.target == "tatoeba")
    stage = found.stages[scoring.stage_id]

    def state() -> str:
        steps = make_plan(found, store).steps
        return next(s.state for s in steps if s.title == "tatoeba" and s.recipe == "direct")

    for layer, then in ((2, "to do"), (3, "done")):
        write_runs(store, [(evaluated(stage, scoring, layer=layer), None)])
        publish(store, wait=True)
        assert state() == then


def test_runs_of_an_edited_file_are_named_as_rivals_until_they_are_hidden(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    before = resolve(experiment(tmp_path))
    scoring = next(s for s in before.scorings if s.recipe == "direct" and s.target == "pawsx")
    stage = before.stages[scoring.stage_id]
    write_json(stage_folder(store, stage.stage_id) / "stage.json", stage.as_json())
    run_id = evaluated(stage, scoring).run_id
    write_runs(store, [(evaluated(stage, scoring), None)])
    publish(store, wait=True)
    assert make_plan(before, store).rivals == ()
    after = make_plan(resolve(experiment(tmp_path, SMALL.replace("epochs = 5", "epochs = 6"))), store)
    assert after.rivals == (run_id,)
    assert any("runs hide" in note and run_id[:12] in note for note in plan_answer(after).notes)
    hide(store, [run_id], "earlier settings")
    publish(store, wait=True)
    assert make_plan(after.resolved, store).rivals == ()
    assert any(s.run_id == run_id for s in make_plan(before, store).steps), "hidden, and done all the same"
