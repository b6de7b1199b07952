"""Totals of depression scales: read where valid, reported where not."""

from collections.abc import Iterable, Iterator

from mappings.measurements import PHQ9_ITEMS
from mappings.reading import ReadingTables
from mappings.remarks import Remark
from mappings.severity import Scale, ScaleId
from service.clinical.facts import Score, Unreadable
from service.clinical.partial_date import PartialDate
from service.normalise.context import Context
from service.normalise.outcomes import LostScore, unreadable
from service.normalise.values import Valued, answer, number


def scale_of(concept: str, tables: ReadingTables) -> Scale | None:
    """Return the scale whose total a concept is; the code of its panel counts too."""
    scales = tables.scales
    if concept.startswith("scale:"):
        return scales[concept.removeprefix("scale:")]
    return next((s for s in scales.values() if concept and concept in (s.concept, s.panel)), None)


def is_item(concept: str) -> bool:
    """Tell whether a concept is an item of the PHQ-9, which only counts in the total."""
    return concept in PHQ9_ITEMS


def total(
    label: str, day: PartialDate, scale: Scale, valued: Valued
) -> Iterator[Score | LostScore | Unreadable]:
    """Yield a total that the scale allows; any other value is reported as lost."""
    stated = number(valued)
    if stated is None or not 0 <= stated <= scale.highest:
        yield unreadable(label, Remark.NO_TOTAL, scale=scale.id)
        yield LostScore(day)
    else:
        yield Score(reference=label, when=day, scale=scale.id, total=stated)


def total_of_items(
    label: str, day: PartialDate, given: Iterable[tuple[str, Valued]], context: Context
) -> Iterator[Score]:
    """Add up all nine items of the PHQ-9, never fewer."""
    items = {q: answer(valued, "phq9", context.tables.measurements) for q, valued in given if q in PHQ9_ITEMS}
    values = [value for value in items.values() if value is not None]
    if len(values) == len(PHQ9_ITEMS):
        yield Score(reference=label, when=day, scale=ScaleId.PHQ9, total=float(sum(values)))
