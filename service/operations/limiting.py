"""How often one issuer may call: counted in each worker, by the minute."""

from time import time  # noqa: TID251  # the library counts by this clock

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from cds_hooks.errors import TooManyCallsError
from cds_hooks.trust import CdsClient


class CallLimit:
    """At most `calls` a minute of one issuer; of all callers together where nobody says who calls."""

    def __init__(self, calls: int) -> None:
        self._limit = RateLimitItemPerMinute(calls)
        self._counted = FixedWindowRateLimiter(MemoryStorage())

    def admit(self, caller: CdsClient) -> None:
        """Count a call; raise TooManyCallsError for one too many."""
        if self._counted.hit(self._limit, caller.issuer or ""):
            return
        reset = self._counted.get_window_stats(self._limit, caller.issuer or "").reset_time
        raise TooManyCallsError(max(1, round(reset - time())))
