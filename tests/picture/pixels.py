"""A PNG read as far as tests need it: eight bits a channel, with transparency, not interlaced."""

from struct import iter_unpack, unpack, unpack_from
from typing import NamedTuple
from zlib import decompress

BYTES = 4  # red, green, blue, opacity


class Pixels(NamedTuple):
    """Rows of bytes, and dots per inch."""

    width: int
    height: int
    dpi: int
    rows: list[bytes]

    def at(self, x: int, y: int) -> tuple[int, ...]:
        """The colour of a point."""
        return tuple(self.rows[y][BYTES * x : BYTES * (x + 1)])

    def dark(self, left: int, top: int, right: int, bottom: int) -> int:
        """How many points of a part are dark."""
        return sum(
            red < 100
            for row in self.rows[top:bottom]
            for red, _, _, _ in iter_unpack("4B", row[BYTES * left : BYTES * right])
        )


def read(png: bytes) -> Pixels:
    """What the PNG holds."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        length, kind = unpack_from(">I4s", png, at)
        chunks[kind] = chunks.get(kind, b"") + png[at + 8 : at + 8 + length]
        at += 12 + length
    width, height, *how = unpack(">IIBBBBB", chunks[b"IHDR"])
    assert how == [8, 6, 0, 0, 0]
    across, _, unit = unpack(">IIB", chunks[b"pHYs"])
    assert unit == 1
    return Pixels(width, height, round(across * 0.0254), _rows(decompress(chunks[b"IDAT"]), width, height))


def _rows(data: bytes, width: int, height: int) -> list[bytes]:
    length = width * BYTES
    before, rows = bytes(length), []
    for number in range(height):
        start = number * (length + 1)
        before = _unfiltered(data[start], bytearray(data[start + 1 : start + 1 + length]), before)
        rows.append(before)
    return rows


def _unfiltered(kind: int, row: bytearray, above: bytes) -> bytes:
    if kind == 0:
        return bytes(row)
    for at in range(len(row)):
        left = row[at - BYTES] if at >= BYTES else 0
        corner = above[at - BYTES] if at >= BYTES else 0
        up = above[at]
        row[at] = (row[at] + (left, up, (left + up) // 2, _paeth(left, up, corner))[kind - 1]) & 255
    return bytes(row)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))
