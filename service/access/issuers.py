"""The issuers whose tokens are accepted: a JSON file of the operator's, read and checked once at the start.

A list with an entry for each issuer, by itself or as the member `issuers` of an object. What stands in an
entry is described in docs/integrate.md:

    iss          the issuer, as the claim of its tokens has it
    jwks         a file with its public keys, its path relative to this file, or the JWK Set itself; or
    jku          the https address of its public keys; beside `jwks` the address that its tokens may name,
                 which is then never read
    tenants      each token has to name one of them; left out, tokens need not name any
    fhirServers  base URLs of the FHIR servers that its calls may have read
    prefetch     templates of its own by prefetch key; null: this key is not asked for
    notOffered   resource types that it does not have
    tokenLifetime  seconds from `iat` to `exp` of its tokens at most; 300 unless given
    silent       hooks whose cards are recorded only, or true for all of them
    sharedService  true: discovery lists all hooks under one service id
    crd          true: configuration options in discovery, and cards that name the orders they are about
    fhirpathTokens  true: `prefetch` may have tokens such as {{today() - 90 days}}
    links        false: cards link to no pages
    tasks        true: cards offer a Task as a reminder
    clockSkew    seconds by which its clock may be ahead or behind; unless given, 10 ahead and none behind
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, OneOf, Range, Regexp

from cds_hooks.contexts import HOOKS, tokens
from cds_hooks.errors import NotJsonError
from cds_hooks.grammar import is_base_url
from cds_hooks.jwt import LIFETIME_SECONDS, LONGEST_LIFETIME, MOST_SKEW
from cds_hooks.keys import KeySetError, PublicKeys, public_keys, read_keys
from cds_hooks.prefetch import check_template, is_dated, referring
from cds_hooks.received import Text, WebAddress, expects
from cds_hooks.strict_json import document
from service.access.sites import USUAL, Site, site_of
from service.fhir.completeness import LISTS, MAY_BE_MISSING, MEDICINES
from service.fhir.prefetch import KEY, kind_of_query
from service.settings import Mode, SettingsError, is_https_or_here

_VARIABLE = "KETAMINE_CDS_ISSUERS"
_HTTPS = "expected https (in development also http on this machine)"
_NAME = r"\S(?:.{0,253}\S)?"
_SANDBOX = files("service.access") / "public_sandbox.toml"


class IssuersError(SettingsError):
    """The file cannot be used; the message is one line that names each entry and field at fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(f"{_VARIABLE}: {fault}" for fault in faults))


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuer:
    """An EHR that may call. `keys` are those pinned by a file; without them they are read from `jku`.

    `fhir_servers` are base URLs without a trailing slash; `templates` are its own, by prefetch key, and
    `not_offered` resource types.
    """

    name: str
    keys: PublicKeys | None
    jku: str | None
    tenants: frozenset[str] = frozenset()
    fhir_servers: tuple[str, ...] = ()
    templates: Mapping[str, str | None] = field(default_factory=dict)
    not_offered: frozenset[str] = frozenset()
    token_lifetime: int = LIFETIME_SECONDS
    clock_skew: int | None = None
    site: Site = USUAL


