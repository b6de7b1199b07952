"""What time it is: for what is kept and for how long, and for tokens, which end by the clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)
