"""Tables of the lab's own scripts: what is read, what is guessed, and what is refused by line and column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from intermezzo.engine.importers import long_table
from intermezzo.engine.importing.draft import Draft, Guessed, Refused
from intermezzo.engine.importing.tree import list_tree
from intermezzo.queries.records import Run, Score, identified

MAPPING = """
[columns]
system = "model"
task = "task"
language = "lang"
metric = "metric"
value = "score"
seed = "seed"
[constants]
split = "test"
"""
HEAD = "model,task,lang,metric,score,seed\n"


class Outcome:
    """What reading one table came to."""

    def __init__(self, outcomes: list[Any]) -> None:
        self.runs = [o.run for o in outcomes if isinstance(o, Draft)]
        self.refused = [o for o in outcomes if isinstance(o, Refused)]
        self.guessed = [o.sentence for o in outcomes if isinstance(o, Guessed)]

    @property
    def scores(self) -> list[Score]:
        return [score for run in self.runs for score in run.scores]

    @property
    def values(self) -> dict[str | None, float | None]:
        return {score.language: score.value for score in self.scores}

    def refusals(self) -> list[tuple[str | None, str]]:
        return [(r.key, r.reason) for r in self.refused]


def write(folder: Path, text: str | bytes, mapping: str | None = MAPPING, name: str = "scores.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if mapping is not None:
        (folder / (path.stem + ".mapping.toml")).write_text(mapping)
    return path


def read(folder: Path, mapping: Path | None = None) -> Outcome:
    bundles = list(long_table.find(list_tree(folder), mapping))
    return Outcome([outcome for bundle in bundles for outcome in long_table.read(bundle)])


def test_one_run_a_system_task_and_seed(tmp_path: Path) -> None:
    write(
        tmp_path,
        HEAD
        + "a,xnli,en,accuracy,0.8,1\na,xnli,sw,accuracy,0.6,1\n"
        + "a,xnli,en,accuracy,0.81,2\nb,xnli,en,accuracy,0.7,1\na,pawsx,en,acc,0.9,1\n",
    )
    got = read(tmp_path)
    assert got.refused == []
    assert [(r.found.name, r.task, r.found.train_seed, r.split, len(r.scores)) for r in got.runs] == [
        ("a", "xnli", 1, "test", 2),
        ("a", "xnli", 2, "test", 1),
        ("b", "xnli", 1, "test", 1),
        ("a", "pawsx", 1, "test", 1),
    ]
    assert got.runs[3].scores[0].metric == "accuracy"
    assert len({identified(run).run_id for run in got.runs}) == 4
    assert {s.evidence for s in got.scores} == {"logged"}
    table, mapping = got.runs[0].sources
    assert (Path(table.path).name, Path(mapping.path).name) == ("scores.csv", "scores.mapping.toml")


def test_a_changed_mapping_makes_other_runs(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "a,xnli,en,accuracy,0.8,1\n")
    first = identified(read(tmp_path).runs[0])
    write(tmp_path, HEAD + "a,xnli,en,accuracy,0.8,1\n", MAPPING.replace('"test"', '"validation"'))
    second = identified(read(tmp_path).runs[0])
    assert (first.run_id, first.split) != (second.run_id, second.split)


@pytest.mark.parametrize(
    ("row", "column", "part"),
    [
        ("a,xnli,sw,accuracy,good,1", "score", "'good' is no number"),
        ("a,xnli,sw,accuracy,nan,1", "score", "not a finite number"),
        ("a,xnli,sw,accuracy,-inf,1", "score", "not a finite number"),
        ("a,xnli,sw,accuracy,1e999,1", "score", "not a finite number"),
        ("a,xnli,sw,accuracy,65.4,1", "score", 'scale = "percent"'),
        ("a,xnli,sw,accuracy,-0.1,1", "score", "below 0"),
        ("a,xnli,sw,accuracy,65.4%,1", "score", "without the sign"),
        ("a,xnli,sw,accuracy,0_5,1", "score", "is no number"),
        ("a,xnli,sw,accuracy,0.5,one", "seed", "no whole number"),
        ("a,xnli,sw,accuracy,0.5,-1", "seed", "no whole number"),
        (",xnli,sw,accuracy,0.5,1", "model", "system is empty"),
        ("a,,sw,accuracy,0.5,1", "task", "task is empty"),
        ("a,xnli,sw,,0.5,1", "metric", "metric is empty"),
        ("a,xnli,sw,accuracy,0.5", None, "5 fields"),
        ("a,xnli,sw,accuracy,0.5,1,", None, "7 fields"),
        ('a,xnli,"s"w,accuracy,0.5,1', None, "not a row"),
    ],
)
def test_a_bad_row_is_refused_by_line_and_column_and_the_rest_is_read(
    tmp_path: Path, row: str, column: str | None, part: str
) -> None:
    write(tmp_path, f"{HEAD}a,xnli,en,accuracy,0.8,1\n{row}\na,xnli,fr,accuracy,0.7,1\n")
    got = read(tmp_path)
    assert got.values == {"en": 0.8, "fr": 0.7}
    ((key, reason),) = got.refusals()
    assert key == ("line 3" if column is None else f"line 3, column {column}")
    assert part in reason


def test_a_repeated_row_is_refused_with_both_lines(tmp_path: Path) -> None:
    rows = "a,xnli,en,accuracy,0.8,1\na,xnli,en,accuracy,0.8,2\na,xnli,en,accuracy,0.9,1\n"
    write(tmp_path, HEAD + rows)
    got = read(tmp_path)
    assert [score.value for score in got.scores] == [0.8, 0.8]
    ((key, reason),) = got.refusals()
    assert key == "line 4"
    assert "line 2" in reason
    assert "0.8" in reason
    assert "0.9" in reason


def test_an_empty_value_is_a_gap_and_no_zero(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "a,xnli,en,accuracy,,1\na,xnli,fr,accuracy,N/A,1\na,xnli,sw,accuracy,0,1\n")
    got = read(tmp_path)
    assert got.values == {"en": None, "fr": None, "sw": 0.0}
    assert [bool(score.gap) for score in got.scores] == [True, True, False]


def test_percent_keeps_the_decimals_as_written(tmp_path: Path) -> None:
    write(
        tmp_path,
        "model,task,lang,metric,score,se\na,xnli,en,accuracy,65.4,0.7\na,xnli,fr,perplexity,65.4,0.7\n",
        'scale = "percent"\n[columns]\nsystem = "model"\ntask = "task"\nlanguage = "lang"\n'
        'metric = "metric"\nvalue = "score"\nstderr = "se"\n',
    )
    scores = {score.metric: score for score in read(tmp_path).scores}
    assert (scores["accuracy"].value, scores["accuracy"].stderr) == (0.654, 0.007)
    assert (scores["perplexity"].value, scores["perplexity"].stderr) == (65.4, 0.7)


def test_a_scale_can_differ_by_metric(tmp_path: Path) -> None:
    write(
        tmp_path,
        HEAD + "a,mlqa,en,f1,65.4,1\na,mlqa,en,exact_match,0.5,1\n",
        'scale = "percent"\n' + MAPPING + '[scales]\nexact_match = "unit"\n',
    )
    assert [score.value for score in read(tmp_path).scores] == [0.654, 0.5]


def test_percent_that_looks_like_unit_is_doubted(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "a,xnli,en,accuracy,0.65,1\n", 'scale = "percent"\n' + MAPPING)
    (sentence,) = read(tmp_path).guessed
    assert 'scale = "unit"' in sentence


@pytest.mark.parametrize(
    ("text", "mapping", "parts"),
    [
        (
            HEAD + "a,xnli,en,accuracy,0.8,1\n",
            MAPPING.replace('"lang"', '"langauge"'),
            ("`langauge`", "`lang`"),
        ),
        (HEAD + "a,xnli,en,accuracy,0.8,1\n", MAPPING.replace("seed =", "sead ="), ("`sead`", "`seed`")),
        (HEAD + "a,xnli,en,accuracy,0.8,1\n", "colums = 3\n" + MAPPING, ("`colums`", "`columns`")),
        (HEAD + "a,xnli,en,accuracy,0.8,1\n", 'scale = "per cent"\n' + MAPPING, ("`scale`", '"percent"')),
        (HEAD + "a,xnli,en,accuracy,0.8,1\n", MAPPING.replace('value = "score"\n', ""), ("`value`",)),
        (HEAD + "a,xnli,en,accuracy,0.8,1\n", MAPPING.replace('system = "model"\n', ""), ("`system`",)),
        (HEAD + "a,xnli,en,accuracy,0.8,1\n", MAPPING + "seed = 3\n", ("`seed`", "drop one")),
        (HEAD + "a,xnli,en,accuracy,0.8,1\n", MAPPING + 'shots = "0"\n', ("shots", "whole number")),
        (HEAD + "a,xnli,en,accuracy,0.8,1\n", "[columns\n", ("not valid TOML", "line 1")),
        ("model,task,lang,metric,score,seed,seed\n", MAPPING, ("2 columns named `seed`",)),
        (HEAD, MAPPING, ("no rows",)),
        ("", MAPPING, ("empty",)),
        (HEAD.encode("utf-16"), MAPPING, ("UTF-16",)),
        ("x" * 3_000_000, MAPPING, ("longer than",)),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_the_reason(
    tmp_path: Path, text: str | bytes, mapping: str, parts: tuple[str, ...]
) -> None:
    write(tmp_path, text, mapping)
    got = read(tmp_path)
    assert got.runs == []
    (refusal,) = got.refused
    for part in parts:
        assert part in refusal.reason


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffmodel,task,lang,metric,score,seed\r\na,xnli,en,accuracy,0.8,1\r\n\r\na,xnli,fr,accuracy,0.7,1\r\n",
        "model;task;lang;metric;score;seed\na;xnli;en;accuracy;0.8;1\na;xnli;fr;accuracy;0.7;1",
        "model;task;lang;metric;score;seed\na;xnli;en;accuracy;0,8;1\na;xnli;fr;accuracy;0,7;1\n",
        "model\ttask\tlang\tmetric\tscore\tseed\na\txnli\ten\taccuracy\t0.8\t1\na\txnli\tfr\taccuracy\t0.7\t1\n",
        'note,model,task,lang,metric,score,seed\n"two, or\nthree ""lines""",a,xnli,en,accuracy,0.8,1\n'
        "x,a,xnli,fr,accuracy,0.7,1\n",
        "seed , score,lang,task,model,metric\n1,0.8,en,xnli,a,accuracy\n1.0, 0.7 ,fr,xnli,a,Accuracy\n",
    ],
    ids=[
        "bom-crlf-blank-line",
        "semicolons",
        "decimal-comma",
        "tabs",
        "quoted-newline",
        "spaces-other-order",
    ],
)
def test_odd_but_sound_tables(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    got = read(tmp_path)
    assert (got.values, got.refused) == ({"en": 0.8, "fr": 0.7}, [])


def test_a_line_number_is_where_the_row_starts(tmp_path: Path) -> None:
    write(
        tmp_path,
        'note,model,task,lang,metric,score,seed\n"a\nb",a,xnli,en,accuracy,0.8,1\n"c\nd",a,xnli,fr,accuracy,x,1\n',
    )
    ((key, _),) = read(tmp_path).refusals()
    assert key == "line 4, column score"


def test_bytes_that_are_no_text_refuse_their_row_only(tmp_path: Path) -> None:
    write(tmp_path, HEAD.encode() + b"a\xff,xnli,en,accuracy,0.8,1\na,xnli,fr,accuracy,0.7,1\n")
    got = read(tmp_path)
    assert got.values == {"fr": 0.7}
    assert got.refusals() == [("line 2, column model", "it is not UTF-8 text")]


def test_an_unknown_language_stays_visible(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "a,xnli,klingonese,accuracy,0.8,1\na,xnli,zh_CN,accuracy,0.7,1\n")
    got = read(tmp_path)
    assert [(s.language, s.subject) for s in got.scores] == [(None, "klingonese"), ("zh", None)]
    assert any("klingonese" in sentence for sentence in got.guessed)


def test_words_are_translated_by_the_mapping(tmp_path: Path) -> None:
    write(
        tmp_path,
        HEAD + "old,XNLI (test),Swahili,Acc.,0.8,1\n",
        MAPPING
        + '[systems]\nold = "new"\n[tasks]\n"XNLI (test)" = "xnli"\n[languages]\nSwahili = "sw"\n'
        + '[metrics]\n"Acc." = "accuracy"\n',
    )
    (run,) = read(tmp_path).runs
    (score,) = run.scores
    assert (run.found.name, run.task, score.language, score.metric) == ("new", "xnli", "sw", "accuracy")


def test_rows_without_a_language_are_means_and_said_to_be(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "a,xnli,,accuracy,0.8,1\nb,xnli,avg,accuracy,0.7,1\nb,xnli,en,accuracy,0.9,1\n")
    got = read(tmp_path)
    assert [(s.scope, s.language) for s in got.scores] == [
        ("macro", None),
        ("macro", None),
        ("language", "en"),
    ]
    assert any("means over languages" in sentence for sentence in got.guessed)


def test_a_macro_row_that_names_a_language_is_refused(tmp_path: Path) -> None:
    mapping = MAPPING.replace('seed = "seed"', 'scope = "seed"')
    rows = "a,xnli,sw,accuracy,0.8,macro\na,xnli,sw,accuracy,0.7,language\na,xnli,,accuracy,0.6,language\n"
    write(tmp_path, HEAD + rows + "a,xnli,fr,accuracy,0.6,lingual\n", mapping)
    got = read(tmp_path)
    assert got.values == {"sw": 0.7}
    assert [key for key, _ in got.refusals()] == [
        "line 2, column lang",
        "line 4, column lang",
        "line 5, column seed",
    ]


def test_one_row_with_a_column_for_each_metric(tmp_path: Path) -> None:
    write(
        tmp_path,
        "lang,model,seed,f1,precision,loss,sha\nbm,mbert,1,0.78,1.2,0.09,aa\nha,mbert,1,0.7,0.6,,aa\n"
        "bm,xlmr,1,0.0,0.0,0.5,cc\n",
        '[columns]\nsystem = "model"\nlanguage = "lang"\nseed = "seed"\nprediction_hash = "sha"\n'
        'metrics = {f1 = "f1", precision = "precision", loss = "loss"}\n[constants]\ntask = "masakhaner"\n',
    )
    got = read(tmp_path)
    first, second = got.runs
    assert {(s.language, s.metric): s.value for s in first.scores} == {
        ("bm", "f1"): 0.78,
        ("bm", "loss"): 0.09,
        ("ha", "f1"): 0.7,
        ("ha", "precision"): 0.6,
        ("ha", "loss"): None,
    }
    assert first.config["prediction_hash"] == {"bm": "aa", "ha": "aa"}
    assert second.config["prediction_hash"] == {"bm": "cc"}
    ((key, reason),) = got.refusals()
    assert key == "line 2, column precision"
    assert "above 1" in reason


def test_kept_columns_go_with_the_run(tmp_path: Path) -> None:
    write(
        tmp_path,
        "model,task,lang,metric,score,seed,gpu,file\na,xnli,en,accuracy,0.8,1,A100,x\n"
        "a,xnli,fr,accuracy,0.7,1,A100,y\n",
        'keep = ["gpu", "file"]\n' + MAPPING,
    )
    (run,) = read(tmp_path).runs
    assert run.config == {"gpu": "A100", "file": {"en": "x", "fr": "y"}}


def test_published_figures_carry_source_and_locator(tmp_path: Path) -> None:
    write(
        tmp_path,
        "model,task,lang,metric,score,src,where\na,mlqa,,f1,70.7,one,table 1\na,mlqa,,f1,71.6,two,\n",
        'scale = "percent"\nevidence = "published"\n'
        '[columns]\nsystem = "model"\ntask = "task"\nlanguage = "lang"\n'
        'metric = "metric"\nvalue = "score"\nsource = "src"\nlocator = "where"\n',
    )
    got = read(tmp_path)
    assert [(s.evidence, s.locator, s.value) for s in got.scores] == [
        ("published", "one; table 1", 0.707),
        ("published", "two", 0.716),
    ]
    assert [run.config["publication"] for run in got.runs] == ["one", "two"]


@pytest.mark.parametrize("error", ["1e308", "1e-300"])
def test_an_absurd_standard_error_gives_no_count_of_items(tmp_path: Path, error: str) -> None:
    write(
        tmp_path,
        f"model,task,lang,metric,value,stderr\nm,xnli,sw,acc,0.35,{error}\n",
        "n_from_stderr = true\n"
        '[columns]\nsystem = "model"\ntask = "task"\n'
        'language = "lang"\nmetric = "metric"\nvalue = "value"\nstderr = "stderr"\n',
    )
    (score,) = read(tmp_path).scores
    assert (score.value, score.n) == (0.35, None)


def test_task_names_of_a_tool_give_split_and_language(tmp_path: Path) -> None:
    write(
        tmp_path,
        "model,shots,task,lang,metric,value,stderr\nm,0,xnli,sw,acc,0.35,0.006739\n"
        "m,0,xwinograd,jp,acc,0.5,0.05\nm,0,made_up,sw,acc,0.5,0.01\n",
        'task_names = "lm-eval-0.3"\nn_from_stderr = true\n'
        '[columns]\nsystem = "model"\nshots = "shots"\ntask = "task"\n'
        'language = "lang"\nmetric = "metric"\nvalue = "value"\nstderr = "stderr"\n'
        '[constants]\ntool = "lm-eval"\n',
    )
    got = read(tmp_path)
    assert [(r.task, r.split, r.found.shots, r.scores[0].language) for r in got.runs] == [
        ("xnli", "test", 0, "sw"),
        ("xwinograd", "test", 0, "ja"),
        ("made_up", None, 0, "sw"),
    ]
    assert {s.implementation for s in got.scores} == {"lm-eval acc"}
    assert [s.n for s in got.scores] == [None, 101, 2501]


def test_a_mapping_for_the_folder_and_one_given_by_hand(tmp_path: Path) -> None:
    for number in (1, 2):
        write(tmp_path, f"who,{HEAD[6:]}m{number},xnli,en,accuracy,0.{number},1\n", None, f"t{number}.csv")
    mapping = MAPPING.replace('"model"', '"who"')
    assert read(tmp_path).runs == []
    elsewhere = tmp_path / "elsewhere" / "my.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(mapping)
    assert len(read(tmp_path, elsewhere).runs) == 2
    (tmp_path / "intermezzo.mapping.toml").write_text(mapping)
    assert len(read(tmp_path).runs) == 2
    alone = list(long_table.find(list_tree(tmp_path / "t1.csv")))
    assert [bundle.main.name for bundle in alone] == ["t1.csv"]


def test_without_a_mapping_only_a_table_that_says_itself_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        "Model,Task,Lang,Metric,Score\na,xnli,en,accuracy,65.4\na,xnli,fr,accuracy,0.9\n",
        None,
        "a.csv",
    )
    write(tmp_path, "id,text,label\n1,x,2\n", None, "b.csv")
    write(tmp_path, "model,task,lang,metric,score,value\na,xnli,en,accuracy,1,2\n", None, "c.csv")
    got = read(tmp_path)
    assert got.values == {"en": 0.654, "fr": 0.009}
    assert {Path(run.sources[0].path).name for run in got.runs} == {"a.csv"}
    assert any("no mapping file" in sentence for sentence in got.guessed)
    assert any("percent" in sentence for sentence in got.guessed)
    assert got.runs[0].sources[0].guessed == tuple(got.guessed)