class _Base(Text):
    """The base URL of a server; a trailing slash is dropped."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        base = super()._deserialize(value, attr, data, **kwargs).rstrip("/")
        if not is_base_url(base):
            raise self.make_error("invalid")
        return base


class _Keys(fields.Field[str | Mapping[str, Any]]):
    """The path of a file with a JWK Set, or the set itself."""

    def __init__(self) -> None:
        super().__init__(**expects("the path of a file, or a JWK Set", required=False))

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str | Mapping[str, Any]:
        if not value or not isinstance(value, str | Mapping):
            raise self.make_error("invalid")
        return value


class _Template(fields.String):
    """A query that every client can make, or fills in the day of, for one of the types that are read."""

    def __init__(self) -> None:
        super().__init__(**expects("a query", required=False))

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        template = str(super()._deserialize(value, attr, data, **kwargs))
        try:
            for hook in HOOKS:
                check_template(template, tokens(hook), dated=True)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if kind_of_query(template) not in LISTS and not _of_references(template):
            raise ValidationError(f"expected a query for one of {', '.join(sorted(LISTS))}")
        return template


def _of_references(template: str) -> bool:
    """Tell whether a query reads the medicines that orders refer to."""
    return kind_of_query(template) == "Medication" and bool(referring(template))


def _is_fhirpath(template: str | None) -> bool:
    return is_dated(template) or bool(referring(template))


class _Silent(fields.Field[bool | list[str]]):
    """True, false, or a list of the hooks that are silent."""

    def __init__(self) -> None:
        super().__init__(**expects(f"true, false, or hooks among {', '.join(HOOKS)}", required=False))

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool | list[str]:
        hooks = [value] if isinstance(value, bool) else value
        if not isinstance(hooks, list) or not all(hook in (*HOOKS, True, False) for hook in hooks):
            raise self.make_error("invalid")
        return value if isinstance(value, bool) else hooks


class _Switch(fields.Field[bool]):
    """True or false, without the strings and numbers that marshmallow would accept as well."""

    def __init__(self) -> None:
        super().__init__(**expects("true or false", required=False))

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


def _seconds(least: int, most: int) -> fields.Integer:
    expected = f"a whole number of seconds from {least} to {most}"
    return fields.Integer(
        strict=True,
        **expects(expected, required=False),
        validate=Range(least, most, error=f"expected {expected}"),
    )


class _Entry(Schema):
    error_messages = {"type": "expected an object", "unknown": "no such field"}  # noqa: RUF012  # as marshmallow reads it

    iss = Text("the name of the issuer, at most 255 characters", pattern=_NAME)
    jwks = _Keys()
    jku = WebAddress("an https address", required=False)
    tenants = fields.List(
        Text("the name of a tenant, at most 255 characters", pattern=_NAME),
        **expects("an array of names, or no such field", required=False),
        validate=Length(min=1, error="expected at least one name, or no such field"),
    )
    fhirServers = fields.List(  # noqa: N815  # the name of the field
        _Base("a base URL"), **expects("an array of base URLs", required=False)
    )
    prefetch = fields.Dict(
        fields.String(validate=Regexp(rf"{KEY.pattern}\Z", error="expected keys of letters and digits")),
        _Template(),
        **expects("an object of templates, or no such field", required=False),
    )
    notOffered = fields.List(  # noqa: N815  # the name of the field
        fields.String(validate=OneOf(MAY_BE_MISSING, error=f"expected some of {', '.join(MAY_BE_MISSING)}")),
        **expects("an array of resource types", required=False),
    )
    tokenLifetime = _seconds(1, LONGEST_LIFETIME)  # noqa: N815  # the name of the field
    clockSkew = _seconds(0, MOST_SKEW)  # noqa: N815  # the name of the field
    silent = _Silent()
    sharedService = _Switch()  # noqa: N815  # the name of the field
    crd = _Switch()
    fhirpathTokens = _Switch()  # noqa: N815  # the name of the field
    links = _Switch()
    tasks = _Switch()


def read_issuers(path: Path, mode: Mode) -> tuple[Issuer, ...]:
    """Return the issuers of the file; raise IssuersError when it cannot be used."""
    entries = _entries(path)
    faults = list(_faults(entries, mode))
    keys = [_pinned(path, number, entry, faults) for number, entry in enumerate(entries, 1)]
    if faults:
        raise IssuersError(faults)
    return tuple(map(_issuer, entries, keys))


def public_sandbox(fhir_servers: tuple[str, ...]) -> Issuer:
    """Return the public sandbox, as which anyone with its published private key may call."""
    facts = tomllib.loads(_SANDBOX.read_text("utf-8"))
    return Issuer(name=facts["iss"], keys=public_keys(facts), jku=facts["jku"], fhir_servers=fhir_servers)


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        entries = document(path.read_bytes())
    except (OSError, NotJsonError):
        raise IssuersError(["expected a JSON file that can be read"]) from None
    if isinstance(entries, dict) and entries.keys() == {"issuers"}:
        entries = entries["issuers"]
    if not isinstance(entries, list) or not entries:
        raise IssuersError(["expected a list with an entry for each issuer"])
    try:
        loaded: list[dict[str, Any]] = _Entry(many=True).load(entries)
    except ValidationError as error:
        raise IssuersError(list(_unreadable(error.messages_dict))) from None
    return loaded


def _unreadable(messages: Mapping[Any, Any]) -> Iterator[str]:
    for number, found in sorted(messages.items()):
        for name, texts in found.items():
            while isinstance(texts, Mapping):  # of a list, the first entry that does not fit
                texts = next(iter(texts.values()))
            yield f"{_place(number + 1, '' if name == '_schema' else name)}: {texts[0]}"


def _place(number: int, field: str) -> str:
    return f"entry {number}, {field}" if field else f"entry {number}"


def _faults(entries: Sequence[Mapping[str, Any]], mode: Mode) -> Iterator[str]:
    """Yield faults of entries whose fields are each valid."""
    names = Counter(entry["iss"] for entry in entries)
    for number, entry in enumerate(entries, 1):
        if names[entry["iss"]] > 1:
            yield f"{_place(number, 'iss')}: expected one entry for an issuer"
        if not entry["jwks"] and not entry["jku"]:
            yield f"{_place(number, 'jwks')}: missing; expected a file of keys, or `jku`"
        if entry["jku"] and not is_https_or_here(entry["jku"], mode):
            yield f"{_place(number, 'jku')}: {_HTTPS}"
        if set(MEDICINES) <= set(entry["notOffered"] or ()):
            one_of = ", ".join(MEDICINES)
            yield f"{_place(number, 'notOffered')}: expected at least one of {one_of} to be there"
        if not entry["fhirpathTokens"] and any(map(_is_fhirpath, (entry["prefetch"] or {}).values())):
            yield f"{_place(number, 'prefetch')}: expected no token of CDS Hooks 3, or `fhirpathTokens`"
        if not all(is_https_or_here(base, mode) for base in entry["fhirServers"] or ()):
            yield f"{_place(number, 'fhirServers')}: {_HTTPS}"


def _pinned(path: Path, number: int, entry: Mapping[str, Any], faults: list[str]) -> PublicKeys | None:
    """Return the keys that an entry holds or names; on an error add it to `faults` and return None."""
    given = entry["jwks"]
    if not given:
        return None
    try:
        keys = read_keys((path.parent / given).read_bytes()) if isinstance(given, str) else public_keys(given)
    except (OSError, ValueError, KeySetError):  # ValueError: a NUL byte in the path
        faults.append(f"{_place(number, 'jwks')}: expected a JWK Set, or a file with one that can be read")
        return None
    if not keys:
        faults.append(
            f"{_place(number, 'jwks')}: expected a public key with a `kid`, RSA of 2048 bits or more, or EC"
        )
    return keys


def _issuer(entry: Mapping[str, Any], keys: PublicKeys | None) -> Issuer:
    return Issuer(
        name=entry["iss"],
        keys=keys,
        jku=entry["jku"],
        tenants=frozenset(entry["tenants"] or ()),
        fhir_servers=tuple(entry["fhirServers"] or ()),
        templates=entry["prefetch"] or {},
        not_offered=frozenset(entry["notOffered"] or ()),
        token_lifetime=entry["tokenLifetime"] or LIFETIME_SECONDS,
        clock_skew=entry["clockSkew"],
        site=site_of(entry),
    )
