"""Work shared between processes: results come as they are ready, and what fails ends it at once."""

import gc
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, TypeVar

from service.population.errors import ScreenError

Item = TypeVar("Item")
Result = TypeVar("Result")


def shared_out(work: Callable[[Item], Result], items: Iterable[Item], processes: int) -> Iterator[Result]:
    """Yield the results of all items in any order; `work` and what it holds are inherited, not sent."""
    if processes == 1:
        yield from map(work, items)
        return
    gc.freeze()  # what the processes share stays shared: the collector would write into it
    with ProcessPoolExecutor(processes, get_context("fork"), _prepare, (work,)) as pool:
        futures = [pool.submit(_one, item) for item in items]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool as error:
            raise ScreenError(
                "a process was ended from outside or ran out of memory; the same command goes on from here"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            gc.unfreeze()


_work: Callable[[Any], Any]


def _prepare(work: Callable[[Any], Any]) -> None:
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks hears it, and stops the others


def _one(item: Any) -> Any:
    return _work(item)
