"""Augmentation, psychotherapy and other treatments beside the antidepressants, as a policy asks for them."""

from collections.abc import Iterable, Iterator, Sequence

from mappings.policy_rules import TreatmentRule
from service.assess.criteria.chart import CriteriaChart
from service.clinical.assessment import Augmentation
from service.clinical.criteria import Shown, Standing


def treatment(rule: TreatmentRule, chart: CriteriaChart) -> Shown:
    """Return whether enough treatments are on record; a record does not show that they failed."""
    given = [
        augmentation
        for augmentation in chart.assessment.augmentations
        if augmentation.name in _names(rule, chart)
    ]
    whole = {augmentation.name: augmentation for augmentation in given if _whole(augmentation, rule)}
    enough = len(whole) >= rule.count
    if enough and not rule.failed:
        standing = Standing.MET
    elif given:
        standing = Standing.PARTIAL
    else:
        unknown = rule.procedures or not chart.medicines_read
        standing = Standing.UNKNOWN if unknown else Standing.NOT_MET
    shown = [*whole.values()] if enough else given
    return Shown(
        standing=standing,
        evidence=tuple(
            dict.fromkeys(reference for augmentation in shown for reference in augmentation.evidence)
        ),
        found=chart.say("treatment.found", names=_listed(shown)) if shown else "",
        lacking=() if standing is Standing.MET else tuple(_lacking(rule, given, whole, chart)),
    )


def _names(rule: TreatmentRule, chart: CriteriaChart) -> frozenset[str]:
    """Return the names of the drugs and procedures that the criterion accepts."""
    rows = chart.knowledge.augmentations.treatments
    return frozenset((*rule.drugs, *(row.name for row in rows if row.concept in rule.procedures)))


def _whole(given: Augmentation, rule: TreatmentRule) -> bool:
    """Tell whether a drug was given for the days of the policy, or a procedure often enough."""
    long_enough = given.is_procedure or rule.days is None or (given.days or 0) >= rule.days
    return given.adequate and long_enough


def _lacking(
    rule: TreatmentRule, given: Sequence[Augmentation], whole: dict[str, Augmentation], chart: CriteriaChart
) -> Iterator[str]:
    if not given:
        yield chart.say("treatment.none")
        return
    if len(whole) < rule.count:
        yield chart.say("treatment.more", count=len(whole), needed=rule.count)
        if short := [augmentation for augmentation in given if augmentation.name not in whole]:
            yield chart.say("treatment.short", names=_listed(short))
    if rule.failed and whole:
        yield chart.say("treatment.failed", names=_listed(whole.values()))


def _listed(found: Iterable[Augmentation]) -> str:
    return ", ".join(dict.fromkeys(augmentation.name for augmentation in found))
