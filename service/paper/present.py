"""What most forms ask beside the criteria: episode, severity, drug in use, earlier esketamine, allergies."""

from collections.abc import Iterator

from service.clinical.criteria import EarlierCourse
from service.clinical.facts import Allergy
from service.paper.words import LONGEST, PacketMatter, PaperWords
from service.render.course_entries import taken_now
from service.render.escape import plain

_MOST = 6  # courses or allergies on one line; the bundle has all


def present_state(matter: PacketMatter, words: PaperWords) -> Iterator[str]:
    """Yield a line for each; what was not found is said to be no proof."""
    assessment, read = matter.assessment, matter.read
    yield words.say("episode", text=assessment.episode.text)
    yield words.say("severity", text=plain(assessment.severity, LONGEST))
    yield words.say("taken", text=plain(taken_now(read, matter.knowledge.policies), LONGEST))
    if last := assessment.last_pressure:
        yield words.say(
            "pressure", systolic=f"{last.systolic:g}", diastolic=f"{last.diastolic:g}", day=last.day
        )
    courses = [_course(course, words) for course in read.earlier]
    yield words.say("earlier", names=_first(courses, words)) if courses else words.say("no_earlier")
    allergies = [_allergy(allergy, words) for allergy in matter.facts.allergies]
    yield words.say("allergies", names=_first(allergies, words)) if allergies else words.say("no_allergies")


def _course(course: EarlierCourse, words: PaperWords) -> str:
    drug = f"{course.drug} ({words.entries(course.evidence)})"
    if course.start is None:
        return words.say("earlier_undated", drug=drug)
    if course.ordered:
        return words.say("earlier_ordered", drug=drug, start=course.start)
    told = words.say("earlier_course", drug=drug, start=course.start, end=course.end, doses=course.doses)
    return ", ".join(
        filter(None, (told, course.reason and words.say("stopped", text=plain(course.reason, LONGEST))))
    )


def _allergy(allergy: Allergy, words: PaperWords) -> str:
    told = ", ".join(
        filter(None, (allergy.kind, allergy.criticality, allergy.verification, *allergy.reactions))
    )
    name = plain(allergy.text, LONGEST)
    return f"{name} ({plain(told, LONGEST)})" if told else name


def _first(names: list[str], words: PaperWords) -> str:
    rest = len(names) - _MOST
    return "; ".join((*names[:_MOST], *([words.say("more", count=rest)] if rest > 0 else ())))
