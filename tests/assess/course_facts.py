"""Medicines and scores of the tests of the count, told from the day of evaluation backwards."""

import re
from datetime import date, timedelta
from itertools import count
from typing import Any

from mappings.knowledge import load_knowledge
from mappings.terminology import Product
from service.assess.trials.context import Dispenses, TrialContext
from service.assess.trials.courses import Course, courses, informed
from service.clinical.facts import Dose, Exposure, Score, SourceKind, StopKind, StopReason
from service.clinical.partial_date import PartialDate, on

D0 = date(2026, 11, 2)
KNOWLEDGE = load_knowledge()
CRITERIA = KNOWLEDGE.criteria["default"]
FRAME = TrialContext(
    criteria=CRITERIA,
    drugs=KNOWLEDGE.drugs,
    as_of=D0,
    dispenses=Dispenses(),
    child_pugh=re.compile(KNOWLEDGE.flags.liver.class_pattern),
)
NO_EFFECT = StopReason(text="ineffective", kind=StopKind.NO_EFFECT)
_numbers = count(1)


def ago(days: int) -> PartialDate:
    """The day `days` before the day of evaluation."""
    return on(D0 - timedelta(days=days))


def month(year: int, number: int) -> PartialDate:
    """A month, as a date that names no day means it."""
    following = date(year + number // 12, number % 12 + 1, 1)
    return PartialDate(date(year, number, 1), following - timedelta(days=1))


def tablets(ingredient: str, *strengths: float) -> Product:
    """An oral product of one ingredient."""
    return Product(ingredients=(ingredient,), strengths=strengths)


def taken(source: SourceKind, mg: float | None, start: PartialDate | None, **members: Any) -> Exposure:
    """Use of sertraline, unless `members` say otherwise."""
    given: dict[str, Any] = {
        "reference": f"{source}/{next(_numbers)}",
        "ingredient": "sertraline",
        "product": tablets("sertraline", 100.0),
        "status": "completed",
        "doses": () if mg is None else (Dose(daily_mg=mg),),
    }
    return Exposure(source=source, start=start, **{**given, **members})


def filled(days_ago: int, supply: int | None, mg: float | None = 100.0, **members: Any) -> Exposure:
    """A dispense."""
    return taken(SourceKind.DISPENSE, mg, ago(days_ago), supply_days=supply, **members)


def ordered(start: int, end: int | None, mg: float | None = 100.0, **members: Any) -> Exposure:
    """An order; `end` None: it states none."""
    last = None if end is None else ago(end)
    return taken(SourceKind.ORDER, mg, ago(start), end=last, **members)


def found(*exposures: Exposure) -> tuple[Course, ...]:
    """The courses of one ingredient."""
    rule = CRITERIA.duration
    return courses(informed(exposures, rule), rule, D0)


def score(total: float, days_ago: int, scale: str = "PHQ-9") -> Score:
    """A total of a depression scale."""
    return Score(reference=f"Observation/{next(_numbers)}", when=ago(days_ago), scale=scale, total=total)
