"""The data sent about a patient, as one Record: the input of `normalise`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from service.clinical.facts import Completeness, FetchFailure, Unreadable
from service.fhir.bundles import KINDS, BundleContents, flat
from service.fhir.completeness import LISTS, Mention, is_failure, mentions, merged
from service.fhir.copies import in_order, once
from service.fhir.decode import read_reply
from service.fhir.received import Fetched
from service.fhir.resources import (
    AllergyIntolerance,
    Condition,
    Device,
    DeviceUseStatement,
    Encounter,
    Medication,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Observation,
    Patient,
    Procedure,
    QuestionnaireResponse,
    Record,
    Resource,
    Row,
    ServiceRequest,
)


class NotARecordError(Exception):
    """The input is not a Bundle of resources: `path` in the input, and what was expected there."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}")
        self.path = path
        self.expected = expected


class _Head(msgspec.Struct, rename="camel"):
    resource_type: object = None


def read_bundle(raw: bytes) -> Record:
    """Return the record in a Bundle of one patient's resources; an absent type is an empty list.

    Raises NotARecordError if `raw` is not such a Bundle; a broken resource in it is set aside.
    """
    _require_bundle(raw)
    reply = read_reply(raw)
    if not reply.listed:
        raise NotARecordError("$", "a readable Bundle")
    return _record([reply], merged(mentions(reply)))


def read_prefetch(came: Fetched) -> Record:
    """Return the record in the data of a hook call and the data fetched to complete it.

    What a value holds is judged by the resources in it, whatever its key; null, an error or an empty result
    under one of our keys is about the type it asks for. A type that nothing is said about was not retrieved,
    unless the EHR is known not to have it, and neither was one that was asked for in vain. A type that
    several queries ask for came in part where not all of them were answered.
    """
    kinds = came.asked.kinds
    mentioned = [m for key, reply in came.replies.items() for m in mentions(reply, kinds.get(key, ""))]
    mentioned += [(kinds[key], Completeness.NOT_RETRIEVABLE) for key in sorted(came.failed)]
    unmentioned: list[Mention] = [
        (kind, Completeness.NOT_OFFERED if kind in came.asked.not_offered else Completeness.NOT_RETRIEVABLE)
        for kind in sorted(LISTS - {kind for kind, _ in mentioned})
    ]
    states = merged([*mentioned, *unmentioned])
    states.update(dict.fromkeys(_partly(came), Completeness.PARTLY))
    return _record(list(came.replies.values()), states, came.failures)


def _partly(came: Fetched) -> Iterator[str]:
    """Yield the types of several queries of which some failed."""
    kinds = came.asked.kinds
    for kind, number in Counter(kinds.values()).items():
        keys = [key for key, asked in kinds.items() if asked == kind]
        answered = [key for key in keys if key in came.replies and not is_failure(came.replies[key])]
        if 0 < len(answered) < number:
            yield kind


def record_of(replies: Sequence[BundleContents], lists: Mapping[str, Completeness] | None = None) -> Record:
    """Return the record of these pieces; without `lists` it does not say how complete they are."""
    return _record(replies, lists or {})


def _require_bundle(raw: bytes) -> None:
    try:
        raw.decode("utf-8")
        head = msgspec.json.decode(raw, type=_Head)
    except UnicodeDecodeError as error:
        raise NotARecordError("$", "UTF-8 text") from error
    except RecursionError as error:
        raise NotARecordError("$", "JSON that is not nested hundreds of levels deep") from error
    except msgspec.ValidationError as error:
        raise NotARecordError("$", "a JSON object") from error
    except msgspec.DecodeError as error:
        raise NotARecordError("$", "well-formed JSON") from error
    if head.resource_type != "Bundle":
        raise NotARecordError("resourceType", "Bundle")


def _record(
    replies: Sequence[BundleContents],
    lists: Mapping[str, Completeness],
    failures: Mapping[str, FetchFailure] | None = None,
) -> Record:
    everything = list(flat(replies))
    found = once(sent for reply in everything for sent in reply.sent)
    rows: dict[type, list[Row[Any]]] = {kind: [] for kind in KINDS}
    for row in found.values():
        rows[type(row.resource)].append(row)
    return Record(
        patients=in_order(rows[Patient]),
        encounters=in_order(rows[Encounter]),
        conditions=in_order(rows[Condition]),
        medications=in_order(rows[Medication]),
        requests=in_order(rows[MedicationRequest]),
        dispenses=in_order(rows[MedicationDispense]),
        statements=in_order(rows[MedicationStatement]),
        administrations=in_order(rows[MedicationAdministration]),
        observations=in_order(rows[Observation]),
        questionnaires=in_order(rows[QuestionnaireResponse]),
        allergies=in_order(rows[AllergyIntolerance]),
        procedures=in_order(rows[Procedure]),
        devices=in_order(rows[Device]),
        device_uses=in_order(rows[DeviceUseStatement]),
        service_requests=in_order(rows[ServiceRequest]),
        found=_with_addresses(found),
        lists=lists,
        lists_not_read=failures or {},
        set_aside=_distinct(broken for reply in everything for broken in reply.set_aside),
    )


def _with_addresses(rows: dict[str, Row[Resource]]) -> dict[str, Row[Resource]]:
    """Return the rows also under addresses that give no label, such as `urn:uuid:...`."""
    found = dict(rows)
    for row in rows.values():
        if row.url and not row.url.endswith(row.label):
            found.setdefault(row.url, row)
    return found


def _distinct(broken: Iterable[Unreadable]) -> tuple[Unreadable, ...]:
    return tuple(dict.fromkeys(broken))
