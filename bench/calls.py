"""Makes the bodies of hook calls, of several shapes, from charts."""

import json
import uuid
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from bench.charts import PATIENT, RXNORM, SUBJECT, ChartMaker, Json

PERSON: Json = {"resourceType": "Patient", "id": PATIENT, "gender": "female", "birthDate": "1980-05-17"}
KEYS = {
    "allergies": "AllergyIntolerance",
    "conditions": "Condition",
    "medicationRequests": "MedicationRequest",
    "medicationDispenses": "MedicationDispense",
    "medicationStatements": "MedicationStatement",
    "observations": "Observation",
}
"""The prefetch keys of this service that the charts fill."""
EMPTY_KEYS = (
    "observations2", "medicationAdministrations", "surveys", "questionnaireResponses", "procedures",
    "serviceRequests", "deviceUses", "encounters",
)  # fmt: skip
"""Further keys: what the EHR was asked for and has nothing of."""
AGENT = ("2119381", "esketamine 140 MG/ML Nasal Spray")
UNRELATED = ("197361", "amlodipine 5 MG Oral Tablet")
NARRATIVE = 6  # times as much text
SMALL = 5  # resources in a small bundle
COURSES = 3  # of antidepressants, unless the shape says otherwise


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """The body of one call, and the hook it is for."""

    hook: str
    body: bytes


def searchset(resources: list[Json]) -> Json:
    """A page as FHIR servers answer a search."""
    entries = [
        {"fullUrl": f"https://ehr.example.org/fhir/{each['resourceType']}/{each['id']}", "resource": each,
         "search": {"mode": "match"}}
        for each in resources
    ]  # fmt: skip
    link = {"relation": "self", "url": f"https://ehr.example.org/fhir/Resource?patient={PATIENT}"}
    return {
        "resourceType": "Bundle", "type": "searchset", "total": len(entries), "link": [link],
        "entry": entries,
    }  # fmt: skip


def call(prefetch: Json, order: tuple[str, str] | None = None, **members: Any) -> Call:
    """A call with this prefetch: of order-sign for an order of this code and name, else of patient-view."""
    context: Json = {"userId": "Practitioner/1", "patientId": PATIENT}
    if order:
        context["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": _draft(*order)}]}
    hook = "order-sign" if order else "patient-view"
    content = {"hook": hook, "hookInstance": str(uuid.UUID(int=7)), "context": context, "prefetch": prefetch}
    return Call(hook=hook, body=json.dumps(content | members, separators=(",", ":")).encode())


def _draft(code: str, name: str) -> Json:
    medicine = {"coding": [{"system": RXNORM, "code": code, "display": name}], "text": name}
    return {
        "resourceType": "MedicationRequest", "id": "draft-1", "status": "draft", "intent": "order",
        "medicationCodeableConcept": medicine, "subject": SUBJECT,
    }  # fmt: skip


def prefetched(chart: dict[str, list[Json]]) -> Json:
    """A prefetch in which every key came."""
    empty = {key: searchset([]) for key in EMPTY_KEYS}
    return {"patient": PERSON} | {key: searchset(chart[kind]) for key, kind in KEYS.items()} | empty


class Shapes:
    """Calls by the name of their shape; each takes the number of resources and the seed of the chart."""

    def __init__(self, today: date) -> None:
        self._maker = partial(ChartMaker, today)

    def opened(self, resources: int, seed: int = 1) -> Call:
        """A chart is opened, everything prefetched."""
        return call(prefetched(self._maker(seed, courses=COURSES).chart(resources)))

    def signed(self, resources: int, seed: int = 1) -> Call:
        """An order of the agent is signed, everything prefetched."""
        return call(prefetched(self._maker(seed, courses=COURSES).chart(resources)), AGENT)

    def unrelated(self, resources: int, seed: int = 1) -> Call:
        """An order is signed that is none of this service's business."""
        return call(prefetched(self._maker(seed, courses=COURSES).chart(resources)), UNRELATED)

    def narrative(self, resources: int, seed: int = 1) -> Call:
        """Each resource has a long narrative text."""
        return call(prefetched(self._maker(seed, courses=COURSES, narrative=NARRATIVE).chart(resources)))

    def small_bundles(self, resources: int, seed: int = 1) -> Call:
        """The observations come as many small bundles in one, as batch answers do."""
        prefetch = prefetched(chart := self._maker(seed, courses=COURSES).chart(resources))
        found = chart["Observation"]
        pages = [searchset(found[at : at + SMALL]) for at in range(0, len(found), SMALL)]
        answers = [{"resource": page, "response": {"status": "200 OK"}} for page in pages]
        prefetch["observations"] = {"resourceType": "Bundle", "type": "batch-response", "entry": answers}
        return call(prefetch)

    def malformed(self, resources: int, seed: int = 1) -> Call:
        """One entry is not of the type that FHIR defines."""
        chart = self._maker(seed, courses=COURSES).chart(resources)
        chart["Observation"][-1]["code"] = "not a concept"
        return call(prefetched(chart))

    def mixed(self, resources: int, seed: int = 1) -> Call:
        """All types come in one bundle, under a key of their own."""
        chart = self._maker(seed, courses=COURSES).chart(resources)
        together = [each for kind in chart.values() for each in kind]
        keys = {key: searchset([]) for key in (*KEYS, *EMPTY_KEYS)}
        return call({"patient": PERSON} | keys | {"record": searchset(together)})

    def null_keys(self, resources: int, seed: int = 1) -> Call:
        """What the EHR has nothing of is null."""
        prefetch = prefetched(self._maker(seed, courses=COURSES).chart(resources))
        return call(prefetch | dict.fromkeys(EMPTY_KEYS))

    def courses(self, resources: int, seed: int = 1, *, number: int) -> Call:
        """The chart holds so many antidepressant courses."""
        return call(prefetched(self._maker(seed, courses=number).chart(resources)))

    def unseen(self, resources: int, seed: int = 1) -> Call:
        """Names, sentences and texts that no other seed has, without codes."""
        return call(prefetched(self._maker(seed, courses=COURSES, unseen=True).chart(resources)))

    def missing_keys(self, resources: int, server: str, seed: int = 1) -> Call:
        """Six lists did not come; the FHIR server has them."""
        prefetch = {key: searchset([]) for key in EMPTY_KEYS} | {"patient": PERSON}
        leave = {
            "access_token": "made-up", "token_type": "Bearer", "expires_in": 300,
            "scope": "patient/*.read", "subject": "ketamine-cds",
        }  # fmt: skip
        return call(prefetch, fhirServer=server, fhirAuthorization=leave)
