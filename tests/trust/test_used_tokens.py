"""The memory of a process for tokens that it has seen, in front of the one that all share."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest

from service.access.used_tokens import UsedTokens

NOW = 1_800_000_000.0


class Clock:
    """Stands still until it is moved."""

    now = NOW

    def __call__(self) -> float:
        """The time in seconds since 1970."""
        return self.now


def ends(seconds: float) -> datetime:
    """So many seconds from the first moment."""
    return datetime.fromtimestamp(NOW + seconds, UTC)


def test_a_repeat_is_refused_though_the_shared_memory_cannot_be_asked() -> None:
    """A shared memory that is away says yes to all."""
    tokens = UsedTokens(lambda *_: True, Clock())
    assert tokens.use_once("ehr", "a", ends(300))
    assert not tokens.use_once("ehr", "a", ends(300))
    assert tokens.use_once("ehr", "b", ends(300))


def test_the_shared_memory_has_the_last_word() -> None:
    """Another process has seen the token; it is told issuer, digest and end."""
    told: list[tuple[str, str, datetime]] = []

    def seen_elsewhere(*token: object) -> bool:
        told.append(token)  # type: ignore[arg-type]  # whatever comes is held against what should
        return False

    assert not UsedTokens(seen_elsewhere, Clock()).use_once("ehr", "a", ends(300))
    assert told == [("ehr", "a", ends(300))]


def test_the_shared_memory_is_not_asked_about_a_repeat() -> None:
    """What this process knows costs nothing."""
    asked = []

    def noted(_issuer: str, digest: str, _expires: datetime) -> bool:
        asked.append(digest)
        return True

    tokens = UsedTokens(noted, Clock())
    for _ in range(3):
        tokens.use_once("ehr", "a", ends(300))
    assert asked == ["a"]


def test_what_has_ended_is_forgotten() -> None:
    """Its tokens are refused for being too old, so that the memory stays small."""
    clock = Clock()
    tokens = UsedTokens(lambda *_: True, clock)
    for number in range(1000):
        tokens.use_once("ehr", str(number), ends(300))
    clock.now += 301
    tokens.use_once("ehr", "last", ends(600))
    assert len(tokens) == 1


def test_the_memory_has_a_limit() -> None:
    """Of more tokens than it holds, the oldest are left to the shared memory."""
    tokens = UsedTokens(lambda *_: True, Clock(), most=3)
    for name in "abcd":
        assert tokens.use_once("ehr", name, ends(300))
    assert len(tokens) == 3
    assert [tokens.use_once("ehr", name, ends(300)) for name in "dcb"] == [False] * 3


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that take turns all the time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("restless")
def test_of_calls_at_the_same_time_one_is_the_first() -> None:
    """Whichever it is, and although the oldest are forgotten meanwhile."""
    rounds, ready = 500, Barrier(4)
    tokens = UsedTokens(lambda *_: True, Clock(), most=8)

    def used() -> list[bool]:
        first = []
        for number in range(rounds):
            ready.wait(10)
            first.append(tokens.use_once("ehr", str(number), ends(300)))
        return first

    with ThreadPoolExecutor(4) as threads:
        found = [one.result(60) for one in [threads.submit(used) for _ in range(4)]]
    assert [sum(one) for one in zip(*found, strict=True)] == [1] * rounds
