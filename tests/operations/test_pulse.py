"""Looks at the pulse of a worker: how long one may stand still, and how long one may take to begin."""

import os
from pathlib import Path

from service.operations.pulse import MOST_STARTING, MOST_STILL, Looks

PID = 4711


def beat(folder: Path, at: int) -> None:
    """Leave the trace of a beat."""
    file = folder / f"pulse.{PID}"
    file.touch()
    os.utime(file, ns=(at, at))


def test_a_worker_that_does_not_move_is_frozen_at_the_last_look(tmp_path: Path) -> None:
    """Not one look earlier."""
    looks = Looks(tmp_path)
    beat(tmp_path, 1)
    assert [looks.is_frozen(PID) for _ in range(MOST_STILL + 1)] == [*[False] * MOST_STILL, True]


def test_a_beat_starts_the_count_again(tmp_path: Path) -> None:
    """However late it comes."""
    looks = Looks(tmp_path)
    for at in (1, 2, 3):
        beat(tmp_path, at)
        assert not any(looks.is_frozen(PID) for _ in range(MOST_STILL))


def test_a_worker_may_take_longer_to_begin(tmp_path: Path) -> None:
    """One that never begins is frozen all the same, and one that has begun is looked at as any other."""
    looks = Looks(tmp_path)
    assert not any(looks.is_frozen(PID) for _ in range(MOST_STARTING - 1))
    assert looks.is_frozen(PID)
    looks.forget(PID)
    assert not any(looks.is_frozen(PID) for _ in range(MOST_STARTING - 1))
    beat(tmp_path, 1)
    assert not any(looks.is_frozen(PID) for _ in range(MOST_STILL))
