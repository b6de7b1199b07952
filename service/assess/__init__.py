"""From facts and rules to the assessment. Pure: the evaluation day is an argument."""

import re
from collections.abc import Sequence
from datetime import date

from mappings.findings import Findings
from mappings.knowledge import Knowledge
from service.assess.decision import conclusion, tally
from service.assess.diagnosis import depression
from service.assess.episode import episode
from service.assess.flags import flags
from service.assess.flags.gaps import flag_gaps
from service.assess.flags.trials import severity_flags, trial_flags
from service.assess.gaps import gaps, medicines_missing
from service.assess.gates import gate
from service.assess.safety import safety
from service.assess.severity import band, latest_score
from service.assess.trials.augmentations import added_courses, adequate_drugs, augmentations, starts
from service.assess.trials.examine import examined_courses, with_endings
from service.assess.trials.frame import Frame, days_of_other_dispenses
from service.assess.trials.ledger import counts, judged, trial
from service.assess.trials.outcomes import Surroundings
from service.clinical.assessment import Assessment
from service.clinical.facts import Answer, BloodPressure, Lab, ListState, PatientFacts, Score


def assess(facts: PatientFacts, knowledge: Knowledge, profile: str, as_of: date) -> Assessment:
    """Return the assessment of one patient on the day `as_of` by the criteria profile `profile`."""
    criteria, findings, table = knowledge.criteria[profile], knowledge.findings, knowledge.flags
    frame = Frame(
        criteria=criteria,
        drugs=knowledge.drugs,
        as_of=as_of,
        dispense_days=days_of_other_dispenses(facts),
        child_pugh=re.compile(table.liver.class_pattern),
    )
    entries = depression(facts.problems, knowledge.diagnoses)
    current = episode(entries, facts.scores, knowledge.scales, criteria.episode, findings, as_of)
    latest = latest_score(facts.scores, knowledge.scales, criteria.current.score_days, as_of)

    found = examined_courses(facts, frame)
    added = added_courses(facts, found, knowledge.augmentations, frame)
    around = Surroundings(
        starts=starts(found, added, as_of),
        scores=facts.scores,
        unread_scores=facts.unread_scores,
        latest=latest,
        scales=knowledge.scales,
        as_of=as_of,
    )
    verdicts = judged(with_endings(found, around, frame), current, frame)
    trials = tuple(trial(verdict, current, findings, frame) for verdict in verdicts)
    added_now = augmentations(added, verdicts, facts, current, knowledge.augmentations, findings)
    counted = counts(verdicts, adequate_drugs(added_now, knowledge.augmentations))

    risk = safety(facts, knowledge.safety, as_of)
    raised = (
        *flags(facts, table, as_of),
        *severity_flags(latest, knowledge.scales, table, findings),
        *trial_flags(trials, knowledge.drugs, criteria.count.trials_needed, table, findings),
    )
    missing = (
        *gaps(facts, entries, latest, criteria.current.score_days, findings),
        *flag_gaps(facts, table, as_of),
        *((risk.gap,) if risk.gap else ()),
    )
    closed = gate(facts, entries, criteria.current, knowledge.gates, findings, as_of)
    reach = tally(trials, criteria.count)
    assessable = _assessable(facts, reach.enough)
    return Assessment(
        assessed_on=as_of,
        profile=profile,
        rule_set_version=knowledge.version,
        subject=facts.person.reference if facts.person else None,
        conclusion=conclusion(
            closed,
            reach,
            band(latest, knowledge.scales) if latest else None,
            raised,
            missing,
            unsafe=bool(risk.triggers),
            assessable=assessable,
            count_uncertain=_partly_read(facts),
        ),
        gate=closed,
        assessable=assessable or closed is not None,
        definition=criteria.definition,
        episode=current,
        diagnoses=tuple(problem.reference for problem in entries.active),
        severity=_severity(latest, findings, criteria.current.score_days),
        safety=risk.triggers,
        lowered_safety=risk.lowered,
        counts=counted,
        enough_trials=reach.enough,
        trials=trials,
        augmentations=added_now,
        flags=raised,
        missing=missing,
        unreadable=facts.unreadable,
        data_from=min(_days(facts), default=None),
        data_to=max(_days(facts), default=None),
    )


def _assessable(facts: PatientFacts, enough: bool) -> bool:
    """Whether the essentials came: the patient, and the orders unless enough trials are known without."""
    orders = facts.list_state("MedicationRequest") is not ListState.NOT_RETRIEVABLE
    return facts.person is not None and (orders or enough)


def _partly_read(facts: PatientFacts) -> bool:
    """Whether trials may be missing: orders beyond the first page, or what a server broke off to tell."""
    return facts.list_state("MedicationRequest") is ListState.FIRST_PAGE or medicines_missing(facts)


def _severity(latest: Score | None, findings: Findings, days: int) -> str:
    if latest is None:
        return findings.say("severity.none", days=days)
    return findings.say("severity.score", scale=latest.scale, score=f"{latest.total:g}", day=latest.when)


def _days(facts: PatientFacts) -> Sequence[date]:
    """The days on which something in the record was measured, ordered, dispensed or written down."""
    measured: tuple[Score | Answer | BloodPressure | Lab, ...] = (
        *facts.scores,
        *facts.answers,
        *facts.pressures,
        *facts.labs,
    )
    dated = (
        *(exposure.start for exposure in facts.exposures),
        *(one.when for one in measured),
        *(problem.recorded for problem in facts.problems),
    )
    return [when.last for when in dated if when]
