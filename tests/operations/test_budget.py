"""Budgets of processor time: what uses up its own is given up, and nothing else is touched."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Event

import pytest

from cds_hooks.service import StoppedError
from service.operations.budget import GONE, SPENT, Budget, Watch

PLENTY = 3600.0
LITTLE = 0.05


def endless() -> None:
    """Use the processor for ever."""
    while True:
        pass


def stubborn() -> None:
    """Use the processor for ever, whatever goes wrong."""
    while True:
        with suppress(Exception):  # as code may that reads hostile entries one by one
            endless()


@pytest.mark.parametrize("work", [endless, stubborn])
def test_work_that_uses_up_its_budget_is_given_up(work: Callable[[], None]) -> None:
    """It ends with an error that says so, even if it handles every ordinary exception."""
    with pytest.raises(StoppedError, match=SPENT):
        Watch().run(work, LITTLE)


def test_waiting_costs_nothing() -> None:
    """Time in which the processor does something else does not count."""
    assert not Watch().run(lambda: Event().wait(10 * LITTLE), LITTLE)


def test_work_for_a_caller_who_has_hung_up_is_given_up() -> None:
    """However much of its budget is left."""
    gone = Event()
    began = Event()

    def work() -> None:
        began.set()
        endless()

    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(Watch().run, work, PLENTY, gone)
        began.wait()
        gone.set()
        with pytest.raises(StoppedError, match=GONE):
            done.result()


def test_results_and_errors_pass() -> None:
    """What the work returns or raises is what comes out."""
    watch = Watch()
    assert watch.run(lambda: 7, PLENTY) == 7
    with pytest.raises(ZeroDivisionError):
        watch.run(lambda: 1 // 0, PLENTY)


def test_pieces_of_a_call_share_its_budget() -> None:
    """What an earlier piece has used is not there for the next one."""
    budget = Budget(Watch(), LITTLE)
    with pytest.raises(StoppedError):
        budget(endless)
    with pytest.raises(StoppedError):
        budget(endless)


def test_pieces_that_share_a_turn_are_done_one_at_a_time() -> None:
    """However many calls there are; what has no turn waits for none."""
    watch, turn = Watch(), threading.Lock()
    under_way, most = list[int](), list[int]()

    def work() -> None:
        under_way.append(1)
        most.append(len(under_way))
        time.sleep(LITTLE)
        under_way.pop()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: Budget(watch, PLENTY, None, turn)(work), range(3)))
        assert max(most) == 1
        with turn:
            Budget(watch, PLENTY)(work)


def test_only_the_work_that_costs_too_much_is_given_up() -> None:
    """Other work of the same watch, in other threads, goes on; a thread that was stopped works again."""
    watch, ended = Watch(), Event()

    def patient() -> int:
        return watch.run(lambda: sum(ended.wait() for _ in range(3)), PLENTY)

    def stopped_again_and_again() -> int:
        count = 0
        for _ in range(5):
            try:
                watch.run(endless, LITTLE)
            except StoppedError:
                count += 1
        ended.set()
        return count

    with ThreadPoolExecutor(4) as threads:
        others = [threads.submit(patient) for _ in range(3)]
        assert threads.submit(stopped_again_and_again).result() == 5
        assert [each.result() for each in others] == [3, 3, 3]


def test_nothing_is_raised_after_the_work() -> None:
    """Work that ends just when its budget does leaves no exception behind for what comes after it."""
    watch = Watch()
    for number in range(40):
        try:
            watch.run(partial(_burn, LITTLE + number % 4 * 0.01), LITTLE)
        except StoppedError:
            continue
        finally:
            _burn(0.005)
    assert threading.current_thread().is_alive()


def _burn(seconds: float) -> None:
    """Use the processor for so long."""
    ends = time.thread_time() + seconds
    while time.thread_time() < ends:
        pass
