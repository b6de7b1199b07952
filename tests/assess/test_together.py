"""Medicines that decide together: how many different ones there are."""

from dataclasses import replace

import pytest

from service.assess.flags.hits import Hit
from service.assess.flags.together import deciding_marks
from tests.assess.flag_facts import FLAGS

RULE = replace(FLAGS.together[0], marks=frozenset({"opioid"}), drugs=2)


def taken(*drug: str) -> Hit:
    """A medicine that counts."""
    return Hit(esketamine=None, ketamine=None, text="", evidence=(), marks=RULE.marks, drug=drug)


@pytest.mark.parametrize(
    ("products", "met"),
    [
        ([("a",)], False),
        ([("a",), ("a",)], False),
        ([("a",), ("b",)], True),
        ([("a", "b")], False),
        ([("a",), ("a", "b")], False),
        ([("a", "b"), ("a",), ("b",)], True),
    ],
)
def test_a_shared_ingredient_counts_once(products: list[tuple[str, ...]], met: bool) -> None:
    """And the product that shares it hides none that stands alone."""
    found = deciding_marks([taken(*product) for product in products], [RULE])
    assert found == (RULE.marks if met else frozenset())
