"""The configuration: environment variables, read and checked once at the start.

A value that does not fit, or a variable that no setting has, stops the start: a service that runs
with other limits than its operator wrote down would be worse than one that does not run. Values are
not repeated in complaints, because some of them may be secret.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cds_hooks.contexts import HOOKS
from cds_hooks.grammar import is_base_url, is_loopback, is_origin
from mappings.profiles import profile_names

PROFILES = profile_names()
PREFIX = "KETAMINE_CDS_"
ASYMMETRIC = {f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)}
ON_OFF = dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(("false", "0", "no", "off"), False)
ANY_ORIGIN = "*"
SQLITE, POSTGRESQL = "sqlite:///", "postgresql://"
SHORTEST_SECRET = 32  # characters


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


Reader = Callable[[str], Any]
"""What makes a value of the text of a variable, and raises where it does not fit."""


class ValueKind(NamedTuple):
    """A kind of value: what is expected, and how it is read."""

    expected: str
    read: Reader

    def setting(self, meaning: str, *, default: Any = MISSING, shown: str = "", secret: bool = False) -> Any:
        """Return the member of a setting of this kind; without `default` its value follows from others.

        `shown` tells the default where the value does not, `secret` keeps the value out of `repr`.
        """
        told = str(default).lower() if isinstance(default, bool) else default
        shown = shown or ("none" if default in (None, ()) else f"`{told}`")
        return field(default=default, repr=not secret, metadata={"setting": Setting(self, meaning, shown)})


class Setting(NamedTuple):
    """What README tells about a setting."""

    kind: ValueKind
    meaning: str
    default: str


def checked(fits: Callable[[Any], object], read: Reader = str) -> Reader:
    """Return a reader of what `read` makes of a text and `fits` neither denies nor raises ValueError for."""

    def value(text: str) -> Any:
        made = read(text)
        if not fits(made):
            raise ValueError
        return made

    return value


def whole_number(low: int, high: int = 0) -> ValueKind:
    """Return the kind of a whole number from `low` to `high`, or of at least `low`."""
    limits = f"from {low} to {high}" if high else f"of at least {low}"
    return ValueKind(
        f"a whole number {limits}", checked(range(low, (high or sys.maxsize) + 1).__contains__, int)
    )


def existing(what: str, exists: Callable[[Path], bool]) -> ValueKind:
    """Return the kind of a path of something that `exists`; an empty variable gives none."""
    read = checked(lambda path: path is None or exists(path), lambda text: Path(text) if text else None)
    return ValueKind(what, read)


def _entries(text: str) -> tuple[str, ...]:
    """Return the entries of a list with commas; blank ones say nothing."""
    return tuple(entry.strip() for entry in text.split(",") if entry.strip())


def _hooks(text: str) -> frozenset[str]:
    """Return no hooks for "false", all of them for "true", else those that are listed."""
    said = text.strip().lower()
    if said in ("true", "false"):
        return frozenset(HOOKS if said == "true" else ())
    return frozenset(entry.strip() for entry in said.split(","))


def _is_database(url: str) -> bool:
    return url.startswith((SQLITE, POSTGRESQL)) and url not in (SQLITE, POSTGRESQL)


ADDRESS = ValueKind("an IPv4 or IPv6 address", checked(ip_address))
BASE_URL = ValueKind(
    "an http or https URL without query, such as https://cds.example.org", checked(is_base_url)
)
BASE_URLS = ValueKind(
    "base URLs such as https://ehr.example.org/fhir separated by commas",
    checked(
        lambda found: all(map(is_base_url, found)),
        lambda text: tuple(entry.rstrip("/") for entry in _entries(text)),
    ),
)
ORIGINS = ValueKind(
    "web origins such as https://ehr.example.org separated by commas, or *",
    checked(lambda found: found == (ANY_ORIGIN,) or all(map(is_origin, found)), _entries),
)
ALGORITHMS = ValueKind(
    f"signature algorithms among {', '.join(sorted(ASYMMETRIC))}",
    checked(lambda found: found and ASYMMETRIC.issuperset(found), _entries),
)
PROFILE = ValueKind(f"one of {', '.join(PROFILES)}", checked(PROFILES.__contains__))
TIME_ZONE = ValueKind("an IANA time zone name such as Europe/Vienna", ZoneInfo)
CODE_TABLES = existing("a folder that `ketamine-cds terminology build` has written", Path.is_dir)
DATABASE = ValueKind(f"{SQLITE}FILE or {POSTGRESQL}USER:PASSWORD@HOST/DATABASE", checked(_is_database))
SECRET = ValueKind(
    f"a secret of at least {SHORTEST_SECRET} characters", checked(lambda text: len(text) >= SHORTEST_SECRET)
)
HOOK_LIST = ValueKind(
    f"true, false, or hooks among {', '.join(HOOKS)} separated by commas",
    checked(frozenset(HOOKS).issuperset, _hooks),
)
CLIENT_ID = ValueKind(
    "the client id that the EHR has given the evidence view", checked(lambda text: 1 <= len(text) <= 255)
)
TRUE_FALSE = ValueKind("true or false", ON_OFF.__getitem__)
SWITCH = ValueKind("on or off", ON_OFF.__getitem__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How this process serves. The variable of a setting is PREFIX and its name.

    `cors_origins` are web origins, or the one entry "*" for any; `fhir_servers` are base URLs without a
    trailing slash. `terminology_dir` holds code tables that stand in place of the shipped ones.
    """

    host: str = ADDRESS.setting("address to listen on; `0.0.0.0` listens on all", default="127.0.0.1")
    port: int = whole_number(1, 65535).setting("port to listen on", default=8000)
    workers: int = whole_number(1, 64).setting(
        "processes that answer, a core each; a dead one is replaced", default=2
    )
    threads: int = whole_number(1, 64).setting(
        "threads of a worker for calls with bodies up to 256 KiB", default=8
    )
    public_url: str = BASE_URL.setting(
        "base URL by which EHRs reach the service, behind a proxy the proxy's", shown="`http://HOST:PORT`"
    )
    mode: Mode = ValueKind(" or ".join(Mode), Mode).setting(
        "`make run` sets `development`, in which every web origin is allowed unless listed",
        default=Mode.PRODUCTION,
    )
    cors_origins: tuple[str, ...] = ORIGINS.setting(
        "pages of these origins may call the service from a browser",
        shown="`*` in development, none in production",
    )
    profile: str = PROFILE.setting(
        "definition of treatment resistance that hooks, and by default all assessments, apply",
        default="default",
    )
    time_zone: ZoneInfo = TIME_ZONE.setting(
        "an assessment without a given day is made for today in this zone", default=ZoneInfo("UTC")
    )
    max_body_bytes: int = whole_number(1024).setting(
        "larger request bodies are answered with 413", default=33_554_432
    )
    terminology_dir: Path | None = CODE_TABLES.setting(
        "code tables that the site has built from the releases it is licensed to use",
        default=None,
        shown="the shipped tables",
    )
    flag_weights: Path | None = existing("a TOML file that can be read", Path.is_file).setting(
        "the site's own weights of flags, clinical or planning: docs/counting.md, R14.28",
        default=None,
        shown="the shipped weights",
    )
    policies_dir: Path | None = existing("a folder with TOML files of policies", Path.is_dir).setting(
        "the site's own policies, such as those of its payers: docs/policies.md",
        default=None,
        shown="the shipped policies",
    )
    validation_report: Path | None = existing("a JSON file that can be read", Path.is_file).setting(
        "agreement.json of `ketamine-cds validate`, told on the basis pages: docs/populations.md",
        default=None,
    )
    auth: Auth = ValueKind(" or ".join(Auth), Auth).setting(
        "whether every call needs a JWT of a listed issuer",
        shown="`jwt` when `KETAMINE_CDS_ISSUERS` is given, else `open`",
    )
    issuers: Path | None = existing("a JSON file that can be read", Path.is_file).setting(
        "who may call, with keys and FHIR servers: [docs/integrate.md](docs/integrate.md)", default=None
    )
    algorithms: tuple[str, ...] = ALGORITHMS.setting(
        "algorithms by which a JWT may be signed", default=("RS384", "ES384"), shown="`RS384,ES384`"
    )
    trust_public_sandbox: bool = TRUE_FALSE.setting(
        "in development, accept the published key of the public CDS Hooks sandbox", default=False
    )
    allow_open_public: bool = TRUE_FALSE.setting(
        "start without checking callers although other machines can reach the address", default=False
    )
    fhir_servers: tuple[str, ...] = BASE_URLS.setting(
        "FHIR servers that may be read for data that were not sent; "
        "with `jwt` those of the caller's issuer count instead",
        default=(),
    )
    fetch_budget_ms: int = whole_number(0, 60_000).setting(
        "milliseconds that one call may spend on reading from a FHIR server; 0 reads nothing", default=2000
    )
    cpu_budget_ms: int = whole_number(50, 600_000).setting(
        "milliseconds of processor time that assessing one call may take; "
        "a longer one is given up, and its card says so",
        default=1000,
    )
    database_url: str = DATABASE.setting(
        "keeps decision records, feedback and used tokens; replicas share a PostgreSQL",
        default="sqlite:///ketamine-cds.db",
        secret=True,
    )
    hash_key: str | None = SECRET.setting(
        "key of the hashes that stand for patients, users and inputs",
        default=None,
        shown="a key file made at the first start; needed with PostgreSQL in production",
        secret=True,
    )
    suppression_days: int = whole_number(0, 365).setting(
        "days for which a card that was overridden is not shown again while nothing gets worse; "
        "0 shows it always",
        default=7,
    )
    retention_days: int = whole_number(1, 36_500).setting(
        "`ketamine-cds records purge` deletes decision records and feedback that are older", default=365
    )
    rate_limit: int = whole_number(1, 10_000_000).setting(
        "calls a minute of one issuer that a worker answers; further ones get 429", default=60_000
    )
    sandbox: bool = SWITCH.setting(
        "whether `/sandbox`, a page for testers with made-up patients, is served",
        shown="`on` in development, `off` in production",
    )
    lenient: bool = TRUE_FALSE.setting(
        "a call of another hook, or without orders, gets a card that says so, not 400",
        shown="`true` in development, `false` in production",
    )
    silent: frozenset[str] = HOOK_LIST.setting(
        "all cards of these hooks are recorded, and only those about a danger shown: safety, "
        "critical orders, and orders for ketamine or esketamine that were not assessed",
        default=frozenset(),
        shown="`false`",
    )
    links: bool = TRUE_FALSE.setting(
        "cards link to the rules behind them, the label and the REMS site; "
        "the entry of an issuer may say otherwise",
        default=True,
    )
    smart_client_id: str | None = CLIENT_ID.setting(
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
            values[variable.removeprefix(PREFIX).lower()] = SETTINGS[variable].kind.read(
                environment[variable]
            )
        except (KeyError, ValueError, OSError):  # OSError: a time zone that is the folder of a region
            complaints.append(_complaint(variable))
    if complaints:
        raise SettingsError("; ".join(complaints))
    settings = Settings(**_completed(values))
    if conflicts := [f"{PREFIX}{name.upper()}: expected {wanted}" for name, wanted in _conflicts(settings)]:
        raise SettingsError("; ".join(conflicts))
    return settings


def _complaint(variable: str) -> str:
    if variable in SETTINGS:
        return f"{variable}: expected {SETTINGS[variable].kind.expected}"
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


def _conflicts(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield what each setting that is fine by itself would have to be beside the others."""
    if settings.auth is Auth.JWT and settings.issuers is None and not settings.trust_public_sandbox:
        yield "issuers", "a file of issuers, without which `jwt` lets nobody in"
    if settings.trust_public_sandbox and settings.mode is not Mode.DEVELOPMENT:
        yield "trust_public_sandbox", "`false`, it is for development"
    shared = settings.database_url.startswith(POSTGRESQL)
    if shared and settings.hash_key is None and settings.mode is not Mode.DEVELOPMENT:
        yield "hash_key", "a secret that all replicas of this database share"
    if settings.retention_days < settings.suppression_days:
        yield "retention_days", f"no fewer days than {PREFIX}SUPPRESSION_DAYS"
    if not all(is_https_or_here(base, settings.mode) for base in settings.fhir_servers):
        yield "fhir_servers", "https (in development also http on this machine)"


def is_https_or_here(url: str, mode: Mode) -> bool:
    """Tell whether `url` may be read: https, or this machine while people try the service out."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (mode is Mode.DEVELOPMENT and is_loopback(parts.hostname or ""))
