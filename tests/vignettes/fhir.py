"""What all resources of a vignette share: the day, the dialect, codes, references."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any

from tests.vignettes.cases import codes

Json = dict[str, Any]
CODES = codes()
PATIENT = "vignette"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
TERMS = "http://terminology.hl7.org/CodeSystem/"
SYSTEMS = {
    r"\d{6,18}": "http://snomed.info/sct",
    r"[A-TV-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?": "http://hl7.org/fhir/sid/icd-10-cm",
    r"[A-Z]\d{4}": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    r"[0-9A-Z]{7}": "http://www.cms.gov/Medicare/Coding/ICD10",
}


class Dialect(Enum):
    """PLAIN is as in textbooks, the others as records arrive; all mean the same."""

    PLAIN = "plain"
    AWKWARD = "awkward"
    SPARSE = "sparse"


@dataclass(frozen=True, kw_only=True, slots=True)
class Writer:
    """Writes on one evaluation day in one dialect."""

    day: date
    dialect: Dialect

    def when(self, text: str) -> str:
        """`D-400`, `D-3 14:00` or a date as written, as a FHIR dateTime."""
        at, _, clock = text.partition(" ")
        written = self.date(at)
        if clock:
            return f"{written}T{clock}:00-05:00"
        late = self.dialect is Dialect.AWKWARD and at.startswith("D-")
        return f"{written}T23:30:00-05:00" if late else written

    def date(self, text: str) -> str:
        """`D-400`, `~D-400` (the month of that day) or a date as written, as a FHIR date."""
        if text.startswith("~"):
            return self.date(text[1:])[:7]
        return (self.day + timedelta(days=offset(text))).isoformat() if text.startswith("D") else text


def offset(text: str) -> int:
    """Days from the evaluation day: `D-400` is -400, `D0` is 0."""
    return int(text[1:])


def subject() -> Json:
    """The reference to the one patient."""
    return {"reference": f"Patient/{PATIENT}"}


def concept(text: str) -> Json:
    """`F33.2 Major depressive ...` is code and name; anything else is a name alone."""
    first, _, rest = text.partition(" ")
    for pattern, system in SYSTEMS.items():
        if rest and re.fullmatch(pattern, first):
            return {"coding": [{"system": system, "code": first, "display": rest}], "text": rest}
    return {"text": text}


def coded(system: str, code: str, name: str) -> Json:
    """A code with its name, or the name alone where there is no code."""
    coding = {"coding": [{"system": system, "code": code, "display": name}]} if code else {}
    return {**coding, "text": name}


def state(system: str, code: str) -> Json:
    """A clinical or verification status of HL7."""
    return {"coding": [{"system": TERMS + system, "code": code}]}


def quantity(value: float, unit: str) -> Json:
    """A UCUM quantity; whole numbers are written without a point."""
    return {"value": whole(value), "unit": unit, "system": UCUM, "code": unit}


def whole(value: float) -> float:
    """4.0 as 4."""
    return int(value) if value == int(value) else value
