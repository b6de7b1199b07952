"""The body of each card: what the record supports, why, what is unknown, and on what it rests."""

from collections.abc import Mapping, Sequence

from cds_hooks.outcome import Issue
from mappings.wording import TriggerText, Wording
from service.clinical.assessment import Assessment, Conclusion, SafetyTrigger
from service.clinical.order_check import Concern, OrderCheck
from service.clinical.routes import ROUTES, no_route_left
from service.render.context import say
from service.render.escape import Markdown, markdown
from service.render.findings import flag_lines, gap_lines, route_lines, safety_unknown, unreadable_lines
from service.render.ledger import augmentations, evidence, joined, ledger
from service.render.summaries import lacks_trials, possible_trials

Received = Mapping[str, int]


def safety_detail(wording: Wording, assessment: Assessment, trigger: TriggerText) -> list[Markdown]:
    """Return what the record shows about suicide risk and what is to be done today; no drug is offered."""
    found = assessment.safety[: wording.limits.list]
    return [
        Markdown(trigger.advice),
        say(wording, "safety.record"),
        *[_trigger(wording, "safety.trigger", each) for each in found],
        *_lowered(wording, assessment),
        Markdown(wording.fact_text("acute-suicidality-label")),
        Markdown(wording.fact_text("zero-is-no-clearance")),
        say(wording, "safety.close"),
        _dates(wording, assessment),
        say(wording, "basis.estimate"),
    ]


def decision_detail(wording: Wording, assessment: Assessment, received: Received) -> list[Markdown]:
    """Return the body of the recommend, caution or insufficient-data card."""
    flags = flag_lines(wording, assessment.flags)
    gaps = gap_lines(wording, assessment.missing)
    trials = _trials(wording, assessment)
    bodies = {
        Conclusion.RECOMMEND: [*trials, *flags, *gaps],
        Conclusion.CAUTION: [*flags, *trials, *gaps],
        Conclusion.INSUFFICIENT_DATA: [*gaps, *trials, *flags],
    }
    return [
        *safety_unknown(wording, assessment.missing),
        *_lead(wording, assessment),
        *bodies[assessment.conclusion],
        *_ground(wording, assessment, received),
    ]


def order_detail(
    wording: Wording, assessment: Assessment, order: OrderCheck, received: Received
) -> list[Markdown]:
    """Return the body of the order-check card."""
    return [
        *safety_unknown(wording, assessment.missing),
        *_draft(wording, order),
        *_both_routes(wording, assessment),
        *route_lines(wording, assessment.flags, order.routes),
        *_order_concerns(wording, assessment, order),
        *flag_lines(wording, assessment.flags),
        *gap_lines(wording, assessment.missing),
        *_trials(wording, assessment),
        *_ground(wording, assessment, received),
    ]


def not_assessed_detail(
    wording: Wording, reason: str, assessment: Assessment | None, received: Received
) -> list[Markdown]:
    """Return why nothing was assessed, and what is known nevertheless."""
    lead = say(wording, "lead.not_assessed", reason=wording.words["not_assessed"][reason])
    if assessment is None:
        return [lead, say(wording, "basis.estimate")]
    return [
        *safety_unknown(wording, assessment.missing),
        lead,
        *gap_lines(wording, assessment.missing),
        *flag_lines(wording, assessment.flags),
        *_trials(wording, assessment),
        *_ground(wording, assessment, received),
    ]


def mismatch_detail(wording: Wording, reason: str, issues: Sequence[Issue]) -> list[Markdown]:
    """Return what was expected at which places of a call that does not fit its service."""
    faults = [
        say(wording, "mismatch.fault", place=issue.expression or "", text=issue.text) for issue in issues
    ]
    return [
        say(wording, "lead.not_assessed", reason=wording.words["not_assessed"][reason]),
        say(wording, "mismatch.heading"),
        *faults,
        say(wording, "mismatch.close"),
    ]


def _lead(wording: Wording, assessment: Assessment) -> list[Markdown]:
    counts = assessment.counts
    if assessment.conclusion is Conclusion.RECOMMEND:
        return [say(wording, "lead.recommend", count=counts.counted)]
    if assessment.conclusion is Conclusion.CAUTION:
        return _caution_lead(wording, assessment)
    forbidden = _both_routes(wording, assessment)
    if not lacks_trials(assessment):
        return [*forbidden, say(wording, "lead.insufficient_data", count=counts.counted)]
    lead = say(wording, "lead.insufficient_trials", count=counts.counted, possible=counts.possible)
    return [*forbidden, lead, *_settling(wording, assessment)]


