"""What something costs, for tests that hold the cost of a long text against that of a short one."""

import gc
import time
from collections.abc import Callable
from typing import Any


def spent(way: Callable[..., Any], *given: Any) -> float:
    """Seconds of the processor. Python's collector stays out: it walks through all that other tests have left."""
    gc.disable()
    try:
        began = time.thread_time()
        way(*given)
        return time.thread_time() - began
    finally:
        gc.enable()
