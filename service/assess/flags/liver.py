"""Liver: enzymes against their upper limit, and the Child-Pugh class."""

import re
from datetime import date
from typing import NamedTuple

from mappings.flag_figures import LiverRule
from mappings.flags import ConditionRule, FlagRow, FlagTable
from service.assess.entries import manner_of
from service.assess.flags.hits import Hit, believed_as, hit
from service.assess.moments import moments
from service.assess.problem_list import naming
from service.assess.recency import may_be_within
from service.clinical.facts import Lab, Manner, PatientFacts, Problem
from service.clinical.partial_date import PartialDate
from service.clinical.statement import Stance


def severe_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return a hit when the latest Child-Pugh class is severe."""
    return _class_hits(row, facts, table, as_of, table.liver.severe_class)


def moderate_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return hits for a moderate Child-Pugh class and for enzymes far above their upper limit."""
    rule = table.liver
    raised = [
        believed_as(hit(row, _described(lab, rule), lab.reference), lab.manner, table.words)
        for lab in _raised(facts.labs, rule, as_of)
    ]
    return (*_class_hits(row, facts, table, as_of, rule.moderate_class), *raised)


def ratio(lab: Lab, rule: LiverRule) -> float | None:
    """Return the value as a multiple of its upper limit; None when that is unknown.

    The laboratory's own limit counts; without one the table's, which holds for its units only.
    """
    if lab.value is None:
        return None
    if lab.upper_limit:
        return lab.value / lab.upper_limit
    return lab.value / rule.upper_limit if lab.unit in rule.units else None


def _raised(labs: tuple[Lab, ...], rule: LiverRule, as_of: date) -> list[Lab]:
    """Return values far above the limit that no later normal value of the same enzyme cancels."""
    known = [
        (lab, times) for lab in labs if lab.concept in rule.labs and (times := ratio(lab, rule)) is not None
    ]
    normal = {
        name: moments(lab.when for lab, times in known if lab.concept == name and times <= 1)
        for name in rule.labs
    }
    return [
        lab
        for lab, times in known
        if times > rule.times
        and may_be_within(lab.when, rule.days, as_of)
        and not normal[lab.concept].any_surely_after(lab.when)
    ]


def _described(lab: Lab, rule: LiverRule) -> str:
    limit = lab.upper_limit or rule.upper_limit
    text = rule.lab_text.format(
        name=rule.names.get(lab.concept, lab.concept),
        value=f"{lab.value:g} {lab.unit}".strip(),
        times=f"{(ratio(lab, rule) or 0):.1f}",
        limit=f"{limit:g}",
        day=lab.when,
    )
    return text if lab.upper_limit else f"{text}, {rule.no_limit}"


def _class_hits(
    row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date, wanted: str
) -> tuple[Hit, ...]:
    """Return a hit for the latest class and each undated one still on record, if it is `wanted`."""
    rule = table.liver
    found = (*_staged(facts, table, as_of), *_measured(facts, rule, as_of))
    dated = moments(stated.when for stated in found if stated.when)
    latest = [stated for stated in found if stated.when is None or not dated.any_surely_after(stated.when)]
    return tuple(
        believed_as(
            hit(row, rule.class_text.format(grade=stated.grade, day=stated.when or "?"), stated.reference),
            stated.manner,
            table.words,
        )
        for stated in latest
        if stated.grade == wanted
    )


class _Class(NamedTuple):
    """A recorded Child-Pugh class, and how it was recognised."""

    grade: str
    when: PartialDate | None
    reference: str
    manner: Manner


def _staged(facts: PatientFacts, table: FlagTable, as_of: date) -> list[_Class]:
    rule = table.liver
    if not any(problem.stage for problem in facts.problems):
        return []
    diseased = {
        entry.place
        for row in table.flag
        for finding in _liver_rules(row)
        for entry in naming(facts.problems, finding)
        if entry.found.stance is Stance.AFFIRMED
    }
    return [
        _Class(grade, problem.abatement or problem.dated, problem.reference, manner_of(problem))
        for place, problem in enumerate(facts.problems)
        if problem.stage
        and (grade := _stage(problem, place in diseased, table))
        and (
            problem.active
            or problem.abatement is None
            or may_be_within(problem.abatement, rule.class_days, as_of)
        )
    ]


def _stage(problem: Problem, diseased: bool, table: FlagTable) -> str:
    """Return the class from a stage that names Child-Pugh, or is a bare letter on a liver disease."""
    named = re.search(table.liver.class_pattern, problem.stage)
    if named is None and diseased:
        named = re.fullmatch(table.liver.class_stage, problem.stage.strip())
    return named.group(1).upper() if named else ""


def _liver_rules(row: FlagRow) -> tuple[ConditionRule, ...]:
    return row.condition if row.kind.startswith("liver-") else ()


def _measured(facts: PatientFacts, rule: LiverRule, as_of: date) -> list[_Class]:
    return [
        _Class(named.group(1).upper(), lab.when, lab.reference, lab.manner)
        for lab in facts.labs
        if lab.concept in rule.class_labs
        and (named := re.search(rule.class_answer, lab.answer))
        and may_be_within(lab.when, rule.class_days, as_of)
    ]
