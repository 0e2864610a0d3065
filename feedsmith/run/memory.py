"""Memory that is free in this process, and the system does not know of."""

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Hand free memory back to the system, before work of another kind begins.

    The C library keeps what batches took for the next batch (see `engine`); after the last one it would stay beside
    what the set checks take. Other C libraries than glibc give it back by themselves, or not at all.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
