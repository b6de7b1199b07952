"""The folder in which the workers of a service count: its own, in memory, and gone when nobody counts.

They map its files into their memory, and a disk that is full would kill whoever counts there. A service that
is killed cannot remove its folder; the next one that starts does, as it sees that nobody holds its lock.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of a random name is made in it
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
PREFIX = "ketamine-cds-figures-"
LOCK = (
    "held"  # by the process that made the folder and by those that it started, as long as one of them lives
)


@contextmanager
def shared_figures() -> Iterator[Path]:
    """Make the folder, point the library to it, and remove it afterwards."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else Path(gettempdir())
    _forget_abandoned(place)
    with (
        TemporaryDirectory(prefix=PREFIX, dir=place, ignore_cleanup_errors=True) as folder,
        open(Path(folder, LOCK), "wb") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.environ[FIGURES] = folder  # noqa: TID251  # not a setting: it is how the library is told
        yield Path(folder)


def _forget_abandoned(place: Path) -> None:
    """Remove folders that killed services of this user have left behind."""
    for folder in place.glob(f"{PREFIX}*"):
        with suppress(OSError), open(folder / LOCK, "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
