"""Files of claims: what is read, and the sentence for what is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intermezzo.queries.claims import claim_file
from intermezzo.queries.claims.claim import Rule
from intermezzo.queries.claims.claim_file import claim_of, parse_claims, read_claims, table_of
from intermezzo.queries.claims.toml_table import FileFault

WHOLE = """
[[claim]]
id = "qa.improves-1"
statement = "QA improves."
source = "arXiv 2005.13013"
locator = "abstract"
text_sha256 = "%s"
note = "The margin is ours."
question = "matrix"
params = {system = "X-STILTs"}
where = {task = ["xquad", "mlqa"]}
rule = "1 of 2"
operator = ">"
margin = 0.01
family = "two QA targets"
units = ["xquad", "mlqa"]
adjust = "bh"
needs = "recomputed"
mandatory = ["seeds"]
supersedes = ["older"]
why = "it was wrong"
""" % ("a" * 64)


def test_all_that_a_claim_may_say() -> None:
    [claim] = parse_claims(WHOLE, "x.toml")
    assert (claim.rule, str(claim.rule)) == (Rule("k of n", 1, 2), "1 of 2")
    assert claim.must == "delta > 0.01 for 1 of 2 units"
    assert str(claim.asked) == "question matrix with system = X-STILTs; task in xquad, mlqa"
    assert (claim.adjust, claim.needs, claim.mandatory) == ("bh", "recomputed", ("seeds",))
    assert claim_of(table_of(claim), "again") == claim


def test_a_comparison_and_sql_come_back_too() -> None:
    text = """
[[claim]]
id = "a"
statement = "A."
compare = {a = "one", b = "two", task = "xnli", split = "test"}
[[claim]]
id = "b"
statement = "B."
sql = '''
SELECT 1'''
operator = "="
value = 0.054
margin = 0.005
"""
    a, b = parse_claims(text, "x.toml")
    assert a.asked.compare is not None
    assert a.asked.compare.tasks == ("xnli",)
    assert b.must == "|delta - 0.054| < 0.005 for all units"
    assert [claim_of(table_of(c), "again") for c in (a, b)] == [a, b]


HEAD = '[[claim]]\nid = "a"\nstatement = "A."\n'
ODD = {
    "statement is missing": '[[claim]]\nid = "a"\n',
    "id is missing": '[[claim]]\nstatement = "A."\n',
    "'a b' cannot be an id": '[[claim]]\nid = "a b"\nstatement = "A."\n',
    "cannot be an id": '[[claim]]\nid = "../../etc/passwd"\nstatement = "A."\n',
    "Did you mean statement?": '[[claim]]\nid = "a"\nstatment = "A."\n',
    "statement must be a text": '[[claim]]\nid = "a"\nstatement = 3\n',
    "statement must be a text that is not empty": '[[claim]]\nid = "a"\nstatement = " "\n',
    "statement has a zero character": '[[claim]]\nid = "a"\nstatement = "A\\u0000"\n',
    "two claims have the id a": HEAD + HEAD,
    "say all, any, macro": HEAD + 'rule = "most"\n',
    'e.g. "3 of 6"': HEAD + 'rule = "3 of 2"\n',
    "say one of: >, <, =": HEAD + 'operator = ">="\n',
    "needs a margin above 0": HEAD + 'operator = "="\n',
    "value goes with": HEAD + "value = 0.1\n",
    "margin must be a number": HEAD + "margin = true\n",
    "margin must be a finite number": HEAD + "margin = nan\n",
    "a finite number of a sensible size": HEAD + f"margin = 1{'0' * 400}\n",
    "its rows come from one of them": HEAD + 'sql = "SELECT 1"\nquestion = "matrix"\n',
    "There is no question 'nowhere'": HEAD + 'question = "nowhere"\n',
    "Did you mean system?": HEAD + 'question = "matrix"\nparams = {sytem = "x"}\n',
    "params goes with question": HEAD + 'params = {system = "x"}\n',
    "task is missing": HEAD + 'compare = {a = "x", b = "y"}\n',
    "compare must be a table": HEAD + 'compare = "x"\n',
    "supersedes needs why": HEAD + 'supersedes = ["b"]\n',
    "names the claim itself": HEAD + 'supersedes = ["a"]\nwhy = "x"\n',
    "lists 'x' twice": HEAD + 'units = ["x", "x"]\n',
    "units must be a list of texts": HEAD + "units = [1]\n",
    "units lists 1": HEAD + 'rule = "1 of 2"\nunits = ["x"]\n',
    "needs is 'high'": HEAD + 'needs = "high"\n',
    "mandatory names 'luck'": HEAD + 'mandatory = ["luck"]\n',
    "64 hexadecimal digits": HEAD + 'text_sha256 = "abc"\n',
    "holds no claim": "",
    "is not known at the top": "claims = 1\n",
    "write one as a table": 'claim = "a"\n',
    "not valid TOML": "[[claim]\n",
    "nested too deeply": "x = " + "[" * 5000,
}


@pytest.mark.parametrize("sentence", ODD)
def test_what_is_wrong_is_said_in_a_sentence(sentence: str) -> None:
    with pytest.raises(FileFault) as fault:
        parse_claims(ODD[sentence], "odd.toml")
    assert sentence in str(fault.value)
    assert str(fault.value).startswith("odd.toml")


def test_a_fault_names_its_claim() -> None:
    with pytest.raises(FileFault, match=r"odd.toml, claim 2 \(b\): rule is"):
        parse_claims(HEAD + '[[claim]]\nid = "b"\nstatement = "B."\nrule = "x"\n', "odd.toml")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for name, data in {"latin": b'[[claim]]\nid = "\xe9"\n', "large": b"#" * 1_000_001}.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(FileFault, match=r"not UTF-8 text \(byte 16\)"):
        read_claims(tmp_path / "latin")
    with pytest.raises(FileFault, match="larger than 1,000,000 bytes"):
        read_claims(tmp_path / "large")
    with pytest.raises(FileFault, match="cannot be read: No such file"):
        read_claims(tmp_path / "gone")
    with pytest.raises(FileFault, match="cannot be read: Is a directory"):
        read_claims(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileFault, match="no ordinary file"):
        read_claims(tmp_path / "pipe")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from([*claim_file.KEYS, "x"])


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_any_table_is_a_claim_or_a_sentence(table: dict[str, object]) -> None:
    for said in (table, {"id": "a", "statement": "A."} | table):
        try:
            claim = claim_of(said, "odd")
        except FileFault as fault:
            sentence = str(fault)
        else:
            assert claim_of(table_of(claim), "again") == claim
            continue
        assert sentence.startswith("odd")
        assert "\x1b" not in sentence
