"""Limits on reading and judging one call, passed to the code that answers, which knows no clock itself."""

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Bounds(Protocol):
    """Runs pure work; raises StoppedError if it exceeds the limits of the call."""

    def __call__(self, work: Callable[[], T]) -> T:
        """Return what `work` returns or raises."""
        ...


def unbounded(work: Callable[[], T]) -> T:
    """Return what `work` returns or raises, however long it takes."""
    return work()
