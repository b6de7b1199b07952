"""The use that a medication resource states, whichever the medicine: whether, when, how long.

A resource that is known to be no use (cancelled, refused, prohibited, proposed) is ignored. One of which
that cannot be told is unreadable: it is neither counted nor passed over in silence.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct, structs

from mappings.dosage import DosageTable
from mappings.remarks import Remark, say
from mappings.remembering import remembered
from service.clinical.facts import Ignored, Reason, SourceKind, StopReason, Unreadable
from service.clinical.partial_date import PartialDate
from service.fhir.resources import (
    Dosage,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Quantity,
    Record,
    Reference,
    Repeat,
    Row,
    find,
    tail,
)
from service.normalise.context import Context
from service.normalise.dates import earliest, latest, when
from service.normalise.outcomes import of_status, unreadable
from service.normalise.purposes import not_adherent, reasons, stopped_for
from service.normalise.sig import until

_ORDERED = frozenset({"active", "completed", "stopped", "on-hold"})
_ORDERS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
_NO_ORDERS = frozenset({"proposal", "plan", "option"})
_NOT_HANDED_OVER = frozenset({"preparation", "in-progress", "on-hold", "stopped", "declined"})
_VOID = frozenset({"draft", "cancelled", "entered-in-error", "not-done", "not-taken", "intended"})
_MOST_REFILLS = 99
# What is over, whether or not a last day is stated.
OVER = frozenset({"completed", "stopped"})


class StatedUse(Struct, frozen=True, kw_only=True):
    """The amounts and times that a resource states, which many resources state alike.

    `ordered` is the instruction of the order that a dispense without one of its own fills.
    """

    source: SourceKind
    status: str
    dosage: tuple[Dosage, ...] = ()
    given: Quantity | None = None
    ordered: tuple[Dosage, ...] = ()
    supply: Quantity | None = None
    quantity: Quantity | None = None
    refills: int = 0


class MedicineUse(Struct, frozen=True, kw_only=True):
    """Use of a medicine as one resource states it; `undated` says that it must have a date and has none.

    `stopped_on` is the last day of a use that was stopped, `reversal` says that a dispense was taken back.
    """

    stated: StatedUse
    start: PartialDate | None = None
    end: PartialDate | None = None
    reasons: tuple[Reason, ...] = ()
    stopped_for: StopReason | None = None
    stopped_on: PartialDate | None = None
    reversal: bool = False
    order: str | None = None
    patient_reported: bool = False
    non_adherent: bool = False
    undated: bool = False
    in_stay: bool = False
    notes: tuple[str, ...] = ()


Read: TypeAlias = MedicineUse | Ignored | Unreadable


def request_use(row: Row[MedicationRequest], context: Context) -> Read:
    """Return the use that an order states.

    A plan that is marked as reported is a statement (one large EHR writes home medicines so).
    """
    request = row.resource
    status, intent = request.status.strip().lower(), request.intent.strip().lower()
    reported = request.reported_boolean or request.reported_reference is not None
    if (no_order := _no_order(row, status, intent, reported, context)) is not None:
        return no_order
    start, notes = _order_start(request, context)
    end, more = _order_end(start, request.dosage_instruction, context)
    supply = request.dispense_request
    stopped = status == "stopped" and end is None and supply is not None
    return MedicineUse(
        stated=StatedUse(
            source=SourceKind.STATEMENT if intent == "plan" else SourceKind.ORDER,
            status=status,
            dosage=request.dosage_instruction,
            supply=supply.expected_supply_duration if supply else None,
            quantity=supply.quantity if supply else None,
            refills=_count(supply.number_of_repeats_allowed) if supply else 0,
        ),
        start=start,
        end=end,
        stopped_on=latest(supply.validity_period) if stopped and supply else None,
        reasons=reasons(request.reason_code, request.reason_reference, context, request.contained),
        stopped_for=stopped_for([request.status_reason], context.tables.reasons),
        patient_reported=reported,
        non_adherent=not_adherent(request.extension, context),
        undated=start is None and intent != "plan",
        notes=(*notes, *more),
    )


def _no_order(
    row: Row[MedicationRequest], status: str, intent: str, reported: bool, context: Context
) -> Ignored | Unreadable | None:
    """Return why a request is not an order in force, or may not be one; None for one that is."""
    request = row.resource
    if request.do_not_perform:
        return Ignored(reference=row.label, remark=Remark.NOT_TO_BE_GIVEN)
    if status in _VOID:
        return of_status(row.label, status)
    if intent in _NO_ORDERS and not (intent == "plan" and reported):
        return Ignored(reference=row.label, remark=Remark.OF_INTENT, values={"intent": intent})
    if intent not in _ORDERS and intent != "plan":
        return unreadable(row.label, Remark.MAY_BE_NO_ORDER)
    if status not in _ORDERED:
        return unreadable(row.label, Remark.MAY_NOT_STAND)
    if intent == "instance-order" and _has_parent(request.based_on, context.record):
        return Ignored(reference=row.label, remark=Remark.CARRIES_OUT)
    return None


def stands(request: MedicationRequest) -> bool:
    """Tell whether a request is an order that is, or was, in force."""
    status, intent = request.status.strip().lower(), request.intent.strip().lower()
    return not request.do_not_perform and status in _ORDERED and intent in _ORDERS


def dispense_use(row: Row[MedicationDispense], context: Context) -> Read:
    """Return a supply that was handed over, or its reversal; nothing else shows that the patient had it."""
    dispense = row.resource
    status = dispense.status.strip().lower()
    start = when(dispense.when_handed_over)
    cancelled = status == "cancelled" and start is not None
    if (status in _VOID and not cancelled) or status in _NOT_HANDED_OVER:
        return of_status(row.label, status)
    if status != "completed" and not cancelled:
        return unreadable(row.label, Remark.MAY_NOT_BE_HANDED_OVER)
    prepared = when(dispense.when_prepared) if start is None else None
    return MedicineUse(
        stated=StatedUse(
            source=SourceKind.DISPENSE,
            status=status,
            dosage=dispense.dosage_instruction,
            ordered=() if dispense.dosage_instruction else _ordered(dispense, context.record),
            supply=_unsigned(dispense.days_supply),
            quantity=_unsigned(dispense.quantity),
        ),
        start=start or prepared,
        reversal=cancelled or _is_negative(dispense.quantity) or _is_negative(dispense.days_supply),
        stopped_for=stopped_for([dispense.status_reason_codeable_concept], context.tables.reasons),
        order=_label(dispense.authorizing_prescription, context.record),
        non_adherent=not_adherent(dispense.extension, context),
        undated=start is None and prepared is None,
        notes=(say(Remark.BY_PREPARATION),) if prepared else (),
    )


def statement_use(row: Row[MedicationStatement], context: Context) -> Read:
    """Return a report of use; a single date is a point in time, not a course."""
    statement = row.resource
    status = statement.status.strip().lower()
    if status in _VOID:
        return of_status(row.label, status)
    if status not in _ORDERED:
        return unreadable(row.label, Remark.MAY_NOT_BE_TAKEN)
    point = when(statement.effective_date_time)
    period = statement.effective_period
    informant = statement.information_source
    return MedicineUse(
        stated=StatedUse(source=SourceKind.STATEMENT, status=status, dosage=statement.dosage),
        start=point or earliest(period),
        end=None if point else latest(period),
        reasons=reasons(statement.reason_code, statement.reason_reference, context, statement.contained),
        stopped_for=stopped_for(statement.status_reason, context.tables.reasons),
        order=_label(statement.based_on, context.record),
        patient_reported=informant is not None and _is_person(informant.reference),
        non_adherent=not_adherent(statement.extension, context),
        notes=(say(Remark.ONE_POINT),) if point else (),
    )


def administration_use(row: Row[MedicationAdministration], context: Context) -> Read:
    """Return the use of one administration."""
    given = row.resource
    status = given.status.strip().lower()
    if status in _VOID or status == "on-hold":
        return of_status(row.label, status)
    if status not in ("completed", "in-progress", "stopped"):
        return unreadable(row.label, Remark.MAY_NOT_BE_GIVEN)
    point = when(given.effective_date_time)
    start = point or earliest(given.effective_period)
    text = given.dosage.text if given.dosage else ""
    return MedicineUse(
        stated=StatedUse(
            source=SourceKind.ADMINISTRATION,
            status=status,
            dosage=(Dosage(text=text),) if text else (),
            given=given.dosage.dose if given.dosage else None,
        ),
        start=start,
        end=point or latest(given.effective_period) or start,
        reasons=reasons(given.reason_code, given.reason_reference, context, given.contained),
        stopped_for=stopped_for(given.status_reason, context.tables.reasons),
        order=_label((given.request,) if given.request else (), context.record),
        non_adherent=not_adherent(given.extension, context),
        undated=start is None,
        in_stay=context.in_stay(given.context) or context.names_stay(given.category),
    )


def _order_start(request: MedicationRequest, context: Context) -> tuple[PartialDate | None, tuple[str, ...]]:
    """Return the first day of the course: of the stated bounds, of the order, or any other."""
    bounds = _bounds(request.dosage_instruction, context.tables.dosage)
    if bounds.first is not None:
        return bounds.first, ()
    written = when(request.authored_on)
    if written is not None:
        return written, ()
    valid = earliest(request.dispense_request.validity_period) if request.dispense_request else None
    if valid is not None:
        return valid, (say(Remark.BY_VALIDITY),)
    seen = context.encounter_date(request.encounter)
    return seen, (say(Remark.BY_ENCOUNTER),) if seen else ()


def _order_end(
    start: PartialDate | None, dosages: tuple[Dosage, ...], context: Context
) -> tuple[PartialDate | None, tuple[str, ...]]:
    """Return the last day of the course if the order states one: bounds, durations, or in words."""
    bounds = _bounds(dosages, context.tables.dosage)
    if bounds.last is not None:
        if start is not None and bounds.last.last < start.first:
            return None, (say(Remark.ENDS_BEFORE_START),)
        return bounds.last, ()
    if bounds.in_words is not None and (start is None or bounds.in_words.first >= start.first):
        return bounds.in_words, (say(Remark.END_FROM_TEXT),)
    return None, ()


class _Bounds(Struct, frozen=True):
    """The first and last day that instructions state, and the last day stated in words."""

    first: PartialDate | None = None
    last: PartialDate | None = None
    in_words: PartialDate | None = None


@remembered
def _bounds(dosages: tuple[Dosage, ...], table: DosageTable) -> _Bounds:
    periods = [r.bounds_period for r in _repeats(dosages) if r.bounds_period is not None]
    firsts = [first for period in periods if (first := earliest(period)) is not None]
    ends = [latest(period) for period in periods]
    lasts = [end for end in ends if end is not None]
    return _Bounds(
        first=min(firsts, key=lambda w: w.first, default=None),
        last=max(lasts, key=lambda w: w.last) if lasts and len(lasts) == len(ends) else None,
        in_words=when(max((until(d.text, table) for d in dosages), default="")),
    )


def _repeats(dosages: Iterable[Dosage]) -> list[Repeat]:
    return [d.timing.repeat for d in dosages if d.timing is not None and d.timing.repeat is not None]


def _has_parent(based_on: Iterable[Reference], record: Record) -> bool:
    """Tell whether the order that an instance order carries out is in the record itself."""
    parents = (find(record, r.reference, "MedicationRequest") for r in based_on if r.reference)
    return any(
        isinstance(p, MedicationRequest) and p.intent in _ORDERS and p.status in _ORDERED for p in parents
    )


def _label(references: Sequence[Reference], record: Record) -> str | None:
    """Return the label of the order that something carries out."""
    named = [r.reference for r in references if r.reference and not r.reference.startswith("#")]
    if not named:
        return None
    row = record.found.get(named[0])
    return row.label if row else tail(named[0], "MedicationRequest")


def _ordered(dispense: MedicationDispense, record: Record) -> tuple[Dosage, ...]:
    """Return the instruction of the order that a dispense fills."""
    named = (r.reference for r in dispense.authorizing_prescription if r.reference)
    orders = [order for name in named if (order := find(record, name, "MedicationRequest"))]
    only = orders[0] if len(orders) == 1 else None
    return only.dosage_instruction if isinstance(only, MedicationRequest) else ()


def _is_person(reference: str) -> bool:
    return tail(reference, "Patient").split("/")[0] in ("Patient", "RelatedPerson")


def _is_negative(quantity: Quantity | None) -> bool:
    return quantity is not None and (quantity.value or 0) < 0


def _unsigned(quantity: Quantity | None) -> Quantity | None:
    """Return the amount of a reversal, which is written below zero."""
    if quantity is None or quantity.value is None:
        return quantity
    return structs.replace(quantity, value=abs(quantity.value))


def _count(number: float | None) -> int:
    return int(min(max(number or 0, 0), _MOST_REFILLS))
