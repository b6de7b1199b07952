"""Medication entries and draft orders: which medicine, how identified, how much, how long, whether used."""

from collections.abc import Sequence

from mappings.product import Product
from service.clinical.facts import Dose, Exposure
from service.clinical.orders import DraftOrder
from service.explain.codes import strength
from service.explain.entries import Understood, said
from service.fhir.resources import AnyMedication, Row
from service.normalise.context import Context
from service.normalise.identify import identity_of

UNKNOWN_DOSE = "dose unknown"


def understood(row: Row[AnyMedication], exposures: Sequence[Exposure], context: Context) -> Understood:
    """Return how a medication entry was read; `exposures` are the facts it became."""
    identity = identity_of(row.resource, context)
    found: Understood = {"medicine": identity.name, **product_said(identity.product)}
    found["notes"] = [*identity.notes]
    for one in exposures[:1]:
        found |= _course(one)
    found["dose"] = [
        f"{exposure.ingredient}: {doses_said(exposure.doses, exposure.as_needed)}" for exposure in exposures
    ]
    return found


def product_said(product: Product | None) -> Understood:
    """Return what a medicine was identified as, and how."""
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
    """Return the daily doses in words, step by step: `50 mg a day for 7 days, then 100 mg a day`."""
    steps = [
        (f"{dose.daily_mg:g} mg a day" if dose.daily_mg is not None else UNKNOWN_DOSE)
        + (f" for {dose.days} days" if dose.days else "")
        for dose in doses
    ]
    return (", then ".join(steps) or UNKNOWN_DOSE) + (", as needed" if as_needed else "")


def draft(order: DraftOrder, about: str) -> Understood:
    """Return how a draft order was read, and what it is about."""
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


def _course(exposure: Exposure) -> Understood:
    """Return what the components of one product have in common: period, supply, reason."""
    stopped = exposure.stopped_for
    return {
        "as": f"{exposure.source}, reported by the patient"
        if exposure.patient_reported
        else str(exposure.source),
        "status": exposure.status,
        "from": str(exposure.start or "unknown"),
        "to": str(exposure.end or "not stated"),
        "supply": f"{exposure.supply_days} days" if exposure.supply_days else "",
        "refills": str(exposure.refills or ""),
        "reasons": [f"{reason.text} ({reason.purpose})" for reason in exposure.reasons],
        "stoppedFor": f"{stopped.text} ({stopped.kind})" if stopped else "",
        "order": exposure.order or "",
        "notes": [*exposure.notes],
    }
