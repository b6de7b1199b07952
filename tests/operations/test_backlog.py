"""Work that follows an answer: done in its order, beside the callers, never more than there is room for."""

from functools import partial
from threading import Event, current_thread

from service.operations.backlog import Backlog


def test_work_is_done_in_its_order_beside_the_caller() -> None:
    """What is handed over first is done first, by another thread, and closing waits for all of it."""
    backlog, done = Backlog(), list[tuple[int, str]]()
    for number in range(50):
        backlog.add(partial(lambda each: done.append((each, current_thread().name)), number), 1)
    backlog.close()
    assert [number for number, _ in done] == list(range(50))
    assert current_thread().name not in {name for _, name in done}


def test_without_room_work_is_done_at_once() -> None:
    """The caller whose data may not wait does the work itself; room comes back when work is done."""
    backlog, begin, done = Backlog(most_bytes=10), Event(), list[str]()

    def first() -> None:
        begin.wait()
        done.append("first")

    backlog.add(first, 8)
    backlog.add(lambda: done.append("too large"), 3)
    assert done == ["too large"]
    begin.set()
    backlog.close()
    assert done == ["too large", "first"]


def test_after_the_end_work_is_still_done() -> None:
    """A call that is answered during the stop has its record."""
    backlog, done = Backlog(), list[str]()
    backlog.close()
    backlog.add(lambda: done.append("late"), 1)
    assert done == ["late"]
