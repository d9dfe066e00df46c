"""``check`` and ``claims`` by command: exit codes, sentences, data for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_store import small_store
from click.testing import CliRunner, Result
from intermezzo.tui.cli import cli

STILT, BASE = "xlm-r-large + mnli", "xlm-r-large"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return small_store(tmp_path / "store").path


def run(store: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--store", str(store), *words])


def sql(delta: float, low: float, high: float, unit: str = "de") -> str:
    """A row as somebody's SQL gives it."""
    return (
        f"SELECT '{unit}' AS unit, {delta} AS delta, {low} AS low, {high} AS high, 400 AS n, 'logged' AS rung"
    )


def written(folder: Path, name: str = "claims.toml", **claims: str) -> str:
    parts = [f'[[claim]]\nid = "{i}"\nstatement = "Says {i}."\n{body}\n' for i, body in claims.items()]
    (folder / name).write_text("\n".join(parts))
    return str(folder / name)


EVIL = sql(0.1, 0, 0.2, "u' || chr(27) || '[2J")
GOOD, BAD = sql(0.1, 0.05, 0.15), sql(-0.1, -0.15, -0.05)


def asks(text: str) -> str:
    return f'sql = """{text}"""\nunits = ["de"]'


@pytest.mark.parametrize(
    ("claims", "code", "verdicts"),
    [
        ({"a": asks(GOOD)}, 0, ["supported"]),
        ({"a": asks(GOOD), "b": asks(sql(0.1, -0.05, 0.15))}, 0, ["supported", "undetermined"]),
        ({"a": asks(BAD), "b": asks(GOOD)}, 1, ["contradicted", "supported"]),
        ({"a": asks("SELECT * FROM nowhere"), "b": asks(GOOD)}, 2, ["error", "supported"]),
        ({"a": asks("DROP TABLE runs"), "b": asks(BAD)}, 2, ["error", "contradicted"]),
        ({"a": asks("SELECT 1; SELECT 2")}, 2, ["error"]),
        ({"a": asks("SELECT 1 AS unit")}, 2, ["error"]),
        ({"a": asks("SELECT * FROM read_text('/etc/passwd')")}, 2, ["error"]),
        ({"a": asks("COPY (SELECT 1) TO '/tmp/x.csv'")}, 2, ["error"]),
        ({"a": ""}, 0, ["undetermined"]),
    ],
)
def test_exit_codes_and_faults_of_one_claim_alone(
    store: Path, tmp_path: Path, claims: dict[str, str], code: int, verdicts: list[str]
) -> None:
    result = run(store, "check", written(tmp_path, **claims), "--format", "json")
    assert result.exit_code == code, result.stderr
    found = json.loads(result.stdout)
    assert [f["verdict"] for f in found] == verdicts
    for claim in found:
        assert (claim["error"] is not None) == (claim["verdict"] == "error")
    assert ("cannot be evaluated" in result.stderr) == ("error" in verdicts)


def test_the_json_of_check(store: Path, tmp_path: Path) -> None:
    question = (
        f'source = "a paper"\nquestion = "deltas"\nparams = {{system = "{STILT}", task = "xnli"}}\n'
        'rule = "any"\nunits = ["de", "en", "sw"]'
    )
    result = run(store, "check", written(tmp_path, helps=question), "--format", "json")
    [found] = json.loads(result.stdout)
    assert (found["id"], found["statement"], found["source"]) == ("helps", "Says helps.", "a paper")
    assert found["verdict"] == "undetermined"
    assert list(found["audit"]) == [
        "aggregate-only",
        "coverage",
        "comparability",
        "seeds",
        "multiplicity",
        "sensitivity",
        "identical-collapsed",
        "selection",
        "precision",
    ]
    assert set(found["audit"].values()) <= {"pass", "fail", "unknown", "not applicable"}
    assert found["audit"]["coverage"] == "pass"  # of the units that it declares
    assert found["grades"] == {
        "evidence strength": "medium",
        "citation grounding": "source",
        "uncertainty disclosure": "items",
        "reproducibility": "none",
    }
    assert [(r["unit"], r["n"], r["rung"]) for r in found["rows"]] == [
        ("de", 400, "logged"),
        ("en", 400, "logged"),
        ("sw", 400, "logged"),
    ]
    assert len(found["run_ids"]) == 2


def test_a_single_claim_is_told_in_full(store: Path, tmp_path: Path) -> None:
    result = run(store, "check", written(tmp_path, a=asks(GOOD)))
    assert result.exit_code == 0
    assert result.stdout.startswith("a: supported\n")
    for words in ("delta > 0 for all units", "+0.1000  +0.0500  +0.1500", "aggregate-only       pass"):
        assert words in result.stdout
    assert "1 claim: 1 supported." in result.stderr


