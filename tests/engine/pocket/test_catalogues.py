"""Retrieval data from message catalogues: read from small ones made here, and from the packages."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from intermezzo.engine.pocket.catalogues import catalogue_data, messages, read_catalogue, split_of
from intermezzo.queries.errors import Problem
from intermezzo.queries.languages import canonical

for package in ("django", "rest_framework", "wtforms"):
    pytest.importorskip(package, reason="left out: the pocket data are not installed; `make engine` does")


def write_mo(path: Path, pairs: dict[str, str], order: str = "<") -> Path:
    """Write a compiled catalogue as msgfmt does."""
    keys = sorted(pairs)
    head = 28
    sources, targets = head, head + 8 * len(keys)
    at = targets + 8 * len(keys)
    blob, tables = b"", {sources: b"", targets: b""}
    for table, texts in ((sources, keys), (targets, [pairs[k] for k in keys])):
        for text in texts:
            data = text.encode()
            tables[table] += struct.pack(f"{order}2I", len(data), at + len(blob))
            blob += data + b"\0"
    fields = (0x950412DE, 0, len(keys), sources, targets, 0, 0)
    path.write_bytes(struct.pack(f"{order}7I", *fields) + tables[sources] + tables[targets] + blob)
    return path


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_compiled_catalogue_of_either_byte_order(tmp_path: Path, order: str) -> None:
    file = write_mo(
        tmp_path / "django.mo",
        {
            "": "Content-Type: text/plain; charset=UTF-8\n",
            "This field is required.": "Dieses Feld ist zwingend.",
            "menu\x04Open": "Öffnen",
            "one item\0many items": "ein Ding\0viele Dinge",
        },
        order,
    )
    assert dict(read_catalogue(file)) == {
        "This field is required.": "Dieses Feld ist zwingend.",
        "Open": "Öffnen",
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no message catalogue"),
        (b'msgid ""\n', "no message catalogue"),
        (b"\xde\x12\x04\x95\0\0\0\0\xff\xff\xff\xff\x1c\0\0\0\x1c\0\0\0", "damaged"),
    ],
)
def test_what_is_no_catalogue_is_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "django.mo"
    file.write_bytes(content)
    with pytest.raises(Problem, match=said):
        list(read_catalogue(file))


def test_forty_languages_and_more_each_with_the_same_candidates() -> None:
    data = catalogue_data()
    assert len(data.languages) >= 40
    assert (data.task, data.kind, data.parallel, data.train_language) == (
        "pocket_catalogues",
        "bitext retrieval",
        True,
        None,
    )
    pools = set()
    for code, examples in data.languages.items():
        language = canonical(code)
        assert language is not None
        assert language.code == code
        queries = [e for e in examples if e.language == code]
        assert len(queries) >= 40
        assert all(e.gold == e.item_id == e.cluster_id and len(e.texts) == 2 for e in queries)
        pools.add(frozenset(e.texts[-1] for e in examples))
        assert len({e.item_id for e in examples}) == len(examples)
    (pool,) = pools
    assert all("%(" not in m and "{" not in m and len(m) >= 25 for m in pool)


def test_one_message_has_one_id_in_every_language() -> None:
    data = catalogue_data(["de", "sw", "th"])
    by_id: dict[str, set[str]] = {}
    for examples in data.languages.values():
        for e in examples:
            by_id.setdefault(e.item_id, set()).add(e.texts[-1])
    assert all(len(texts) == 1 for texts in by_id.values())
    assert list(data.languages) == ["de", "sw", "th"]


def test_splits_share_no_message_and_limits_keep_the_first() -> None:
    test, validation = catalogue_data(["fr"]), catalogue_data(["fr"], "validation")
    asked = [[e.item_id for e in d.languages["fr"] if e.language == "fr"] for d in (test, validation)]
    assert not set(asked[0]) & set(asked[1])
    few = catalogue_data(["fr"], limit=7)
    assert [e.item_id for e in few.languages["fr"] if e.language == "fr"] == asked[0][:7]
    assert len(few.languages["fr"]) == len(test.languages["fr"]), "as many candidates as without a limit"
    assert few.revision != test.revision
    assert test.revision == catalogue_data(["fr"]).revision


def test_the_revision_follows_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    before = catalogue_data(["de", "fr"])
    changed = {code: dict(pairs) for code, pairs in messages().items()}
    message = next(m for m in changed["de"] if split_of(m) == "test")
    changed["de"][message] += "!"
    monkeypatch.setattr("intermezzo.engine.pocket.catalogues.messages", lambda: changed)
    assert catalogue_data(["de", "fr"]).revision != before.revision
    assert catalogue_data(["fr"]).revision == catalogue_data(["fr"]).revision


def test_languages_with_too_few_messages_are_left_out() -> None:
    data = catalogue_data(["de", "yo"])
    assert data.languages == catalogue_data(["de"]).languages
    assert data.left_out == {"yo": "the catalogues have fewer than 40 messages for a test"}


def test_mistakes_are_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Problem, match=r"no split 'dev': test or validation"):
        catalogue_data(split="dev")
    with pytest.raises(
        Problem, match=r"\(yo, zu: .* fewer than 40 messages for a test\)\. Languages: af, ar"
    ):
        catalogue_data(["yo", "zu"])
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(Problem, match=r"need the package django: pip install 'intermezzo\[engine,pocket\]'"):
        catalogue_data()
