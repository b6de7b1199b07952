"""What the tables of quirks are written with: a quirk, and small ways of changing a record."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.vignettes.fhir import RXNORM, UCUM, coded, subject

Json = dict[str, Any]
Change = Callable[[Json], None]
"""Changes a resource, a request or an element of them in place."""

DAY = date(2026, 11, 2)
ORDERS = "MedicationRequest"
FILLS = "MedicationDispense"
SUPPLIED = f"{ORDERS} {FILLS}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quirk:
    """One way in which real records or requests are odd.

    `row` is the section and number of the survey of real data. `same`: what is said stays as it was, so
    the whole assessment must. `tells` is what the answer must name: a flag, a gap, a shortfall or the
    reference of an unreadable entry. `cards` are the topics of the hook's cards, where they do not follow
    from the assessment; `status` is that of both answers, unless `assessed` is that of /assessments.
    """

    row: str
    says: str
    rewrite: Change
    same: bool = False
    tells: str = ""
    cards: tuple[str, ...] | None = None
    status: int = 200
    assessed: int | None = None


def same(row: str, says: str, rewrite: Change) -> Quirk:
    """A quirk that changes nothing of what the record says."""
    return Quirk(row=row, says=says, rewrite=rewrite, same=True)


def other(row: str, says: str, rewrite: Change, tells: str = "") -> Quirk:
    """A quirk by which something becomes unknown, or is said besides; `tells` is what must be named."""
    return Quirk(row=row, says=says, rewrite=rewrite, tells=tells)


def ago(days: int, clock: str = "") -> str:
    """The day that many days before the day of assessment, with a time of day behind it."""
    return f"{DAY - timedelta(days=days)}{clock}"


def resources(record: Json, kinds: str = "") -> list[Json]:
    """The resources of a Bundle; of the types named in `kinds`, if any are."""
    found = [entry["resource"] for entry in record["entry"]]
    return [one for one in found if not kinds or one["resourceType"] in kinds.split()]


def each(kinds: str, *changes: Change) -> Change:
    """Change every resource of the types named."""

    def rewrite(record: Json) -> None:
        for resource in resources(record, kinds):
            in_turn(*changes)(resource)

    return rewrite


def add(*added: Json) -> Change:
    """Add resources to a record."""

    def rewrite(record: Json) -> None:
        record["entry"] += [{"resource": copy.deepcopy(one)} for one in added]

    return rewrite


def remove(kinds: str) -> Change:
    """Take every resource of the types named out of a record."""

    def rewrite(record: Json) -> None:
        record["entry"] = [e for e in record["entry"] if e["resource"]["resourceType"] not in kinds.split()]

    return rewrite


def in_turn(*changes: Change) -> Change:
    """One change after the other."""

    def rewrite(element: Json) -> None:
        for change in changes:
            change(element)

    return rewrite


def inside(path: str, *changes: Change) -> Change:
    """Change every element at a path of member names, through lists."""

    def rewrite(element: Json) -> None:
        for found in list(_at(element, path.split("."))):
            in_turn(*changes)(found)

    return rewrite


def _at(element: Any, names: list[str]) -> Iterator[Json]:
    if isinstance(element, list):
        for item in element:
            yield from _at(item, names)
    elif isinstance(element, dict) and not names:
        yield element
    elif isinstance(element, dict) and names[0] in element:
        yield from _at(element[names[0]], names[1:])


def put(**members: Any) -> Change:
    """Give an element these members."""
    return lambda element: element.update(copy.deepcopy(members))


def drop(*names: str) -> Change:
    """Take members away."""

    def rewrite(element: Json) -> None:
        for name in names:
            element.pop(name, None)

    return rewrite


def move(old: str, new: str) -> Change:
    """Give a member another name."""

    def rewrite(element: Json) -> None:
        if old in element:
            element[new] = element.pop(old)

    return rewrite


def edit(name: str, edited: Callable[[Any], Any]) -> Change:
    """Write a member, where there is one, anew."""

    def rewrite(element: Json) -> None:
        if name in element:
            element[name] = edited(element[name])

    return rewrite


def where(is_meant: Callable[[Json], bool], *changes: Change) -> Change:
    """Change an element only if it is one that is meant."""

    def rewrite(element: Json) -> None:
        if is_meant(element):
            in_turn(*changes)(element)

    return rewrite


def first(text: str) -> Callable[[Any], list[Any]]:
    """Put a coding of this local code before the codings that are there."""
    return lambda codings: [{"system": "urn:oid:1.2.840.114350.1.13.999", "code": text}, *codings]


def made(kind: str, name: str, **members: Any) -> Json:
    """A resource about the patient, under an id that no vignette uses."""
    about = "patient" if kind == "AllergyIntolerance" else "subject"
    return {"resourceType": kind, "id": name, about: subject(), **members}


def order(name: str, code: str, drug: str, **members: Any) -> Json:
    """An order of an RxNorm drug, active, with a date, taken once a day."""
    usual = {"status": "active", "intent": "order", "authoredOn": ago(250)}
    return made(ORDERS, name, medicationCodeableConcept=coded(RXNORM, code, drug), **(usual | members))


def bounded(start: int, end: int, mg: float) -> list[Json]:
    """Directions: so many mg once a day between two days ago."""
    period = {"start": ago(start), "end": ago(end)}
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d", "boundsPeriod": period}
    dose = {"value": mg, "unit": "mg", "system": UCUM, "code": "mg"}
    return [{"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": dose}]}]
