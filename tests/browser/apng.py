"""An animated PNG from screenshots of one size: their compressed rows stay, only the frame is new."""

import struct
import zlib
from collections.abc import Iterator, Sequence

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def animated(frames: Sequence[tuple[bytes, int]]) -> bytes:
    """Return one picture that shows each PNG for so many milliseconds, again and again."""
    head, width, height = _head(frames[0][0])
    made = [SIGNATURE, _chunk(b"IHDR", head), _chunk(b"acTL", struct.pack(">II", len(frames), 0))]
    number = 0
    for at, (png, shown) in enumerate(frames):
        if _head(png)[0] != head:
            raise ValueError("expected frames of one size and kind")
        control = struct.pack(">IIIIIHHBB", number, width, height, 0, 0, shown, 1000, 0, 0)
        made.append(_chunk(b"fcTL", control))
        number += 1
        for rows in (content for name, content in _chunks(png) if name == b"IDAT"):
            if at == 0:
                made.append(_chunk(b"IDAT", rows))
            else:
                made.append(_chunk(b"fdAT", struct.pack(">I", number) + rows))
                number += 1
    return b"".join((*made, _chunk(b"IEND", b"")))


def _head(png: bytes) -> tuple[bytes, int, int]:
    content = next(content for name, content in _chunks(png) if name == b"IHDR")
    width, height = struct.unpack(">II", content[:8])
    return content, width, height


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(name: bytes, content: bytes) -> bytes:
    checked = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checked
