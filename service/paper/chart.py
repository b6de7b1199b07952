"""What the packet says of the record: courses, other treatments, scores over time, findings, gaps."""

from collections.abc import Sequence
from dataclasses import replace

from msgspec.structs import replace as with_members

from service.clinical.assessment import Assessment, Trial, TrialStatus
from service.clinical.facts import Score
from service.paper.words import LONGEST, PacketMatter, PaperWords
from service.picture.layout import laid_out
from service.picture.rows import Lane
from service.picture.sheet import Sheet
from service.picture.timeline import timeline
from service.render.context import say_plain
from service.render.course_entries import beside_trials
from service.render.courses import RANK, TrialRow, dates_key, ranked
from service.render.escape import plain
from service.render.view import PageView


def courses(matter: PacketMatter, words: PaperWords) -> tuple[str, list[Sequence[str]]]:
    """Return a heading with the counts, and a row for each course, the counted ones first."""
    found = _trials(matter)
    counts = {status: sum(trial.status is status for trial in found) for status in TrialStatus}
    title = words.say("trials", counted=counts[TrialStatus.COUNTED], possible=counts[TrialStatus.POSSIBLE])
    return title, [_course(trial, matter, words) for trial in ranked(found)]


def _trials(matter: PacketMatter) -> Sequence[Trial]:
    return matter.read.trials or matter.assessment.trials


def _course(trial: Trial, matter: PacketMatter, words: PaperWords) -> Sequence[str]:
    row = TrialRow(wording=words.wording, longest=LONGEST, of=trial)
    outcome = (row.outcome, _scored(trial, matter, words), *_stopped(trial, row, matter, words), *row.notes)
    return (
        words.say("class", drug=row.drug, drug_class=row.drug_class),
        _dates(trial, matter, words),
        "; ".join(filter(None, (row.steps, row.dose))),
        _days(trial, words),
        ": ".join(filter(None, (row.verdict, "; ".join(row.reasons)))),
        "; ".join(filter(None, outcome)),
        words.entries(row.evidence),
    )


def _dates(trial: Trial, matter: PacketMatter, words: PaperWords) -> str:
    """Return from when to when it was, as the record writes it: no day where it names a month only."""
    start, end = matter.entries.start(trial), matter.entries.end(trial)
    key = dates_key(trial.start, trial.end, running=trial.running)
    return say_plain(
        words.wording, key, start=start and (start.written or start), end=end and (end.written or end)
    )


def _days(trial: Trial, words: PaperWords) -> str:
    """Return the days that count, of all that were covered."""
    if trial.covered_days is None or trial.qualifying_days is None:
        return words.wording.sentence("picture.unknown")
    return words.say("days_of", qualifying=trial.qualifying_days, covered=trial.covered_days)


def _stopped(trial: Trial, row: TrialRow, matter: PacketMatter, words: PaperWords) -> Sequence[str]:
    """Return on what the outcome rests, and the recorded reason to stop where that does not name it."""
    said = [plain(text, LONGEST) for text in matter.entries.stopped(trial)]
    unsaid = [text for text in said if text not in row.basis]
    return row.basis, *(words.say("stopped", text=text) for text in unsaid)


def _scored(trial: Trial, matter: PacketMatter, words: PaperWords) -> str:
    """Return the scores that the verdict on the course uses, in order of time."""
    used = matter.entries.scores(trial)
    return _by_scale(used, words, len(used))


def _by_scale(found: Sequence[Score], words: PaperWords, most: int) -> str:
    return "; ".join(_totals(scale, found, words, most) for scale in _scales(found))


def _scales(found: Sequence[Score]) -> list[str]:
    return list(dict.fromkeys(score.scale for score in found))


def _totals(scale: str, found: Sequence[Score], words: PaperWords, most: int) -> str:
    """Return the latest totals of a scale in order of time."""
    of_scale = sorted(
        (score for score in found if score.scale == scale),
        key=lambda score: (score.when.last, score.when.first),
    )
    totals = [words.say("total", total=f"{score.total:g}", day=score.when) for score in of_scale[-most:]]
    rest = len(of_scale) - len(totals)
    more = [words.say("more", count=rest)] if rest else []
    return words.say("score", scale=scale, totals=", ".join((*totals, *more)))


