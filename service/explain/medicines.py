"""Medication entries and draft orders: which medicine, how identified, how much, how long, whether used."""

from collections.abc import Mapping, Sequence
from typing import Any

from mappings.product import Product
from service.clinical.facts import Dose, Exposure, Reason
from service.clinical.orders import DraftOrder
from service.explain.codes import strength
from service.fhir.resources import AnyMedication, Row
from service.normalise.context import Context
from service.normalise.identify import identity_of

Understood = dict[str, Any]
Words = Mapping[str, str]


def understood(
    row: Row[AnyMedication], exposures: Sequence[Exposure], context: Context, words: Words
) -> Understood:
    """Return the reading of a medication entry; `exposures` are the facts made from it."""
    identity = identity_of(row.resource, context)
    doses = [f"{e.ingredient}: {_doses(e.doses, words, as_needed=e.as_needed)}" for e in exposures]
    found: Understood = {"medicine": identity.name, **_product(identity.product, words)}
    found["notes"] = [*identity.notes]
    return found | (_course(exposures[0], words) if exposures else {}) | {"dose": doses}


def draft(order: DraftOrder, about: str, words: Words) -> Understood:
    """Return the reading of a draft order, and its topic."""
    foreign = [words["other_person"]] if order.foreign else []
    return {
        "reference": order.reference,
        "about": about,
        "name": order.name,
        **(_product(order.product, words) if order.kind == "MedicationRequest" else {}),
        "dose": _doses(order.doses, words, as_needed=order.as_needed) if order.product else "",
        "treatments": sorted(order.concepts),
        "reasons": _reasons(order.reasons),
        "unreadable": order.fault,
        "invalid": [*order.invalid],
        "notes": [*order.notes, *foreign],
    }


def _product(product: Product | None, words: Words) -> Understood:
    """Return the product that a medicine was identified as, and how it was identified."""
    if product is None:
        return {"identifiedAs": "", "identifiedBy": ""}
    return {
        "identifiedAs": " / ".join(product.ingredients),
        "identifiedBy": product.matched,
        "strength": strength(product, words),
        "form": product.form,
        "route": product.route,
        "neverCounts": product.never_counts,
        "groups": sorted(product.groups),
    }


def _doses(doses: Sequence[Dose], words: Words, *, as_needed: bool) -> str:
    """Return the daily doses in words, step by step: `50 mg a day for 7 days, then 100 mg a day`."""
    first, *others = [_dose(dose, words) for dose in doses] or [words["dose_unknown"]]
    for step in others:
        first = words["doses"].format(first=first, then=step)
    return words["as_needed"].format(doses=first) if as_needed else first


def _dose(dose: Dose, words: Words) -> str:
    known = dose.daily_mg is not None
    said = words["dose"].format(mg=f"{dose.daily_mg:g}") if known else words["dose_unknown"]
    return words["dose_for"].format(dose=said, days=dose.days) if dose.days else said


def _reasons(reasons: Sequence[Reason]) -> list[str]:
    return [f"{reason.text} ({reason.purpose})" for reason in reasons]


def _course(exposure: Exposure, words: Words) -> Understood:
    """Return the facts that the components of one product share: period, supply, reason."""
    source, stopped, days = str(exposure.source), exposure.stopped_for, exposure.supply_days
    return {
        "as": words["by_patient"].format(source=source) if exposure.patient_reported else source,
        "status": exposure.status,
        "from": str(exposure.start or words["unknown"]),
        "to": str(exposure.end or words["not_stated"]),
        "supply": words["days"].format(days=days) if days else "",
        "refills": str(exposure.refills or ""),
        "reasons": _reasons(exposure.reasons),
        "stoppedFor": f"{stopped.text} ({stopped.kind})" if stopped else "",
        "order": exposure.order or "",
        "notes": [*exposure.notes],
    }
