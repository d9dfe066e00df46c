"""The clock that rounds are measured by."""

from __future__ import annotations

import time
from collections.abc import Callable


def clock() -> Callable[[], float]:
    """Return processor seconds where torch has one thread, and else the time that passes.

    Processor seconds leave out the waiting on a busy machine; with several threads they would count it in.
    """
    import torch

    return time.process_time if torch.get_num_threads() == 1 else time.perf_counter
