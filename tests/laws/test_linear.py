"""No assessment takes more steps than its input grows: a record of twice the size costs twice as much.

Steps are counted, not time: lines of Python begun, again in each round of a loop.
"""

import pytest

from mappings.knowledge import load_knowledge
from service.answer.read import read_document
from service.assess import assess
from tests.laws.growing import DAY, GROWING, counted, record

KNOWLEDGE = load_knowledge()
ENTRIES = 40
ROOM = 1.25  # n log n, and lists that only begin to grow: the square of the input would be 2


def steps(kind: str, number: int) -> int:
    """The steps of an assessment of a record with so many entries of a kind."""
    facts = read_document(record(kind, number), KNOWLEDGE, DAY).facts
    assess(facts, KNOWLEDGE, "default", DAY)  # what is remembered of entries is no part of the growth
    with counted() as taken:
        assess(facts, KNOWLEDGE, "default", DAY)
    return taken.taken


@pytest.mark.parametrize("kind", GROWING)
def test_an_assessment_grows_with_its_input(kind: str) -> None:
    """The second half of a record costs as much for each entry as the first."""
    once, twice, four_times = (steps(kind, ENTRIES * times) for times in (1, 2, 4))
    assert four_times - twice <= 2 * ROOM * max(twice - once, 1000), (once, twice, four_times)


def test_steps_are_counted() -> None:
    """What costs the square of its input is found."""
    taken = []
    for number in (ENTRIES, 2 * ENTRIES, 4 * ENTRIES):
        with counted() as found:
            sum(1 for one in range(number) for other in range(number) if one == other)
        taken.append(found.taken)
    assert taken[2] - taken[1] > 2 * ROOM * (taken[1] - taken[0])
