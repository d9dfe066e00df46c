"""The table of target tasks."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from intermezzo.queries.languages import canonical
from intermezzo.queries.metrics import metric
from intermezzo.queries.tasks import all_tasks, task, xtreme_cells

NINE = ["xnli", "pawsx", "udpos", "panx", "xquad", "mlqa", "tydiqa", "bucc2018", "tatoeba"]


def test_xtreme_comes_first_with_its_groups_and_counts() -> None:
    tasks = all_tasks()
    assert [t.id for t in tasks[:9]] == NINE
    assert [t.id for t in tasks if t.xtreme_group] == NINE
    groups = Counter(t.xtreme_group for t in tasks[:9])
    assert groups == {"classification": 2, "tagging": 2, "qa": 3, "retrieval": 2}
    assert {t.id: len(t.languages) for t in tasks[:9]} == {
        "xnli": 15,
        "pawsx": 7,
        "udpos": 33,
        "panx": 40,
        "xquad": 11,
        "mlqa": 7,
        "tydiqa": 9,
        "bucc2018": 4,
        "tatoeba": 36,
    }


def test_xtreme_sizes() -> None:
    sizes = {(cell.task, cell.language): cell.n_test for cell in xtreme_cells()}
    assert len(sizes) == 162
    assert sizes["xnli", "sw"] == 5010
    assert sizes["pawsx", "ko"] == 1999
    assert (sizes["udpos", "mr"], sizes["udpos", "de"]) == (47, 22458)
    assert sizes["tydiqa", "sw"] is None, (
        "only TyDiQA's sum was verified: no figure a language may be shipped"
    )
    assert all(cell.source for cell in xtreme_cells())


def test_every_task_names_known_metrics_and_canonical_languages() -> None:
    for t in all_tasks():
        assert all(metric(m) for m in (t.primary_metric, *t.extra_metrics)), t.id
        assert t.chance is None or 0 <= t.chance < 1
        for code in t.languages:
            language = canonical(code)
            assert language is not None
            assert language.code == code


def test_ids_and_aliases_are_unique_and_lead_to_their_task() -> None:
    names = [name for t in all_tasks() for name in (t.id, *t.aliases)]
    assert len(names) == len(set(names))
    for alias, task_id in {"paws": "pawsx", "xstory_cloze": "xstorycloze", "ner": "panx"}.items():
        found = task(alias)
        assert found is not None
        assert found.id == task_id
    assert task("no such task") is None


def test_chance_and_parallel_where_statistics_lean_on_them() -> None:
    chances = {
        name: t.chance for name in ("xnli", "pawsx", "xcopa", "belebele", "panx", "mgsm") if (t := task(name))
    }
    assert chances == {"xnli": 1 / 3, "pawsx": 0.5, "xcopa": 0.5, "belebele": 0.25, "panx": 0.0, "mgsm": None}
    parallel = {
        name: t.parallel for name in ("xnli", "xquad", "tydiqa", "panx", "tatoeba") if (t := task(name))
    }
    assert parallel == {"xnli": True, "xquad": True, "tydiqa": False, "panx": False, "tatoeba": False}


def test_other_tasks_have_languages_from_the_name_table() -> None:
    afrixnli, mgsm = task("afrixnli"), task("mgsm")
    assert afrixnli is not None
    assert mgsm is not None
    assert {"am", "yo", "sw", "ig"} <= set(afrixnli.languages)
    assert {"bn", "te", "zh"} <= set(mgsm.languages)


def test_an_mteb_task_is_known_without_a_row() -> None:
    massive = task("MassiveIntentClassification")
    assert massive is not None
    assert (massive.group, massive.primary_metric) == ("classification", "accuracy")
    assert massive not in all_tasks()


def test_cells_agree_with_the_notes(shared: Path) -> None:
    with (shared / "facts" / "xtreme_task_languages.csv").open(newline="") as lines:
        noted = {
            (r["task"], r["lang"]): r["n_test_items"] for r in csv.DictReader(lines) if r["task"] != "tydiqa"
        }
    ours = {(c.task, c.language): str(c.n_test or "") for c in xtreme_cells() if c.task != "tydiqa"}
    assert ours == noted
