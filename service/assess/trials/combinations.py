"""Antidepressants begun together and taken together are one step (clinical rules 7.2 step 9, 12 and 14)."""

from collections.abc import Iterable, Sequence
from itertools import islice

from msgspec import Struct

from mappings.criteria import Combination
from service.assess.trials.courses import Course
from service.assess.trials.measure import Measure, count

Member = tuple[Course, Measure]


class Step(Struct, frozen=True, gc=False):
    """Courses that count as one trial, represented by `drug`."""

    drug: str
    ingredients: frozenset[str]


def combined_steps(courses: Sequence[Member], rule: Combination) -> dict[int, Step]:
    """Return the steps of more than one drug, by the identity of each of their courses.

    A drug with few days at an accepted dose is judged alone.
    """
    steps: dict[int, Step] = {}
    rest = sorted(
        (pair for pair in courses if count(pair[1].accepted) >= rule.partner_days),
        key=lambda pair: (pair[0].start or 0, pair[0].ingredient),
    )
    for place, first in enumerate(rest):
        if id(first[0]) in steps:
            continue
        later = islice(rest, place + 1, None)
        partners = [partner for partner in _begun_with(first, later, rule) if id(partner[0]) not in steps]
        if partners:
            step = _step((first, *partners))
            steps.update({id(course): step for course, _ in (first, *partners)})
    return steps


def _begun_with(first: Member, later: Iterable[Member], rule: Combination) -> list[Member]:
    """Return those of the `later` courses that began with `first` and were taken together with it."""
    partners = []
    for trial in later:
        if (trial[0].start or 0) - (first[0].start or 0) > rule.start_days:
            break
        if _together(first[0], trial[0], rule):
            partners.append(trial)
    return partners


def _step(members: Sequence[Member]) -> Step:
    """Return the step, represented by the drug with the most qualifying days, the first begun of equals."""
    drug, _ = max(members, key=lambda member: member[1].qualifying_days)
    return Step(drug.ingredient, frozenset(course.ingredient for course, _ in members))


def _together(course: Course, other: Course, rule: Combination) -> bool:
    if course.ingredient == other.ingredient or course.start is None or other.start is None:
        return False
    if course.end is None or other.end is None:
        return False
    overlap = min(course.end, other.end) - max(course.start, other.start) + 1
    shorter = min(course.end - course.start, other.end - other.start) + 1
    return overlap >= rule.overlap * shorter
