"""What all made-up resources share: patient, days, codes, and the mark that says that nobody is meant."""

from datetime import date
from functools import cache
from typing import Any

from msgspec import Raw
from msgspec.json import encode

from mappings.systems import SystemId, systems
from service.synth.history import History, dated

Json = dict[str, Any]

HL7 = "http://terminology.hl7.org/CodeSystem"
UCUM = "http://unitsofmeasure.org"
ICD10_GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
ATC_DE = "http://fhir.de/CodeSystem/bfarm/atc"

_TEST_DATA = {"system": f"{HL7}/v3-ActReason", "code": "HTEST", "display": "test health data"}
_MADE_UP = {"system": "urn:ketamine-cds", "code": "synthetic", "display": "Made up: nobody is meant"}
META = Raw(encode({"security": [_TEST_DATA], "tag": [_MADE_UP]}))


class Writer:
    """Writes the resources of one patient; `number` counts those of a kind."""

    def __init__(self, history: History, as_of: date) -> None:
        self.history = history
        self.german = history.dialect.id == "german"
        self.subject = {"reference": f"Patient/{history.person.id}"}
        self._as_of = as_of
        self._numbers: dict[str, int] = {}

    def resource(self, kind: str, members: Json, about: str = "subject") -> Json:
        """Return a resource with an id of its own."""
        number = self._numbers[kind] = self._numbers.get(kind, 0) + 1
        name = f"{self.history.person.id}-{_short(kind)}-{number}"
        return {"resourceType": kind, "id": name, "meta": META, about: self.subject, **members}

    def day(self, day: int) -> str:
        """Return the date of a day."""
        return dated(self._as_of, day)


@cache
def _short(kind: str) -> str:
    """Return the capitals of the name of a type, in small letters."""
    return "".join(letter for letter in kind if letter.isupper()).lower()


def split(row: str) -> tuple[str, str]:
    """Return code and name of a row."""
    code, _, name = row.partition(" ")
    return code, name


@cache
def coded(system: str, row: str) -> Raw:
    """Return a concept of a code and its name."""
    code, name = split(row)
    return Raw(encode({"coding": [{"system": system, "code": code, "display": name}], "text": name}))


@cache
def uri(system: SystemId) -> str:
    """Return the address of a code system."""
    return systems().system[system].uri


@cache
def status(system: str, code: str) -> Raw:
    """Return a concept of HL7's own code systems."""
    return Raw(encode({"coding": [{"system": f"{HL7}/{system}", "code": code}]}))


def quantity(value: float, unit: str) -> Json:
    """Return an amount in a unit of UCUM."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def days_of(value: int) -> Json:
    """Return a number of days."""
    return {"value": value, "unit": "days", "system": UCUM, "code": "d"}
