"""What a disk refuses, as a sentence, whichever language the code is in that wrote."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from intermezzo.queries.errors import Problem
from intermezzo.queries.store.layout import said, saying


@contextmanager
def keeping(what: str) -> Iterator[None]:
    """Turn what a disk refuses inside the block into a sentence that starts with ``what``."""
    try:
        with saying(what):
            yield
    except Problem:
        raise
    except Exception as error:
        # safetensors and tokenizers write in Rust: their errors have the number in their text alone.
        number = re.search(r"os error (\d+)", str(error))
        if number is None:
            raise
        raise said(OSError(int(number[1]), os.strerror(int(number[1]))), what) from error