def _caution_lead(wording: Wording, assessment: Assessment) -> list[Markdown]:
    safety = [say(wording, "lead.after_safety")] if assessment.safety else []
    gate = assessment.gate
    lead = gate.told_as if gate and gate.open_to_danger else "caution"
    text = assessment.gate.text if assessment.gate else ""
    return [
        *safety,
        say(wording, f"lead.{lead}", count=assessment.counts.counted, text=text),
        *_both_routes(wording, assessment),
        *route_lines(wording, assessment.flags, ROUTES),
    ]


def _both_routes(wording: Wording, assessment: Assessment) -> list[Markdown]:
    return [say(wording, "lead.both_routes")] if no_route_left(assessment.flags) else []


def _settling(wording: Wording, assessment: Assessment) -> list[Markdown]:
    """One line for each possible trial: all that is in doubt about it, and what to ask."""
    lines = []
    for trial in possible_trials(assessment)[: wording.limits.list]:
        doubts = trial.shortfalls or ((trial.reason,) if trial.reason else ())
        open_ones = [doubt for doubt in doubts if doubt in wording.words["settles"]]
        if open_ones:
            reason = "; ".join(wording.words["shortfall"][doubt] for doubt in open_ones)
            question = " ".join(wording.words["settles"][doubt] for doubt in open_ones)
            lines.append(say(wording, "lead.settle", drug=trial.ingredient, reason=reason, question=question))
    return lines


def _draft(wording: Wording, order: OrderCheck) -> list[Markdown]:
    key = "order.about_with_references" if order.references else "order.about"
    labels, references = joined(wording, order.labels), evidence(wording, order.references)
    lines = [say(wording, key, labels=labels, references=references)]
    if order.others:
        lines.append(say(wording, "order.others", labels=joined(wording, order.others)))
    if order.invalid:
        lines.append(
            say(wording, "order.invalid", problems=joined(wording, order.invalid[: wording.limits.list]))
        )
    return lines


def _order_concerns(wording: Wording, assessment: Assessment, order: OrderCheck) -> list[Markdown]:
    lines = [_trigger(wording, "order.safety", each) for each in assessment.safety[: wording.limits.list]]
    lines += [say(wording, f"order.way_{way}") for way in order.ways]
    if assessment.gate:
        again = Concern.SECOND_REFERRAL in order.concerns
        key = "second_referral" if again else assessment.gate.told_as
        lines.append(say(wording, f"order.{key}", text=assessment.gate.text))
    if Concern.FEW_TRIALS in order.concerns:
        counts = assessment.counts
        lines.append(say(wording, "order.few_trials", count=counts.counted, possible=counts.possible))
    if order.acute_suicidality_reason:
        lines.append(say(wording, "order.acute"))
    return lines


def _trials(wording: Wording, assessment: Assessment) -> list[Markdown]:
    return [*ledger(wording, assessment), *augmentations(wording, assessment)]


def _trigger(wording: Wording, key: str, trigger: SafetyTrigger) -> Markdown:
    return say(wording, key, text=trigger.text, id=trigger.id, evidence=evidence(wording, trigger.evidence))


def _lowered(wording: Wording, assessment: Assessment) -> list[Markdown]:
    lowered = assessment.lowered_safety[: wording.limits.list]
    return [_trigger(wording, "safety.lowered", trigger) for trigger in lowered]


def _ground(wording: Wording, assessment: Assessment, received: Received) -> list[Markdown]:
    lowered = [] if assessment.safety else _lowered(wording, assessment)
    definition = markdown(assessment.definition, wording.limits.definition)
    return [
        *unreadable_lines(wording, assessment.unreadable, received),
        *lowered,
        say(wording, "basis.definition", text=definition),
        _context(wording, assessment),
        _dates(wording, assessment),
        Markdown(wording.fact_text("approval")),
        Markdown(" ".join((say(wording, "basis.questions"), say(wording, "basis.estimate")))),
    ]


def _context(wording: Wording, assessment: Assessment) -> Markdown:
    sentences = [say(wording, "basis.episode", text=assessment.episode.text)]
    if assessment.severity:
        sentences.append(say(wording, "basis.severity", text=assessment.severity))
    sentences.append(say(wording, "basis.diagnoses", names=evidence(wording, assessment.diagnoses)))
    return Markdown("; ".join(sentences))


def _dates(wording: Wording, assessment: Assessment) -> Markdown:
    start, end = assessment.data_from, assessment.data_to
    return say(
        wording,
        "basis.dates" if start and end else "basis.dates_unknown",
        start=start,
        end=end,
        day=assessment.assessed_on,
        profile=assessment.profile,
        version=assessment.rule_set_version,
    )
