"""Fills that were reported twice, or taken back."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mappings.terminology import Product
from service.clinical.facts import Dose, Exposure, SourceKind
from service.clinical.partial_date import on
from service.normalise.fills import real_fills

FIRST = date(2026, 1, 1)
STRONG = Product(ingredients=("sertraline",), strengths=(100.0,), unit="tablet", form="IR")
WEAK = Product(ingredients=("sertraline",), strengths=(50.0,), unit="tablet", form="IR")
UNKNOWN = Product(ingredients=("sertraline",), strengths=(), unit="", form="")


def fill(
    name: str, day: int, days: int | None = 30, quantity: float | None = 30.0, product: Product = STRONG
) -> Exposure:
    """A fill of sertraline on a day."""
    return Exposure(
        reference=name,
        source=SourceKind.DISPENSE,
        ingredient="sertraline",
        product=product,
        status="completed",
        start=on(FIRST + timedelta(days=day)),
        supply_days=days,
        quantity=quantity,
        doses=(Dose(daily_mg=100.0),),
    )


def names(fills: Sequence[Exposure]) -> list[str]:
    """The names of those that are left."""
    return [one.reference for one in real_fills(fills)]


def reversal(name: str, day: int, **changes: object) -> Exposure:
    """A fill of sertraline that was taken back."""
    return replace(fill(name, day), reversal=True, **changes)


@pytest.mark.parametrize(
    ("other", "left"),
    [
        (fill("b", 0), 1),
        (fill("b", 0, days=None), 1),
        (fill("b", 0, quantity=None), 1),
        (fill("b", 0, quantity=60.0), 1),
        (fill("b", 0, days=60, quantity=60.0), 2),
        (fill("b", 0, product=UNKNOWN), 1),
        (fill("b", 0, product=WEAK), 2),
        (fill("b", 1), 2),
        (fill("b", 0, days=None, quantity=None), 2),
    ],
    ids=[
        "the same",
        "the same quantity",
        "the same days",
        "the same days, another quantity",
        "another amount",
        "strength and form unknown",
        "another strength",
        "another day",
        "no amount",
    ],
)
def test_the_same_fill_is_one(other: Exposure, left: int) -> None:
    """Product, day, and quantity or days tell a fill; what is not known of a product fits every one."""
    assert len(names([fill("a", 0), other])) == len(names([other, fill("a", 0)])) == left


@pytest.mark.parametrize(
    ("taken_back", "left"),
    [
        (reversal("r", 30), ["a"]),
        (reversal("r", 29), ["b"]),
        (reversal("r", 45), ["a"]),
        (reversal("r", 30, supply_days=None), ["a"]),
        (reversal("r", 30, quantity=None, supply_days=14), ["a", "b"]),
        (reversal("r", 30, product=WEAK), ["a", "b"]),
        (reversal("r", 30, product=UNKNOWN), ["a"]),
    ],
    ids=["its day", "before it", "later", "by quantity", "another amount", "another strength", "unknown"],
)
def test_a_reversal_takes_its_fill_away(taken_back: Exposure, left: list[str]) -> None:
    """The latest fill of the product and amount, not after the reversal."""
    assert names([fill("a", 0), fill("b", 30), taken_back]) == left


_DAYS = st.lists(st.integers(0, 400), min_size=1, max_size=12, unique=True)


@given(_DAYS, st.data())
@settings(max_examples=40, deadline=None)
def test_what_was_reported_twice_and_what_was_reversed_changes_nothing(
    days: list[int], data: st.DataObject
) -> None:
    """A second report leaves the fills as they are; a fill with its reversal is as if it had never been."""
    fills = [fill(f"fill-{day}", day) for day in days]
    again = data.draw(st.sampled_from(fills))
    assert names([*fills, replace(again, reference="~again")]) == names(fills)
    others = [one for one in fills if one is not again]
    assert names([*fills, replace(again, reference="r", reversal=True)]) == names(others)
