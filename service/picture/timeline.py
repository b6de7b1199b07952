"""From assessment and facts to the rows of the picture. Nothing is judged here: verdicts come as they are."""

from collections.abc import Sequence
from datetime import date, timedelta

from mappings.knowledge import Knowledge
from mappings.wording import Wording
from service.clinical.assessment import Assessment, Augmentation, Episode, Trial, TrialStatus
from service.clinical.facts import Completeness, PatientFacts
from service.picture.lanes import besides, lanes
from service.picture.panels import pressure_panel, score_panels, used_scores
from service.picture.rows import Days, Timeline
from service.picture.stretches import stretches
from service.render.context import say_plain
from service.render.escape import plain
from service.render.rows import ShownFlag, ShownGap
from service.render.view import View

MOST_LANES, MOST_BESIDES, MOST_FLAGS, MOST_ASKED = 30, 12, 8, 6
_LEAST_MARGIN, _MOST_MARGIN = (
    45,
    90,
)  # days before the first; a baseline score lies up to a month before a course
# Lists in which courses stand; the first two matter even when nobody asked the EHR for them.
_ALWAYS = ("MedicationRequest", "MedicationDispense")
_WHERE_ASKED = ("MedicationStatement", "MedicationAdministration")


def timeline(view: View, assessment: Assessment, facts: PatientFacts, knowledge: Knowledge) -> Timeline:
    """Return what the picture of `assessment` shows: the rows of its `view`, and figures of the `facts`."""
    wording, criteria = knowledge.wording, knowledge.criteria[assessment.profile]
    axis = _axis(assessment, facts)
    drugs = lanes(view.ledger, criteria.duration.qualifying_days, wording)
    given = besides(view.augmentations, facts, wording)
    return Timeline(
        heading=_heading(assessment, wording),
        conclusion=tuple(text for text in (view.safety_summary, view.title, view.summary) if text),
        about=say_plain(
            wording,
            "picture.about",
            day=assessment.assessed_on,
            profile=assessment.profile,
            version=assessment.rule_set_version,
        ),
        description=_description(view, assessment, axis[0][0], wording),
        stretches=axis,
        assessed=say_plain(wording, "picture.assessed", day=assessment.assessed_on),
        episode=(assessment.episode.start, assessment.episode.latest_start),
        episode_text=_episode(assessment.episode, wording),
        scores=score_panels(assessment, facts, knowledge, criteria.current.score_days, axis),
        lanes=drugs[:MOST_LANES],
        more_lanes=_more([lane.name for lane in drugs[MOST_LANES:]], wording),
        unread=_unread(facts, wording),
        besides=given[:MOST_BESIDES],
        more_besides=_more([each.row.name for each in given[MOST_BESIDES:]], wording),
        pressures=pressure_panel(assessment, facts, knowledge, axis),
        findings=_findings(view.weighed, wording),
        asked=_asked(view, wording),
        missing=_missing(view, assessment, wording),
        labels=wording.sentences["picture"],
        statuses={status: wording.words["status"][status] for status in TrialStatus},
    )


def _axis(assessment: Assessment, facts: PatientFacts) -> tuple[Days, ...]:
    """Return the stretches of time to show: from before the first drawn day to the day of assessment."""
    last = assessment.assessed_on
    courses: list[Trial | Augmentation] = [*assessment.trials, *assessment.augmentations]
    busy = [
        *((course.start or course.end, course.end or course.start) for course in courses),
        *((score.when.first, score.when.last) for score in used_scores(assessment, facts)),
        (assessment.episode.start, assessment.episode.latest_start),
    ]
    known = [(start, end) for start, end in busy if start and end and start <= last]
    earliest = min([last, *(start for start, _ in known)])
    margin = min(max(_LEAST_MARGIN, (last - earliest).days // 25), _MOST_MARGIN, (earliest - date.min).days)
    return stretches(earliest - timedelta(days=margin), last, known)


def _heading(assessment: Assessment, wording: Wording) -> str:
    counts = assessment.counts
    return say_plain(wording, "picture.heading", counted=counts.counted, possible=counts.possible)


def _description(view: View, assessment: Assessment, first: date, wording: Wording) -> str:
    """Return a few sentences that describe the picture, for those who cannot see it."""
    courses = [
        say_plain(wording, "picture.course", drug=row.drug, dates=row.dates, status=row.verdict)
        for row in view.ledger[:MOST_LANES]
    ]
    said = " ".join(courses) or wording.sentence("picture.no_trial")
    return wording.sentence("picture.described").format(
        first=first,
        last=assessment.assessed_on,
        heading=_heading(assessment, wording),
        conclusion=view.title,
        courses=said,
    )


def _episode(episode: Episode, wording: Wording) -> str:
    if episode.start != episode.latest_start:
        return say_plain(wording, "picture.episode_inexact", start=episode.start, latest=episode.latest_start)
    key = "picture.episode_inferred" if episode.inferred else "picture.episode"
    return say_plain(wording, key, start=episode.start)


def _unread(facts: PatientFacts, wording: Wording) -> tuple[str, ...]:
    lists = (*_ALWAYS, *(name for name in _WHERE_ASKED if name in facts.lists_not_read))
    return tuple(
        say_plain(wording, "picture.list", list=name, state=state)
        for name in lists
        if (state := facts.list_state(name)) is not Completeness.COMPLETE
    )


def _findings(flags: Sequence[ShownFlag], wording: Wording) -> tuple[str, ...]:
    """Return what speaks against a referral, the gravest first, and a line for each finding to know."""
    deciding = [flag for flag in flags if flag.group == "deciding"]
    said = wording.sentence("picture.flag")
    lines = [said.format(title=flag.title, level=flag.level) for flag in deciding]
    lines = lines[:MOST_FLAGS] or [wording.sentence("picture.no_flag")]
    lines.append(_more([flag.title for flag in deciding[MOST_FLAGS:]], wording))
    for group in ("planning", "info"):
        names = "; ".join(flag.title for flag in flags if flag.group == group)
        lines.append(wording.sentence(f"picture.{group}").format(names=names) if names else "")
    return tuple(filter(None, lines))


def _asked(view: View, wording: Wording) -> tuple[str, ...]:
    """Return what would settle the open points: the questions about courses, and the data needed."""
    asked = [row for row in view.ledger if row.questions]
    lines = [
        say_plain(
            wording, "picture.question", drug=row.drug, dates=row.dates, questions=" ".join(row.questions)
        )
        for row in asked[:MOST_ASKED]
    ]
    lines.append(_more([row.drug for row in asked[MOST_ASKED:]], wording))
    lines.append(_gaps("picture.needed", view.needed, wording))
    return tuple(filter(None, lines))


def _missing(view: View, assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    """Return the other gaps in words of the tables, so that no text of the record is drawn."""
    lines = [_gaps("picture.open", view.unknown, wording)]
    if assessment.unreadable:
        lines.append(say_plain(wording, "picture.unreadable", count=len(assessment.unreadable)))
    return tuple(filter(None, lines))


def _gaps(key: str, gaps: Sequence[ShownGap], wording: Wording) -> str:
    """Return the gaps, each with the person who can supply the data."""
    named = (
        say_plain(wording, "picture.gap", name=gap.called.rstrip("."), ask=gap.ask) if gap.ask else gap.called
        for gap in gaps
    )
    text = plain("; ".join(named), 4 * wording.limits.text)
    return wording.sentence(key).format(text=text) if text else ""


def _more(names: list[str], wording: Wording) -> str:
    return say_plain(wording, "picture.more", count=len(names), names=", ".join(names)) if names else ""
