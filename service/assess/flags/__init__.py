"""All flags of one patient: each row of the flag table that the record raises."""

from collections.abc import Callable, Mapping
from datetime import date

from mappings.flags import FlagKind, FlagRow, FlagTable
from service.assess.flags import liver, pressure
from service.assess.flags.allergies import hypersensitivity_hits, intolerance_hits
from service.assess.flags.conditions import condition_hits, procedure_hits
from service.assess.flags.hits import Hit, at_least, flag, hit
from service.assess.flags.medicines import Medicines, grouped, medicine_hits
from service.assess.flags.order_reasons import order_reason_hits
from service.assess.flags.pregnancy import pre_eclampsia_hits, pregnancy_hits
from service.assess.flags.prior_course import prior_course_hits
from service.assess.flags.substance_screens import screen_hits
from service.assess.flags.substances import substance_hits
from service.assess.flags.together import decided, deciding_marks
from service.clinical.assessment import Flag
from service.clinical.facts import PatientFacts
from service.clinical.partial_date import age_on

Hits = tuple[Hit, ...]


def flags(facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Flag, ...]:
    """Return every flag that the facts raise, in the order of the table.

    The rules of the trials and of the severity score raise their own flags.
    """
    return raised_flags(raised_hits(facts, table, as_of), facts, table, as_of)


def raised_hits(facts: PatientFacts, table: FlagTable, as_of: date) -> Mapping[str, Hits]:
    """Return what in the record raises each flag, by its id; the reasons of orders are left out."""
    medicines = grouped(facts.exposures)
    readings = pressure.pressures(facts.pressures, table.pressure, as_of)
    found = ((row.id, _hits(row, facts, medicines, readings, table, as_of)) for row in table.flag)
    return {flag_id: hits for flag_id, hits in found if hits}


def raised_flags(
    own: Mapping[str, Hits], facts: PatientFacts, table: FlagTable, as_of: date
) -> tuple[Flag, ...]:
    """Return the flags that the hits raise, in the order of the table; `own` are the `raised_hits`."""
    hits = {
        row.id: some
        for row in table.flag
        if (some := own.get(row.id) or order_reason_hits(row, facts, table, as_of))
    }
    deciding = deciding_marks([raised for in_row in hits.values() for raised in in_row], table.together)
    found = {
        row.id: flag(row, decided(hits[row.id], deciding), table.words)
        for row in table.flag
        if row.id in hits
    }
    return tuple(
        found[row.id]
        for row in table.flag
        if row.id in found
        and not any(_replaces(found.get(other), found[row.id]) for other in row.replaced_by)
    )


def _replaces(heavier: Flag | None, replaced: Flag) -> bool:
    """Tell whether a flag replaces another: it must weigh at least as much on both routes."""
    return (
        heavier is not None
        and at_least(heavier.esketamine, replaced.esketamine)
        and at_least(heavier.ketamine, replaced.ketamine)
    )


def _hits(
    row: FlagRow,
    facts: PatientFacts,
    medicines: Medicines,
    readings: pressure.Pressures,
    table: FlagTable,
    as_of: date,
) -> Hits:
    """Return the hits of one row, from the kinds of rules that it has."""
    by_kind = _BY_KIND.get(row.kind)
    return (
        *(condition_hits(row, facts, table, as_of) if row.condition else ()),
        *(procedure_hits(row, facts, table.words) if row.procedure else ()),
        *(medicine_hits(row, medicines, facts, table, as_of) if row.medicine else ()),
        *(by_kind(row, facts, table, as_of) if by_kind else ()),
        *(_pressure_hits(row, readings, facts, table, as_of) if row.kind in _OF_PRESSURE else ()),
    )


def _pressure_hits(
    row: FlagRow, found: pressure.Pressures, facts: PatientFacts, table: FlagTable, as_of: date
) -> Hits:
    match row.kind:
        case FlagKind.PRESSURE_HOLD:
            return pressure.hold_hits(row, found, table.pressure, table.words)
        case FlagKind.PRESSURE_HIGH:
            return pressure.high_hits(row, found, table.pressure, _oldest_age(facts, as_of), table.words)
        case _:
            return pressure.last_hits(row, found, table.pressure)


def _oldest_age(facts: PatientFacts, as_of: date) -> int | None:
    """Return the age in years, the oldest possible for an inexact birth date."""
    born = facts.person.born if facts.person else None
    return age_on(born.first, as_of) if born else None


def _age_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> Hits:
    age = _oldest_age(facts, as_of)
    if facts.person is None or age is None or age < table.age.years:
        return ()
    return (hit(row, table.age.text.format(age=age), facts.person.reference),)


def _allergy_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, _: date) -> Hits:
    return hypersensitivity_hits(row, facts, table)


def _intolerance_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, _: date) -> Hits:
    return intolerance_hits(row, facts, table)


def _prior_course_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, _: date) -> Hits:
    return prior_course_hits(row, facts, table)


_OF_PRESSURE = frozenset({FlagKind.PRESSURE_HOLD, FlagKind.PRESSURE_HIGH, FlagKind.PRESSURE_LAST})
_BY_KIND: Mapping[str, Callable[[FlagRow, PatientFacts, FlagTable, date], Hits]] = {
    FlagKind.HYPERSENSITIVITY: _allergy_hits,
    FlagKind.INTOLERANCE: _intolerance_hits,
    FlagKind.SUBSTANCE_ACTIVE: substance_hits,
    FlagKind.SUBSTANCE_EARLY_REMISSION: substance_hits,
    FlagKind.SUBSTANCE_SUSTAINED_REMISSION: substance_hits,
    FlagKind.SUBSTANCE_SCREEN: screen_hits,
    FlagKind.PREGNANCY: pregnancy_hits,
    FlagKind.PRE_ECLAMPSIA: pre_eclampsia_hits,
    FlagKind.LIVER_SEVERE: liver.severe_hits,
    FlagKind.LIVER_MODERATE: liver.moderate_hits,
    FlagKind.PRIOR_COURSE: _prior_course_hits,
    FlagKind.AGE: _age_hits,
}
