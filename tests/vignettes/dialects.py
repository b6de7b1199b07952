"""The ways in which records are written that mean the same, as changes to a plainly written resource."""

from typing import Any

from tests.vignettes.fhir import Dialect, Json

ASSUMED = {"clinicalStatus": "active", "verificationStatus": "confirmed"}  # what a silent record means


def rewritten(resource: Json, n: int, dialect: Dialect) -> list[Json]:
    """The resource in the dialect, with what it refers to now."""
    if dialect is Dialect.AWKWARD:
        return by_reference(resource, n)
    return [sparse(resource)] if dialect is Dialect.SPARSE else [resource]


def by_reference(resource: Json, n: int) -> list[Json]:
    """The medicine of a resource as a Medication: contained and separate by turns."""
    if "medicationCodeableConcept" not in resource:
        return [resource]
    rest = {key: value for key, value in resource.items() if key != "medicationCodeableConcept"}
    named = resource["medicationCodeableConcept"]
    code = {"coding": named["coding"]} if "coding" in named else named
    drug: Json = {"resourceType": "Medication", "id": f"medicine-{n}", "code": code}
    if n % 2:
        return [{**rest, "contained": [drug], "medicationReference": {"reference": f"#{drug['id']}"}}]
    return [{**rest, "medicationReference": {"reference": f"Medication/{drug['id']}"}}, drug]


def sparse(resource: Json) -> Json:
    """No displays, no text beside a code, no usual status, no units of pressure, directions in words."""
    if resource["resourceType"] == "AllergyIntolerance":
        return resource
    bare: Json = _codes_alone(resource)
    for name, usual in ASSUMED.items():
        if name in bare and bare[name]["coding"][0]["code"] == usual:
            del bare[name]
    for name in ("dosageInstruction", "dosage"):
        if isinstance(bare.get(name), list):
            bare[name] = [_in_words(dose) for dose in bare[name]]
    for part in bare.get("component", []):
        part["valueQuantity"] = {"value": part["valueQuantity"]["value"]}
    return bare


def _codes_alone(value: Any) -> Any:
    if isinstance(value, list):
        return [_codes_alone(item) for item in value]
    if not isinstance(value, dict):
        return value
    name = "text" if "coding" in value else "display" if "code" in value else ""
    return {key: _codes_alone(item) for key, item in value.items() if key != name}


def _in_words(dose: Json) -> Json:
    """The directions as text; the days of use, and that it is taken as needed, stay structured."""
    bounds = dose["timing"]["repeat"].get("boundsPeriod")
    timing = {"timing": {"repeat": {"boundsPeriod": bounds}}} if bounds else {}
    needed = {key: dose[key] for key in ("asNeededBoolean",) if key in dose}
    return {"text": dose["text"], **timing, **needed}
