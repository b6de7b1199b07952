"""What the record leaves open about the flags, and where to look; never read as clear."""

from collections.abc import Collection, Mapping
from datetime import date

from msgspec.structs import replace

from mappings.flags import FlagId, FlagTable, GapRow
from mappings.gaps import FlagGap
from service.assess.flags.hits import Hit, heaviest
from service.assess.flags.pregnancy import pregnancy_known
from service.assess.flags.pressure import complete
from service.assess.flags.prior_course import earlier_course
from service.assess.flags.substance_screens import is_negative
from service.assess.problem_list import naming
from service.assess.recency import surely_within
from service.clinical.assessment import Gap, Level
from service.clinical.facts import Completeness, PatientFacts
from service.clinical.partial_date import age_on
from service.clinical.statement import Stance


def flag_gaps(
    facts: PatientFacts, raised: Mapping[str, Collection[Hit]], table: FlagTable, as_of: date
) -> tuple[Gap, ...]:
    """Return what is missing for the flags, in the order of the table; only blood pressure is blocking.

    `raised` holds the hits of each flag by its id, without those from reasons of orders.
    """
    unknown = {
        FlagGap.PRESSURE: not complete(facts.pressures, table.pressure, as_of),
        FlagGap.PREGNANCY: not _weighs(raised.get(FlagId.PREG, ()))
        and _pregnancy_unknown(facts, table, as_of),
        FlagGap.LIVER: not _tested(facts, table.screening.liver_labs, table.screening.liver_days, as_of),
        FlagGap.SUBSTANCES: _USE.isdisjoint(raised) and _substances_unknown(facts, table, as_of),
        FlagGap.PSYCHOSIS: _PSYCHOSIS.isdisjoint(raised) and _psychosis_unknown(facts, table, as_of),
        FlagGap.ALLERGIES: _allergies_empty(facts),
        FlagGap.PRIOR_COURSE: FlagId.PRIOR_NR not in raised and earlier_course(facts, table),
        FlagGap.THYROID: _thyroid_unknown(facts, table, as_of),
    }
    return tuple(
        Gap(id=row.id, blocking=row.blocking, text=_text(row, facts, table))
        for row in table.gap
        if unknown[FlagGap(row.id)]
    )


def _weighs(hits: Collection[Hit]) -> bool:
    """Tell whether a flag is more than information, which settles no question."""
    return heaviest(level for finding in hits for level in (finding.esketamine, finding.ketamine)) not in (
        None,
        Level.INFO,
    )


# What settles the question of substances: a positive screen does so only where its own flag says it.
_USE = frozenset({FlagId.SUD_ACT, FlagId.SUD_EREM, FlagId.SUD_SREM, FlagId.SUD_SCREEN})
_PSYCHOSIS = frozenset({FlagId.PSY_ACT, FlagId.PSY_HX})
_FROM_OTHER_LISTS = frozenset({FlagGap.ALLERGIES, FlagGap.PRIOR_COURSE})


def _text(row: GapRow, facts: PatientFacts, table: FlagTable) -> str:
    """Return the sentence, noting where the list of measurements did not arrive or is incomplete."""
    notes = {
        Completeness.FIRST_PAGE: table.list_notes.first_page,
        Completeness.PARTLY: table.list_notes.partly,
        Completeness.NOT_RETRIEVABLE: table.list_notes.not_retrievable,
    }
    note = notes.get(facts.list_state("Observation"))
    return row.text if note is None or row.id in _FROM_OTHER_LISTS else f"{row.text} {note}"


def _tested(facts: PatientFacts, concepts: tuple[str, ...], days: int, as_of: date) -> bool:
    return any(
        lab.concept.partition(":")[0] in concepts
        and (lab.value is not None or bool(lab.answer or lab.code))
        and surely_within(lab.when, days, as_of)
        for lab in facts.labs
    )


def _pregnancy_unknown(facts: PatientFacts, table: FlagTable, as_of: date) -> bool:
    if pregnancy_known(facts, table, as_of):
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
    rule = table.screening
    asked = (lab for lab in facts.labs if lab.concept.partition(":")[0] in rule.substance_labs)
    labs = tuple(lab for lab in asked if is_negative(lab, table.substance_screen))
    return not _tested(replace(facts, labs=labs), rule.substance_labs, rule.substance_days, as_of)


def _psychosis_unknown(facts: PatientFacts, table: FlagTable, as_of: date) -> bool:
    rule = table.screening
    seen = any(
        not intervention.concepts.isdisjoint(rule.psychosis_interventions)
        and intervention.when is not None
        and surely_within(intervention.when, rule.psychosis_days, as_of)
        for intervention in facts.interventions
    )
    return not seen and not _tested(facts, rule.psychosis_labs, rule.psychosis_days, as_of)


def _allergies_empty(facts: PatientFacts) -> bool:
    retrieved = facts.list_state("AllergyIntolerance") is not Completeness.NOT_RETRIEVABLE
    return retrieved and not facts.allergies


def _thyroid_unknown(facts: PatientFacts, table: FlagTable, as_of: date) -> bool:
    """Tell whether hyperthyroidism is on record but the thyroid function is unknown."""
    rules = table.row(FlagId.THYR).condition
    named = (entry for rule in rules for entry in naming(facts.problems, rule))
    on_record = any(entry.problem.active and entry.found.stance is Stance.AFFIRMED for entry in named)
    rule = table.screening
    return on_record and not _tested(facts, (rule.thyroid_lab,), rule.thyroid_days, as_of)
