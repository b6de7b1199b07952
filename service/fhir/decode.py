"""JSON to typed resources: in one go, or entry by entry if anything in it does not fit.

So a broken resource costs only itself.
"""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from mappings.remarks import Remark, say
from service.clinical.facts import Unreadable
from service.fhir.bundles import (
    BundleContents,
    ReceivedResource,
    collected,
    label,
    of_bundle,
    of_entry,
    of_resource,
    place_of,
    shortened,
    unusable,
)
from service.fhir.repair import UnusableError, repaired, repaired_as
from service.fhir.resources import AnyResource, Bundle, Element, Entry, Link, OperationOutcome, Search

_Raw = bytes | msgspec.Raw


class _Header(Element, frozen=True):
    resource_type: object = None


class _Identity(Element, frozen=True):
    id: str = ""


class _RawEntry(Element, frozen=True):
    full_url: str = ""
    resource: msgspec.Raw = msgspec.Raw(b"null")  # msgspec decodes no Raw in a union
    search: Search | None = None


class _BareEntry(Element, frozen=True):
    resource: msgspec.Raw = msgspec.Raw(b"null")


class _RawBundle(Element, frozen=True):
    total: float | None = None
    link: tuple[Link, ...] = ()
    entry: tuple[msgspec.Raw, ...] = ()


class _LooseBundle(Element, frozen=True):
    total: float | None = None
    link: tuple[Link, ...] = ()
    entry: tuple[object, ...] = ()


_ANY = msgspec.json.Decoder(AnyResource | None)
_HEADER = msgspec.json.Decoder(_Header)
_RAW_BUNDLE = msgspec.json.Decoder(_RawBundle)
_RAW_ENTRY = msgspec.json.Decoder(_RawEntry)
_KNOWN = frozenset(str(kind.__struct_config__.tag) for kind in AnyResource.__args__)
SMALLEST_ENTRY = len('{"resource":{"resourceType":"Device"}}')
"""In bytes. Millions of entries that are none would take minutes to be named one by one."""
_SPARE = 2_000  # bytes: a few entries may be empty
_MISFIT = (msgspec.ValidationError, UnicodeDecodeError)


def read_replies(prefetch: Mapping[str, bytes]) -> dict[str, BundleContents]:
    """Return the replies in the values of a prefetch, by key."""
    return {key: read_reply(raw, shortened(key)) for key, raw in prefetch.items()}


def read_reply(raw: bytes, name: str = "") -> BundleContents:
    """Return the reply in `raw`; `name` is used to name places in it."""
    try:
        value = _ANY.decode(raw)
    except _MISFIT:
        return _misfit(raw, name)
    except msgspec.DecodeError:
        return unusable(name, say(Remark.NOT_JSON))
    except RecursionError:
        return unusable(name, say(Remark.TOO_DEEP))
    if value is None:
        return BundleContents(listed=True)
    return of_bundle(value, name) if isinstance(value, Bundle) else of_resource(value, name)


def _misfit(raw: bytes, name: str) -> BundleContents:
    kind = kind_of_json(raw)
    if kind is None:
        return unusable(name, say(Remark.NO_TYPE))
    if kind == "Bundle":
        return _by_entry(raw, name, 0)
    if kind not in _KNOWN:
        return BundleContents(listed=True)
    resource, broken = _repaired(raw, kind, name or say(Remark.SINGLE_RESOURCE), "")
    found = of_resource(resource, name) if resource is not None else BundleContents(listed=False)
    return replace(found, set_aside=broken)


def kind_of_json(raw: _Raw) -> str | None:
    """Return the resourceType of what should be a JSON value, None when it has none."""
    try:
        kind = _HEADER.decode(raw).resource_type
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return kind if isinstance(kind, str) else None


def _by_entry(raw: _Raw, name: str, depth: int) -> BundleContents:
    try:
        bundle = _raw_bundle(raw)
    except UnusableError as error:
        return unusable(f"Bundle ({name})", str(error))
    if SMALLEST_ENTRY * len(bundle.entry) > memoryview(raw).nbytes + _SPARE:
        return unusable(f"Bundle ({name})", say(Remark.TOO_MANY_ENTRIES))
    broken: list[Unreadable] = []
    pieces = [_piece(p, name, n, depth, broken) for n, p in enumerate(bundle.entry, start=1)]
    return replace(collected(pieces, bundle.link, bundle.total), set_aside=tuple(broken))


def _raw_bundle(raw: _Raw) -> _RawBundle:
    try:
        return _RAW_BUNDLE.decode(raw)
    except _MISFIT:
        loose, dropped = repaired_as(raw, _LooseBundle)
    if "entry" in dropped:  # a list that cannot be read is no empty list
        raise UnusableError(say(Remark.NO_ENTRIES))
    entries = tuple(msgspec.Raw(msgspec.json.encode(piece)) for piece in loose.entry)
    return _RawBundle(total=loose.total, link=loose.link, entry=entries)


def _piece(
    raw: msgspec.Raw, name: str, number: int, depth: int, broken: list[Unreadable]
) -> ReceivedResource | OperationOutcome | BundleContents | None:
    entry = _raw_entry(raw)
    if bytes(raw) == b"null":
        return None
    place = place_of(number, name)
    if entry is None:
        broken.append(Unreadable(reference=place, reason=say(Remark.NO_ENTRY)))
        return None
    try:
        resource: AnyResource | None = _ANY.decode(entry.resource)
    except (*_MISFIT, RecursionError):
        kind = kind_of_json(entry.resource)
        if kind == "Bundle" and depth == 0:
            return _by_entry(entry.resource, place, depth + 1)
        resource, found = _recovered(entry.resource, kind, place, entry.full_url)
        broken += found
    return of_entry(
        Entry(full_url=entry.full_url, resource=resource, search=entry.search), name, number, depth
    )


def _raw_entry(raw: msgspec.Raw) -> _RawEntry | None:
    """Return an entry; of one whose other members do not fit, its resource."""
    try:
        return _RAW_ENTRY.decode(raw)
    except _MISFIT:
        pass
    try:
        return _RawEntry(resource=msgspec.json.decode(raw, type=_BareEntry).resource)
    except _MISFIT:
        return None


def _recovered(
    raw: msgspec.Raw, kind: str | None, place: str, url: str
) -> tuple[AnyResource | None, tuple[Unreadable, ...]]:
    if kind is None:
        return None, (Unreadable(reference=place, reason=say(Remark.NO_TYPE)),)
    return _repaired(raw, kind, place, url) if kind in _KNOWN else (None, ())


def _repaired(
    raw: _Raw, kind: str, place: str, url: str
) -> tuple[AnyResource | None, tuple[Unreadable, ...]]:
    name = label(kind, _identity(raw), place, url)
    try:
        resource, dropped = repaired(raw)
    except UnusableError as error:
        return None, (Unreadable(reference=name, reason=str(error)),)
    reasons = (say(Remark.WRONG_TYPE, path=path) for path in dropped)
    return resource, tuple(Unreadable(reference=name, reason=reason) for reason in reasons)


def _identity(raw: _Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=_Identity).id
    except (*_MISFIT, RecursionError):
        return ""
