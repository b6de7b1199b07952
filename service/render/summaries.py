"""The first line of each card: complete without the detail."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from mappings.wording import TriggerText, Wording
from service.clinical.assessment import Assessment, Conclusion, Flag, Gate, Outcome, Trial, TrialStatus
from service.clinical.order_check import Concern, OrderCheck
from service.clinical.routes import (
    ROUTES,
    Route,
    cautions,
    contraindicated,
    forbidding,
    heaviest,
    held,
    no_route_left,
    planned,
    to_weigh,
)
from service.render.context import say_plain
from service.render.fitting import fitted, opened


class _Line(Struct, frozen=True, kw_only=True, gc=False):
    """A first line before it is made to fit: its sentence, the lists in it, and other words."""

    template: str
    names: Mapping[str, Sequence[str]]
    words: Mapping[str, str] = field(default_factory=dict)


def safety_summary(wording: Wording, trigger: TriggerText, finding: str) -> str:
    """Return the first line of the safety card: the highest trigger and what to do today."""
    line = fitted(wording, trigger.summary, {"finding": [finding]})
    first, _, more = finding.partition("; ")  # what else bears on it stands in the detail
    if more and finding not in line:
        return fitted(wording, trigger.summary, {"finding": [first]})
    return line


def not_assessed_summary(wording: Wording, reason: str, openings: Sequence[str] = ()) -> str:
    """Return the first line of a card that says why nothing was assessed."""
    words = wording.words["not_assessed"][reason]
    return opened(wording, openings, "not_assessed", {"reason": [words]})


def decision_summary(wording: Wording, assessment: Assessment, openings: Sequence[str] = ()) -> str:
    """Return the first line of the recommend, caution or insufficient-data card.

    It opens with the first of the `openings` that fits.
    """
    line = _decision_line(wording, assessment)
    return opened(wording, openings, line.template, line.names, **line.words)


def _decision_line(wording: Wording, assessment: Assessment) -> _Line:
    if assessment.conclusion is Conclusion.RECOMMEND:
        return _with_drugs(wording, assessment, "recommend")
    if assessment.conclusion is Conclusion.CAUTION:
        return _caution(wording, assessment)
    return _insufficient(wording, assessment)


def order_summary(wording: Wording, assessment: Assessment, order: OrderCheck) -> str:
    """Return the first line of the order-check card: the order, and the gravest about it."""
    template, findings = _order_findings(wording, assessment, order)
    return fitted(
        wording,
        wording.sentence(f"summary.{template}"),
        {"findings": findings, "drugs": counted_drugs(assessment)},
        order=order_name(wording, order),
        failed=failed_words(wording, assessment),
    )


def order_name(wording: Wording, order: OrderCheck) -> str:
    """Return the name of the kind of order."""
    return wording.words["referral_order" if order.is_referral else "order"][order.agent]


def failed_words(wording: Wording, assessment: Assessment) -> str:
    """Return the number of failed trials, and how many of them are inferred."""
    count = assessment.counts.counted
    inferred = sum(
        trial.status is TrialStatus.COUNTED and trial.outcome is Outcome.FAILED_INFERRED
        for trial in assessment.trials
    )
    number = {0: "failed_none", 1: "failed_one"}.get(count, "failed")
    name = f"{number}_inferred" if count and inferred else number
    return wording.sentence(f"list.{name}").format(count=count, inferred=inferred)


def possible_words(wording: Wording, assessment: Assessment) -> str:
    """Return the number of possible trials."""
    return wording.sentence("list.possible").format(count=assessment.counts.possible)


def counted_drugs(assessment: Assessment) -> list[str]:
    """Return the drugs of the counted trials."""
    return [trial.ingredient for trial in assessment.trials if trial.status is TrialStatus.COUNTED]


def possible_trials(assessment: Assessment) -> list[Trial]:
    """Return the trials that could count, and are in doubt."""
    return [trial for trial in assessment.trials if trial.status is TrialStatus.POSSIBLE]


def lacks_trials(assessment: Assessment) -> bool:
    """Tell whether the definition can be met only once possible trials are settled."""
    return not assessment.enough_trials and bool(possible_trials(assessment))


def _caution(wording: Wording, assessment: Assessment) -> _Line:
    flags = assessment.flags
    forbidden = [route for route in ROUTES if contraindicated(flags, route)]
    found = _titles(to_weigh(flags))
    if assessment.gate and assessment.gate.open_to_danger:
        return _with_drugs(wording, assessment, assessment.gate.told_as, found)
    if no_route_left(flags):
        holds = all(held(flag, *ROUTES) for flag in forbidding(flags))
        template = "hold_both_routes" if holds else "caution_both_routes"
        return _with_drugs(wording, assessment, template, _forbidding(wording, flags, ROUTES))
    if forbidden:
        return _one_route(wording, assessment, forbidden[0])
    if assessment.safety:
        return _with_drugs(wording, assessment, "after_safety_findings" if found else "after_safety", found)
    return _with_drugs(wording, assessment, "caution", found)


def _one_route(wording: Wording, assessment: Assessment, route: Route) -> _Line:
    """Name the findings that forbid the route, and count the others that decide."""
    level, found = heaviest(assessment.flags, route)
    others = len(to_weigh(assessment.flags)) - len(found)
    template = "after_safety_one_route" if assessment.safety else "caution_one_route"
    return _with_drugs(
        wording,
        assessment,
        f"{template}_more" if others else template,
        [finding_name(wording, flag, level) for flag in found],
        others=str(others),
        level=wording.words["level"][level],
        route=wording.words["route"][route],
    )


def _with_drugs(
    wording: Wording, assessment: Assessment, template: str, findings: list[str] | None = None, **words: str
) -> _Line:
    return _Line(
        template=template,
        names={"findings": findings or [], "drugs": counted_drugs(assessment)},
        words={"failed": failed_words(wording, assessment), **words},
    )


def _insufficient(wording: Wording, assessment: Assessment) -> _Line:
    if lacks_trials(assessment):
        template, names = "insufficient_trials", {"drugs": _doubts(wording, assessment)}
    else:
        template, names = (
            "insufficient_data",
            {"gaps": gap_names(wording, assessment), "drugs": counted_drugs(assessment)},
        )
    failed, possible = failed_words(wording, assessment), possible_words(wording, assessment)
    return _Line(template=template, names=names, words={"failed": failed, "possible": possible})


def _doubts(wording: Wording, assessment: Assessment) -> list[str]:
    return [_doubt(wording, trial) for trial in possible_trials(assessment)]


def _doubt(wording: Wording, trial: Trial) -> str:
    doubt = wording.words["doubt"].get(trial.reason) if trial.reason else None
    return say_plain(wording, "list.item", name=trial.ingredient, reason=doubt) if doubt else trial.ingredient


def gap_names(wording: Wording, assessment: Assessment) -> list[str]:
    """Return short names of the data that are needed and missing."""
    return [wording.words["gap"].get(gap.id, gap.text) for gap in assessment.missing if gap.blocking]


def finding_name(wording: Wording, flag: Flag, level: str) -> str:
    """Return the title of a flag; a hold listed among contraindications is marked as a hold."""
    marked = held(flag, *ROUTES) and level == "contraindication"
    return say_plain(wording, "list.hold", name=_within(flag.title)) if marked else flag.title


def _forbidding(wording: Wording, flags: Sequence[Flag], routes: Sequence[Route]) -> list[str]:
    return [_on_its_routes(wording, flag, routes) for flag in forbidding(flags, routes)]


def _on_its_routes(wording: Wording, flag: Flag, routes: Sequence[Route]) -> str:
    """Return the finding, marked if it is a hold, with its route if it forbids only one of several."""
    name = say_plain(wording, "list.hold", name=_within(flag.title)) if held(flag, *routes) else flag.title
    forbidden = [route for route in routes if contraindicated([flag], route)]
    if len(forbidden) == len(routes):
        return name
    return say_plain(wording, "list.item", name=name, reason=wording.words["route"][forbidden[0]])


def _titles(flags: list[Flag]) -> list[str]:
    return [flag.title for flag in flags]


def _order_findings(wording: Wording, assessment: Assessment, order: OrderCheck) -> tuple[str, list[str]]:
    if Concern.CONTRAINDICATION in order.concerns:
        routes = order.routes
        hold = all(held(flag, *routes) for flag in forbidding(assessment.flags, routes))
        template = "order_hold" if hold else "order_contraindication"
        return template, _forbidding(wording, assessment.flags, routes)
    if order.concerns:
        return "order_warning", [
            name for concern in order.concerns for name in _concern(wording, assessment, order, concern)
        ]
    if assessment.gate and assessment.gate.told_as == "treated":
        return "order_info_treated", []
    if not order.judges_trials and not assessment.enough_trials:
        return "order_info_acute", []
    for_clinic = _titles(planned(assessment.flags, order.routes))
    return ("order_info_planning", for_clinic) if for_clinic else ("order_info", [])


def _few_trials(wording: Wording, assessment: Assessment) -> str:
    counts = assessment.counts
    return say_plain(wording, "list.few_trials", count=counts.counted, possible=counts.possible)


def _gate(wording: Wording, gate: Gate) -> str:
    """Return the short name of the gate, else its own text about this patient."""
    return wording.words["gate"].get(gate.id) or _within(gate.text)


def _concern(wording: Wording, assessment: Assessment, order: OrderCheck, concern: Concern) -> list[str]:
    match concern:
        case Concern.GATE:
            return [_gate(wording, assessment.gate)] if assessment.gate else []
        case Concern.CAUTION:
            return _titles(cautions(assessment.flags, order.routes))
        case Concern.MISSING:
            return gap_names(wording, assessment)
        case Concern.FEW_TRIALS:
            return [_few_trials(wording, assessment)]
        case Concern.WAY:
            return [wording.sentence(f"list.way_{way}") for way in order.ways]
        case Concern.SECOND_REFERRAL:
            return [wording.sentence("list.second_referral")]
        case _:
            return [wording.sentence("list.safety")]


def _within(text: str) -> str:
    """Return the words as written within a sentence; an abbreviation keeps its capitals."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
