"""The lines of a file, packed or plain, each with the byte at which it begins; a long one is not held."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, cast

from service.population.errors import InputError

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of a line, or of a Bundle, that is read: twice what a hook takes."""

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BUFFER = 1024 * 1024
_BOM = b"\xef\xbb\xbf"


def is_packed(path: Path) -> bool:
    """Tell whether a file is compressed, by its first bytes: then it cannot be read from the middle."""
    with path.open("rb") as file:
        return file.read(4).startswith((_GZIP, _ZSTD))


def read_lines(path: Path, first: int, end: int | None) -> Iterator[tuple[int, bytes | None]]:
    """Yield the lines that begin from byte `first` to before `end`, None for one that is too long.

    The bytes are those of what is unpacked. Raise InputError where the file cannot be read or unpacked.
    """
    try:
        with closing(_opened(path)) as file:
            yield from _lines(file, first, end)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read to its end") from error


def read_whole(path: Path) -> bytes | None:
    """Return what a file holds; None if it is too long."""
    try:
        with closing(_opened(path)) as file:
            held = file.read(LONGEST_LINE + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path}: cannot be read to its end") from error
    return held.removeprefix(_BOM) if len(held) <= LONGEST_LINE else None


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(_GZIP):
        return cast(IO[bytes], io.BufferedReader(gzip.open(path), _BUFFER))
    if head == _ZSTD:
        import pyarrow

        return cast(IO[bytes], io.BufferedReader(pyarrow.input_stream(str(path), "zstd"), _BUFFER))
    return path.open("rb", _BUFFER)


def _lines(file: IO[bytes], first: int, end: int | None) -> Iterator[tuple[int, bytes | None]]:
    place = first
    if first:  # the line that this byte lies in belongs to whoever reads what comes before
        file.seek(first - 1)
        while (part := file.readline(_BUFFER)) and not part.endswith(b"\n"):
            pass
        place = file.tell()
    while end is None or place < end:
        line = file.readline(LONGEST_LINE + 1)
        if not line:
            return
        begun, place = place, place + len(line)
        if len(line) <= LONGEST_LINE:
            yield begun, line.removeprefix(_BOM) if begun == 0 else line
            continue
        while not line.endswith(b"\n") and (line := file.readline(_BUFFER)):
            place += len(line)
        yield begun, None
