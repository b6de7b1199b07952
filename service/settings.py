"""The configuration: environment variables, read and checked once at the start.

A value that does not fit, or a variable that no setting has, stops the start: a service that runs
with other limits than its operator wrote down would be worse than one that does not run. Values are
not repeated in complaints, because some of them may be secret.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cds_hooks.contexts import HOOKS
from mappings.criteria import profile_names
from mappings.dated import tables_as_of
from mappings.knowledge import Knowledge, load_knowledge
from mappings.tables import TableError, Tables, rule_tables
from mappings.terminology import Terminology, load_terminology
from mappings.weights import digest_of, with_weights

PROFILES = profile_names()
PREFIX = "KETAMINE_CDS_"
ASYMMETRIC = {f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)}
ON_OFF = dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(("false", "0", "no", "off"), False)
ANY_ORIGIN = "*"
SQLITE, POSTGRESQL = "sqlite:///", "postgresql://"


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


def is_origin(value: str) -> bool:
    """Tell whether `value` is scheme, host and port, as a browser writes them in the Origin header."""
    parts = urlsplit(value)
    plain = f"{parts.scheme}://{parts.netloc}".lower()
    named = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    return named and "@" not in value and value == plain


def is_base_url(value: str) -> bool:
    """Tell whether `value` is an origin with or without a path, and nothing else."""
    try:
        parts = urlsplit(value)
        origin = f"{parts.scheme}://{parts.netloc}"
        return value == f"{origin}{parts.path}" and is_origin(origin)
    except ValueError:  # no port, no IPv6 address
        return False


def is_local(host: str) -> bool:
    """Tell whether only this machine can reach `host`, an address or a name."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _text(fits: Callable[[str], object]) -> Callable[[str], str]:
    """Return a reader of text that `fits` neither denies nor raises ValueError for."""

    def read(text: str) -> str:
        if not fits(text):
            raise ValueError
        return text

    return read


def _list(fits: Callable[[tuple[str, ...]], object], ending: str = "") -> Callable[[str], tuple[str, ...]]:
    """Return a reader of entries separated by commas; blank ones and an `ending` say nothing."""

    def read(text: str) -> tuple[str, ...]:
        entries = tuple(entry.strip().rstrip(ending) for entry in text.split(",") if entry.strip())
        if not fits(entries):
            raise ValueError
        return entries

    return read


def _existing(exists: Callable[[Path], bool]) -> Callable[[str], Path | None]:
    """Return a reader of the path of something that `exists`; an empty variable gives none."""

    def read(text: str) -> Path | None:
        if text and not exists(Path(text)):
            raise ValueError
        return Path(text) if text else None

    return read


def _hooks(text: str) -> frozenset[str]:
    """Return no hooks for "false", all of them for "true", else those that are listed."""
    word = text.strip().lower()
    if word in {"true", "false"}:
        return frozenset(HOOKS if word == "true" else ())
    listed = frozenset(entry.strip() for entry in word.split(","))
    if not listed <= set(HOOKS):
        raise ValueError
    return listed


