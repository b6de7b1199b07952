"""Medication resources to exposures: which medicine, by which source, when and how much."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec.structs import replace

from mappings.remarks import Remark
from mappings.terminology import Product
from service.clinical.facts import Dose, Exposure, Ignored, OtherMedicine, SourceKind, Unreadable
from service.clinical.partial_date import PartialDate
from service.fhir.resources import AnyMedication, MedicationAdministration, MedicationDispense, Row
from service.normalise.context import Context
from service.normalise.dates import plus
from service.normalise.denials import denied
from service.normalise.fills import real_fills
from service.normalise.identify import Identity, each_named, identity_of, medication_names
from service.normalise.outcomes import OtherFill, Outcome, unreadable
from service.normalise.taken import Taken, taken
from service.normalise.uses import (
    OVER,
    MedicineUse,
    Read,
    StatedUse,
    administration_use,
    dispense_use,
    request_use,
    statement_use,
)

_SHOWN = (MedicationDispense, MedicationAdministration)  # of which also a medicine of no rule shows something

M = TypeVar("M", bound=AnyMedication)


def exposures(context: Context, drafts: frozenset[str]) -> Iterator[Outcome]:
    """Yield every use of a medicine that a rule may consider.

    Prefetched copies of the draft orders are not use. Medicines that no rule knows still show, where they
    were handed over, that the record holds dispenses, and where they were given, what was done that day.
    """
    record = context.record
    orders = [row for row in record.requests if row.label not in drafts]
    copies = (row.label for row in record.requests if row.label in drafts)
    yield from (Ignored(reference=label, remark=Remark.COPY_OF_DRAFT) for label in copies)
    yield from _read(orders, request_use, context)
    yield from _kept(_read(record.dispenses, dispense_use, context))
    yield from _read(record.statements, statement_use, context)
    yield from _by_day([*_read(record.administrations, administration_use, context)])


def _read(
    rows: Iterable[Row[M]], read: Callable[[Row[M], Context], Read], context: Context
) -> Iterator[Outcome]:
    for row in rows:
        identity = identity_of(row.resource, context)
        if identity.is_of_no_rule and not isinstance(row.resource, _SHOWN):
            yield Ignored(reference=row.label, remark=Remark.NO_RULE_MEDICINE)
            continue
        use = read(row, context)
        if isinstance(use, Ignored):
            yield use
        elif isinstance(use, MedicineUse):
            yield from _used(row, use, identity, context)
        elif identity.is_of_no_rule:
            yield Ignored(reference=row.label, remark=Remark.NO_RULE_MEDICINE)
        else:
            yield Unreadable(reference=row.label, reason=identity.fault) if identity.fault else use


def _used(row: Row[M], use: MedicineUse, identity: Identity, context: Context) -> Iterator[Outcome]:
    """Yield the outcomes of a use that has begun and is not denied."""
    if context.later(use.start):
        yield Ignored(reference=row.label, remark=Remark.BEGINS_LATER, values={"as_of": context.as_of})
    elif denied(row.resource, use, identity, context):
        yield Ignored(reference=row.label, remark=Remark.NOT_USED)
    elif identity.fault:
        yield from _listed(row, use, context) or [Unreadable(reference=row.label, reason=identity.fault)]
    elif identity.product is None:
        yield Ignored(reference=row.label, remark=Remark.NO_RULE_MEDICINE)
        yield from _of_no_rule(use, identity.name)
    else:
        if use.undated:
            yield unreadable(row.label, Remark.NOT_PLACED)
        yield from _exposures(row.label, use, identity, identity.product, context)


def _listed(row: Row[M], use: MedicineUse, context: Context) -> list[Outcome]:
    """Return the uses in a report that only lists medicines: "tried Prozac and Lexapro"."""
    if use.stated.source is not SourceKind.STATEMENT or use.start is not None or use.stated.dosage:
        return []
    each = each_named(medication_names(row.resource, context), context)
    return [
        exposure
        for identity in each
        if identity.product is not None
        for exposure in _exposures(row.label, use, identity, identity.product, context)
    ]


def _of_no_rule(use: MedicineUse, name: str) -> Iterator[Outcome]:
    """Return what an unknown medicine still shows: a day of dispensing, or what was given that day."""
    if use.start is None or use.reversal:
        return
    if use.stated.source is SourceKind.DISPENSE:
        yield OtherFill(use.start)
    elif use.stated.source is SourceKind.ADMINISTRATION:
        yield OtherMedicine(name=name, when=use.start)


def _exposures(
    label: str, use: MedicineUse, identity: Identity, product: Product, context: Context
) -> Iterator[Outcome]:
    stated = use.stated
    read = taken(stated, identity, context.vocabulary, context.tables.dosage)
    if read.absurd:
        yield Unreadable(reference=label, reason=read.absurd)
    end = use.end or _end_by_instruction(use.start, read)
    notes = (*read.notes, *use.notes) if use.notes else read.notes
    for ingredient, doses in read.ingredients:
        yield Exposure(
            reference=label,
            source=stated.source,
            ingredient=ingredient,
            product=product,
            status=stated.status,
            start=use.start,
            end=end,
            supply_days=read.supply_days,
            quantity=stated.quantity.value if stated.quantity else None,
            refills=stated.refills,
            doses=doses,
            as_needed=read.as_needed,
            reasons=use.reasons,
            stopped_for=use.stopped_for,
            stopped_on=use.stopped_on or (end if _over(stated) else None),
            reversal=use.reversal,
            order=use.order,
            patient_reported=use.patient_reported,
            non_adherent=use.non_adherent,
            in_stay=use.in_stay,
            notes=tuple(dict.fromkeys(notes)),
        )


def _over(stated: StatedUse) -> bool:
    return stated.source in (SourceKind.ORDER, SourceKind.STATEMENT) and stated.status in OVER


def _end_by_instruction(start: PartialDate | None, read: Taken) -> PartialDate | None:
    """Return the last day that the instruction sets for an order or report, or for a fill that stops."""
    return plus(start, read.lasts - 1) if read.lasts and start is not None else None


def _kept(dispensed: Iterable[Outcome]) -> Iterator[Outcome]:
    """Yield the outcomes without duplicate or reversed dispenses."""
    outcomes = tuple(dispensed)
    kept = {
        id(fill) for fill in real_fills([outcome for outcome in outcomes if isinstance(outcome, Exposure)])
    }
    for outcome in outcomes:
        if isinstance(outcome, Exposure) and id(outcome) not in kept:
            yield Ignored(reference=outcome.reference, remark=Remark.NO_FILL)
        else:
            yield outcome


def _by_day(given: Sequence[Outcome]) -> Iterator[Outcome]:
    """Return administrations with the dose of the whole day: two of 50 mg make 100 mg a day."""
    days: dict[tuple[str, str], list[float | None]] = defaultdict(list)
    for exposure in given:
        if isinstance(exposure, Exposure):
            days[(exposure.ingredient, str(exposure.start))].append(
                exposure.doses[0].daily_mg if exposure.doses else None
            )
    for exposure in given:
        if isinstance(exposure, Exposure):
            stated = [mg for mg in days[(exposure.ingredient, str(exposure.start))] if mg is not None]
            yield replace(exposure, doses=(Dose(daily_mg=sum(stated)),)) if stated else exposure
        else:
            yield exposure
