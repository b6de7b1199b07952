"""Why a requested list is incomplete, from the word of decision records for it."""

from service.clinical.facts import FetchFailure
from service.fetch.http_client import Failure

_NOT_OFFERED = {f"failed:{failure}" for failure in (Failure.FORBIDDEN, Failure.NOT_FOUND, Failure.REFUSED)}
"""The server has no such list, or none for us: it will not have it a moment later either."""


def failure_of(word: str) -> FetchFailure:
    """Return why a requested list is incomplete, by its word in decision records."""
    return FetchFailure.NOT_OFFERED if word in _NOT_OFFERED else FetchFailure.INTERRUPTED
