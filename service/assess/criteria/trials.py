"""Trials as a policy counts them: shown, in doubt for a stated reason, or neither."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from mappings.criteria import Count
from mappings.policy_rules import TrialRule
from service.assess.criteria.chart import CriteriaChart, references
from service.clinical.assessment import Episode, Outcome, Shortfall, Trial, TrialStatus
from service.clinical.criteria import Shown, Standing
from service.clinical.facts import SourceKind

_LAST_OF_FEBRUARY = 28


def trials(rule: TrialRule, profile: str, chart: CriteriaChart) -> Shown:
    """Return whether the record shows the trials that a policy asks for."""
    asked = rule.counted_by(chart.knowledge.criteria[profile]).count
    shown, doubtful = _sorted(rule, profile, chart)
    enough = _enough(shown, asked)
    standing = _standing(rule, enough=enough, some=bool(shown or doubtful), read=chart.medicines_read)
    needed = asked.trials_needed
    names = ", ".join(f"{trial.ingredient} ({trial.drug_class})" for trial in shown)
    return Shown(
        standing=standing,
        evidence=references((*shown, *(() if enough else doubtful))),
        found=chart.say("trials.found", count=len(shown), needed=needed, names=names) if shown else "",
        lacking=tuple(_lacking(rule, asked, shown, doubtful, chart)) if standing is not Standing.MET else (),
    )


def as_counted(rule: TrialRule, profile: str, chart: CriteriaChart) -> tuple[Trial, ...]:
    """Return all courses with the status that they have by the policy, and why."""
    shown, doubtful = _sorted(rule, profile, chart)

    def judged(trial: Trial) -> Trial:
        if trial in shown:
            return replace(trial, status=TrialStatus.COUNTED, reason=None, shortfalls=())
        if trial in doubtful:
            doubt = () if trial.shortfalls else (_doubt(trial, rule, chart),)
            return replace(trial, status=TrialStatus.POSSIBLE, notes=(*trial.notes, *doubt))
        if trial.status is TrialStatus.NOT_COUNTED:
            return trial
        why = (
            "trials.another" if trial.ingredient in {each.ingredient for each in shown} else "trials.earlier"
        )
        return replace(trial, status=TrialStatus.NOT_COUNTED, notes=(*trial.notes, chart.say(why)))

    return tuple(judged(trial) for trial in chart.counted_by(rule, profile).trials)


def _sorted(rule: TrialRule, profile: str, chart: CriteriaChart) -> tuple[tuple[Trial, ...], list[Trial]]:
    """Return the trials that certainly count, one for each drug, and those of other drugs that may."""
    made = chart.counted_by(rule, profile)
    shown = _of_each_drug([trial for trial in made.trials if _shows(trial, rule, made.episode, chart)])
    drugs = {trial.ingredient for trial in shown}
    others = [trial for trial in made.trials if trial.ingredient not in drugs]
    return shown, [trial for trial in others if _may_show(trial, rule, chart)]


def _standing(rule: TrialRule, *, enough: bool, some: bool, read: bool) -> Standing:
    if enough and not rule.number_open:
        return Standing.MET
    if some:
        return Standing.PARTIAL
    return Standing.NOT_MET if read else Standing.UNKNOWN


def _shows(trial: Trial, rule: TrialRule, episode: Episode, chart: CriteriaChart) -> bool:
    """Tell whether a trial certainly counts: it failed or, where accepted, was not tolerated."""
    if rule.within_years and (trial.end is None or trial.end < _since(rule.within_years, chart.as_of)):
        return False
    if rule.intolerance_counts and Shortfall.INTOLERANCE in trial.shortfalls:
        return rule.lifetime or (trial.end is not None and trial.end >= episode.latest_start)
    counted = trial.status is TrialStatus.COUNTED or (rule.lifetime and trial.ever)
    inferred = rule.documented_only and trial.outcome is Outcome.FAILED_INFERRED
    return counted and not inferred and not _unfilled(trial, rule)


def _unfilled(trial: Trial, rule: TrialRule) -> bool:
    """Tell whether adherence is required but only orders or statements witness the trial."""
    shows = {SourceKind.DISPENSE, SourceKind.ADMINISTRATION}
    return rule.adherence is not None and shows.isdisjoint(trial.witnesses)


def _may_show(trial: Trial, rule: TrialRule, chart: CriteriaChart) -> bool:
    if rule.within_years and trial.end and trial.end < _since(rule.within_years, chart.as_of):
        return False
    return trial.status is not TrialStatus.NOT_COUNTED or (rule.lifetime and trial.ever)


def _since(years: int, as_of: date) -> date:
    """Return the same day `years` earlier; 28 February for a leap day."""
    day = _LAST_OF_FEBRUARY if (as_of.month, as_of.day) == (2, 29) else as_of.day
    return date(as_of.year - years, as_of.month, day)


def _of_each_drug(found: Sequence[Trial]) -> tuple[Trial, ...]:
    return tuple({trial.ingredient: trial for trial in found}.values())


def _enough(shown: Sequence[Trial], asked: Count) -> bool:
    classes = {trial.drug_class for trial in shown}
    return len(shown) >= asked.trials_needed and len(classes) >= asked.classes_needed


def _lacking(
    rule: TrialRule, asked: Count, shown: Sequence[Trial], doubtful: Sequence[Trial], chart: CriteriaChart
) -> Iterator[str]:
    """Yield what would settle the criterion: what is missing, then what is in doubt of each trial."""
    count = len(shown)
    if rule.number_open:
        yield chart.say("trials.open", count=count)
    elif count < asked.trials_needed:
        yield chart.say("trials.more", count=count, needed=asked.trials_needed)
    else:
        classes = ", ".join(sorted({trial.drug_class for trial in shown}))
        yield chart.say("trials.classes", needed=asked.classes_needed, shown=classes)
    for trial in doubtful:
        yield _doubt(trial, rule, chart)
    if not chart.medicines_read:
        yield chart.say("trials.not_read")


def _doubt(trial: Trial, rule: TrialRule, chart: CriteriaChart) -> str:
    """Return in words why the policy does not fully count a trial."""
    settles = chart.knowledge.wording.words["settles"]
    reasons = "; ".join(settles[shortfall] for shortfall in trial.shortfalls if shortfall in settles)
    if trial.status is TrialStatus.POSSIBLE and reasons:
        return chart.say("trials.doubt", drug=trial.ingredient, reasons=reasons)
    if rule.documented_only and trial.outcome is Outcome.FAILED_INFERRED:
        return chart.say("trials.inferred", drug=trial.ingredient)
    sentence = "trials.unfilled" if _unfilled(trial, rule) else "trials.undated"
    return chart.say(sentence, drug=trial.ingredient)
