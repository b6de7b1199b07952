"""What else the record must show for a finding to count."""

from collections.abc import Sequence
from datetime import date

from mappings.flags import Circumstance, FlagTable
from mappings.matching import NO_WORDS
from service.assess.entries import by_code, wordings
from service.assess.in_use import running
from service.assess.problem_list import naming
from service.assess.recency import surely_within
from service.clinical.facts import EntryText, Intervention, PatientFacts, Problem, ServiceOrder
from service.clinical.statement import Stance

# FHIR statuses under which a treatment is not, or no longer, given.
_NOT_GIVEN = frozenset({"preparation", "intended", "not-done", "on-hold", "stopped", "entered-in-error"})
_REQUESTS = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})


def hold_for(
    given: frozenset[str], unless: frozenset[str], facts: PatientFacts, table: FlagTable, as_of: date
) -> bool:
    """Tell whether one of `given` holds (or `given` is empty) and none of `unless` does."""
    if given and not any(holds(circumstance, facts, as_of) for circumstance in table.circumstances(given)):
        return False
    return not any(holds(circumstance, facts, as_of) for circumstance in table.circumstances(unless))


def holds(circumstance: Circumstance, facts: PatientFacts, as_of: date) -> bool:
    """Tell whether the record shows the circumstance."""
    return (
        _stated_in_words(facts.problems, circumstance)
        or any(_treats(circumstance, intervention) for intervention in facts.interventions)
        or any(_ordered(circumstance, order) for order in facts.service_orders)
        or _taken(circumstance, facts, as_of)
        or _measured(circumstance, facts, as_of)
    )


def _stated_in_words(problems: Sequence[Problem], circumstance: Circumstance) -> bool:
    """Tell whether a problem shows the circumstance, by its code or in its own words."""
    if not circumstance.own_text.phrases:
        return any(entry.found.stance is Stance.AFFIRMED for entry in naming(problems, circumstance))
    return any(
        by_code(problem, circumstance)
        or any(_own_words(wording, circumstance) for wording in wordings(problem))
        for problem in problems
    )


def _own_words(wording: EntryText, circumstance: Circumstance) -> bool:
    text = wording.says.text
    if circumstance.own_text_except.in_text(text):
        return False
    places = circumstance.own_text.places(text, NO_WORDS)
    return any(wording.says.stance_at(place) is Stance.AFFIRMED for place, _ in places)


def _named(circumstance: Circumstance, text: str) -> bool:
    return circumstance.text.in_text(text) and not circumstance.own_text_except.in_text(text)


def _treats(circumstance: Circumstance, intervention: Intervention) -> bool:
    """Tell whether an intervention shows the circumstance; a device must still be in use."""
    if intervention.status in _NOT_GIVEN or (
        intervention.status == "completed" and intervention.reference.startswith("DeviceUse")
    ):
        return False
    return not circumstance.interventions.isdisjoint(intervention.concepts) or _named(
        circumstance, intervention.text
    )


def _ordered(circumstance: Circumstance, service_order: ServiceOrder) -> bool:
    if service_order.status != "active" or service_order.intent not in _REQUESTS:
        return False
    return not circumstance.interventions.isdisjoint(service_order.concepts) or _named(
        circumstance, service_order.text
    )


def _taken(circumstance: Circumstance, facts: PatientFacts, as_of: date) -> bool:
    return any(
        not circumstance.groups.isdisjoint(exposure.product.groups)
        and running(exposure, as_of, circumstance.days)
        for exposure in facts.exposures
    )


def _measured(circumstance: Circumstance, facts: PatientFacts, as_of: date) -> bool:
    """Tell whether the latest laboratory value fits; of several on that day, whether any does."""
    dated = [
        (lab.when.last, lab.value)
        for lab in facts.labs
        if lab.concept == circumstance.lab
        and lab.value is not None
        and surely_within(lab.when, circumstance.days, as_of)
    ]
    latest = max((day for day, _ in dated), default=None)
    return any(_fits(value, circumstance) for day, value in dated if day == latest)


def _fits(value: float, circumstance: Circumstance) -> bool:
    low, high = circumstance.reaches, circumstance.below
    return (low is None or value >= low) and (high is None or value < high)
