"""Treatment with esketamine or ketamine that is running, probably running, or asked for (R14.31)."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from mappings.gates import GateTable
from service.assess.in_use import running
from service.clinical.facts import (
    Exposure,
    Intervention,
    PatientFacts,
    Purpose,
    Reason,
    ServiceOrder,
    SourceKind,
)
from service.clinical.partial_date import PartialDate

_ELSEWHERE = frozenset({Purpose.OTHER, Purpose.SMOKING})
NOT_GIVEN = frozenset({"not-done", "entered-in-error", "preparation", "on-hold"})


def current_treatment(facts: PatientFacts, days: int, table: GateTable, as_of: date) -> tuple[str, ...]:
    """Return the evidence of esketamine, or ketamine for depression, within the last `days` days."""
    found = (
        *(
            exposure.reference
            for exposure in facts.exposures
            if _treats(exposure, table) and running(exposure, as_of, days)
        ),
        *(
            intervention.reference
            for intervention in facts.interventions
            if _is_session(intervention, days, table, as_of)
        ),
        *(order.reference for order in facts.service_orders if _orders_session(order, days, table, as_of)),
    )
    return tuple(dict.fromkeys(found))


def _treats(exposure: Exposure, table: GateTable) -> bool:
    if exposure.ingredient in table.treatment_ingredients:
        return True
    for_depression = any(reason.purpose is Purpose.DEPRESSION for reason in exposure.reasons)
    return exposure.ingredient in table.treatment_if_for_depression and for_depression


def _is_session(intervention: Intervention, days: int, table: GateTable, as_of: date) -> bool:
    recent = intervention.when is None or (as_of - intervention.when.last).days <= days
    return recent and intervention.status not in NOT_GIVEN and names_treatment(intervention, table)


def names_treatment(intervention: Intervention, table: GateTable) -> bool:
    """Tell whether a procedure is a session, by its code or by words without another purpose."""
    coded = not intervention.concepts.isdisjoint(table.treatment_concepts)
    named = table.treatment_names.in_text(intervention.affirmed) and not table.referral_words.in_text(
        intervention.affirmed
    )
    return (coded or named) and not table.treatment_except.in_text(intervention.affirmed)


def _orders_session(order: ServiceOrder, days: int, table: GateTable, as_of: date) -> bool:
    """Tell whether a service order is for a session, not a referral, consultation or evaluation."""
    if order.status not in table.session_statuses or table.treatment_except.in_text(order.affirmed):
        return False
    coded = not order.concepts.isdisjoint(table.treatment_concepts)
    text = table.not_session_words.without(order.affirmed)
    worded = table.treatment_names.in_text(text) and table.session_words.in_text(text)
    session = coded or (worded and not table.referral_words.in_text(order.affirmed))
    return session and order.intent in table.referral_intents and _near(order, days, as_of)


def _near(order: ServiceOrder, days: int, as_of: date) -> bool:
    """Tell whether an order was written, or is due, within the days; undated, whether it is active."""
    dates = [day for day in (order.authored, order.occurs) if day]
    if not dates:
        return order.status == "active"
    first, last = as_of - timedelta(days=days), as_of + timedelta(days=days)
    return any(day.last >= first and day.first <= last for day in dates)


def probable_treatment(facts: PatientFacts, days: int, table: GateTable, as_of: date) -> tuple[str, ...]:
    """Return the evidence of repeated ketamine without a recorded reason or another explanation."""
    rule = table.probable
    given = [
        exposure
        for exposure in facts.exposures
        if exposure.source is SourceKind.ADMINISTRATION
        and exposure.ingredient in rule.ingredients
        and exposure.start is not None
        and exposure.start.last >= as_of - timedelta(days=days)
        and not any(_says_else(reason, table) for reason in exposure.reasons)
    ]
    on = sorted({exposure.start.last for exposure in given if exposure.start})
    apart = len(on) >= rule.administrations and (on[-1] - on[0]).days >= rule.days_apart
    if (
        not apart
        or any(exposure.in_stay for exposure in given)
        or not _busy_days(facts, table).isdisjoint(on)
    ):
        return ()
    return (
        ()
        if _within_a_stay(on, facts.stays)
        else tuple(dict.fromkeys(exposure.reference for exposure in given))
    )


def _says_else(reason: Reason, table: GateTable) -> bool:
    """Tell whether a reason is other than depression, by purpose or in words."""
    return reason.purpose in _ELSEWHERE or table.treatment_except.in_text(reason.text)


def _busy_days(facts: PatientFacts, table: GateTable) -> set[date]:
    """Return the days with an anaesthetic, or a procedure other than a session or a talk."""
    rule = table.probable
    procedures = (
        intervention.when
        for intervention in facts.interventions
        if intervention.concepts.isdisjoint(rule.other_concepts) and not names_treatment(intervention, table)
    )
    anaesthetics = (
        medicine.when for medicine in facts.others_given if rule.anaesthetics.in_text(medicine.name)
    )
    return {when.first for when in (*procedures, *anaesthetics) if when}


def _within_a_stay(days: Sequence[date], stays: Iterable[PartialDate]) -> bool:
    """Tell whether one of the ordered days lies in a stay."""
    place = 0
    for stay in sorted(stays, key=lambda stay: stay.first):
        while place < len(days) and days[place] < stay.first:
            place += 1
        if place < len(days) and days[place] <= stay.last:
            return True
    return False


def open_referrals(
    orders: Sequence[ServiceOrder], days: int, table: GateTable, as_of: date
) -> tuple[str, ...]:
    """Return the open referrals for ketamine or esketamine; an undated one counts as open."""
    named = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, table.referral_names)) + r")", re.IGNORECASE)
    return tuple(
        order.reference
        for order in orders
        if order.status in table.referral_statuses
        and order.intent in table.referral_intents
        and (order.authored is None or (as_of - order.authored.last).days <= days)
        and named.search(order.affirmed)
    )
