"""From facts and rules to the assessment. Pure: the evaluation day is an argument."""

from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from mappings.findings import Findings
from mappings.knowledge import Knowledge
from service.assess.decision import Grounds, conclusion, tally
from service.assess.diagnosis import Depression, depression
from service.assess.episode import episode
from service.assess.flags import raised_flags, raised_hits
from service.assess.flags.gaps import flag_gaps
from service.assess.flags.suicide_history import history_flags
from service.assess.flags.trials import severity_flags, trial_flags
from service.assess.gaps import INCOMPLETE, gaps, medication_list_came, medicines_missing
from service.assess.gates import gate
from service.assess.identity import with_findings
from service.assess.problem_list import problem_list
from service.assess.recency import surely_after
from service.assess.safety import Safety, safety
from service.assess.set_aside import set_aside
from service.assess.severity import band, current_score, latest_score
from service.assess.trials.read import read_trials
from service.assess.visits import with_visits
from service.clinical.assessment import Assessment, Flag, LastPressure, SafetyTrigger
from service.clinical.facts import BloodPressure, Lab, PatientFacts, RiskAnswer, Score


def assess(facts: PatientFacts, knowledge: Knowledge, profile: str, as_of: date) -> Assessment:
    """Return the assessment of one patient on the day `as_of` by the criteria profile `profile`."""
    criteria, findings, table = knowledge.criteria[profile], knowledge.findings, knowledge.flags
    score_days, scales = criteria.current.score_days, knowledge.scales
    facts = replace(
        facts,
        problems=problem_list(facts.problems, knowledge.lookup),
        order_reasons=problem_list(facts.order_reasons, knowledge.lookup),
    )
    facts = with_visits(facts, knowledge.reading.visits, table.pregnancy, as_of)
    entries = depression(facts.problems, knowledge.diagnoses)
    current = episode(entries, facts.scores, scales, criteria.episode, findings, as_of)
    latest = latest_score(facts.scores, scales, score_days, as_of)
    history = read_trials(facts, current, latest, knowledge, criteria, as_of)
    risk = safety(facts, knowledge.safety, as_of)
    raised = raised_hits(facts, table, as_of)
    reach = tally(history.trials, criteria.count)
    grounds = Grounds(
        gate=gate(facts, entries, criteria.current, knowledge.gates, findings, as_of),
        reach=reach,
        severity=band(latest, scales) if latest else None,
        flags=(
            *raised_flags(raised, facts, table, as_of),
            *severity_flags(latest, scales, table, findings),
            *history_flags(facts, risk, knowledge.safety, table),
            *trial_flags(history.trials, knowledge.drugs, criteria.count.trials_needed, table, findings),
        ),
        missing=(
            *gaps(facts, entries, latest, score_days, findings, knowledge.wording.words),
            *flag_gaps(facts, raised, table, as_of),
            *((risk.gap,) if risk.gap else ()),
        ),
        unsafe=bool(risk.triggers),
        assessable=_assessable(facts, reach.enough),
        count_uncertain=_partly_read(facts),
    )
    return Assessment(
        assessed_on=as_of,
        profile=profile,
        rule_set_version=knowledge.version,
        subject=facts.person.reference if facts.person else None,
        conclusion=conclusion(grounds),
        gate=grounds.gate,
        assessable=grounds.assessable or grounds.gate is not None,
        definition=criteria.definition,
        episode=current,
        diagnoses=tuple(problem.reference for problem in entries.active),
        resistant=tuple(problem.reference for problem in entries.resistant),
        severity=_severity(latest, findings, score_days),
        current_score=current_score(latest, scales) if latest else None,
        last_pressure=_last_pressure(facts.pressures, as_of),
        safety=risk.triggers,
        lowered_safety=risk.lowered,
        counts=history.counts,
        enough_trials=reach.enough,
        trials=history.trials,
        augmentations=history.augmentations,
        flags=with_findings(grounds.flags, facts),
        missing=grounds.missing,
        unreadable=facts.unreadable,
        set_aside=(*facts.set_aside, *set_aside(facts, _evidence(grounds.flags, risk, entries), knowledge)),
        data_from=min(_days(facts), default=None),
        data_to=max(_days(facts), default=None),
    )


def _evidence(raised: Sequence[Flag], risk: Safety, entries: Depression) -> frozenset[str]:
    """Return the entries that a flag, a safety trigger or the diagnosis rests on."""
    reported: tuple[Flag | SafetyTrigger, ...] = (*raised, *risk.triggers, *risk.lowered)
    about = (*entries.active, *entries.remitted)
    return frozenset(
        (
            *(each for finding in reported for each in finding.evidence),
            *(problem.reference for problem in about),
        )
    )


def _assessable(facts: PatientFacts, enough: bool) -> bool:
    """Tell whether the data arrived without which nothing can be assessed.

    These are the patient and, unless enough trials are known without them, the orders.
    """
    return facts.person is not None and (medication_list_came(facts) or enough)


def _partly_read(facts: PatientFacts) -> bool:
    """Tell whether trials may be missing.

    They may be in orders beyond the first page, or in a list that a server broke off.
    """
    return facts.list_state("MedicationRequest") in INCOMPLETE or medicines_missing(facts)


def _last_pressure(readings: Sequence[BloodPressure], as_of: date) -> LastPressure | None:
    """Return the latest reading with both figures; of several at one moment, the last on record."""
    last: BloodPressure | None = None
    for reading in readings:
        whole = reading.systolic is not None and reading.diastolic is not None
        if whole and reading.when.last <= as_of and not (last and surely_after(last.when, reading.when)):
            last = reading
    if last is None or last.systolic is None or last.diastolic is None:
        return None
    return LastPressure(systolic=last.systolic, diastolic=last.diastolic, day=last.when)


def _severity(latest: Score | None, findings: Findings, days: int) -> str:
    if latest is None:
        return findings.say("severity.none", days=days)
    return findings.say("severity.score", scale=latest.scale, score=f"{latest.total:g}", day=latest.when)


def _days(facts: PatientFacts) -> Sequence[date]:
    """Return the days on which something in the record was measured, ordered, dispensed or written down."""
    measured: tuple[Score | RiskAnswer | BloodPressure | Lab, ...] = (
        *facts.scores,
        *facts.answers,
        *facts.pressures,
        *facts.labs,
    )
    dated = (
        *(exposure.start for exposure in facts.exposures),
        *(measurement.when for measurement in measured),
        *(problem.recorded for problem in facts.problems),
    )
    return [when.last for when in dated if when]
