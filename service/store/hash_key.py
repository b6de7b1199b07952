"""The key of all keyed digests: from the settings, or from a file beside the SQLite database.

In development a PostgreSQL may be used without a key of the settings; its key file then lies in the folder
of the start.
"""

import fcntl
import logging
import os
import re
import secrets
from pathlib import Path

from service.settings import Settings
from service.store.engines import engine_of

FILE_WITHOUT_SQLITE = "ketamine-cds.key"
_KEY = re.compile(rb"[0-9a-f]{64}")

_log = logging.getLogger(__name__)


class HashKeyError(Exception):
    """The key file does not hold a key; the message is one line."""


def hash_key(settings: Settings) -> bytes:
    """Return the key that the settings give, else that of the key file, made now if there is none.

    Where none can be kept (a folder that cannot be written) it is good for this process and those that it
    starts. Raises HashKeyError for a file that holds something else: another key would make every record
    and override of before unrecognisable.
    """
    if settings.hash_key is not None:
        return settings.hash_key.encode()
    try:
        return _kept(_file(settings.database_url))
    except OSError as error:
        _log.error("the hash key cannot be kept beside the database: %s", error.strerror)
        return _new_key()


def _file(database_url: str) -> Path:
    address = engine_of(database_url).url
    return Path(f"{address.database}.key" if address.drivername == "sqlite" else FILE_WITHOUT_SQLITE)


def _kept(file: Path) -> bytes:
    """Return the key in `file`, which may be writable by an operator only; make one if there is none."""
    key = (file.read_bytes().strip() if file.exists() else b"") or _made(file)
    if not _KEY.fullmatch(key):
        raise HashKeyError(f"{file}: expected 64 hexadecimal digits; remove the file to have a new key made")
    return key


def _made(file: Path) -> bytes:
    """Return the key in `file`, writing a new one if it is empty; a lock makes all processes agree on one."""
    opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(opened, "r+b") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        if key := kept.read().strip():  # another process was faster
            return key
        key = _new_key()
        kept.write(key)
        kept.flush()
        os.fsync(kept.fileno())
    return key


def _new_key() -> bytes:
    return secrets.token_hex(32).encode()
