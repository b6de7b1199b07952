"""Procedures, devices in use and referrals."""

from collections.abc import Iterator
from typing import TypeAlias

from mappings.remarks import Remark
from service.clinical.facts import Code, Ignored, Intervention, ServiceOrder, Unreadable
from service.clinical.partial_date import PartialDate
from service.fhir.resources import (
    CodeableConcept,
    Device,
    DeviceUseStatement,
    Procedure,
    Row,
    ServiceRequest,
    find,
)
from service.normalise.codes import all_words, codes_of, known, words
from service.normalise.context import Context
from service.normalise.dates import earliest, when, within
from service.normalise.outcomes import NotDone, Outcome, later, of_status, unreadable
from service.normalise.purposes import referred

_DONE = frozenset({"completed", "in-progress", "stopped", "on-hold"})
_NOT_DONE = frozenset({"entered-in-error", "not-done", "preparation"})
_USED = frozenset({"active", "completed", "stopped", "on-hold"})


Read: TypeAlias = Intervention | Ignored | Unreadable


def interventions(context: Context) -> Iterator[Outcome]:
    """Yield what was done to the patient and which devices are in use."""
    for procedure in context.record.procedures:
        yield _known_by_now(_procedure(procedure, context), context)
        if procedure.resource.status.strip().lower() == "not-done":
            yield NotDone(_intervention(procedure, context))
    for use in context.record.device_uses:
        yield _known_by_now(_device_use(use, context), context)


def _known_by_now(read: Read, context: Context) -> Read:
    if isinstance(read, Intervention) and context.later(read.when):
        return later(read.reference, context.as_of)
    return read


def service_orders(context: Context, drafts: frozenset[str]) -> Iterator[ServiceOrder | Ignored]:
    """Return referrals and ordered procedures; prefetched copies of the draft orders are left out."""
    for row in context.record.service_requests:
        if row.label in drafts:
            yield Ignored(reference=row.label, remark=Remark.COPY_OF_DRAFT)
        else:
            read = _order(row, context)
            late = isinstance(read, ServiceOrder) and context.later(read.authored)
            yield later(row.label, context.as_of) if late else read


def concepts_of(codes: tuple[Code, ...], context: Context) -> frozenset[str]:
    """Return the treatments and referrals that codes mean."""
    found: frozenset[str] = frozenset()
    for code in known(codes):
        found |= context.vocabulary.interventions(code.system, code.code)
    return found


def _procedure(row: Row[Procedure], context: Context) -> Read:
    procedure = row.resource
    status = procedure.status.strip().lower()
    codes, text = codes_of(procedure.code), words(procedure.code)
    if status in _NOT_DONE:
        return of_status(row.label, status)
    concepts = concepts_of(codes, context)
    if status not in _DONE:
        if concepts or text:
            return unreadable(row.label, Remark.MAY_NOT_BE_DONE)
        return of_status(row.label, status)
    if not text and not any(known(codes)):
        return unreadable(row.label, Remark.NO_CODE)
    return _intervention(row, context)


def _intervention(row: Row[Procedure], context: Context) -> Intervention:
    procedure = row.resource
    return Intervention(
        reference=row.label,
        concepts=concepts_of(codes_of(procedure.code), context),
        text=words(procedure.code),
        status=procedure.status.strip().lower(),
        when=_performed(procedure, context),
        outcome=words(procedure.outcome),
        wordings=context.wordings(procedure.code),
        affirmed=context.affirmed(
            all_words((procedure.code, procedure.category, *procedure.reason_code, *_why(procedure, context)))
        ),
    )


def _why(procedure: Procedure, context: Context) -> Iterator[CodeableConcept]:
    return (referred(reference, context) for reference in procedure.reason_reference)


def _performed(procedure: Procedure, context: Context) -> PartialDate | None:
    return (
        when(procedure.performed_date_time)
        or within(procedure.performed_period)
        or when(procedure.performed_string)
        or context.encounter_date(procedure.encounter)
    )


def _device_use(row: Row[DeviceUseStatement], context: Context) -> Read:
    use = row.resource
    status = use.status.strip().lower()
    kind = _device_type(use, context)
    name = words(kind) or (use.device.display if use.device else "")
    text = "; ".join(part for part in (name, all_words(use.reason_code)) if part)
    if status not in _USED:
        return of_status(row.label, status)
    if not text and not any(known(codes_of(kind))):
        return unreadable(row.label, Remark.NO_DEVICE)
    return Intervention(
        reference=row.label,
        concepts=concepts_of(codes_of(kind), context),
        text=text,
        affirmed=context.affirmed(text),
        status=status,
        when=when(use.timing_date_time) or earliest(use.timing_period) or when(use.recorded_on),
    )


def _device_type(use: DeviceUseStatement, context: Context) -> CodeableConcept | None:
    reference = use.device.reference if use.device else ""
    if reference.startswith("#"):
        return next((device.type for device in use.contained if f"#{device.id}" == reference), None)
    device = find(context.record, reference, "Device") if reference else None
    return device.type if isinstance(device, Device) else None


def _order(row: Row[ServiceRequest], context: Context) -> ServiceOrder | Ignored:
    order = row.resource
    status = order.status.strip().lower()
    if order.do_not_perform:
        return Ignored(reference=row.label, remark=Remark.NOT_TO_BE_DONE)
    if status == "entered-in-error":
        return of_status(row.label, status)
    text = all_words((order.code, *order.order_detail, *order.reason_code))
    return ServiceOrder(
        reference=row.label,
        concepts=concepts_of(codes_of(order.code, *order.order_detail), context),
        text=text,
        affirmed=context.affirmed(text),
        status=status,
        intent=order.intent.strip().lower(),
        authored=when(order.authored_on) or context.encounter_date(order.encounter),
        occurs=when(order.occurrence_date_time) or within(order.occurrence_period),
    )
