"""The kinds of values that settings have: how each is read from text, and what fits."""

from collections.abc import Callable, Collection
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields

ANY_ORIGIN = "*"
SQLITE, POSTGRESQL = "sqlite:///", "postgresql://"


def holds(test: Callable[[Any], object]) -> Callable[[Any], None]:
    """A validator that refuses what `test` denies or raises ValueError for."""

    def validate(value: Any) -> None:
        try:
            fits = test(value)
        except ValueError:
            fits = False
        if not fits:
            raise ValidationError("does not fit")

    return validate


def is_origin(value: str) -> bool:
    """Scheme, host and port, as a browser writes them in the Origin header."""
    parts = urlsplit(value)
    plain = f"{parts.scheme}://{parts.netloc}".lower()
    return (
        parts.scheme in ("http", "https")
        and bool(parts.hostname)
        and parts.port != 0
        and "@" not in value
        and value == plain
    )


def is_base_url(value: str) -> bool:
    """An origin with or without a path, nothing else."""
    parts = urlsplit(value)
    return value == f"{parts.scheme}://{parts.netloc}{parts.path}" and is_origin(
        f"{parts.scheme}://{parts.netloc}"
    )


def are_origins(entries: tuple[str, ...]) -> bool:
    """Web origins, or the one entry that stands for any."""
    return entries == (ANY_ORIGIN,) or all(map(is_origin, entries))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_database(url: str) -> bool:
    """The address of a database of a kind that is served here."""
    return url.startswith((SQLITE, POSTGRESQL)) and url not in (SQLITE, POSTGRESQL)


class Hooks(fields.Field[frozenset[str]]):
    """No hooks ("false"), all of them ("true"), or those that are listed, separated by commas."""

    def __init__(self, known: Collection[str], **more: Any) -> None:
        super().__init__(**more)
        self._known = known

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> frozenset[str]:
        text = str(value).strip().lower()
        if text in {"true", "false"}:
            return frozenset(self._known if text == "true" else ())
        hooks = frozenset(entry.strip() for entry in text.split(","))
        if not hooks <= set(self._known):
            raise ValidationError("does not fit")
        return hooks


class Entries(fields.Field[tuple[str, ...]]):
    """Entries separated by commas; blank ones are none."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        return tuple(entry.strip() for entry in str(value).split(",") if entry.strip())


class Bases(Entries):
    """Base URLs of servers; a trailing slash says nothing."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        return tuple(entry.rstrip("/") for entry in super()._deserialize(value, attr, data, **kwargs))


class TimeZone(fields.Field[ZoneInfo]):
    """A time zone by its IANA name."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> ZoneInfo:
        try:
            return ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # OSError: the name of a region's folder
            raise ValidationError("no time zone") from None


class File(fields.Field[Path | None]):
    """A file that can be read; nothing when the variable is empty."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Path | None:
        if not value:
            return None
        try:
            exists = Path(value).is_file()
        except (ValueError, OSError):  # ValueError: a NUL byte
            exists = False
        if not exists:
            raise ValidationError("no file")
        return Path(value)


class Folder(fields.Field[Path | None]):
    """A folder that exists; nothing when the variable is empty."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Path | None:
        if not value:
            return None
        try:
            exists = Path(value).is_dir()
        except (ValueError, OSError):  # ValueError: a NUL byte
            exists = False
        if not exists:
            raise ValidationError("no folder")
        return Path(value)
