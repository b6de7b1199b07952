"""Limits on the free memory that the C library keeps: little, and after a large call none."""

import gc
from contextlib import suppress
from ctypes import CDLL

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h of glibc
_APART_BYTES = 1024 * 1024


def share_arenas() -> None:
    """Have all threads share two arenas; with one per thread, glibc keeps a quarter more than is in use.

    Large blocks stand apart from them, whatever came before: in an arena one stays when it is free.
    """
    with suppress(AttributeError, OSError):  # another C library
        library = CDLL(None)
        library.mallopt(_M_ARENA_MAX, 2)
        library.mallopt(_M_MMAP_THRESHOLD, _APART_BYTES)


def give_back() -> None:
    """Return free memory to the system, which the C library does not do by itself."""
    gc.collect()
    with suppress(AttributeError, OSError):
        CDLL(None).malloc_trim(0)
