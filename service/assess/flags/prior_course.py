"""An earlier course of esketamine or ketamine that did not help or was stopped for harm."""

from collections.abc import Iterator
from datetime import date, timedelta

from msgspec import Struct

from mappings.flag_figures import PriorCourseRule
from mappings.flags import FlagRow, FlagTable
from service.assess.flags.hits import Hit, hit
from service.assess.in_use import last_day
from service.clinical.facts import Exposure, Intervention, PatientFacts, Purpose, SourceKind


class PriorUse(Struct, frozen=True, kw_only=True, gc=False):
    """Use of the medicine from `start` to `end`; `reason` tells of failure or harm, else "".

    `ordered`: an order alone tells of it.
    """

    drug: str
    start: date
    end: date
    dose: bool
    ordered: bool = False
    reason: str
    harm: bool
    reference: str


def prior_course_hits(row: FlagRow, facts: PatientFacts, table: FlagTable) -> tuple[Hit, ...]:
    """Return a hit for each course long enough to judge, with a documented failure or harm."""
    rule = table.prior_course
    return tuple(filter(None, (_hit(row, course, rule) for course in prior_courses(facts, table))))


def prior_courses(facts: PatientFacts, table: FlagTable) -> list[list[PriorUse]]:
    """Return the dated courses of the medicines, each as its uses in order of time."""
    rule = table.prior_course
    uses = [_exposure_use(exposure, rule) for exposure in facts.exposures]
    uses += [_session_use(intervention, rule) for intervention in facts.interventions]
    return _courses([use for use in uses if use], rule)


def earlier_course(facts: PatientFacts, table: FlagTable) -> bool:
    """Tell whether any use of the medicines for depression, or for a purpose not recorded, is on record."""
    rule = table.prior_course
    return any(_exposure_use(exposure, rule) for exposure in facts.exposures) or any(
        _session_use(intervention, rule) for intervention in facts.interventions
    )


def _exposure_use(exposure: Exposure, rule: PriorCourseRule) -> PriorUse | None:
    """Return the use of an exposure; None for another purpose than depression, such as anaesthesia."""
    if exposure.start is None or not _meant(exposure, rule):
        return None
    stopped = exposure.stopped_for
    text, kind = (stopped.text, stopped.kind.value) if stopped else ("", "")
    harm = kind in rule.harm or (kind not in rule.no_effect and rule.harm_words.in_text(text))
    failed = kind in rule.no_effect or rule.no_effect_words.in_text(text)
    return PriorUse(
        drug=exposure.ingredient,
        start=exposure.start.first,
        end=last_day(exposure) or exposure.start.first,
        dose=exposure.source in (SourceKind.ADMINISTRATION, SourceKind.DISPENSE),
        ordered=exposure.source is SourceKind.ORDER,
        reason=text if harm or failed else "",
        harm=harm,
        reference=exposure.reference,
    )


def _meant(exposure: Exposure, rule: PriorCourseRule) -> bool:
    elsewhere = bool(exposure.reasons) and all(reason.purpose is Purpose.OTHER for reason in exposure.reasons)
    return exposure.ingredient in rule.ingredients and not elsewhere


def undated_uses(facts: PatientFacts, table: FlagTable) -> Iterator[tuple[str, str]]:
    """Yield drug and entry of what is on record without a day."""
    rule = table.prior_course
    for exposure in facts.exposures:
        if exposure.start is None and _meant(exposure, rule):
            yield exposure.ingredient, exposure.reference
    for intervention in facts.interventions:
        if intervention.when is None and (drug := _session_drug(intervention, rule)):
            yield drug, intervention.reference


def _session_use(intervention: Intervention, rule: PriorCourseRule) -> PriorUse | None:
    drug = _session_drug(intervention, rule)
    if intervention.when is None or not drug:
        return None
    harm = rule.harm_words.in_text(intervention.outcome)
    return PriorUse(
        drug=drug,
        start=intervention.when.first,
        end=intervention.when.last,
        dose=True,
        reason=intervention.outcome if harm or rule.no_effect_words.in_text(intervention.outcome) else "",
        harm=harm,
        reference=intervention.reference,
    )


def _session_drug(intervention: Intervention, rule: PriorCourseRule) -> str:
    """Return the medicine that a procedure gives, by its code, else by its words; "" for none."""
    if not intervention.concepts.isdisjoint(rule.interventions):
        return rule.ingredients[0]
    if rule.not_words.in_text(intervention.affirmed):
        return ""
    named = zip(rule.ingredients, (rule.esketamine_words, rule.ketamine_words), strict=True)
    return next((drug for drug, words in named if words.in_text(intervention.affirmed)), "")


def _courses(uses: list[PriorUse], rule: PriorCourseRule) -> list[list[PriorUse]]:
    """Return courses: uses of one drug with no pause longer than the gap of the table."""
    courses: list[list[PriorUse]] = []
    reach = date.min
    for use in sorted(uses, key=lambda use: (use.drug, use.start)):
        goes_on = courses and courses[-1][0].drug == use.drug
        if goes_on and use.start <= reach + timedelta(days=rule.gap_days):
            courses[-1].append(use)
            reach = max(reach, use.end)
        else:
            courses.append([use])
            reach = use.end
    return courses


def _hit(row: FlagRow, course: list[PriorUse], rule: PriorCourseRule) -> Hit | None:
    reasons = tuple(dict.fromkeys(use.reason for use in course if use.reason))
    start, end = course[0].start, max(use.end for use in course)
    days = (end - start).days + 1
    doses = len({use.start for use in course if use.dose})
    long_enough = days >= rule.minimum_days or doses >= rule.minimum_doses
    if not reasons or not (long_enough or any(use.harm for use in course)):
        return None
    text = rule.finding.format(
        drug=course[0].drug, days=days, doses=doses, start=start, end=end, reason=", ".join(reasons)
    )
    return hit(row, text, *(use.reference for use in course))
