"""What the C library keeps of memory that is free: little, and after a large call nothing."""

import gc
from contextlib import suppress
from ctypes import CDLL

_M_ARENA_MAX = -8  # malloc.h of glibc


def share_arenas() -> None:
    """Have all threads allocate from two arenas; with one each glibc keeps a quarter more than is in use."""
    with suppress(AttributeError, OSError):  # another C library
        CDLL(None).mallopt(_M_ARENA_MAX, 2)


def give_back() -> None:
    """Give what is free back to the system, as the C library does not by itself."""
    gc.collect()
    with suppress(AttributeError, OSError):
        CDLL(None).malloc_trim(0)
