"""What the record does not tell about the flags: named, and said where to look; never read as clear."""

from dataclasses import replace
from datetime import date

from mappings.flags import FlagGap, FlagId, FlagTable, GapRow
from service.assess.entries import matches
from service.assess.flags import raised, watched_facts
from service.assess.flags.pregnancy import pregnancy_known
from service.assess.flags.pressure import complete
from service.assess.flags.prior_course import earlier_course
from service.assess.flags.substance_screens import is_negative
from service.assess.recency import surely_within
from service.clinical.assessment import Gap
from service.clinical.facts import ListState, PatientFacts
from service.clinical.when import age_on


def flag_gaps(facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Gap, ...]:
    """Return what is missing for the flags, in the order of the table; only blood pressure is blocking."""
    facts = watched_facts(facts, table)
    unknown = {
        FlagGap.PRESSURE: not complete(facts.pressures, table.pressure, as_of),
        FlagGap.PREGNANCY: _pregnancy_unknown(facts, table, as_of),
        FlagGap.LIVER: not _tested(facts, table.screening.liver_labs, table.screening.liver_days, as_of),
        FlagGap.SUBSTANCES: _substances_unknown(facts, table, as_of),
        FlagGap.PSYCHOSIS: _psychosis_unknown(facts, table, as_of),
        FlagGap.ALLERGIES: _allergies_empty(facts),
        FlagGap.PRIOR_COURSE: _prior_course_unknown(facts, table, as_of),
        FlagGap.THYROID: _thyroid_unknown(facts, table, as_of),
    }
    return tuple(
        Gap(id=row.id, blocking=row.blocking, text=_text(row, facts, table))
        for row in table.gap
        if unknown[FlagGap(row.id)]
    )


_FROM_OTHER_LISTS = frozenset({FlagGap.ALLERGIES, FlagGap.PRIOR_COURSE})


def _text(row: GapRow, facts: PatientFacts, table: FlagTable) -> str:
    """Say beside a missing measurement when the list of measurements did not come, or not whole."""
    notes = {
        ListState.FIRST_PAGE: table.list_notes.first_page,
        ListState.PARTLY: table.list_notes.partly,
        ListState.NOT_RETRIEVABLE: table.list_notes.not_retrievable,
    }
    note = notes.get(facts.list_state("Observation"))
    return row.text if note is None or row.id in _FROM_OTHER_LISTS else f"{row.text} {note}"


def _tested(facts: PatientFacts, concepts: tuple[str, ...], days: int, as_of: date) -> bool:
    return any(
        one.concept.partition(":")[0] in concepts
        and (one.value is not None or bool(one.answer or one.code))
        and surely_within(one.when, days, as_of)
        for one in facts.labs
    )


def _pregnancy_unknown(facts: PatientFacts, table: FlagTable, as_of: date) -> bool:
    if raised((FlagId.PREG,), facts, table, as_of) or pregnancy_known(facts, table, as_of):
        return False
    person = facts.person
    if person is None:
        return True
    return person.gender != "male" and (person.born is None or _may_be_fertile(facts, table, as_of))


def _may_be_fertile(facts: PatientFacts, table: FlagTable, as_of: date) -> bool:
    if facts.person is None or facts.person.born is None:
        return True
    youngest, oldest = (age_on(day, as_of) for day in (facts.person.born.last, facts.person.born.first))
    return oldest >= table.pregnancy.from_age and youngest <= table.pregnancy.to_age


def _substances_unknown(facts: PatientFacts, table: FlagTable, as_of: date) -> bool:
    """A positive screen settles nothing unless its own flag, or that of a diagnosis, says so."""
    rule = table.screening
    told = (FlagId.SUD_ACT, FlagId.SUD_EREM, FlagId.SUD_SREM, FlagId.SUD_SCREEN)
    if raised(told, facts, table, as_of):
        return False
    labs = tuple(one for one in facts.labs if is_negative(one, table.substance_screen))
    return not _tested(replace(facts, labs=labs), rule.substance_labs, rule.substance_days, as_of)


def _psychosis_unknown(facts: PatientFacts, table: FlagTable, as_of: date) -> bool:
    rule = table.screening
    if raised((FlagId.PSY_ACT, FlagId.PSY_HX), facts, table, as_of):
        return False
    seen = any(
        not one.concepts.isdisjoint(rule.psychosis_interventions)
        and one.when is not None
        and surely_within(one.when, rule.psychosis_days, as_of)
        for one in facts.interventions
    )
    return not seen and not _tested(facts, rule.psychosis_labs, rule.psychosis_days, as_of)


def _prior_course_unknown(facts: PatientFacts, table: FlagTable, as_of: date) -> bool:
    return earlier_course(facts, table) and not raised((FlagId.PRIOR_NR,), facts, table, as_of)


def _allergies_empty(facts: PatientFacts) -> bool:
    retrieved = facts.list_state("AllergyIntolerance") is not ListState.NOT_RETRIEVABLE
    return retrieved and not facts.allergies


def _thyroid_unknown(facts: PatientFacts, table: FlagTable, as_of: date) -> bool:
    """Asked only where hyperthyroidism stands on record."""
    rules = table.row(FlagId.THYR).condition
    on_record = any(one.active and matches(one, rule) for one in facts.problems for rule in rules)
    rule = table.screening
    return on_record and not _tested(facts, (rule.thyroid_lab,), rule.thyroid_days, as_of)