def test_claims_of_the_store(store: Path, tmp_path: Path) -> None:
    assert "There is no claim to check" in run(store, "check").stderr
    added = run(store, "claims", "add", written(tmp_path, a=asks(GOOD), b=asks(BAD)), "--by", "me")
    assert (added.exit_code, added.stdout) == (0, "")
    assert "2 claims added: a, b" in added.stderr
    assert "2 claims were there already" in run(store, "claims", "add", str(tmp_path / "claims.toml")).stderr
    assert run(store, "check").exit_code == 1
    assert run(store, "check", "a").exit_code == 0
    corrected = run(
        store, "claims", "correct", "b", written(tmp_path, "new.toml", b=asks(GOOD)), "--why", "a slip"
    )
    assert "b is superseded by itself" in corrected.stderr
    assert run(store, "check").exit_code == 0
    assert run(store, "claims", "correct", "a", "--withdraw", "--why", "no source").exit_code == 0
    listed = json.loads(run(store, "claims", "list", "--format", "json").stdout)
    assert [(row["id"], row["verdict"]) for row in listed] == [("b", "supported")]
    every = json.loads(run(store, "show", "claims", "--all", "--format", "json").stdout)
    assert [(row["id"], row["status"]) for row in every] == [
        ("a", "superseded"),
        ("b", "superseded"),
        ("b", "current"),
        ("a", "withdrawn"),
    ]
    shown = run(store, "claims", "show", "b")
    assert "a slip" in shown.stdout
    assert "History" in shown.stdout
    [full] = json.loads(run(store, "claims", "show", "b", "--format", "json").stdout)
    assert [h["status"] for h in full["history"]] == ["superseded"]
    assert "a is withdrawn" in run(store, "check", "a").stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("check", "nothing"), "There is no claim 'nothing' in this store"),
        (("check", "gone.toml"), "gone.toml cannot be read"),
        (("claims", "add"), "Name a file of claims"),
        (("claims", "show", "x\x1b[2J"), "There is no claim 'x�[2J'"),
        (("claims", "correct", "a", "--why", "x"), "Give either FILE"),
        (("claims", "correct", "a", "--withdraw"), "Missing option '--why'"),
    ],
)
def test_faults_are_sentences(store: Path, words: tuple[str, ...], sentence: str) -> None:
    result = run(store, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_hostile_texts_reach_no_terminal(store: Path, tmp_path: Path) -> None:
    file = written(tmp_path, a=f'note = "\\u001b[2J"\nsource = "x\\u202ey"\n{asks(EVIL)}')
    for form in ("table", "json", "csv", "markdown"):
        result = run(store, "check", file, "--format", form)
        assert result.exit_code == 0, result.stderr
        assert not {"\x1b", "\u202e"} & set(result.stdout + result.stderr)


def test_a_damaged_record_is_told(store: Path, tmp_path: Path) -> None:
    run(store, "claims", "add", written(tmp_path, a=asks(GOOD)))
    [record] = (store / "claims").iterdir()
    record.write_text(record.read_text().replace("Says a", "Says b"))
    result = run(store, "check")
    assert result.exit_code == 0
    assert f"claims/{record.name} says nothing: it was changed after it was written" in result.stderr


def test_what_is_found_is_kept_with_its_evidence(store: Path, tmp_path: Path) -> None:
    run(store, "claims", "add", written(tmp_path, a=asks(GOOD)))
    run(store, "check", "--no-keep")
    assert list((store / "verifications").iterdir()) == []
    run(store, "check")
    run(store, "check")
    assert len(list((store / "verifications").iterdir())) == 1
    [shown] = json.loads(run(store, "claims", "show", "a", "--format", "json").stdout)
    [kept] = shown["verifications"]
    assert (kept["kind"], kept["verdict"], kept["superseded"]) == ("own", "supported", False)
    assert kept["said"]["rows"] == [
        {"unit": "de", "delta": 0.1, "low": 0.05, "high": 0.15, "n": 400, "rung": "logged"}
    ]
    assert "Verification by intermezzo" in run(store, "claims", "show", "a").stdout


def test_what_others_found_is_shown_with_the_claim(store: Path, tmp_path: Path) -> None:
    run(store, "claims", "add", written(tmp_path, a=asks(GOOD)))
    (tmp_path / "v.toml").write_text('[[verification]]\nclaim = "a"\nby = "them"\nverdict = "verified"\n')
    added = run(store, "claims", "add-verification", str(tmp_path / "v.toml"))
    assert added.exit_code == 0
    assert "1 verification added." in added.stderr
    assert "a, by them: It says 'verified' and attaches no run ids" in added.stderr
    shown = run(store, "claims", "show", "a").stdout
    assert "Verification by them: verified" in shown
    assert "contradicts itself" in shown


def test_shipped_claims_are_added_to_any_store(store: Path) -> None:
    added = run(store, "claims", "add", "--shipped")
    assert "phang2020-best-per-target" in added.stderr
    assert run(store, "check", "phang2020-qa").exit_code == 0
