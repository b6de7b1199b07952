"""Turns a case into FHIR R4: a Bundle of the patient's resources, or a CDS Hooks request.

The same case is written in three ways that mean the same: PLAIN as in textbooks, and two as records arrive:
AWKWARD (Medication resources beside and inside the order, `urn:uuid:` references, tablets instead of mg,
SNOMED CT instead of ICD-10-CM, integers as scores, blood pressure in two halves, late evening in
another time zone) and SPARSE (codes without names, directions in words, no status, no units).
"""

import copy
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from tests.vignettes.cases import Case, Row
from tests.vignettes.dialects import rewritten
from tests.vignettes.fhir import CODES, PATIENT, RXNORM, Dialect, Json, Writer, coded, concept, state, subject
from tests.vignettes.measurements import measurements, observation
from tests.vignettes.medicines import course, draft

SERVER = "https://ehr.example.org/fhir"
TRIALS = {
    "S": {"drug": "sertraline", "mg/day": "100", "from": "D-400", "to": "D-311", "PHQ-9": "21 to 19"},
    "V": {"drug": "venlafaxine XR", "mg/day": "150", "from": "D-300", "to": "D-201", "PHQ-9": "20 to 18"},
}
DEPRESSION = "F33.2 Major depressive disorder, recurrent severe without psychotic features"


def bundle(case: Case, day: date, dialect: Dialect = Dialect.PLAIN) -> Json:
    """The whole record as a Bundle of type collection."""
    entries = [_entry(resource, dialect) for resource in record(case, day, dialect)]
    entries += [{"resource": _refused(kind)} for kind in case.not_retrievable]
    return _linked({"resourceType": "Bundle", "type": "collection", "entry": entries}, dialect)


def request(case: Case, day: date, hook: str, keys: Mapping[str, str]) -> Json:
    """A CDS Hooks request; `keys` are the service's prefetch keys, each with the type it asks for.

    A list that is not retrievable is an OperationOutcome on patient-view, and left out on the order
    hooks; a list without entries is an empty searchset there, and null here: both forms are allowed.
    """
    resources = record(case, day, Dialect.PLAIN)
    prefetch: Json = {key: _searchset(case, kind, resources) for key, kind in keys.items()}
    if hook != "patient-view":
        prefetch = {
            key: None if value.get("total") == 0 else value
            for key, value in prefetch.items()
            if value["resourceType"] != "OperationOutcome"
        }
    context: Json = {"userId": "Practitioner/example", "patientId": PATIENT}
    if hook != "patient-view":
        context |= _session(case, day, hook)
    instance = str(uuid.uuid5(uuid.NAMESPACE_URL, case.name))
    return {"hook": hook, "hookInstance": instance, "context": context, "prefetch": prefetch}


def _session(case: Case, day: date, hook: str) -> Json:
    """The unsigned orders, and which of them are selected: all but those whose row says no."""
    writer = Writer(day=day, dialect=Dialect.PLAIN)
    drafts = [draft(row, n, writer) for n, row in enumerate(case.drafts)]
    orders = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in drafts]}
    if hook != "order-select":
        return {"draftOrders": orders}
    wanted = [one for one, row in zip(drafts, case.drafts, strict=True) if row.get("selected") != "no"]
    return {"draftOrders": orders, "selections": [f"{one['resourceType']}/{one['id']}" for one in wanted]}


def _searchset(case: Case, kind: str, resources: list[Json]) -> Json:
    """What an EHR sends for one prefetch key."""
    if kind in case.not_retrievable:
        return _refused(kind)
    found = [resource for resource in resources if resource["resourceType"] == kind]
    if kind == "Patient":
        return found[0]
    links = [{"relation": "self", "url": f"{SERVER}/{kind}?patient={PATIENT}"}]
    if kind in case.first_page_only:
        links.append({"relation": "next", "url": f"{SERVER}/{kind}?patient={PATIENT}&page=2"})
    answer: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": links}
    entries = [_entry(resource, Dialect.PLAIN) for resource in found]
    return answer | ({"entry": entries} if entries else {})


def _refused(kind: str) -> Json:
    """The answer of a server that could not give a list."""
    issue = {"severity": "error", "code": "exception", "expression": [kind]}
    return {"resourceType": "OperationOutcome", "issue": [issue | {"diagnostics": f"{kind} unavailable"}]}


def _entry(resource: Json, dialect: Dialect) -> Json:
    """A Bundle entry with the fullUrl of its dialect."""
    name = f"{resource['resourceType']}/{resource['id']}"
    urn = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"
    return {"fullUrl": urn if dialect is Dialect.AWKWARD else f"{SERVER}/{name}", "resource": resource}


def _linked(value: Json, dialect: Dialect) -> Json:
    """References as `urn:uuid:` in the awkward dialect, but for those that leave the Bundle."""
    if dialect is not Dialect.AWKWARD:
        return value
    entries = [entry for entry in value["entry"] if "fullUrl" in entry]
    names = {f"{one['resource']['resourceType']}/{one['resource']['id']}": one["fullUrl"] for one in entries}
    value = copy.deepcopy(value)
    for reference in _references(value):
        reference["reference"] = names.get(reference["reference"], reference["reference"])
    return value


