"""Cohen's kappa: as in textbooks, whoever reads first, in doubt about few verdicts, else silent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.validation.kappa import kappa

VERDICTS = st.sampled_from(["counted", "possible", "not-counted"])
PAIRS = st.lists(st.tuples(VERDICTS, VERDICTS), min_size=1, max_size=30)


def pairs(**cells: int) -> list[tuple[str, str]]:
    """Pairs of verdicts by how often they occur: `yn=5` is five times "y" and "n"."""
    return [(cell[0], cell[1]) for cell, number in cells.items() for _ in range(number)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pairs(yy=20, yn=5, ny=10, nn=15), 0.4),
        (pairs(yy=45, yn=15, ny=25, nn=15), 0.1304),
        (pairs(yy=25, yn=35, ny=5, nn=35), 0.2593),
        (pairs(yn=5, ny=5), -1.0),
    ],
    ids=["half and half", "two readers of a hundred", "the same agreement, other habits", "always the other"],
)
def test_examples_with_known_answers(given: list[tuple[str, str]], expected: float) -> None:
    """Worked examples that go round with the coefficient, by hand."""
    assert kappa(given).kappa == pytest.approx(expected, abs=1e-4)


def test_few_verdicts_leave_doubt() -> None:
    """Ten that all agree do not say that kappa is 1: the interval tells by how many they were."""
    few, many = kappa(pairs(yy=5, nn=5)), kappa(pairs(yy=500, nn=500))
    assert few.kappa == few.high == many.kappa == 1
    assert few.low == pytest.approx(0.4449, abs=1e-3)
    assert many.low == pytest.approx(0.9923, abs=1e-3)


@pytest.mark.parametrize("given", [[], pairs(yy=7)], ids=["nothing judged", "one verdict only"])
def test_no_kappa_without_a_chance_to_disagree(given: list[tuple[str, str]]) -> None:
    """It is not defined, which is neither 0 nor 1."""
    found = kappa(given)
    assert (found.kappa, found.low, found.high) == (None, None, None)
    assert (found.number, found.agreed) == (len(given), len(given))


@given(PAIRS)
def test_it_lies_within_its_interval_and_does_not_ask_who_is_who(given: list[tuple[str, str]]) -> None:
    """Between -1 and 1; the same when the readers change places and in any order."""
    found = kappa(given)
    assert found == kappa([(other, one) for one, other in reversed(given)])
    if found.kappa is not None and found.low is not None and found.high is not None:
        assert -1 <= found.low <= found.kappa <= found.high <= 1
