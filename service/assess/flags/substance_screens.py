"""Positive screens for substance use: totals of questionnaires, and unexplained urine tests (R14.29)."""

import re
from collections.abc import Iterator
from datetime import date

from msgspec.structs import replace

from mappings.flag_figures import ScreenTest, ScreenTotal, SubstanceScreen
from mappings.flags import FlagRow, FlagTable
from service.assess.flags.hits import Hit, believed_as, hit, weight
from service.assess.flags.substances import ACTIVE, EARLY, SUSTAINED, substance_hits
from service.assess.in_use import running
from service.assess.recency import may_be_within, same_day_or_after
from service.clinical.facts import Exposure, Lab, Manner, PatientFacts

_CLAUSES = re.compile(r"[,;.\n|/]")


def screen_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return the hits of positive screens; a diagnosis on record is named beside them."""
    rule = table.substance_screen
    asked = _asked_for(rule)
    labs = [
        lab for lab in facts.labs if lab.concept in asked and may_be_within(lab.when, rule.total_days, as_of)
    ]
    woman = facts.person is not None and facts.person.gender == "female"
    totals = (_total_hit(row, total, labs, woman, rule) for total in rule.total)
    tests = (_test_hit(row, test, labs, facts, rule, as_of) for test in rule.test)
    found = sorted(filter(None, (*totals, *tests)), key=lambda raised: weight(raised[0]), reverse=True)
    if not found:
        return ()
    kinds = {
        flag_row.kind: flag_row for flag_row in table.flag if flag_row.kind in (ACTIVE, EARLY, SUSTAINED)
    }
    diagnoses = [
        diagnosis.text for own in kinds.values() for diagnosis in substance_hits(own, facts, table, as_of)
    ]
    remark = rule.diagnosed.format(diagnoses="; ".join(diagnoses)) if diagnoses else rule.undiagnosed
    (first, manner), *others = found
    remarked = (replace(first, text=f"{first.text}: {remark}"), manner), *others
    return tuple(believed_as(raised, manner, table.words) for raised, manner in remarked)


def is_negative(lab: Lab, rule: SubstanceScreen) -> bool:
    """Tell whether a screen was read and is negative, by its total or its words."""
    total = next((screen for screen in rule.total if screen.lab == lab.concept), None)
    if total is not None:
        return lab.value is not None and 0 <= lab.value <= total.highest
    if not lab.concept.startswith(tuple(name for test in rule.test for name in _stems(test))):
        return lab.value is not None or bool(lab.answer)
    return rule.negative.in_text(_words_of(lab))


def _asked_for(rule: SubstanceScreen) -> set[str]:
    """Return the concepts of all measurements that a screen uses."""
    tested = (name for test in rule.test for name in (*test.screens, *test.confirmations))
    return {rule.panel, *(total.lab for total in rule.total), *tested}


def _stems(test: ScreenTest) -> Iterator[str]:
    return (name.partition(":")[0] for name in (*test.screens, *test.confirmations))


def _total_hit(
    row: FlagRow, total: ScreenTotal, labs: list[Lab], woman: bool, rule: SubstanceScreen
) -> tuple[Hit, Manner] | None:
    """Return the hit of the highest valid total in the window."""
    read = [lab for lab in labs if lab.concept == total.lab and lab.value is not None]
    possible = [lab for lab in read if 0 <= (lab.value or 0.0) <= total.highest]
    highest = max(possible, key=lambda lab: (lab.value or 0.0, lab.when.last), default=None)
    if highest is None or highest.value is None:
        return None
    if highest.value < (total.info_from_women if woman else total.info_from):
        return None
    level = "" if highest.value >= total.caution_from else rule.info_level
    text = rule.total_text.format(
        name=total.name, total=f"{highest.value:g}", highest=f"{total.highest:g}", day=highest.when
    )
    return hit(row, text, highest.reference, esketamine=level, ketamine=level), highest.manner


def _test_hit(
    row: FlagRow, test: ScreenTest, labs: list[Lab], facts: PatientFacts, rule: SubstanceScreen, as_of: date
) -> tuple[Hit, Manner] | None:
    """Return the hit of the latest positive test that no medicine explains and nothing refutes."""
    recent = [lab for lab in labs if may_be_within(lab.when, rule.test_days, as_of)]
    confirmed = [lab for lab in recent if lab.concept in test.confirmations]
    denied = [lab for lab in confirmed if rule.negative.in_text(_words_of(lab))]
    negative = max(denied, key=lambda lab: lab.when.last, default=None)
    positive = {
        lab.when.last: lab for lab in recent if _finds(lab, test, rule) and not _refuted(lab, negative, test)
    }
    if not positive:
        return None
    fitting = [e for e in facts.exposures if _fits(e, test)]
    unexplained = [lab for lab in positive.values() if not any(_used(e, lab, rule) for e in fitting)]
    latest = max(unexplained, key=lambda lab: lab.when.last, default=None)
    if latest is None:
        return None
    text = rule.test_text.format(name=test.name, day=latest.when)
    doubts = () if latest.concept in test.confirmations else _doubts(latest, test, facts, rule)
    return hit(row, ", ".join((text, *doubts)), latest.reference), latest.manner


def _finds(lab: Lab, test: ScreenTest, rule: SubstanceScreen) -> bool:
    """Tell whether the test is positive; of a panel, whether a clause affirms the substance."""
    if lab.concept in (*test.screens, *test.confirmations):
        return _is_positive(_words_of(lab), rule)
    if lab.concept != rule.panel:
        return False
    return any(test.words.in_text(part) and _is_positive(part, rule) for part in _CLAUSES.split(lab.answer))


def _is_positive(text: str, rule: SubstanceScreen) -> bool:
    return rule.positive.in_text(text) and not rule.negative.in_text(text)


def _words_of(lab: Lab) -> str:
    return f"{lab.answer} {lab.code}"


def _refuted(lab: Lab, negative: Lab | None, test: ScreenTest) -> bool:
    """Tell whether a negative confirmation of that day or later refutes an immunoassay."""
    screened = lab.concept not in test.confirmations
    return screened and negative is not None and same_day_or_after(negative.when, lab.when)


def _fits(exposure: Exposure, test: ScreenTest) -> bool:
    """Tell whether the test detects the medicine."""
    return not exposure.product.groups.isdisjoint(test.groups) or exposure.ingredient in test.ingredients


def _used(exposure: Exposure, lab: Lab, rule: SubstanceScreen) -> bool:
    """Tell whether the medicine was in use on the day of the test or shortly before."""
    day = lab.when.last
    begun = exposure.start is None or exposure.start.first <= day
    return begun and running(exposure, day, rule.covered_days)


def _doubts(lab: Lab, test: ScreenTest, facts: PatientFacts, rule: SubstanceScreen) -> tuple[str, ...]:
    """Return the doubts about an immunoassay, with the patient's medicines that may cross-react."""
    used = [exposure for exposure in facts.exposures if _used(exposure, lab, rule)]
    drugs = sorted(_named(used, test))
    named = (rule.cross_reacting.format(drugs=", ".join(drugs)),) if drugs else ()
    return (rule.unconfirmed, *named)


def _named(used: list[Exposure], test: ScreenTest) -> set[str]:
    return {name for exposure in used for name in exposure.product.ingredients if name in test.cross_reactors}