def _references(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value
        for item in value.values():
            yield from _references(item)


def record(case: Case, day: date, dialect: Dialect) -> list[Json]:
    """Every resource of the case."""
    writer = Writer(day=day, dialect=dialect)
    courses: list[Row] = [TRIALS[name] for name in case.trials] + list(case.history)
    measured = measurements(case.measured, case.without, courses)
    resources = [
        patient(case, writer),
        *(condition(row, n, writer) for n, row in enumerate(_diagnoses(case))),
        *(resource for n, row in enumerate(courses) for resource in course(row, n, writer)),
        *(resource for n, row in enumerate(measured) for resource in observation(row, n, writer)),
        *(allergy(row, n) for n, row in enumerate(_allergies(case))),
        *(procedure(row, n, writer) for n, row in enumerate(case.procedures)),
        *(service_request(row, n, writer) for n, row in enumerate(case.requests)),
    ]
    kept = [resource for resource in resources if resource["resourceType"] not in case.not_retrievable]
    return [part for n, resource in enumerate(kept) for part in rewritten(resource, n, dialect)]


def patient(case: Case, writer: Writer) -> Json:
    """A man of 45 unless the case says otherwise; `turned` is the day of a birthday ("65 on D-200")."""
    wish = case.patient
    resource: Json = {"resourceType": "Patient", "id": PATIENT, "gender": wish.get("gender", "male")}
    age, birthday = int(wish.get("age", "45")), writer.day - timedelta(days=120)
    if "turned" in wish:
        years, _, on = wish["turned"].partition(" on ")
        age, birthday = int(years), date.fromisoformat(writer.date(on))
    if "birth date" not in case.without:
        resource["birthDate"] = f"{birthday.year - age}-{birthday:%m-%d}"
    return resource | ({"deceasedBoolean": wish["deceased"] == "yes"} if "deceased" in wish else {})


def _diagnoses(case: Case) -> list[Row]:
    base: list[Row] = [] if "depression" in case.without else [{"condition": DEPRESSION, "since": "D-500"}]
    return base + list(case.conditions)


def _allergies(case: Case) -> list[Row]:
    none_known = not case.allergies and "no known allergy" not in case.without
    return [{"substance": "716186003 No known allergy"}] if none_known else list(case.allergies)


def condition(row: Row, n: int, writer: Writer) -> Json:
    """A problem-list entry, active and confirmed unless the row says otherwise; or a diagnosis of a visit."""
    sure = row.get("sure") or "confirmed"
    resource: Json = {"resourceType": "Condition", "id": f"condition-{n}", "subject": subject()}
    resource["code"] = _diagnosis(row["condition"], writer.dialect)
    visit = row.get("status") == "visit"
    resource["category"] = [
        state("condition-category", "encounter-diagnosis" if visit else "problem-list-item")
    ]
    resource["verificationStatus"] = state("condition-ver-status", sure)
    if sure != "entered-in-error" and not visit:
        resource["clinicalStatus"] = state("condition-clinical", row.get("status") or "active")
    dates = {"since": "onsetDateTime", "until": "abatementDateTime", "recorded": "recordedDate"}
    resource |= {name: writer.when(row[column]) for column, name in dates.items() if row.get(column)}
    return resource | ({"stage": [{"summary": {"text": row["stage"]}}]} if row.get("stage") else {})


def _diagnosis(text: str, dialect: Dialect) -> Json:
    """The diagnosis as coded in the dialect."""
    twin = CODES["snomed"].get(text.partition(" ")[0]) if dialect is Dialect.AWKWARD else None
    return concept(f"{twin[0]} {twin[1]}") if twin else concept(text)


def procedure(row: Row, n: int, writer: Writer) -> Json:
    """A procedure, completed unless the row says otherwise."""
    resource: Json = {"resourceType": "Procedure", "id": f"procedure-{n}", "subject": subject()}
    resource |= {"status": row.get("status") or "completed", "code": concept(row["procedure"])}
    return resource | ({"performedDateTime": writer.when(row["when"])} if row.get("when") else {})


def service_request(row: Row, n: int, writer: Writer) -> Json:
    """An order or referral that stands in the record."""
    resource: Json = {"resourceType": "ServiceRequest", "id": f"request-{n}", "subject": subject()}
    resource |= {"status": row.get("status") or "active", "intent": row.get("intent") or "order"}
    resource |= {"code": concept(row["request"]), "authoredOn": writer.when(row["when"])}
    return resource | ({"reasonCode": [concept(row["reason"])]} if row.get("reason") else {})


def allergy(row: Row, n: int) -> Json:
    """An allergy or intolerance, active and confirmed unless the row says otherwise."""
    name, sure = row["substance"], row.get("sure") or "confirmed"
    known = CODES["substances"].get(name)
    resource: Json = {"resourceType": "AllergyIntolerance", "id": f"allergy-{n}", "patient": subject()}
    resource["code"] = coded(RXNORM, known, name) if known else concept(name)
    resource["verificationStatus"] = state("allergyintolerance-verification", sure)
    if sure != "entered-in-error":
        resource["clinicalStatus"] = state("allergyintolerance-clinical", row.get("status") or "active")
    resource |= {key: row[key] for key in ("type", "criticality") if row.get(key)}
    if row.get("reaction"):
        code, reaction = CODES["reactions"].get(row["reaction"], ["", row["reaction"]])
        resource["reaction"] = [{"manifestation": [coded("http://snomed.info/sct", code, reaction)]}]
    return resource
