"""Files that stand whole or not at all: each is written beside its place and moved there at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Yield where to write the file; at the end it takes its place at once, after a failure there is none."""
    unfinished = path.with_name(f"{path.name}.{uuid4().hex}.unfinished")
    try:
        yield unfinished
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write(path: Path, content: bytes) -> None:
    """Write a file as a whole."""
    with replaced(path) as unfinished:
        unfinished.write_bytes(content)
