"""The configuration: environment variables, read and checked once at the start.

A value that does not fit, or a variable that no setting has, stops the start: a service that runs
with other limits than its operator wrote down would be worse than one that does not run. Values are
not repeated in complaints, because some of them may be secret.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from cds_hooks.contexts import HOOKS
from mappings.criteria import profile_names
from mappings.dated import tables_as_of
from mappings.knowledge import Knowledge, load_knowledge
from mappings.tables import TableError, Tables, rule_tables
from mappings.terminology import Terminology, load_terminology
from mappings.weights import digest_of, with_weights
from service.setting_kinds import (
    ANY_ORIGIN,
    POSTGRESQL,
    Bases,
    Entries,
    File,
    Folder,
    Hooks,
    TimeZone,
    are_origins,
    holds,
    is_base_url,
    is_database,
    is_loopback,
)

PROFILES = profile_names()
PREFIX = "KETAMINE_CDS_"
ASYMMETRIC = {f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)}
TRUE, FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}


class SettingsError(Exception):
    """The configuration cannot be used; the message is one line that names each variable at fault."""


class Mode(StrEnum):
    """Whether people try the service out or rely on it."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Auth(StrEnum):
    """Whom the service answers: everyone, or callers with a JWT of a listed issuer."""

    OPEN = "open"
    JWT = "jwt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How this process serves: `cors_origins` are web origins, or the one entry "*" for any.

    `terminology_dir` holds code tables that stand in place of the shipped ones, `flag_weights` weights that
    the site has set. `fhir_servers` are base URLs without a trailing slash. `hash_key` and `database_url`
    hold secrets: `repr` leaves them out.
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
    flag_weights: Path | None
    auth: Auth
    issuers: Path | None
    algorithms: tuple[str, ...]
    trust_public_sandbox: bool
    allow_open_public: bool
    fhir_servers: tuple[str, ...]
    fetch_budget_ms: int
    database_url: str = field(repr=False)
    hash_key: str | None = field(repr=False)
    suppression_days: int
    retention_days: int
    rate_limit: int
    sandbox: bool
    lenient: bool
    silent: frozenset[str]
    smart_client_id: str | None

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
    if conflicts := list(_conflicts(settings)):
        raise SettingsError("; ".join(conflicts))
    return settings


def _conflicts(settings: Settings) -> Iterator[str]:
    """What settings that are fine by themselves say against each other."""
    if settings.auth is Auth.JWT and settings.issuers is None and not settings.trust_public_sandbox:
        yield "KETAMINE_CDS_ISSUERS: expected a file of issuers, without which `jwt` lets nobody in"
    if settings.trust_public_sandbox and settings.mode is not Mode.DEVELOPMENT:
        yield "KETAMINE_CDS_TRUST_PUBLIC_SANDBOX: expected `false`, it is for development"
    shared = settings.database_url.startswith(POSTGRESQL)
    if shared and settings.hash_key is None and settings.mode is not Mode.DEVELOPMENT:
        yield "KETAMINE_CDS_HASH_KEY: expected a secret that all replicas of this database share"
    if settings.retention_days < settings.suppression_days:
        yield "KETAMINE_CDS_RETENTION_DAYS: expected no fewer days than KETAMINE_CDS_SUPPRESSION_DAYS"
    if not all(_is_fhir_server(base, settings.mode) for base in settings.fhir_servers):
        yield "KETAMINE_CDS_FHIR_SERVERS: expected https (in development also http on this machine)"


def _complaint(variable: str) -> str:
    known = {str(field.data_key): field for field in SettingsSchema().fields.values()}
    if variable in known:
        return f"{variable}: expected {known[variable].metadata['expected']}"
    near = get_close_matches(variable, known, n=1)
    return f"{variable}: no such setting" + (f", did you mean {near[0]}?" if near else "")


def _is_fhir_server(base: str, mode: Mode) -> bool:
    """Whether a base URL may be read: https, or this machine while people try the service out."""
    parts = urlsplit(base)
    local = mode is Mode.DEVELOPMENT and is_loopback(parts.hostname or "")
    return parts.scheme == "https" or local


