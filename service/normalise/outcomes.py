"""The outcomes of reading one resource: facts, or the reason for none, by class."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, TypeAlias, TypeVar

from msgspec import Struct

from mappings.remarks import Remark, say
from service.clinical.facts import (
    Allergy,
    BloodPressure,
    Exposure,
    Ignored,
    Intervention,
    Lab,
    LostAnswer,
    Manner,
    OtherMedicine,
    Problem,
    RiskAnswer,
    Score,
    ServiceOrder,
    SetAside,
    Unreadable,
)
from service.clinical.partial_date import PartialDate


class OtherFill(Struct, frozen=True, gc=False):
    """The dispense of a medicine that no rule knows: it shows that the record holds dispenses."""

    when: PartialDate


class HalfPressure(Struct, frozen=True, gc=False):
    """A systolic or diastolic value in an Observation of its own."""

    reference: str
    when: PartialDate
    systolic: bool
    value: float
    manner: Manner = Manner.CODE


class ObservedRisk(Struct, frozen=True, gc=False):
    """Suicide risk that an Observation states: a finding of one day, listed after the problems."""

    problem: Problem


class NotDone(Struct, frozen=True, gc=False):
    """A procedure that is recorded as not done."""

    procedure: Intervention


class LostScore(Struct, frozen=True, gc=False):
    """A depression score whose value or date could not be read."""

    when: PartialDate | None


Fact: TypeAlias = (
    Exposure
    | OtherMedicine
    | OtherFill
    | Problem
    | ObservedRisk
    | BloodPressure
    | HalfPressure
    | Score
    | LostScore
    | RiskAnswer
    | LostAnswer
    | Lab
    | Allergy
    | Intervention
    | NotDone
    | ServiceOrder
)
Outcome: TypeAlias = Fact | SetAside | Ignored | Unreadable
Kind = TypeVar("Kind", bound=Outcome)


def unreadable(reference: str, remark: Remark, **values: object) -> Unreadable:
    """Return the outcome of an entry that cannot be read in full."""
    return Unreadable(reference=reference, reason=say(remark, **values))


def later(reference: str, as_of: date) -> Ignored:
    """Return the outcome of an entry that is dated after the day of evaluation."""
    return Ignored(reference=reference, remark=Remark.LATER, values={"as_of": as_of})


def of_status(reference: str, status: str) -> Ignored:
    """Return the outcome of an entry whose status says that it did not happen."""
    return Ignored(reference=reference, remark=Remark.OF_STATUS, values={"status": status})


class Outcomes:
    """The outcomes of all resources by class, in their given order."""

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        """Sort the outcomes by class."""
        self._by_class: dict[type, list[Any]] = defaultdict(list)
        for outcome in outcomes:
            self._by_class[type(outcome)].append(outcome)

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Return the outcomes of one class."""
        return tuple(self._by_class[kind])
