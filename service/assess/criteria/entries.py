"""Criteria that one kind of entry settles: diagnosis, age, a drug in use, exclusions, blood pressure."""

from mappings.flags import FlagId
from mappings.gaps import GapId
from mappings.policy_rules import (
    AgeBounds,
    AntidepressantRule,
    DiagnosisRule,
    EarlierRule,
    ExclusionRule,
    ReadingRule,
)
from service.assess.criteria.chart import CriteriaChart, references
from service.clinical.assessment import Flag, Level, Shortfall, Trial
from service.clinical.criteria import EarlierCourse, Shown, Standing
from service.clinical.facts import BloodPressure, Completeness
from service.clinical.partial_date import age_on


def diagnosis(rule: DiagnosisRule, chart: CriteriaChart) -> Shown:
    """Return how far an active entry shows depression; unspecified depression shows it in part."""
    entries = chart.assessment.diagnoses
    if not entries:
        whole = chart.facts.list_state("Condition") is Completeness.COMPLETE
        lacking = chart.say("diagnosis.none" if whole else "diagnosis.not_read")
        return Shown(standing=Standing.UNKNOWN, lacking=(lacking,))
    doubtful = rule.major and any(gap.id == GapId.DIAGNOSIS for gap in chart.assessment.missing)
    return Shown(
        standing=Standing.PARTIAL if doubtful else Standing.MET,
        evidence=entries,
        found=chart.say("diagnosis.found", count=len(entries)),
        lacking=(chart.say("diagnosis.unspecified"),) if doubtful else (),
    )


def age(rule: AgeBounds, chart: CriteriaChart) -> Shown:
    """Return whether the age lies within the limits; an inexact birth date may settle nothing."""
    person = chart.facts.person
    if person is None or person.born is None:
        return Shown(standing=Standing.UNKNOWN, lacking=(chart.say("age.none"),))
    youngest, oldest = (age_on(born, chart.as_of) for born in (person.born.last, person.born.first))
    inside = [rule.from_years <= years <= (rule.to_years or years) for years in (youngest, oldest)]
    if not any(inside):
        lacking = chart.say("age.outside", years=youngest)
        return Shown(standing=Standing.NOT_MET, evidence=(person.reference,), lacking=(lacking,))
    if not all(inside):
        return Shown(standing=Standing.UNKNOWN, lacking=(chart.say("age.none"),))
    found = chart.say("age.found", years=youngest)
    return Shown(standing=Standing.MET, evidence=(person.reference,), found=found)


def antidepressant(rule: AntidepressantRule, failed: frozenset[str], chart: CriteriaChart) -> Shown:
    """Return whether an antidepressant is in use now, as the policy asks for beside esketamine."""
    meant = [trial for trial in chart.assessment.trials if _fits(trial, rule, failed)]
    running = [trial for trial in meant if trial.running]
    dosed = [trial for trial in running if not _low(trial)]
    whole = [trial for trial in dosed if _used_for(trial, chart) >= (rule.days or 0)]
    names = _names(whole or dosed or running)
    if whole:
        found = chart.say("antidepressant.found", names=names)
        return Shown(standing=Standing.MET, evidence=references(whole), found=found)
    if not running and (left_open := [trial for trial in meant if chart.left_open(trial)]):
        names = _names(left_open)
        return Shown(
            standing=Standing.PARTIAL,
            evidence=references(left_open),
            found=chart.say("antidepressant.ordered", names=names),
            lacking=(chart.say("antidepressant.open", names=names),),
        )
    if running:
        sentence = "antidepressant.short" if dosed else "antidepressant.low"
        return Shown(
            standing=Standing.PARTIAL,
            evidence=references(dosed or running),
            found=chart.say("antidepressant.found", names=names),
            lacking=(chart.say(sentence, names=names, days=rule.days),),
        )
    if not chart.medicines_read:
        return Shown(standing=Standing.UNKNOWN, lacking=(chart.say("antidepressant.not_read"),))
    sentence = "antidepressant.none_of" if rule.classes else "antidepressant.none"
    lacking = chart.say(sentence, classes=" / ".join(rule.classes))
    return Shown(standing=Standing.NOT_MET, lacking=(lacking,))


def _names(trials: list[Trial]) -> str:
    return ", ".join(dict.fromkeys(trial.ingredient for trial in trials))


def _low(trial: Trial) -> bool:
    """Tell whether the dose is too low; a course in progress is not yet told so by its shortfalls."""
    begun = Shortfall.IN_PROGRESS in trial.shortfalls and trial.daily_mg is not None
    below = begun and (trial.daily_mg or 0) < trial.minimum_mg
    return below or Shortfall.SUBTHERAPEUTIC in trial.shortfalls


