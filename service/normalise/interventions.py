"""Procedures, devices in use and referrals."""

from collections.abc import Iterator

from mappings.remarks import Remark, say
from service.clinical.facts import Code, Intervention, ServiceOrder, Unreadable
from service.clinical.when import When
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
from service.normalise.context import Context, unreadable
from service.normalise.dates import earliest, when, within
from service.normalise.purposes import referred

_DONE = frozenset({"completed", "in-progress", "stopped", "on-hold"})
_NOT_DONE = frozenset({"entered-in-error", "not-done", "preparation"})
_USED = frozenset({"active", "completed", "stopped", "on-hold"})


def interventions(context: Context, unread: list[Unreadable]) -> tuple[Intervention, ...]:
    """What was done to the patient and which devices are in use."""
    done = [_procedure(row, context, unread) for row in context.record.procedures]
    used = [_device_use(row, context, unread) for row in context.record.device_uses]
    return tuple(one for one in (*done, *used) if one is not None and not context.later(one.when))


def service_orders(context: Context, drafts: frozenset[str]) -> tuple[ServiceOrder, ...]:
    """Referrals and ordered procedures; prefetched copies of the draft orders are left out."""
    found = (_order(row, context) for row in context.record.service_requests if row.label not in drafts)
    return tuple(one for one in found if one is not None and not context.later(one.authored))


def concepts_of(codes: tuple[Code, ...], context: Context) -> frozenset[str]:
    """The treatments and referrals that codes stand for."""
    found: frozenset[str] = frozenset()
    for code in known(codes):
        found |= context.vocabulary.interventions(code.system, code.code)
    return found


def _procedure(row: Row[Procedure], context: Context, unread: list[Unreadable]) -> Intervention | None:
    procedure = row.resource
    status = procedure.status.strip().lower()
    codes, text = codes_of(procedure.code), words(procedure.code)
    if status in _NOT_DONE:
        return None
    concepts = concepts_of(codes, context)
    if status not in _DONE:
        if concepts or text:
            unread.append(unreadable(row.label, say(Remark.MAY_NOT_BE_DONE)))
        return None
    if not text and not any(known(codes)):
        unread.append(unreadable(row.label, say(Remark.NO_CODE)))
        return None
    return Intervention(
        reference=row.label,
        concepts=concepts,
        text=text,
        status=status,
        when=_performed(procedure, context),
        outcome=words(procedure.outcome),
        wordings=context.wordings(procedure.code),
        said=all_words(
            (procedure.code, procedure.category, *procedure.reason_code, *_why(procedure, context))
        ),
    )


def _why(procedure: Procedure, context: Context) -> Iterator[CodeableConcept]:
    return (referred(reference, context) for reference in procedure.reason_reference)


def _performed(procedure: Procedure, context: Context) -> When | None:
    return (
        when(procedure.performed_date_time)
        or within(procedure.performed_period)
        or when(procedure.performed_string)
        or context.encounter_date(procedure.encounter)
    )


def _device_use(
    row: Row[DeviceUseStatement], context: Context, unread: list[Unreadable]
) -> Intervention | None:
    use = row.resource
    status = use.status.strip().lower()
    kind = _device_type(use, context)
    said = words(kind) or (use.device.display if use.device else "")
    text = "; ".join(part for part in (said, all_words(use.reason_code)) if part)
    if status not in _USED:
        return None
    if not text and not any(known(codes_of(kind))):
        unread.append(unreadable(row.label, say(Remark.NO_DEVICE)))
        return None
    return Intervention(
        reference=row.label,
        concepts=concepts_of(codes_of(kind), context),
        text=text,
        said=text,
        status=status,
        when=when(use.timing_date_time) or earliest(use.timing_period) or when(use.recorded_on),
    )


def _device_type(use: DeviceUseStatement, context: Context) -> CodeableConcept | None:
    reference = use.device.reference if use.device else ""
    if reference.startswith("#"):
        return next((device.type for device in use.contained if f"#{device.id}" == reference), None)
    device = find(context.record, reference, "Device") if reference else None
    return device.type if isinstance(device, Device) else None


def _order(row: Row[ServiceRequest], context: Context) -> ServiceOrder | None:
    order = row.resource
    status = order.status.strip().lower()
    if order.do_not_perform or status == "entered-in-error":
        return None
    concepts = (order.code, *order.order_detail, *order.reason_code)
    return ServiceOrder(
        reference=row.label,
        concepts=concepts_of(codes_of(order.code, *order.order_detail), context),
        text=all_words(concepts),
        status=status,
        intent=order.intent.strip().lower(),
        authored=when(order.authored_on) or context.encounter_date(order.encounter),
        occurs=when(order.occurrence_date_time) or within(order.occurrence_period),
    )
