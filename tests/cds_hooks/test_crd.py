"""What clients of Da Vinci Coverage Requirements Discovery may configure, and what cards then say."""

from typing import Any

import pytest

from cds_hooks.crd import Switch, associated, options, turned_off

SWITCH = Switch(code="tetanus", name="Tetanus", description="Cards about boosters.")


def test_a_kind_of_card_is_offered_as_a_switch() -> None:
    """As CRD lists a configuration option: a boolean that is on unless a client says otherwise."""
    assert options([SWITCH]) == {
        "davinci-crd.configuration-options": [
            {
                "code": "tetanus",
                "type": "boolean",
                "name": "Tetanus",
                "description": "Cards about boosters.",
                "default": True,
            }
        ]
    }


@pytest.mark.parametrize(
    ("configuration", "off"),
    [
        (b'{"tetanus": false, "measles": true, "polio": null, "mumps": 0}', {"tetanus"}),
        (b'{"tetanus": false, "mumps": false}', {"tetanus", "mumps"}),
        (b"{}", set()),
        (b"[]", set()),
        (b'"tetanus"', set()),
        (None, set()),
    ],
)
def test_only_what_is_false_is_turned_off(configuration: bytes | None, off: set[str]) -> None:
    """Whatever else stands there turns nothing off."""
    assert turned_off({"davinci-crd.configuration": configuration, "other": b'{"polio": false}'}) == off


@pytest.mark.parametrize(
    ("orders", "linked"),
    [
        ((), {}),
        (("MedicationRequest/2", "MedicationRequest/1"), ["MedicationRequest/2", "MedicationRequest/1"]),
        (("MedicationRequest/1", "MedicationRequest/1"), ["MedicationRequest/1"]),
    ],
)
def test_a_card_names_its_orders_once(orders: tuple[str, ...], linked: Any) -> None:
    """In the order in which they came; a card about none has no extension."""
    expected = {"davinci-crd.associated-resource": [{"reference": one} for one in linked]}
    assert associated(orders) == (expected if linked else {})
