"""The time of day, for records, for how long they are kept, and for tokens, which expire."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)
