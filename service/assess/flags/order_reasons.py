"""Flags raised by the reason of an order where the problem list does not name the disorder."""

from collections.abc import Iterator, Sequence
from datetime import date

from mappings.flags import FlagRow, FlagTable, OrderReason
from service.assess.flags.hits import Hit, hit
from service.assess.problem_list import naming
from service.assess.recency import may_be_within
from service.clinical.facts import PatientFacts, Problem
from service.clinical.statement import Stance


def order_reason_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return a hit for each reason of an order that names what `row` is about, in its time."""
    if not facts.order_reasons:
        return ()
    return tuple(
        hit(
            row, f"{reason.text} ({rule.words})", reason.reference, esketamine=rule.level, ketamine=rule.level
        )
        for rule in table.order_reason
        if rule.flag == row.id
        for reason in _naming(rule, facts.order_reasons, row)
        if _in_time(rule, reason, as_of)
    )


def _naming(rule: OrderReason, reasons: Sequence[Problem], row: FlagRow) -> Iterator[Problem]:
    """Return the reasons that name what the rule names or, if it names nothing, what its flag does."""
    findings = (rule,) if rule.text.phrases or rule.codes.prefixes else row.condition
    named = (entry for finding in findings for entry in naming(reasons, finding))
    places = {entry.place for entry in named if entry.found.stance <= Stance.SUSPECTED}
    return (reasons[place] for place in sorted(places))


def _in_time(rule: OrderReason, reason: Problem, as_of: date) -> bool:
    """Tell whether the order is active, or was written within the days of the rule."""
    if not rule.days:
        return True
    lately = reason.recorded is None or may_be_within(reason.recorded, rule.days, as_of)
    return (reason.status == "active" or lately) is not rule.past
