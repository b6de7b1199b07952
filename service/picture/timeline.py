"""From assessment and facts to the rows of the picture. Nothing is judged here: verdicts come as they are."""

from datetime import date, timedelta

from mappings.knowledge import Knowledge
from mappings.wording import Wording
from service.clinical.assessment import Assessment, Episode, TrialStatus
from service.clinical.facts import Completeness, PatientFacts
from service.picture.lanes import besides, lanes
from service.picture.panels import pressure_panel, score_panels
from service.picture.rows import Timeline
from service.render.context import say_plain
from service.render.escape import plain
from service.render.rows import View

LONGEST_DAYS = 12 * 366  # the axis; what is older stands at its edge
MOST_LANES, MOST_BESIDES = 30, 12
# Lists in which courses stand; the first two matter even when nobody asked the EHR for them.
_ALWAYS = ("MedicationRequest", "MedicationDispense")
_WHERE_ASKED = ("MedicationStatement", "MedicationAdministration")


def timeline(view: View, assessment: Assessment, facts: PatientFacts, knowledge: Knowledge) -> Timeline:
    """Return what the picture of `assessment` shows: the rows of its `view`, and figures of the `facts`."""
    wording, criteria = knowledge.wording, knowledge.criteria[assessment.profile]
    first = _first_day(assessment)
    drugs = lanes(view.trials, criteria.duration.qualifying_days, first, wording)
    given = besides(view.augmentations, facts, wording)
    return Timeline(
        heading=_heading(assessment, wording),
        about=say_plain(
            wording,
            "picture.about",
            day=assessment.assessed_on,
            profile=assessment.profile,
            version=assessment.rule_set_version,
        ),
        description=_description(view, assessment, first, wording),
        first=first,
        assessed_on=assessment.assessed_on,
        assessed=say_plain(wording, "picture.assessed", day=assessment.assessed_on),
        episode=(assessment.episode.start, assessment.episode.latest_start),
        episode_text=_episode(assessment.episode, wording),
        scores=score_panels(assessment, facts, knowledge, criteria.current.score_days, first),
        lanes=drugs[:MOST_LANES],
        more_lanes=_more([lane.name for lane in drugs[MOST_LANES:]], wording),
        unread=_unread(facts, wording),
        besides=given[:MOST_BESIDES],
        more_besides=_more([one.row.name for one in given[MOST_BESIDES:]], wording),
        pressures=pressure_panel(assessment, facts, knowledge, first),
        missing=_missing(view, assessment, wording),
        labels=wording.sentences["picture"],
        statuses={status: wording.words["status"][status] for status in TrialStatus},
    )


def _first_day(assessment: Assessment) -> date:
    """Before the episode and every course and addition, within the longest axis."""
    last = assessment.assessed_on
    starts = [
        *(trial.start for trial in assessment.trials),
        *(given.start for given in assessment.augmentations),
    ]
    earliest = min([assessment.episode.start, *(day for day in starts if day)])
    margin = max(45, (last - earliest).days // 25)  # a baseline score lies up to a month before a course
    return last - timedelta(days=min((last - earliest).days + margin, LONGEST_DAYS))


def _heading(assessment: Assessment, wording: Wording) -> str:
    counts = assessment.counts
    return say_plain(wording, "picture.heading", counted=counts.counted, possible=counts.possible)


def _description(view: View, assessment: Assessment, first: date, wording: Wording) -> str:
    """Return the picture in a few sentences, for those who do not see it."""
    courses = [
        say_plain(wording, "picture.course", drug=row.drug, dates=row.dates, status=row.verdict)
        for row in view.trials[:MOST_LANES]
    ]
    said = " ".join(courses) or wording.sentence("picture.no_trial")
    return wording.sentence("picture.described").format(
        first=first, last=assessment.assessed_on, heading=_heading(assessment, wording), courses=said
    )


def _episode(episode: Episode, wording: Wording) -> str:
    if episode.start != episode.latest_start:
        return say_plain(wording, "picture.episode_inexact", start=episode.start, latest=episode.latest_start)
    key = "picture.episode_inferred" if episode.inferred else "picture.episode"
    return say_plain(wording, key, start=episode.start)


def _unread(facts: PatientFacts, wording: Wording) -> tuple[str, ...]:
    lists = (*_ALWAYS, *(name for name in _WHERE_ASKED if name in facts.unread_lists))
    return tuple(
        say_plain(wording, "picture.list", list=name, state=state)
        for name in lists
        if (state := facts.list_state(name)) is not Completeness.COMPLETE
    )


def _missing(view: View, assessment: Assessment, wording: Wording) -> tuple[str, ...]:
    """Gaps in words of the tables, so that nothing of the record is drawn; what blocks comes first."""
    lines = []
    for gaps, key in ((view.needed, "picture.needed"), (view.unknown, "picture.open")):
        if gaps:
            named = "; ".join(gap.called.rstrip(".") for gap in gaps)
            lines.append(wording.sentence(key).format(text=plain(named, 4 * wording.limits.text)))
    if assessment.unreadable:
        lines.append(say_plain(wording, "picture.unreadable", count=len(assessment.unreadable)))
    return tuple(lines)


def _more(names: list[str], wording: Wording) -> str:
    return say_plain(wording, "picture.more", count=len(names), names=", ".join(names)) if names else ""