def test_parquet_is_read_by_rows(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "model": ["a", "a", "a", None],
            "task": ["xnli"] * 4,
            "lang": ["en", "fr", "sw", "de"],
            "metric": ["accuracy"] * 4,
            "score": [0.8, float("nan"), None, 0.5],
            "seed": [1.0, 1.0, 1.0, None],
        }
    )
    frame.write_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.mapping.toml").write_text(MAPPING)
    got = read(tmp_path)
    assert got.values == {"en": 0.8, "sw": None}
    assert {run.found.train_seed for run in got.runs} == {1}
    assert [key for key, _ in got.refusals()] == ["row 2, column score", "row 4, column model"]


def test_a_parquet_by_the_name_of_a_pattern_is_that_file(tmp_path: Path) -> None:
    cells = ("a", "xnli", "en", "accuracy", 0.8, 1)
    frame = pl.DataFrame({name: [cell] for name, cell in zip(HEAD.strip().split(","), cells, strict=True)})
    frame.write_parquet(tmp_path / "t[1]*.parquet")
    (tmp_path / "t[1]*.mapping.toml").write_text(MAPPING)
    assert read(tmp_path).values == {"en": 0.8}


def test_a_damaged_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1" + b"\0" * 100 + b"PAR1")
    (tmp_path / "t.mapping.toml").write_text(MAPPING)
    (refusal,) = read(tmp_path).refused
    assert "Parquet" in refusal.reason