def _fits(trial: Trial, rule: AntidepressantRule, failed: frozenset[str]) -> bool:
    of_class = not rule.classes or trial.drug_class in rule.classes
    used = not {Shortfall.NEVER_COUNTS, Shortfall.AS_NEEDED} & set(trial.shortfalls)
    meant = trial.ingredient not in rule.not_drugs and used
    return of_class and meant and not (rule.not_failed and trial.ingredient in failed)


def _used_for(trial: Trial, chart: CriteriaChart) -> int:
    """Return the days from the start of the trial to the evaluation day, 0 for an unknown start."""
    return (chart.as_of - trial.start).days + 1 if trial.start else 0


def exclusion(rule: ExclusionRule, chart: CriteriaChart) -> Shown:
    """Return the findings that speak against treatment; finding none proves nothing."""
    named = [flag for flag in chart.assessment.flags if flag.id in rule.flags]
    against = [flag for flag in named if not _in_doubt(flag, chart)]
    weighed = [flag for flag in chart.assessment.flags if flag.id in rule.weighed or flag in named]
    if against:
        lacking = chart.say("exclusion.against", names=_titles(against))
        return Shown(standing=Standing.NOT_MET, evidence=_evidence(against), lacking=(lacking,))
    if weighed:
        return Shown(
            standing=Standing.PARTIAL,
            evidence=_evidence(weighed),
            found=chart.say("exclusion.found", names=_titles(weighed)),
            lacking=(chart.say("exclusion.weighed", names=_titles(weighed)),),
        )
    return Shown(standing=Standing.UNKNOWN, lacking=(chart.say("exclusion.none"),))


def earlier(rule: EarlierRule, chart: CriteriaChart) -> Shown:
    """Return what an earlier course shows: one without benefit speaks against; none proves nothing."""
    found = [course for course in chart.earlier if course.drug in rule.drugs]
    evidence = tuple(dict.fromkeys(reference for course in found for reference in course.evidence))
    against = [flag for flag in chart.assessment.flags if flag.id == FlagId.PRIOR_NR]
    without = [course for course in found if not set(course.evidence).isdisjoint(_evidence(against))]
    if without:
        lacking = chart.say("earlier.without", names=_courses(without))
        return Shown(standing=Standing.NOT_MET, evidence=evidence, lacking=(lacking,))
    if not found:
        return Shown(standing=Standing.UNKNOWN, lacking=(chart.say("earlier.none"),))
    sentence = "earlier.ordered" if all(course.ordered for course in found) else "earlier.response"
    names = _courses(found)
    return Shown(
        standing=Standing.PARTIAL,
        evidence=evidence,
        found=chart.say("earlier.found", names=names),
        lacking=(chart.say(sentence, names=names),),
    )


def _courses(found: list[EarlierCourse]) -> str:
    """Return each course by drug and first day."""
    return ", ".join(dict.fromkeys(f"{course.drug} {course.start or ''}".strip() for course in found))


def _in_doubt(flag: Flag, chart: CriteriaChart) -> bool:
    """Tell whether a finding is only suspected, or weighs less than it would if it were certain."""
    entries = [problem for problem in chart.facts.problems if problem.reference in flag.evidence]
    suspected = bool(entries) and all(problem.unconfirmed for problem in entries)
    certain = chart.knowledge.flags.row(flag.id).esketamine
    return suspected or (certain == Level.CONTRAINDICATION and flag.esketamine is not Level.CONTRAINDICATION)


def _titles(flags: list[Flag]) -> str:
    return ", ".join(dict.fromkeys(flag.title for flag in flags))


def _evidence(flags: list[Flag]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reference for flag in flags for reference in flag.evidence))


def pressure(rule: ReadingRule, chart: CriteriaChart) -> Shown:
    """Return whether a complete blood pressure was measured recently enough."""
    last = chart.assessment.last_pressure
    if last is None:
        return Shown(standing=Standing.UNKNOWN, lacking=(chart.say("pressure.none", days=rule.days),))
    if (chart.as_of - last.day.first).days > rule.days:
        lacking = chart.say("pressure.old", days=rule.days, day=last.day)
        return Shown(standing=Standing.UNKNOWN, lacking=(lacking,))
    found = chart.say(
        "pressure.found", systolic=f"{last.systolic:g}", diastolic=f"{last.diastolic:g}", day=last.day
    )
    return Shown(standing=Standing.MET, evidence=_readings(chart), found=found)


def _readings(chart: CriteriaChart) -> tuple[str, ...]:
    """Return the references of the entries that hold the last reading."""
    last = chart.assessment.last_pressure
    same = [
        reading
        for reading in chart.facts.pressures
        if last and _is(reading, last.day, last.systolic, last.diastolic)
    ]
    return tuple(dict.fromkeys(reading.reference for reading in same))


def _is(reading: BloodPressure, day: object, systolic: float, diastolic: float) -> bool:
    return (reading.when, reading.systolic, reading.diastolic) == (day, systolic, diastolic)
