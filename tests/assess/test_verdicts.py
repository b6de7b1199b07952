"""What a course counts as where the record leaves its days open."""

import pytest

from service.assess import assess
from service.clinical.assessment import Shortfall, Trial
from service.clinical.facts import PatientFacts, SourceKind
from service.clinical.partial_date import PartialDate, on
from tests.assess.course_facts import D0, KNOWLEDGE, ago, month, taken


def open_order(start: PartialDate) -> Trial:
    """The ledger entry of an order of sertraline 100 mg without end or supply."""
    order = taken(SourceKind.ORDER, 100.0, start, status="active")
    (entry,) = assess(
        PatientFacts(person=None, exposures=(order,), lists={}), KNOWLEDGE, "default", D0
    ).trials
    return entry


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (ago(27), Shortfall.IN_PROGRESS),
        (ago(28), Shortfall.P_DUR),
        (month(D0.year, D0.month - 1), Shortfall.P_DUR),
        (PartialDate(on(D0).first.replace(month=1, day=1), D0), Shortfall.P_DUR),
    ],
    ids=["27 days", "28 days", "last month", "this year"],
)
def test_an_open_order_may_be_as_old_as_its_date_allows(start: PartialDate, reason: Shortfall) -> None:
    """Only what is surely younger than 28 days is in progress; how long the rest was taken is unknown."""
    assert open_order(start).reason is reason
