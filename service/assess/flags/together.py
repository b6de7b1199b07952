"""What comes together: findings that plan a treatment alone and decide about it side by side (R14.28)."""

from collections.abc import Sequence
from dataclasses import replace

from mappings.flags import Together
from service.assess.flags.hits import Hit
from service.clinical.assessment import Weight


def deciding_marks(hits: Sequence[Hit], rules: Sequence[Together]) -> frozenset[str]:
    """Return the marks by which the rules make a finding decide: those of every rule that is met."""
    shown = frozenset().union(*(one.marks for one in hits))
    met = (rule.marks for rule in rules if rule.marks <= shown and _different(hits, rule) >= rule.drugs)
    return frozenset().union(*met)


def decided(hits: tuple[Hit, ...], marks: frozenset[str]) -> tuple[Hit, ...]:
    """Return the hits, those that carry one of `marks` with clinical weight."""
    return tuple(one if one.marks.isdisjoint(marks) else replace(one, weight=Weight.CLINICAL) for one in hits)


def _different(hits: Sequence[Hit], rule: Together) -> int:
    """How many different medicines carry a mark of the rule; products that share an ingredient are one."""
    products = {one.drug for one in hits if one.drug and not one.marks.isdisjoint(rule.marks)}
    known: set[str] = set()
    count = 0
    for product in sorted(products, key=len):
        count += known.isdisjoint(product)
        known.update(product)
    return count
