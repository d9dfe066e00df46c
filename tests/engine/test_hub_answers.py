"""A hub that does not answer: asked once, and what was fetched before is taken instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from intermezzo.engine.data.from_hub import from_hub
from intermezzo.engine.data.read import load_data
from intermezzo.engine.hub_answers import hub_answers
from intermezzo.engine.model_files import ModelError, find_model
from intermezzo.queries.errors import Problem

hub = pytest.importorskip("huggingface_hub", reason="the extra `engine` is not installed")
datasets = pytest.importorskip("datasets", reason="the extra `engine` is not installed")


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception | None], None]:
    """Let the hub answer, or fail in some way."""

    def let(error: Exception | None) -> None:
        def info(*_args: Any, **_options: Any) -> object:
            if error is not None:
                raise error
            return object()

        monkeypatch.setattr(hub.HfApi, "repo_info", info)

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", False)
    return let


class Refusal(hub.errors.RepositoryNotFoundError):
    """What the hub says of what it has not, without the response, which is of one HTTP library or another."""

    def __init__(self) -> None:
        Exception.__init__(self, "404")


def test_a_refusal_is_an_answer(answering: Callable[[Exception | None], None]) -> None:
    answering(None)
    assert hub_answers("a/b", "model")
    answering(Refusal())
    assert hub_answers("a/b", "dataset")
    answering(OSError("no route"))
    assert not hub_answers("a/b", "dataset")


def test_data_are_taken_from_what_was_fetched_where_the_hub_does_not_answer(
    answering: Callable[[Exception | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def load(*_words: Any, **_options: Any) -> str:
        seen.append(datasets.config.HF_HUB_OFFLINE and hub.constants.HF_HUB_OFFLINE)
        return "rows"

    monkeypatch.setattr(datasets, "load_dataset", load)
    answering(None)
    assert from_hub("a/b", None, "test") == "rows"
    answering(TimeoutError())
    assert from_hub("a/b", None, "test") == "rows"
    assert seen == [False, True]
    assert datasets.config.HF_HUB_OFFLINE is False, "as it was before"


def test_data_that_were_not_fetched_are_one_sentence(answering: Callable[[Exception | None], None]) -> None:
    answering(TimeoutError())
    with pytest.raises(Problem, match=r"it cannot be reached .* not fetched that before\. Name a folder"):
        load_data("pawsx", languages=["de"])


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError("reset")])
def test_a_model_is_taken_from_the_cache_alone(
    answering: Callable[[Exception | None], None], error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(error)
    with pytest.raises(ModelError, match="is not in this machine's cache and the hub cannot be reached"):
        find_model("intermezzo-tests/no-such-model")

    def torn(*_words: Any, **options: Any) -> Path:
        assert not options["local_files_only"]
        raise error

    answering(None)
    monkeypatch.setattr(hub, "snapshot_download", torn)
    with pytest.raises(ModelError, match="could not be fetched from the hub"):
        find_model("intermezzo-tests/no-such-model")
