"""How often one issuer may call: counted in each worker, by the minute."""

from dataclasses import dataclass
from threading import Lock
from time import monotonic

from cds_hooks.errors import TooManyCallsError
from cds_hooks.trust import CdsClient

SECONDS = 60.0


@dataclass(slots=True)
class _Window:
    """The calls of one issuer since `began`."""

    began: float
    calls: int = 0


class CallLimit:
    """Allows `calls` a minute of each issuer, or of all callers together where callers are not identified.

    Who calls is known by then, so there are no more windows than issuers on the operator's list.
    """

    def __init__(self, calls: int) -> None:
        self._most = calls
        self._windows: dict[str, _Window] = {}
        self._counting = Lock()

    def admit(self, caller: CdsClient) -> None:
        """Count a call; raise TooManyCallsError for one too many."""
        issuer, now = caller.issuer or "", monotonic()
        with self._counting:
            window = self._windows.get(issuer)
            if window is None or now - window.began >= SECONDS:
                window = self._windows[issuer] = _Window(now)
            window.calls += 1
        if window.calls > self._most:
            raise TooManyCallsError(max(1, round(window.began + SECONDS - now)))
