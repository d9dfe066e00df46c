"""Families of base models: known beginnings, and names without sizes where nothing is known."""

from __future__ import annotations

import pytest
from intermezzo.queries.model_families import model_family


@pytest.mark.parametrize(
    ("base_model", "family"),
    [
        ("xlm-roberta-large", "XLM-R"),
        ("FacebookAI/xlm-roberta-base", "XLM-R"),
        ("XLM MLM+TLM 15", "XLM"),
        ("XLM-Align (base)", "XLM-Align"),
        ("bert-base-multilingual-cased", "mBERT"),
        ("mBERT (102 lg)", "mBERT"),
        ("bert-large-uncased", "BERT"),
        ("bigscience/bloom-1b1", "BLOOM"),
        ("bigscience/bloomz-560m", "BLOOM"),
        ("google/mt5-xxl", "mT5"),
        ("facebook/xglm-7.5B", "XGLM"),
        ("llama-13B", "Llama"),
        ("Qwen/Qwen2.5-7B-Instruct", "Qwen"),
    ],
)
def test_known_families_are_found_behind_owners_and_sizes(base_model, family):
    assert model_family(base_model) == family


@pytest.mark.parametrize(
    ("base_model", "family"),
    [
        ("InfoXLM", "InfoXLM"),
        ("someone/glot500-base", "glot500"),
        ("lab/new-model-v2-7B-Instruct", "new-model"),
        # a letter behind a known beginning is another word
        ("optimus-large", "optimus"),
        # a name of sizes alone stays what it is
        ("lab/7b-chat", "7b-chat"),
        ("ours/", "ours/"),
    ],
)
def test_other_names_lose_sizes_and_versions(base_model, family):
    assert model_family(base_model) == family


def test_an_unknown_model_has_no_family():
    assert model_family(None) is None
    assert model_family("") is None