class SettingsSchema(Schema):
    """Every setting: its variable, its default, what is expected, and what it means."""

    host = fields.String(
        data_key="KETAMINE_CDS_HOST",
        load_default="127.0.0.1",
        validate=holds(ip_address),
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
        validate=holds(is_base_url),
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
    cors_origins = Entries(
        data_key="KETAMINE_CDS_CORS_ORIGINS",
        validate=holds(are_origins),
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
    time_zone = TimeZone(
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
    terminology_dir = Folder(
        data_key="KETAMINE_CDS_TERMINOLOGY_DIR",
        load_default=None,
        metadata={
            "expected": "a folder that `ketamine-cds terminology build` has written",
            "default": "the shipped tables",
            "meaning": "code tables that the site has built from the releases it is licensed to use",
        },
    )
    flag_weights = File(
        data_key="KETAMINE_CDS_FLAG_WEIGHTS",
        load_default=None,
        metadata={
            "expected": "a TOML file that can be read",
            "default": "the shipped weights",
            "meaning": "the site's own weights of flags, clinical or planning: docs/counting.md, R14.28",
        },
    )

    auth = fields.Enum(
        Auth,
        by_value=True,
        data_key="KETAMINE_CDS_AUTH",
        metadata={
            "expected": "open or jwt",
            "default": "`jwt` when `KETAMINE_CDS_ISSUERS` is given, else `open`",
            "meaning": "whether every call needs a JWT of a listed issuer",
        },
    )
    issuers = File(
        data_key="KETAMINE_CDS_ISSUERS",
        load_default=None,
        metadata={
            "expected": "a JSON file that can be read",
            "default": "none",
            "meaning": "who may call, with keys and FHIR servers: [docs/integrate.md](docs/integrate.md)",
        },
    )
    algorithms = Entries(
        data_key="KETAMINE_CDS_ALGORITHMS",
        load_default=("RS384", "ES384"),
        validate=holds(lambda entries: entries and set(entries) <= ASYMMETRIC),
        metadata={
            "expected": "signature algorithms among " + ", ".join(sorted(ASYMMETRIC)),
            "default": "`RS384,ES384`",
            "meaning": "algorithms by which a JWT may be signed",
        },
    )
    trust_public_sandbox = fields.Boolean(
        data_key="KETAMINE_CDS_TRUST_PUBLIC_SANDBOX",
        truthy=TRUE,
        falsy=FALSE,
        load_default=False,
        metadata={
            "expected": "true or false",
            "default": "`false`",
            "meaning": "in development, accept the published key of the public CDS Hooks sandbox",
        },
    )
    allow_open_public = fields.Boolean(
        data_key="KETAMINE_CDS_ALLOW_OPEN_PUBLIC",
        truthy=TRUE,
        falsy=FALSE,
        load_default=False,
        metadata={
            "expected": "true or false",
            "default": "`false`",
            "meaning": "start without checking callers although other machines can reach the address",
        },
    )
    fhir_servers = Bases(
        data_key="KETAMINE_CDS_FHIR_SERVERS",
        load_default=(),
        validate=holds(lambda entries: all(map(is_base_url, entries))),
        metadata={
            "expected": "base URLs such as https://ehr.example.org/fhir separated by commas",
            "default": "none",
            "meaning": "FHIR servers that may be read for data that were not sent; "
            "with `jwt` those of the caller's issuer count instead",
        },
    )
    fetch_budget_ms = fields.Integer(
        data_key="KETAMINE_CDS_FETCH_BUDGET_MS",
        load_default=2000,
        validate=Range(0, 60_000),
        metadata={
            "expected": "a whole number from 0 to 60000",
            "meaning": "milliseconds that one call may spend on reading from a FHIR server; 0 reads nothing",
        },
    )
    database_url = fields.String(
        data_key="KETAMINE_CDS_DATABASE_URL",
        load_default="sqlite:///ketamine-cds.db",
        validate=holds(is_database),
        metadata={
            "expected": "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE",
            "meaning": "keeps decision records, feedback and used tokens; replicas share a PostgreSQL",
        },
    )
    hash_key = fields.String(
        data_key="KETAMINE_CDS_HASH_KEY",
        load_default=None,
        validate=Length(min=32),
        metadata={
            "expected": "a secret of at least 32 characters",
            "default": "a key file made at the first start; needed with PostgreSQL in production",
            "meaning": "key of the hashes that stand for patients, users and inputs",
        },
    )
    suppression_days = fields.Integer(
        data_key="KETAMINE_CDS_SUPPRESSION_DAYS",
        load_default=7,
        validate=Range(0, 365),
        metadata={
            "expected": "a whole number from 0 to 365",
            "meaning": "days for which a card that was overridden is not shown again while nothing gets "
            "worse; 0 shows it always",
        },
    )
    retention_days = fields.Integer(
        data_key="KETAMINE_CDS_RETENTION_DAYS",
        load_default=365,
        validate=Range(1, 36_500),
        metadata={
            "expected": "a whole number from 1 to 36500",
            "meaning": "`ketamine-cds records purge` deletes decision records and feedback that are older",
        },
    )
    rate_limit = fields.Integer(
        data_key="KETAMINE_CDS_RATE_LIMIT",
        load_default=60_000,
        validate=Range(1, 10_000_000),
        metadata={
            "expected": "a whole number from 1 to 10000000",
            "meaning": "calls a minute of one issuer that a worker answers; further ones get 429",
        },
    )

    sandbox = fields.Boolean(
        data_key="KETAMINE_CDS_SANDBOX",
        truthy=TRUE,
        falsy=FALSE,
        metadata={
            "expected": "on or off",
            "default": "`on` in development, `off` in production",
            "meaning": "whether `/sandbox`, a page for testers with made-up patients, is served",
        },
    )
    lenient = fields.Boolean(
        data_key="KETAMINE_CDS_LENIENT",
        truthy=TRUE,
        falsy=FALSE,
        metadata={
            "expected": "true or false",
            "default": "`true` in development, `false` in production",
            "meaning": "a call of another hook, or without orders, gets a card that says so, not 400",
        },
    )
    silent = Hooks(
        HOOKS,
        data_key="KETAMINE_CDS_SILENT",
        load_default=frozenset(),
        metadata={
            "expected": f"true, false, or hooks among {', '.join(HOOKS)} separated by commas",
            "default": "`false`",
            "meaning": "all cards of these hooks are recorded, and only those about a danger shown: safety, "
            "critical orders, and orders for ketamine or esketamine that were not assessed",
        },
    )
    smart_client_id = fields.String(
        data_key="KETAMINE_CDS_SMART_CLIENT_ID",
        load_default=None,
        validate=Length(min=1, max=255),
        metadata={
            "expected": "the client id that the EHR has given the evidence view",
            "default": "none, and cards have no link to it",
            "meaning": "registers the SMART app at `/smart/launch`",
        },
    )

    @post_load
    def _settings(self, values: dict[str, Any], **kwargs: Any) -> Settings:
        host = f"[{values['host']}]" if ":" in values["host"] else values["host"]
        values.setdefault("public_url", f"http://{host}:{values['port']}")
        values.setdefault("cors_origins", (ANY_ORIGIN,) if values["mode"] is Mode.DEVELOPMENT else ())
        values["public_url"] = values["public_url"].rstrip("/")
        for trying in ("sandbox", "lenient"):
            values.setdefault(trying, values["mode"] is Mode.DEVELOPMENT)
        values.setdefault("auth", Auth.JWT if values["issuers"] else Auth.OPEN)
        return Settings(**values)


def read_rules(settings: Settings, rules_as_of: date | None = None) -> Knowledge:
    """Read every table, with the shipped code tables or those of the site, as of an earlier day if asked.

    Raises SettingsError, naming variable, file and row, when a site's cannot be used.
    """
    tables = tables_as_of(rule_tables(), rules_as_of) if rules_as_of else rule_tables()
    knowledge = load_knowledge(_terminology(settings), _weighed(tables, settings.flag_weights))
    if settings.flag_weights is None:
        return knowledge
    return replace(knowledge, rule_set=f"{knowledge.rule_set}+weights-{digest_of(settings.flag_weights)}")


def _terminology(settings: Settings) -> Terminology | None:
    if settings.terminology_dir is None:
        return None
    try:
        return load_terminology(settings.terminology_dir)
    except TableError as error:
        raise SettingsError(f"KETAMINE_CDS_TERMINOLOGY_DIR: {error}") from error


def _weighed(tables: Tables, weights: Path | None) -> Tables:
    if weights is None:
        return tables
    try:
        return with_weights(tables, weights)
    except TableError as error:
        raise SettingsError(f"KETAMINE_CDS_FLAG_WEIGHTS: {error}") from error
