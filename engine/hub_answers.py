"""Whether the Hugging Face hub answers, asked once: its libraries ask six times, or wait without end."""

from __future__ import annotations

from typing import Literal

PATIENCE = 5
"""Seconds to wait for an answer."""


def hub_answers(name: str, what: Literal["model", "dataset"]) -> bool:
    """Say whether the hub answers at all, be it that there is no such thing.

    Args:
        name: ``owner/name``.
        what: Of which kind.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    try:
        HfApi().repo_info(name, repo_type=what, timeout=PATIENCE)
    except HfHubHTTPError:
        return True
    except Exception:  # of whichever HTTP library the hub's is built on
        return False
    return True