def scores(matter: PacketMatter, words: PaperWords, most: int) -> list[str]:
    """Return a line for each scale with its totals until the day of the assessment."""
    as_of = matter.assessment.assessed_on
    known = [score for score in matter.facts.scores if score.when.first <= as_of]
    lines = [_totals(scale, known, words, most) for scale in _scales(known)]
    return lines or [words.say("no_scores")]


def picture(matter: PacketMatter, words: PaperWords, most: int) -> Sheet:
    """Return the picture of scores and courses, as the policy counts them, with at most so many drugs."""
    assessment = _as_counted(matter)
    knowledge = replace(matter.knowledge, criteria={assessment.profile: matter.read.definition})
    shown = timeline(_view(matter, words, assessment), assessment, matter.facts, knowledge)
    more = len(shown.lanes) - most
    return laid_out(
        replace(
            shown,
            heading=courses(matter, words)[0],
            conclusion=(),
            about="",
            lanes=_heaviest(shown.lanes, most),
            more_lanes=words.say("more", count=more) if more > 0 else "",
            besides=(),
            more_besides="",
            findings=(),
            asked=(),
            missing=(),
        )
    )


def _heaviest(lanes: Sequence[Lane], most: int) -> tuple[Lane, ...]:
    """Return so many drugs in order of time, those that count before those that do not."""
    ranked_lanes = sorted(lanes, key=lambda lane: min(RANK[bar.trial.status] for bar in lane.bars))
    return tuple(lane for lane in lanes if lane in ranked_lanes[:most])


def _as_counted(matter: PacketMatter) -> Assessment:
    return with_members(matter.assessment, trials=tuple(_trials(matter)))


def _view(matter: PacketMatter, words: PaperWords, assessment: Assessment) -> PageView:
    return PageView(wording=words.wording, of=assessment, facts=matter.facts, sources=())


def treatments(matter: PacketMatter, words: PaperWords) -> tuple[list[Sequence[str]], str]:
    """Return a row for each treatment beside the antidepressants, and what kinds were not found."""
    shown = beside_trials(matter.assessment.augmentations, _trials(matter))
    view = _view(matter, words, with_members(matter.assessment, augmentations=tuple(shown)))
    rows: list[Sequence[str]] = [
        (row.name, row.dates, row.text, words.entries(row.evidence)) for row in view.augmentations
    ]
    given = shown
    procedures = [row.name for row in matter.knowledge.augmentations.treatments]
    drugs = [] if any(not each.is_procedure for each in given) else [words.say("augmentation")]
    lacking = [*drugs, *(name for name in procedures if name not in {each.name for each in given})]
    return rows, words.say("not_recognised", names=", ".join(lacking)) if lacking else ""


def findings(matter: PacketMatter, words: PaperWords) -> list[Sequence[str]]:
    """Return a row for each sign of suicide risk and each flag, the heaviest first."""
    view = _view(matter, words, matter.assessment)
    risks = [(words.say("risk"), "", sign.text, words.entries(sign.evidence)) for sign in view.safety]
    return [*risks, *_flags(view, words)]


def _flags(view: PageView, words: PaperWords) -> list[Sequence[str]]:
    return [(flag.title, flag.level, flag.text, words.entries(flag.evidence)) for flag in view.weighed]


def unknown(matter: PacketMatter, words: PaperWords) -> str:
    """Return what the record does not tell: gaps, lists that did not come, entries that could not be read."""
    view = _view(matter, words, matter.assessment)
    gaps = [gap.called.rstrip(".") for gap in (*view.needed, *view.unknown)]
    lists = [f"{each.name}: {each.state}" for each in view.lacking]
    unread = len(view.unreadable)
    entries = [words.wording.sentence("picture.unreadable").format(count=unread)] if unread else []
    names = "; ".join((*gaps, *lists, *entries))
    return words.say("unknown", names=plain(names, 2 * LONGEST)) if names else ""