def test_many_refusals_of_a_kind_are_summed_up(tmp_path: Path) -> None:
    rows = "".join(f"a,xnli,en,accuracy,x{number},{number}\n" for number in range(100))
    write(tmp_path, HEAD + rows + "a,xnli,en,accuracy,0.5,7\n")
    got = read(tmp_path)
    assert len(got.runs) == 1
    assert len(got.refused) == 21
    assert got.refused[-1].key == "lines 22 to 101, column score"
    assert got.refused[-1].reason.startswith("80 more rows")


def test_the_same_table_gives_the_same_runs(tmp_path: Path) -> None:
    write(tmp_path, HEAD + "a,xnli,en,accuracy,0.8,1\nb,xnli,en,accuracy,0.8,1\n")

    def ids(runs: list[Run]) -> list[str]:
        return [identified(run).run_id for run in runs]

    assert ids(read(tmp_path).runs) == ids(read(tmp_path).runs)


@pytest.mark.slow
def test_seeds_of_masakhaner(tmp_path: Path, shared: Path) -> None:
    write(
        tmp_path,
        (shared / "facts" / "masakhaner2_seed_f1.csv").read_bytes(),
        '[columns]\nsystem = "model"\nlanguage = "lang"\nseed = "seed"\nsplit = "split"\n'
        'prediction_hash = "blob_sha"\n'
        'metrics = {f1 = "f1"}\n[constants]\ntask = "masakhaner"\n',
    )
    got = read(tmp_path)
    assert (len(got.scores), got.refused) == (896, [])
    assert sum(score.value == 0.0 for score in got.scores) == 16
