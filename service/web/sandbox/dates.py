"""Made-up records grow older with the calendar: every date in them moves by the same number of days."""

import re
from datetime import date, timedelta
from typing import Any

_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(T.*)?")
_MONTH = re.compile(r"\d{4}-\d\d")
_YEAR = re.compile(r"\d{4}")
_YEAR_MEMBERS = ("DateTime", "Date")  # elsewhere four digits may be a code or a time of day


def moved(value: Any, days: int, name: str = "") -> Any:
    """Return the JSON `value`, the member `name` of its object, with its dates `days` later."""
    if isinstance(value, dict):
        return {key: moved(member, days, key) for key, member in value.items()}
    if isinstance(value, list):
        return [moved(entry, days, name) for entry in value]
    return _moved_text(value, days, name) if isinstance(value, str) else value


def _moved_text(text: str, days: int, name: str) -> str:
    if found := _DAY.fullmatch(text):
        return _later(found[1], days) + (found[2] or "")
    if _MONTH.fullmatch(text):
        return _later(f"{text}-15", days)[:7]
    if _YEAR.fullmatch(text) and name.endswith(_YEAR_MEMBERS):
        return _later(f"{text}-07-01", days)[:4]
    return text


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
