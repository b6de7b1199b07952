"""The ledger in words: the basis of an outcome, and notes on a course."""

from datetime import date

from mappings.findings import Findings
from service.assess.trials.context import TrialContext
from service.assess.trials.examined import ExaminedCourse
from service.assess.trials.exclusions import for_smoking_only, not_for_depression
from service.assess.trials.outcomes import Ending, ScoreChange
from service.assess.trials.verdicts import Verdict, never_dispensed
from service.clinical.assessment import Shortfall
from service.clinical.facts import SourceKind


def basis(ending: Ending, findings: Findings) -> str:
    """Return in words the basis of the outcome of a course."""
    values: dict[str, object] = (
        _change(ending.change)
        if ending.change
        else dict.fromkeys(("scale", "baseline", "endpoint", "fall", "baseline_day", "endpoint_day"), "")
    )
    if ending.stop:
        values["reason"] = ending.stop.text
    if ending.switch:
        values |= {"switch": ending.switch.ingredient, "switch_day": date.fromordinal(ending.switch.day)}
    if ending.latest:
        score = ending.latest
        values |= {"scale": score.scale, "score": f"{score.total:g}", "score_day": score.when}
    return findings.say(f"basis.{ending.basis}", **values)


def _change(change: ScoreChange) -> dict[str, object]:
    return {
        "scale": change.baseline.scale,
        "baseline": f"{change.baseline.total:g}",
        "endpoint": f"{change.endpoint.total:g}",
        "fall": round(change.fall * 100),
        "baseline_day": change.baseline.when,
        "endpoint_day": change.endpoint.when,
    }


def notes(
    examined: ExaminedCourse,
    verdict: Verdict,
    because: tuple[str, ...],
    findings: Findings,
    context: TrialContext,
) -> tuple[str, ...]:
    """Return what bears on how the course was judged."""
    course = examined.course
    sentences = [findings.say("note.limit", because=reason) for reason in because]
    sentences += _exclusion_notes(examined, verdict, findings)
    if not_for_depression(course.exposures, examined.drug):
        sentences.append(_reason_note(examined, findings))
    if any(exposure.non_adherent for exposure in course.exposures):
        sentences.append(findings.say("note.non-adherent"))
    if Shortfall.P_ADH in verdict.shortfalls and course.dispensed and examined.whole.adherence is not None:
        sentences.append(findings.say("note.adherence", percent=round(examined.whole.adherence * 100)))
    if never_dispensed(course, context):
        sentences.append(findings.say("note.never-dispensed"))
    elif course.determined and not _handed_over(examined):
        sentences.append(findings.say("note.no-dispense"))
    if not course.determined:
        sentences.append(findings.say("note.undated" if course.start is None else "note.open-end"))
    if any(exposure.start and not exposure.start.exact for exposure in course.exposures):
        sentences.append(findings.say("note.inexact"))
    sentences += [note for exposure in course.exposures for note in exposure.notes]
    return tuple(dict.fromkeys(sentences))


def _handed_over(examined: ExaminedCourse) -> bool:
    return any(
        e.source in (SourceKind.DISPENSE, SourceKind.ADMINISTRATION) for e in examined.course.exposures
    )


def _reason_note(examined: ExaminedCourse, findings: Findings) -> str:
    stated = [reason.text for exposure in examined.course.exposures for reason in exposure.reasons]
    if not stated:
        return findings.say("note.reason-missing")
    return findings.say("note.reason-other", reason=", ".join(dict.fromkeys(stated)))


def _exclusion_notes(examined: ExaminedCourse, verdict: Verdict, findings: Findings) -> list[str]:
    if verdict.reason is Shortfall.COMBINED_STEP and examined.step:
        return [findings.say("note.combined", partner=examined.step.drug)]
    if verdict.reason is Shortfall.AS_NEEDED:
        return [findings.say("note.as-needed")]
    if verdict.reason is Shortfall.P_HX:
        return [findings.say("note.reported")]
    if verdict.reason is Shortfall.NEVER_COUNTS and examined.because:
        return [findings.say("note.never-counts", because=examined.because)]
    if verdict.reason is Shortfall.NEVER_COUNTS and for_smoking_only(examined.course.exposures):
        return [findings.say("note.smoking")]
    return []
