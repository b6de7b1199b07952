"""The severity that a policy asks for, by any of the scales that it names."""

from datetime import date

from mappings.policy_rules import SeverityRule
from service.assess.criteria.chart import CriteriaChart
from service.assess.severity import latest_score
from service.clinical.criteria import Shown, Standing
from service.clinical.facts import Score


def severity(rule: SeverityRule, chart: CriteriaChart) -> Shown:
    """Return whether a latest score shows the severity; a later, lower one of another scale casts doubt."""
    latest = [score for scale in rule.at_least if (score := _latest(scale, rule, chart))]
    reached = [score for score in latest if score.total >= rule.at_least[score.scale]]
    missed = [score for score in latest if score not in reached]
    if not latest:
        return _none(rule, chart)
    if not reached:
        worst = max(missed, key=_day)
        lacking = chart.say("severity.low", least=_least(rule), **_values(worst))
        return Shown(standing=Standing.NOT_MET, evidence=_evidence(missed), lacking=(lacking,))
    best = max(reached, key=_day)
    later = [score for score in missed if _day(score) > _day(best)]
    return Shown(
        standing=Standing.PARTIAL if later else Standing.MET,
        evidence=_evidence([*reached, *later]),
        found=chart.say("severity.found", **_values(best)),
        lacking=tuple(chart.say("severity.later", **_values(score)) for score in later),
    )


def _latest(scale: str, rule: SeverityRule, chart: CriteriaChart) -> Score | None:
    of_scale = [score for score in chart.facts.scores if score.scale == scale]
    return latest_score(of_scale, chart.knowledge.scales, rule.days, chart.as_of)


def _none(rule: SeverityRule, chart: CriteriaChart) -> Shown:
    """Return that the severity is unknown, and the last score before the window, if any."""
    earlier = [
        score
        for score in chart.facts.scores
        if score.scale in rule.at_least and score.when.last <= chart.as_of
    ]
    if not earlier:
        lacking = chart.say("severity.none", least=_least(rule), days=rule.days)
        return Shown(standing=Standing.UNKNOWN, lacking=(lacking,))
    last = _values(max(earlier, key=_day))
    lacking = chart.say("severity.old", least=_least(rule), days=rule.days, **last)
    return Shown(standing=Standing.UNKNOWN, lacking=(lacking,))


def _least(rule: SeverityRule) -> str:
    """Return each scale with its lowest total, or the scale alone where any total will do."""
    return " / ".join(f"{scale} {total:g}" if total else scale for scale, total in rule.at_least.items())


def _values(score: Score) -> dict[str, object]:
    return {"scale": score.scale, "total": f"{score.total:g}", "day": score.when}


def _day(score: Score) -> date:
    return score.when.last


def _evidence(scores: list[Score]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(score.reference for score in scores))
