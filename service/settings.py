"""The configuration: environment variables, read and checked once at the start.

A value that does not fit, or a variable that no setting has, stops the start: a service that runs
with other limits than its operator wrote down would be worse than one that does not run. Values are
not repeated in complaints, because some of them may be secret.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.validate import OneOf, Range

from mappings.criteria import profile_names

PROFILES = profile_names()
PREFIX = "KETAMINE_CDS_"
ANY_ORIGIN = "*"


class SettingsError(Exception):
    """The configuration cannot be used; the message is one line that names each variable at fault."""


class Mode(StrEnum):
    """Whether people try the service out or rely on it."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How this process serves: `cors_origins` are web origins, or the one entry "*" for any.

    `terminology_dir` holds code tables that stand in place of the shipped ones.
    """

    host: str
    port: int
    public_url: str
    mode: Mode
    cors_origins: tuple[str, ...]
    profile: str
    time_zone: ZoneInfo
    max_body_bytes: int
    terminology_dir: Path | None

    def today(self) -> date:
        """The day of an assessment for which no day is given."""
        return datetime.now(self.time_zone).date()


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that `environment` gives; raise SettingsError when one cannot be used."""
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    try:
        settings: Settings = SettingsSchema().load(given)
    except ValidationError as error:
        raise SettingsError("; ".join(map(_complaint, sorted(error.messages_dict)))) from None
    return settings


def _complaint(variable: str) -> str:
    known = {str(field.data_key): field for field in SettingsSchema().fields.values()}
    if variable in known:
        return f"{variable}: expected {known[variable].metadata['expected']}"
    near = get_close_matches(variable, known, n=1)
    return f"{variable}: no such setting" + (f", did you mean {near[0]}?" if near else "")


def _holds(test: Callable[[Any], object]) -> Callable[[Any], None]:
    """A validator that refuses what `test` denies or raises ValueError for."""

    def validate(value: Any) -> None:
        try:
            fits = test(value)
        except ValueError:
            fits = False
        if not fits:
            raise ValidationError("does not fit")

    return validate


def _is_origin(value: str) -> bool:
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


def _is_public_url(value: str) -> bool:
    """An origin with or without a path, nothing else."""
    parts = urlsplit(value)
    return value == f"{parts.scheme}://{parts.netloc}{parts.path}" and _is_origin(
        f"{parts.scheme}://{parts.netloc}"
    )


def _are_origins(entries: tuple[str, ...]) -> bool:
    return entries == (ANY_ORIGIN,) or all(map(_is_origin, entries))


class _Origins(fields.Field[tuple[str, ...]]):
    """A comma-separated list of web origins, the one entry "*", or nothing."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        return tuple(entry.strip() for entry in str(value).split(",") if entry.strip())


class _TimeZone(fields.Field[ZoneInfo]):
    """A time zone by its IANA name."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> ZoneInfo:
        try:
            return ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # OSError: the name of a region's folder
            raise ValidationError("no time zone") from None


class _Folder(fields.Field[Path | None]):
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


class SettingsSchema(Schema):
    """Every setting: its variable, its default, what is expected, and what it means."""

    host = fields.String(
        data_key="KETAMINE_CDS_HOST",
        load_default="127.0.0.1",
        validate=_holds(ip_address),
        metadata={
            "expected": "an IPv4 or IPv6 address",
            "meaning": "address to listen on; `0.0.0.0` listens on all",
        },
    )
    port = fields.Integer(
        data_key="KETAMINE_CDS_PORT",
        load_default=8000,
        validate=Range(1, 65535),
        metadata={"expected": "a whole number from 1 to 65535", "meaning": "port to listen on"},
    )
    public_url = fields.String(
        data_key="KETAMINE_CDS_PUBLIC_URL",
        validate=_holds(_is_public_url),
        metadata={
            "expected": "an http or https URL without query, such as https://cds.example.org",
            "default": "`http://HOST:PORT`",
            "meaning": "base URL by which EHRs reach the service, behind a proxy the proxy's",
        },
    )
    mode = fields.Enum(
        Mode,
        by_value=True,
        data_key="KETAMINE_CDS_MODE",
        load_default=Mode.PRODUCTION,
        metadata={
            "expected": "development or production",
            "meaning": "`make run` sets `development`, in which every web origin is allowed unless listed",
        },
    )
    cors_origins = _Origins(
        data_key="KETAMINE_CDS_CORS_ORIGINS",
        validate=_holds(_are_origins),
        metadata={
            "expected": "web origins such as https://ehr.example.org separated by commas, or *",
            "default": "`*` in development, none in production",
            "meaning": "pages of these origins may call the service from a browser",
        },
    )
    profile = fields.String(
        data_key="KETAMINE_CDS_PROFILE",
        load_default="default",
        validate=OneOf(PROFILES),
        metadata={
            "expected": "one of " + ", ".join(PROFILES),
            "meaning": "definition of treatment resistance that hooks, and by default all assessments, apply",
        },
    )
    time_zone = _TimeZone(
        data_key="KETAMINE_CDS_TIME_ZONE",
        load_default=ZoneInfo("UTC"),
        metadata={
            "expected": "an IANA time zone name such as Europe/Vienna",
            "meaning": "an assessment without a given day is made for today in this zone",
        },
    )
    max_body_bytes = fields.Integer(
        data_key="KETAMINE_CDS_MAX_BODY_BYTES",
        load_default=33_554_432,
        validate=Range(min=1024),
        metadata={
            "expected": "a whole number of at least 1024",
            "meaning": "larger request bodies are answered with 413",
        },
    )
    terminology_dir = _Folder(
        data_key="KETAMINE_CDS_TERMINOLOGY_DIR",
        load_default=None,
        metadata={
            "expected": "a folder that `ketamine-cds terminology build` has written",
            "default": "the shipped tables",
            "meaning": "code tables that the site has built from the releases it is licensed to use",
        },
    )

    @post_load
    def _settings(self, values: dict[str, Any], **kwargs: Any) -> Settings:
        host = f"[{values['host']}]" if ":" in values["host"] else values["host"]
        values.setdefault("public_url", f"http://{host}:{values['port']}")
        values.setdefault("cors_origins", (ANY_ORIGIN,) if values["mode"] is Mode.DEVELOPMENT else ())
        values["public_url"] = values["public_url"].rstrip("/")
        return Settings(**values)
