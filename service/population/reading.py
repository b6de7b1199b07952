"""One line of an export, or one Bundle: which patient it is about, and what is kept of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

import msgspec

from mappings.remarks import Remark, say
from service.clinical.facts import Unreadable
from service.fhir.bundles import KINDS, BundleContents, ReceivedResource, flat
from service.fhir.completeness import mentions, merged
from service.fhir.decode import kind_of_json, read_reply
from service.fhir.resources import Device, Medication, Patient, Reference, Resource, tail
from service.population.rows import NarrowRow

_OF_ALL = (Medication, Device)
"""What resources of many patients may refer to: it belongs to whoever refers to it."""

_PATIENT = "Patient"


class Fate(Enum):
    """What becomes of a line."""

    OF_PATIENT = auto()
    OF_ALL = auto()
    IGNORED = auto()
    LISTED = auto()


@dataclass(frozen=True, slots=True)
class ReadLine:
    """The fate of a line, and its type; `owner` is `Patient/id`, or the label of what is of all patients."""

    fate: Fate
    kind: str = ""
    owner: str = ""
    rows: Sequence[NarrowRow] = ()


class _Subject(msgspec.Struct):
    subject: msgspec.Raw = msgspec.Raw(b"null")
    patient: msgspec.Raw = msgspec.Raw(b"null")
    id: msgspec.Raw = msgspec.Raw(b"null")


def read_line(raw: bytes, place: str) -> ReadLine:
    """Return what one JSON value holds; `place` names it where it has no id."""
    reply = read_reply(raw, place)
    if len(reply.sent) == 1 and not reply.sent[0].number:
        return _single(reply.sent[0], reply.set_aside)
    kind = kind_of_json(raw)
    if kind == "Bundle":
        return _bundle(reply, place)
    if reply.outcomes:
        return listed(place, say(Remark.REPORTED_ERROR), "OperationOutcome")
    if not reply.set_aside:
        return ReadLine(Fate.IGNORED, kind or "null")
    return _unusable(raw, reply.set_aside, kind or "")


def listed(place: str, reason: str, kind: str = "") -> ReadLine:
    """Return the fate of what belongs to nobody: it is listed, with the reason."""
    row = NarrowRow(set_aside=(Unreadable(reference=place, reason=reason),))
    return ReadLine(Fate.LISTED, kind, rows=(row,))


def _single(sent: ReceivedResource, set_aside: tuple[Unreadable, ...]) -> ReadLine:
    resource = sent.resource
    kind = KINDS[type(resource)]
    row = NarrowRow(resource=resource, name=sent.name, set_aside=set_aside)  # type: ignore[arg-type]  # one of them
    owner = _owner(resource)
    if owner:
        return ReadLine(Fate.OF_PATIENT, kind, owner, (row,))
    if isinstance(resource, _OF_ALL) and resource.id:
        return ReadLine(Fate.OF_ALL, kind, f"{kind}/{resource.id}", (row,))
    return listed(f"{kind}/{resource.id}" if resource.id else sent.name, say(Remark.NO_PATIENT), kind)


def _owner(resource: Resource) -> str:
    """Return `Patient/id` of the patient whom a resource names, or who it is; "" for nobody."""
    if isinstance(resource, Patient):
        return f"{_PATIENT}/{resource.id}" if resource.id else ""
    subject = getattr(resource, "subject", None) or getattr(resource, "patient", None)
    return _named(subject.reference) if isinstance(subject, Reference) else ""


def _named(reference: str) -> str:
    if not reference or reference.startswith("#"):
        return ""
    name = tail(reference, _PATIENT)
    return name if name.startswith(f"{_PATIENT}/") and len(name) > len(_PATIENT) + 1 else ""


def _unusable(raw: bytes, set_aside: tuple[Unreadable, ...], kind: str) -> ReadLine:
    """Return the fate of a resource that cannot be read; its patient should hear of it, if that is known."""
    row = NarrowRow(set_aside=set_aside)
    try:
        found = msgspec.json.decode(raw, type=_Subject)
        if kind == _PATIENT:
            owner = _named(f"{_PATIENT}/{msgspec.json.decode(found.id, type=str)}")
        else:
            named = found.subject if bytes(found.subject) != b"null" else found.patient
            owner = _named(msgspec.json.decode(named, type=Reference).reference)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        owner = ""
    return (
        ReadLine(Fate.OF_PATIENT, kind, owner, (row,)) if owner else ReadLine(Fate.LISTED, kind, "", (row,))
    )


def _bundle(reply: BundleContents, place: str) -> ReadLine:
    """Return the fate of a Bundle, which is of one patient: the Patient in it, else the only one named."""
    pieces = list(flat([reply]))
    sent = [each for piece in pieces for each in piece.sent]
    set_aside = tuple(broken for piece in pieces for broken in piece.set_aside)
    patients = {
        _owner(each.resource) or _named(each.url) for each in sent if isinstance(each.resource, Patient)
    }
    owners = patients or {
        _owner(each.resource) for each in sent if not isinstance(each.resource, _OF_ALL)
    } - {""}
    if len(owners) > 1:
        return listed(place, say(Remark.SEVERAL_PATIENTS), "Bundle")
    owner = next(iter(owners), "")
    if not owner:
        return listed(
            place, set_aside[0].reason if set_aside and not sent else say(Remark.NO_PATIENT), "Bundle"
        )
    return ReadLine(Fate.OF_PATIENT, "Bundle", owner, tuple(_of_bundle(reply, sent, set_aside)))


def _of_bundle(
    reply: BundleContents, sent: Sequence[ReceivedResource], set_aside: tuple[Unreadable, ...]
) -> Iterator[NarrowRow]:
    yield NarrowRow(set_aside=set_aside, lists=merged(mentions(reply)))
    for each in sent:
        yield NarrowRow(
            resource=each.resource,  # type: ignore[arg-type]  # one of them
            name=each.name,
            number=each.number,
            url=each.url,
            included=each.included,
            lists={},
        )
