"""Medication entries and draft orders: which medicine, how identified, how much, how long, whether used."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mappings.product import Product
from service.clinical.facts import Dose, Exposure
from service.clinical.orders import DraftOrder
from service.explain.codes import strength
from service.explain.entries import Explained, Understood, judged, said
from service.fhir.resources import (
    AnyMedication,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Row,
)
from service.normalise.context import Context
from service.normalise.identify import identified, said_by
from service.normalise.uses import (
    Use,
    administration_use,
    dispense_use,
    request_use,
    statement_use,
)

UNKNOWN_DOSE = "dose unknown"
_USES: Mapping[type, Callable[[Any, Context], Use | str | None]] = {
    MedicationRequest: request_use,
    MedicationDispense: dispense_use,
    MedicationStatement: statement_use,
    MedicationAdministration: administration_use,
}


def checked(
    row: Row[AnyMedication],
    exposures: Sequence[Exposure],
    context: Context,
    drafts: frozenset[str],
    unread: tuple[str, ...],
) -> Explained:
    """How a medication entry was read; `exposures` are the facts it became."""
    identity = identified(said_by(row.resource, context), context)
    understood: Understood = {"medicine": identity.name, **product_said(identity.product)}
    understood["notes"] = [*identity.notes]
    for one in exposures[:1]:
        understood |= _course(one)
    understood["dose"] = [f"{one.ingredient}: {doses_said(one.doses, one.as_needed)}" for one in exposures]
    ignored = "" if exposures else _ignored(row, context, drafts, identity.product)
    return judged(row.label, understood, bool(exposures), ignored, unread)


def product_said(product: Product | None) -> Understood:
    """What a medicine was identified as, and how."""
    if product is None:
        return {"identifiedAs": "", "identifiedBy": ""}
    return {
        "identifiedAs": " / ".join(product.ingredients),
        "identifiedBy": product.matched,
        "strength": strength(product),
        "form": product.form,
        "route": product.route,
        "neverCounts": product.never_counts,
        "groups": sorted(product.groups),
    }


def doses_said(doses: Sequence[Dose], as_needed: bool) -> str:
    """The daily doses in words, step by step: `50 mg a day for 7 days, then 100 mg a day`."""
    steps = [
        (f"{dose.daily_mg:g} mg a day" if dose.daily_mg is not None else UNKNOWN_DOSE)
        + (f" for {dose.days} days" if dose.days else "")
        for dose in doses
    ]
    return (", then ".join(steps) or UNKNOWN_DOSE) + (", as needed" if as_needed else "")


def draft(order: DraftOrder, about: str) -> Understood:
    """How a draft order was read, and what it is about."""
    return said(
        {
            "reference": order.reference,
            "about": about,
            "name": order.name,
            **(product_said(order.product) if order.kind == "MedicationRequest" else {}),
            "dose": doses_said(order.doses, order.as_needed) if order.product else "",
            "treatments": sorted(order.concepts),
            "reasons": [f"{reason.text} ({reason.purpose})" for reason in order.reasons],
            "unreadable": order.fault,
            "invalid": [*order.invalid],
            "notes": [*order.notes, *(["is about another person"] if order.foreign else [])],
        }
    )


def _course(one: Exposure) -> Understood:
    """What the components of one product have in common: period, supply, reason."""
    stopped = one.stopped_for
    return {
        "as": f"{one.source}, reported by the patient" if one.patient_reported else str(one.source),
        "status": one.status,
        "from": str(one.start or "unknown"),
        "to": str(one.end or "not stated"),
        "supply": f"{one.supply_days} days" if one.supply_days else "",
        "refills": str(one.refills or ""),
        "reasons": [f"{reason.text} ({reason.purpose})" for reason in one.reasons],
        "stoppedFor": f"{stopped.text} ({stopped.kind})" if stopped else "",
        "order": one.order or "",
        "notes": [*one.notes],
    }


def _ignored(
    row: Row[AnyMedication], context: Context, drafts: frozenset[str], product: Product | None
) -> str:
    """Why a readable entry became no fact."""
    if row.label in drafts:
        return "is a copy of a draft order"
    use = _USES[type(row.resource)](row.resource, context)
    if use is None:
        return _no_use(row.resource)
    if isinstance(use, Use) and context.later(use.start):
        return f"begins after {context.as_of}"
    return "no rule looks at this medicine" if product is None else "not used"


def _no_use(resource: AnyMedication) -> str:
    status = resource.status.strip().lower()
    if isinstance(resource, MedicationRequest):
        if resource.do_not_perform:
            return "doNotPerform: an order not to give it"
        if resource.intent.strip().lower() == "instance-order" and resource.based_on:
            return f"carries out another order of the record, or status {status}"
        if resource.intent.strip().lower() in ("proposal", "plan", "option"):
            return f"intent {resource.intent.strip().lower()}: no order"
    return f"status {status}"
