"""Bodies that were packed with gzip on the way, unpacked up to a limit: they may unfold to anything."""

import zlib

_GZIP = 16 + zlib.MAX_WBITS


class NotPackedError(Exception):
    """The bytes are not one whole gzip stream."""


def unpacked(body: bytes, max_bytes: int) -> bytes | None:
    """Return the content of the gzip stream `body`, or None if it is more than `max_bytes`.

    Raises NotPackedError. Nothing beyond the limit, or beyond the length that it states, is unpacked.

    >>> import gzip
    >>> unpacked(gzip.compress(b"{}"), 2)
    b'{}'
    >>> unpacked(gzip.compress(b"{  }"), 2) is None
    True
    """
    stated = int.from_bytes(body[-4:], "little")  # of a true stream its length
    stream = zlib.decompressobj(_GZIP)
    try:
        content = stream.decompress(body, min(stated, max_bytes) + 1)
    except zlib.error as error:
        raise NotPackedError from error
    if len(content) > max_bytes:
        return None
    if len(content) != stated or not stream.eof or stream.unused_data:
        raise NotPackedError
    return content
