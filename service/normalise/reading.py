"""All facts of a record; a module of its own reads each list of resources."""

from collections.abc import Iterator
from datetime import date
from itertools import chain

from mappings.reading import ReadingTables
from service.clinical.facts import (
    Allergy,
    BloodPressure,
    Exposure,
    Ignored,
    Intervention,
    Lab,
    LostAnswer,
    OtherMedicine,
    PatientFacts,
    Problem,
    RiskAnswer,
    Score,
    ServiceOrder,
    SetAside,
    Unreadable,
)
from service.fhir.resources import Record
from service.normalise.allergies import allergies
from service.normalise.context import Context, Vocabulary
from service.normalise.interventions import interventions, service_orders
from service.normalise.medications import exposures
from service.normalise.observations import measured
from service.normalise.order_reasons import order_reasons
from service.normalise.outcomes import (
    HalfPressure,
    LostScore,
    NotDone,
    ObservedRisk,
    OtherFill,
    Outcome,
    Outcomes,
)
from service.normalise.ownership import owned, patient_row
from service.normalise.person import lost_birth, person
from service.normalise.pressures import paired
from service.normalise.problems import problems


def problem_list(
    record: Record,
    vocabulary: Vocabulary,
    tables: ReadingTables,
    as_of: date,
    patient_id: str | None = None,
) -> tuple[Problem, ...]:
    """Return the problems alone, for a question that comes before all else is read."""
    alone = Record(
        patients=record.patients,
        encounters=record.encounters,
        conditions=record.conditions,
        found=record.found,
        lists=record.lists,
    )
    own, _ = owned(alone, patient_id)
    context = Context(record=own, vocabulary=vocabulary, tables=tables, as_of=as_of)
    return Outcomes(problems(context)).of(Problem)


def facts(
    record: Record,
    vocabulary: Vocabulary,
    tables: ReadingTables,
    as_of: date,
    drafts: frozenset[str] = frozenset(),
    patient_id: str | None = None,
) -> PatientFacts:
    """Return the facts about the patient up to `as_of`.

    `patient_id` is whose record it must be (without it: the only Patient in it); `drafts` are the labels
    of draft orders, whose prefetched copies are no facts. Everything that could not be read, or is about
    somebody else, is listed in `unreadable`.
    """
    row = patient_row(record, patient_id)
    patient = person(row)
    own, foreign = owned(record, patient_id)
    context = Context(
        record=own,
        vocabulary=vocabulary,
        tables=tables,
        as_of=as_of,
        born=patient.born if patient else None,
    )
    read = Outcomes(chain(record.set_aside, lost_birth(row), foreign, _outcomes(context, drafts)))
    readings = read.of(BloodPressure)
    together = Outcomes(paired(readings, read.of(HalfPressure)))
    return PatientFacts(
        person=patient,
        exposures=read.of(Exposure),
        problems=(*read.of(Problem), *(risk.problem for risk in read.of(ObservedRisk))),
        order_reasons=order_reasons(context, drafts),
        pressures=(*readings, *together.of(BloodPressure)),
        scores=read.of(Score),
        scores_not_read=tuple(score.when for score in read.of(LostScore)),
        answers=read.of(RiskAnswer),
        lost_answers=tuple(dict.fromkeys(read.of(LostAnswer))),
        labs=read.of(Lab),
        allergies=read.of(Allergy),
        interventions=read.of(Intervention),
        not_done=tuple(outcome.procedure for outcome in read.of(NotDone)),
        service_orders=read.of(ServiceOrder),
        unrelated_dispenses=tuple(fill.when for fill in read.of(OtherFill)),
        others_given=read.of(OtherMedicine),
        stays=context.stays(),
        lists=record.lists,
        lists_not_read=record.lists_not_read,
        unreadable=tuple(dict.fromkeys(read.of(Unreadable))),
        set_aside=read.of(SetAside),
        ignored=(*read.of(Ignored), *together.of(Ignored)),
    )


def _outcomes(context: Context, drafts: frozenset[str]) -> Iterator[Outcome]:
    """Yield the outcomes of each resource of the record, list by list."""
    yield from measured(context)
    yield from exposures(context, drafts)
    yield from problems(context)
    yield from allergies(context)
    yield from interventions(context)
    yield from service_orders(context, drafts)
