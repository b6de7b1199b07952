"""Disorders that only the reason of an order for a medicine may name."""

from collections.abc import Iterator

from service.clinical.facts import Problem
from service.fhir.resources import CodeableConcept, MedicationRequest, find
from service.normalise.codes import codes_of, words
from service.normalise.context import Context
from service.normalise.dates import when
from service.normalise.problems import groups_of, is_listed
from service.normalise.purposes import referred
from service.normalise.uses import stands


def order_reasons(context: Context, drafts: frozenset[str]) -> tuple[Problem, ...]:
    """Return each reason of an order that stands, as if it were an entry dated by the order.

    A reason that refers to an entry of the problem list is judged there.
    """
    rows = (
        row
        for row in context.record.requests
        if (row.resource.reason_code or row.resource.reason_reference)
        and row.label not in drafts
        and stands(row.resource)
    )
    found = (
        _entry(row.label, row.resource, concept, context)
        for row in rows
        for concept in _reasons(row.resource, context)
    )
    return tuple(reason for reason in found if not context.later(reason.recorded))


def _reasons(order: MedicationRequest, context: Context) -> Iterator[CodeableConcept]:
    yield from order.reason_code
    for reference in order.reason_reference:
        if reference.reference.startswith("#"):
            yield referred(reference, context, order.contained)
        elif reference.display and find(context.record, reference.reference, "Condition") is None:
            yield CodeableConcept(text=reference.display)


def _entry(label: str, order: MedicationRequest, concept: CodeableConcept, context: Context) -> Problem:
    codes = codes_of(concept)
    groups = groups_of(codes, context.vocabulary)
    return Problem(
        reference=label,
        codes=codes,
        groups=groups,
        text=words(concept),
        wordings=context.wordings(concept),
        unlisted=not (groups or is_listed(codes, context.tables)),
        status="active" if order.status.strip().lower() == "active" else "inactive",
        recorded=when(order.authored_on),
    )