def _is_database(url: str) -> bool:
    return url.startswith((SQLITE, POSTGRESQL)) and url not in (SQLITE, POSTGRESQL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """What is told about a setting, and how its value is read from text: what raises does not fit."""

    read: Callable[[str], Any]
    expected: str
    meaning: str
    default: str


def setting(
    read: Callable[[str], Any],
    expected: str,
    meaning: str,
    *,
    default: Any = MISSING,
    shown: str = "",
    secret: bool = False,
) -> Any:
    """Return the member of a setting; without `default` its value follows from others.

    `shown` tells the default where the value does not, `secret` keeps the value out of `repr`.
    """
    told = Setting(read=read, expected=expected, meaning=meaning, default=shown or f"`{default}`")
    return field(default=default, repr=not secret, metadata={"setting": told})


def whole_number(low: int, high: int | None, meaning: str, *, default: int) -> Any:
    """Return the member of a whole number from `low` to `high`, or of at least `low`."""

    def read(text: str) -> int:
        number = int(text)
        if number < low or (high is not None and number > high):
            raise ValueError
        return number

    limits = f"of at least {low}" if high is None else f"from {low} to {high}"
    return setting(read, f"a whole number {limits}", meaning, default=default)


def flag(meaning: str, *, expected: str = "true or false", shown: str = "") -> Any:
    """Return the member of a switch: off, unless `shown` tells when it is on."""
    default = MISSING if shown else False
    return setting(ON_OFF.__getitem__, expected, meaning, default=default, shown=shown or "`false`")


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How this process serves. The variable of a setting is PREFIX and its name.

    `cors_origins` are web origins, or the one entry "*" for any; `fhir_servers` are base URLs without a
    trailing slash. `terminology_dir` holds code tables that stand in place of the shipped ones.
    """

    host: str = setting(
        _text(ip_address),
        "an IPv4 or IPv6 address",
        "address to listen on; `0.0.0.0` listens on all",
        default="127.0.0.1",
    )
    port: int = whole_number(1, 65535, "port to listen on", default=8000)
    public_url: str = setting(
        _text(is_base_url),
        "an http or https URL without query, such as https://cds.example.org",
        "base URL by which EHRs reach the service, behind a proxy the proxy's",
        shown="`http://HOST:PORT`",
    )
    mode: Mode = setting(
        Mode,
        "development or production",
        "`make run` sets `development`, in which every web origin is allowed unless listed",
        default=Mode.PRODUCTION,
    )
    cors_origins: tuple[str, ...] = setting(
        _list(lambda entries: entries == (ANY_ORIGIN,) or all(map(is_origin, entries))),
        "web origins such as https://ehr.example.org separated by commas, or *",
        "pages of these origins may call the service from a browser",
        shown="`*` in development, none in production",
    )
    profile: str = setting(
        _text(PROFILES.__contains__),
        "one of " + ", ".join(PROFILES),
        "definition of treatment resistance that hooks, and by default all assessments, apply",
        default="default",
    )
    time_zone: ZoneInfo = setting(
        ZoneInfo,
        "an IANA time zone name such as Europe/Vienna",
        "an assessment without a given day is made for today in this zone",
        default=ZoneInfo("UTC"),
    )
    max_body_bytes: int = whole_number(
        1024, None, "larger request bodies are answered with 413", default=33_554_432
    )
    terminology_dir: Path | None = setting(
        _existing(Path.is_dir),
        "a folder that `ketamine-cds terminology build` has written",
        "code tables that the site has built from the releases it is licensed to use",
        default=None,
        shown="the shipped tables",
    )
    flag_weights: Path | None = setting(
        _existing(Path.is_file),
        "a TOML file that can be read",
        "the site's own weights of flags, clinical or planning: docs/counting.md, R14.28",
        default=None,
        shown="the shipped weights",
    )
    auth: Auth = setting(
        Auth,
        "open or jwt",
        "whether every call needs a JWT of a listed issuer",
        shown="`jwt` when `KETAMINE_CDS_ISSUERS` is given, else `open`",
    )
    issuers: Path | None = setting(
        _existing(Path.is_file),
        "a JSON file that can be read",
        "who may call, with keys and FHIR servers: [docs/integrate.md](docs/integrate.md)",
        default=None,
        shown="none",
    )
    algorithms: tuple[str, ...] = setting(
        _list(lambda entries: entries and set(entries) <= ASYMMETRIC),
        "signature algorithms among " + ", ".join(sorted(ASYMMETRIC)),
        "algorithms by which a JWT may be signed",
        default=("RS384", "ES384"),
        shown="`RS384,ES384`",
    )
    trust_public_sandbox: bool = flag(
        "in development, accept the published key of the public CDS Hooks sandbox"
    )
    allow_open_public: bool = flag(
        "start without checking callers although other machines can reach the address"
    )
    fhir_servers: tuple[str, ...] = setting(
        _list(lambda entries: all(map(is_base_url, entries)), ending="/"),
        "base URLs such as https://ehr.example.org/fhir separated by commas",
        "FHIR servers that may be read for data that were not sent; "
        "with `jwt` those of the caller's issuer count instead",
        default=(),
        shown="none",
    )
    fetch_budget_ms: int = whole_number(
        0,
        60_000,
        "milliseconds that one call may spend on reading from a FHIR server; 0 reads nothing",
        default=2000,
    )
    cpu_budget_ms: int = whole_number(
        50,
        600_000,
        "milliseconds of processor time that assessing one call may take; a longer one is given up, and its "
        "card says so",
        default=1000,
    )
    database_url: str = setting(
        _text(_is_database),
        "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE",
        "keeps decision records, feedback and used tokens; replicas share a PostgreSQL",
        default="sqlite:///ketamine-cds.db",
        secret=True,
    )
    hash_key: str | None = setting(
        _text(lambda text: len(text) >= 32),
        "a secret of at least 32 characters",
        "key of the hashes that stand for patients, users and inputs",
        default=None,
        shown="a key file made at the first start; needed with PostgreSQL in production",
        secret=True,
    )
    suppression_days: int = whole_number(
        0,
        365,
        "days for which a card that was overridden is not shown again while nothing gets worse; "
        "0 shows it always",
        default=7,
    )
    retention_days: int = whole_number(
        1,
        36_500,
        "`ketamine-cds records purge` deletes decision records and feedback that are older",
        default=365,
    )
    rate_limit: int = whole_number(
        1,
        10_000_000,
        "calls a minute of one issuer that a worker answers; further ones get 429",
        default=60_000,
    )
    sandbox: bool = flag(
        "whether `/sandbox`, a page for testers with made-up patients, is served",
        expected="on or off",
        shown="`on` in development, `off` in production",
    )
    lenient: bool = flag(
        "a call of another hook, or without orders, gets a card that says so, not 400",
        shown="`true` in development, `false` in production",
    )
    silent: frozenset[str] = setting(
        _hooks,
        f"true, false, or hooks among {', '.join(HOOKS)} separated by commas",
        "all cards of these hooks are recorded, and only those about a danger shown: safety, "
        "critical orders, and orders for ketamine or esketamine that were not assessed",
        default=frozenset(),
        shown="`false`",
    )
    links: bool = setting(
        ON_OFF.__getitem__,
        "true or false",
        "cards link to the rules behind them, the label and the REMS site; the entry of an issuer may say "
        "otherwise",
        default=True,
        shown="`true`",
    )
    smart_client_id: str | None = setting(
        _text(lambda text: 1 <= len(text) <= 255),
        "the client id that the EHR has given the evidence view",
        "registers the SMART app at `/smart/launch`",
        default=None,
        shown="none, and cards have no link to it",
    )

    def today(self) -> date:
        """Return the day of an assessment for which no day is given."""
        return datetime.now(self.time_zone).date()


SETTINGS: Mapping[str, Setting] = {
    f"{PREFIX}{member.name.upper()}": member.metadata["setting"] for member in fields(Settings)
}
"""Every setting by its variable, in the order in which README lists them."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that `environment` gives; raise SettingsError when one cannot be used."""
    values, complaints = {}, []
    for variable in sorted(name for name in environment if name.startswith(PREFIX)):
        try:
            values[variable.removeprefix(PREFIX).lower()] = SETTINGS[variable].read(environment[variable])
        except (KeyError, ValueError, OSError):  # OSError: a time zone that is the folder of a region
            complaints.append(_complaint(variable))
    if complaints:
        raise SettingsError("; ".join(complaints))
    settings = Settings(**_completed(values))
    if conflicts := list(_conflicts(settings)):
        raise SettingsError("; ".join(conflicts))
    return settings


def _complaint(variable: str) -> str:
    if variable in SETTINGS:
        return f"{variable}: expected {SETTINGS[variable].expected}"
    near = get_close_matches(variable, SETTINGS, n=1)
    return f"{variable}: no such setting" + (f", did you mean {near[0]}?" if near else "")


def _completed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return all values: one that is not given is the default, or follows from other settings."""
    values = {member.name: member.default for member in fields(Settings) if member.default is not MISSING}
    values |= given
    trying = values["mode"] is Mode.DEVELOPMENT
    host = f"[{values['host']}]" if ":" in values["host"] else values["host"]
    implied = {
        "public_url": f"http://{host}:{values['port']}",
        "cors_origins": (ANY_ORIGIN,) if trying else (),
        "auth": Auth.JWT if values["issuers"] else Auth.OPEN,
        "sandbox": trying,
        "lenient": trying,
    }
    values = implied | values
    return values | {"public_url": values["public_url"].rstrip("/")}


def _conflicts(settings: Settings) -> Iterator[str]:
    """Yield what settings that are fine by themselves say against each other."""
    if settings.auth is Auth.JWT and settings.issuers is None and not settings.trust_public_sandbox:
        yield "KETAMINE_CDS_ISSUERS: expected a file of issuers, without which `jwt` lets nobody in"
    if settings.trust_public_sandbox and settings.mode is not Mode.DEVELOPMENT:
        yield "KETAMINE_CDS_TRUST_PUBLIC_SANDBOX: expected `false`, it is for development"
    shared = settings.database_url.startswith(POSTGRESQL)
    if shared and settings.hash_key is None and settings.mode is not Mode.DEVELOPMENT:
        yield "KETAMINE_CDS_HASH_KEY: expected a secret that all replicas of this database share"
    if settings.retention_days < settings.suppression_days:
        yield "KETAMINE_CDS_RETENTION_DAYS: expected no fewer days than KETAMINE_CDS_SUPPRESSION_DAYS"
    if not all(is_https_or_here(base, settings.mode) for base in settings.fhir_servers):
        yield "KETAMINE_CDS_FHIR_SERVERS: expected https (in development also http on this machine)"


def is_https_or_here(url: str, mode: Mode) -> bool:
    """Tell whether `url` may be read: https, or this machine while people try the service out."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (mode is Mode.DEVELOPMENT and is_local(parts.hostname or ""))


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
