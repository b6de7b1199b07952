"""Antidepressants begun together and taken together are one step (clinical rules 7.2 step 9 and 12)."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.criteria import Combination
from service.assess.trials.courses import Course
from service.assess.trials.outcomes import Start


@dataclass(frozen=True, slots=True)
class Step:
    """Courses that count as one trial: the one of `drug`, begun first."""

    drug: str
    begun: tuple[tuple[str, int], ...]

    @property
    def ingredients(self) -> frozenset[str]:
        """All drugs of the step."""
        return frozenset(name for name, _ in self.begun)

    def starts(self, start: Start) -> int | None:
        """The day on which the course of `start`'s drug in this step began."""
        return dict(self.begun).get(start.ingredient)


def combined_steps(courses: Sequence[Course], rule: Combination) -> dict[int, Step]:
    """Return the steps of more than one drug, by the identity of each of their courses."""
    steps: dict[int, Step] = {}
    rest = sorted((c for c in courses if c.spans), key=lambda c: (c.start or 0, c.ingredient))
    while rest:
        first, *rest = rest
        partners = [course for course in rest if _together(first, course, rule)]
        if partners:
            members = (first, *partners)
            step = Step(first.ingredient, tuple((c.ingredient, c.start or 0) for c in members))
            steps.update({id(course): step for course in members})
            rest = [course for course in rest if course not in partners]
    return steps


def _together(one: Course, other: Course, rule: Combination) -> bool:
    if one.ingredient == other.ingredient or one.start is None or other.start is None:
        return False
    if one.end is None or other.end is None or other.start - one.start > rule.start_days:
        return False
    overlap = min(one.end, other.end) - max(one.start, other.start) + 1
    shorter = min(one.end - one.start, other.end - other.start) + 1
    return overlap >= rule.overlap * shorter
