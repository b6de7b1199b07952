"""Findings that are for planning alone but decide in combination (R14.28)."""

from collections.abc import Sequence

from msgspec.structs import replace

from mappings.flags import Together
from service.assess.flags.hits import Hit
from service.clinical.assessment import Weight


def deciding_marks(hits: Sequence[Hit], rules: Sequence[Together]) -> frozenset[str]:
    """Return the marks of every combination rule that is met."""
    shown = frozenset().union(*(hit.marks for hit in hits))
    met = (rule.marks for rule in rules if rule.marks <= shown and _different(hits, rule) >= rule.drugs)
    return frozenset().union(*met)


def decided(hits: tuple[Hit, ...], marks: frozenset[str]) -> tuple[Hit, ...]:
    """Return the hits, giving clinical weight to those with one of `marks`."""
    return tuple(hit if hit.marks.isdisjoint(marks) else replace(hit, weight=Weight.CLINICAL) for hit in hits)


def _different(hits: Sequence[Hit], rule: Together) -> int:
    """Return the number of different medicines with a mark of the rule; a shared ingredient counts once."""
    products = {hit.drug for hit in hits if hit.drug and not hit.marks.isdisjoint(rule.marks)}
    known: set[str] = set()
    count = 0
    for product in sorted(products, key=len):
        count += known.isdisjoint(product)
        known.update(product)
    return count
