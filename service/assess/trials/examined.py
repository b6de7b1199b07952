"""One course of an antidepressant with all that is known about it."""

from msgspec import Struct

from mappings.drugs import Drug
from service.assess.trials.combinations import Step
from service.assess.trials.courses import Course, last_dose
from service.assess.trials.doses import DoseLimits
from service.assess.trials.measure import LimitsOf, Measure
from service.assess.trials.outcomes import Ending
from service.assess.trials.spans import Span
from service.clinical.assessment import Shortfall


class ExaminedCourse(Struct, frozen=True, kw_only=True, gc=False):
    """One course with all that is known about it; `step` when it belongs to a combined step."""

    course: Course
    drug: Drug
    limits_of: LimitsOf
    whole: Measure
    ending: Ending | None = None
    step: Step | None = None
    exclusion: Shortfall | None = None
    because: str = ""

    @property
    def takes_part(self) -> bool:
        """Tell whether the course can count: one of its days is at a dose that any source accepts."""
        return self.exclusion is None and (bool(self.whole.accepted) or _dosed_enough(self))


def _dosed_enough(examined: ExaminedCourse) -> bool:
    """Tell whether a course without countable days states a dose that can count."""
    stated = last_dose(examined.course)
    if examined.course.determined or stated is None or examined.course.start is None:
        return False
    return stated_limits(examined).accepts(stated.daily_mg)


def stated_limits(examined: ExaminedCourse) -> DoseLimits:
    """Return the dose limits of a course without countable days, for the product it states last."""
    return examined.limits_of(Span(0, 0, None, examined.course.exposures[-1].product, 0))
