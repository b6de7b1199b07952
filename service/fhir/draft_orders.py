"""The draft orders of an order hook: read tolerantly, and judged by FHIR R4 separately.

Real drafts often fail R4 (no intent, no medication yet, an object where a list belongs). They are
still answered; what is invalid in them is reported.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from mappings.remarks import Remark, say
from service.clinical.facts import Unreadable
from service.fhir.bundles import label, place_of
from service.fhir.decode import read_reply
from service.fhir.record import record_of
from service.fhir.resources import (
    Draft,
    Drafts,
    Medication,
    MedicationRequest,
    Resource,
    Row,
    ServiceRequest,
    tail,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

_R4 = ("MedicationRequest", "ServiceRequest")
"""The kinds of drafts that are judged by FHIR R4."""
_EARLIER = {"MedicationOrder", "ProcedureRequest", "DiagnosticOrder", "ReferralRequest"}
"""What orders are called in DSTU2 and STU3: they may be for anything, so they are not passed over."""

_MOST_FINDINGS = 5
_SUPPORT = (Medication,)
_NAME = "draftOrders"


class _Loose(msgspec.Struct):
    entry: Any = ()


def read_drafts(raw: bytes, selections: Iterable[str] | None = None) -> Drafts:
    """Return the orders in a `draftOrders` Bundle; with `selections` (order-select) the selected ones only.

    Raises nothing: what cannot be read at all stands in the `set_aside` of the drafts' record.
    """
    record = record_of([read_reply(raw, _NAME)])
    rows = [row for row in _rows(record.found.values()) if not isinstance(row.resource, _SUPPORT)]
    chosen = rows if selections is None else _selected(rows, frozenset(selections))
    orders = [row for row in chosen if isinstance(row.resource, MedicationRequest | ServiceRequest)]
    findings = _findings(raw)
    set_aside = (*record.set_aside, *_earlier(raw))
    return Drafts(
        orders=tuple(Draft(row=row, invalid=findings.get(row.label, ())) for row in orders),
        others=len(chosen) - len(orders),
        unreadable=set_aside if selections is None else _unreadable(set_aside, rows, frozenset(selections)),
        keys=frozenset((*(row.label for row in rows), *(each.reference for each in set_aside))),
        record=record,
    )


def _unreadable(
    set_aside: Iterable[Unreadable], rows: list[Row[Resource]], selections: frozenset[str]
) -> tuple[Unreadable, ...]:
    """Return the selected unreadable drafts; a missing selection may be any of those without an id."""
    chosen = selections | {row.label for row in _selected(rows, selections)}
    there = {name for row in rows for name in (row.label, row.url, _bare(row))}
    absent = [
        selection
        for selection in sorted(selections)
        if tail(selection, "").partition("/")[0] in _R4 and there.isdisjoint((selection, tail(selection, "")))
    ]
    kept = [each for each in set_aside if each.reference in chosen or (absent and " " in each.reference)]
    missing = [Unreadable(reference=reference, reason=say(Remark.NOT_AMONG_DRAFTS)) for reference in absent]
    return (*kept, *missing)


def _rows(found: Iterable[Row[Resource]]) -> list[Row[Resource]]:
    return list({id(row): row for row in found}.values())


def _selected(rows: list[Row[Resource]], selections: frozenset[str]) -> list[Row[Resource]]:
    """Return the rows that `Type/id` or full addresses in `selections` name."""
    wanted = selections | {tail(s, "") for s in selections}
    return [row for row in rows if row.label in wanted or row.url in wanted or _bare(row) in wanted]


def _bare(row: Row[Resource]) -> str:
    return f"/{row.resource.id}" if row.resource.id else row.label


@cache
def r4_models() -> Mapping[str, "type[BaseModel]"]:
    """Return the models of drafts: imported when the first is judged, for it takes a third of a start."""
    from fhir.resources.R4B.medicationrequest import MedicationRequest as MedicationRequestR4
    from fhir.resources.R4B.servicerequest import ServiceRequest as ServiceRequestR4

    return dict(zip(_R4, (MedicationRequestR4, ServiceRequestR4), strict=True))


def _findings(raw: bytes) -> dict[str, tuple[str, ...]]:
    """Return the R4 faults of each entry, by label: paths and kinds, never values."""
    return {name: _faults(kind, resource) for name, kind, resource in _written(raw) if kind in _R4}


def _earlier(raw: bytes) -> list[Unreadable]:
    named = [name for name, kind, _ in _written(raw) if kind in _EARLIER]
    return [Unreadable(reference=name, reason=say(Remark.EARLIER_VERSION)) for name in named]


def _written(raw: bytes) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each resource as it was written, after its label and its type."""
    try:
        entries = msgspec.json.decode(raw, type=_Loose).entry
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    for number, entry in enumerate(entries if isinstance(entries, list) else [], start=1):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if isinstance(resource, dict) and isinstance(kind, str):
            url = str(entry.get("fullUrl") or "")
            yield label(kind, str(resource.get("id") or ""), place_of(number, _NAME), url), kind, resource


def _faults(kind: str, resource: dict[str, Any]) -> tuple[str, ...]:
    from pydantic import ValidationError

    try:
        r4_models()[kind].model_validate(resource)
    except ValidationError as error:
        places = (".".join(str(step) for step in fault["loc"]) for fault in error.errors())
        return tuple(dict.fromkeys(place or kind for place in places))[:_MOST_FINDINGS]
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return (kind,)  # how the models fail on what they cannot even look at, an unknown type for one
    return ()
