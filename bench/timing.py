"""Times a function in this process, by what its thread computes: other work on the machine counts little."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter, thread_time

LEAST = 5  # calls, however long they take


def times(function: Callable[[], object], seconds: float, most: int = 2_000) -> Sequence[float]:
    """What calls of `function` take, in milliseconds in rising order."""
    taken: list[float] = []
    began = perf_counter()
    while len(taken) < LEAST or (perf_counter() - began < seconds and len(taken) < most):
        started = thread_time()
        function()
        taken.append((thread_time() - started) * 1000)
    return sorted(taken)


def median(taken: Sequence[float]) -> float:
    """The middle one of times in rising order."""
    return taken[len(taken) // 2]


@contextmanager
def collector_off() -> Iterator[None]:
    """Time without the pauses of the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
