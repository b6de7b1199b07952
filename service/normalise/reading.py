"""All facts of a record: each list of resources read by its own module."""

from datetime import date

from mappings.reading import ReadingTables
from service.clinical.facts import PatientFacts, Problem, Unreadable
from service.fhir.resources import Record
from service.normalise.allergies import allergies
from service.normalise.context import Context, Vocabulary
from service.normalise.interventions import interventions, service_orders
from service.normalise.medications import Unrelated, exposures
from service.normalise.observations import measured
from service.normalise.order_reasons import order_reasons
from service.normalise.ownership import owned, patient_row
from service.normalise.person import person
from service.normalise.problems import problems


def problem_list(
    record: Record,
    vocabulary: Vocabulary,
    tables: ReadingTables,
    as_of: date,
    patient_id: str | None = None,
) -> tuple[Problem, ...]:
    """Return the problems of the record alone: for a question that comes before all else is read."""
    alone = Record(
        patients=record.patients,
        encounters=record.encounters,
        conditions=record.conditions,
        found=record.found,
        lists=record.lists,
    )
    context = Context(
        record=owned(alone, patient_id, []),
        vocabulary=vocabulary,
        tables=tables,
        as_of=as_of,
    )
    return problems(context, [])


def facts(
    record: Record,
    vocabulary: Vocabulary,
    tables: ReadingTables,
    as_of: date,
    drafts: frozenset[str] = frozenset(),
    patient_id: str | None = None,
) -> PatientFacts:
    """What the record says about the patient up to `as_of`.

    `patient_id` is whose record it must be (without it: the only Patient in it); `drafts` are the labels
    of draft orders, whose prefetched copies are no facts. Everything that could not be read, or is about
    somebody else, is listed in `unreadable`.
    """
    unread: list[Unreadable] = list(record.set_aside)
    patient = person(patient_row(record, patient_id), unread)
    context = Context(
        record=owned(record, patient_id, unread),
        vocabulary=vocabulary,
        tables=tables,
        as_of=as_of,
        born=patient.born if patient else None,
    )
    found = measured(context, unread)
    unrelated = Unrelated()
    taken = exposures(context, drafts, unread, unrelated)
    return PatientFacts(
        person=patient,
        exposures=taken,
        problems=(*problems(context, unread), *found.observed),
        order_reasons=order_reasons(context, drafts),
        pressures=found.pressures.all(),
        scores=tuple(found.scores),
        unread_scores=tuple(found.unread_scores),
        answers=tuple(found.answers),
        lost_answers=tuple(dict.fromkeys(found.lost)),
        labs=tuple(found.labs),
        allergies=allergies(context, unread),
        interventions=interventions(context, unread),
        service_orders=service_orders(context, drafts),
        unrelated_dispenses=tuple(one.when for one in unrelated.dispensed),
        others_given=tuple(unrelated.given),
        stays=context.stays(),
        lists=record.lists,
        unread_lists=record.unread_lists,
        unreadable=tuple(dict.fromkeys(unread)),
        set_aside=tuple(context.set_aside),
    )
