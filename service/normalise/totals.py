"""Totals of depression scales: read where they are totals, named where they only look so."""

from collections.abc import Iterable

from mappings.measurements import PHQ9_ITEMS
from mappings.remarks import Remark, say
from mappings.severity import Scale, ScaleId
from service.clinical.facts import Score, Unreadable
from service.clinical.when import When
from service.normalise.context import Context, unreadable
from service.normalise.values import Valued, answer, number


def scale_of(concept: str, context: Context) -> Scale | None:
    """Return the scale of which a concept is the total; a total under the code of its panel is one too."""
    scales = context.tables.scales
    if concept.startswith("scale:"):
        return scales[concept.removeprefix("scale:")]
    return next((s for s in scales.values() if concept and concept in (s.concept, s.panel)), None)


def is_item(concept: str) -> bool:
    """Tell whether a concept is an item of the PHQ-9, which means nothing but as a part of the total."""
    return concept in PHQ9_ITEMS


def take_total(
    label: str,
    day: When,
    scale: Scale,
    valued: Valued,
    scores: list[Score],
    unread_scores: list[When | None],
    unread: list[Unreadable],
) -> None:
    """Take up a total that the scale allows; another value is listed."""
    total = number(valued)
    if total is None or not 0 <= total <= scale.highest:
        unread.append(unreadable(label, say(Remark.NO_TOTAL, scale=scale.id)))
        unread_scores.append(day)
    else:
        scores.append(Score(reference=label, when=day, scale=scale.id, total=total))


def total_of_items(
    label: str, day: When, given: Iterable[tuple[str, Valued]], context: Context, scores: list[Score]
) -> None:
    """Take up the PHQ-9 total of all nine items, where no total is stated; never of fewer."""
    items = {q: answer(valued, "phq9", context.tables.measurements) for q, valued in given if q in PHQ9_ITEMS}
    values = [value for value in items.values() if value is not None]
    stated = any(score.reference == label for score in scores)
    if len(values) == len(PHQ9_ITEMS) and not stated:
        scores.append(Score(reference=label, when=day, scale=ScaleId.PHQ9, total=float(sum(values))))
