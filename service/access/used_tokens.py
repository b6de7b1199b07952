"""The ids of tokens that this process has seen, in front of the memory that all processes share.

It costs nothing, and while the database cannot be asked it still refuses what this process saw before.
"""

from collections.abc import Callable
from datetime import datetime
from threading import Lock

from cds_hooks.jwt import UseOnce

MOST = 100_000
"""About 20 MB. Of more tokens alive at once the oldest are left to the shared memory alone."""


class UsedTokens:
    """Refuses a token that came before, then asks the `shared` memory. `now` in seconds since 1970."""

    def __init__(self, shared: UseOnce, now: Callable[[], float], most: int = MOST) -> None:
        self._shared, self._now, self._most = shared, now, most
        self._ends: dict[str, float] = {}
        self._lock = Lock()

    def use_once(self, issuer: str, digest: str, expires: datetime) -> bool:
        """Tell whether the token is used for the first time."""
        return self._is_new(digest, expires.timestamp()) and self._shared(issuer, digest, expires)

    def __len__(self) -> int:
        """Return the number of tokens held."""
        return len(self._ends)

    def _is_new(self, digest: str, ends: float) -> bool:
        with self._lock:
            if digest in self._ends:
                return False
            self._ends[digest] = ends
            self._forget()
            return True

    def _forget(self) -> None:
        """Drop ended tokens, oldest first; some stay until an older one that lives longer has ended."""
        now = self._now()
        while self._ends:
            oldest = next(iter(self._ends))
            if self._ends[oldest] > now and len(self._ends) <= self._most:
                return
            del self._ends[oldest]
