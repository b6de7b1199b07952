"""Quirks of conditions (E), and of observations, allergies, the patient, dates and references (F)."""

import copy
from typing import Any

from tests.corpus.writing import (
    Change,
    Json,
    Quirk,
    add,
    ago,
    drop,
    each,
    edit,
    first,
    inside,
    made,
    move,
    other,
    put,
    resources,
    same,
    where,
)
from tests.vignettes.fhir import CODES, LOINC, coded, concept, state

PROBLEM = "Condition"
SEEN = "Observation"
CODED = f"{PROBLEM} {SEEN} AllergyIntolerance Procedure MedicationRequest MedicationDispense"
CODINGS = ("code.coding", "medicationCodeableConcept.coding")
SNOMED = "http://snomed.info/sct"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
BIPOLAR = concept("F31.9 Bipolar disorder, unspecified")
IN_REMISSION = concept("F31.76 Bipolar disorder, in full remission, most recent episode depressed")
ANEURYSM = concept("I71.40 Abdominal aortic aneurysm, without rupture, unspecified")
PREGNANT = concept("Z33.1 Pregnant state, incidental")
ABSENT = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
CODELESS = {"coding": [{"system": LOINC}]}
NO_VALUE: Json = {"dataAbsentReason": {"coding": [{"code": "not-performed"}]}}


def clinical(code: str) -> Json:
    """The clinicalStatus member of a condition."""
    return {"clinicalStatus": state("condition-clinical", code)}


def problem(code: Json, verification: str = "confirmed", status: str = "active", **members: Any) -> Json:
    """An entry of the problem list since 300 days."""
    sure = {"verificationStatus": state("condition-ver-status", verification)}
    return made(PROBLEM, "odd", code=code, onsetDateTime=ago(300), **clinical(status), **sure, **members)


def _is_of_the_vessels(condition: Json) -> bool:
    """Whether a condition matters for life, whatever its status."""
    return bool(condition["code"]["coding"][0]["code"][:2] in ("I6", "I7"))


def twin(condition: Json) -> None:
    """The SNOMED CT coding of a condition before its ICD-10-CM coding, where both are known."""
    known = CODES["snomed"].get(condition["code"]["coding"][0]["code"])
    if known:
        condition["code"]["coding"].insert(0, {"system": SNOMED, "code": known[0]})


def only_twin(system: str) -> Change:
    """The SNOMED CT coding alone."""

    def rewrite(condition: Json) -> None:
        twin(condition)
        if condition["code"]["coding"][0]["system"] == SNOMED:
            condition["code"]["coding"] = [condition["code"]["coding"][0] | {"system": system}]

    return rewrite


def _codings(*changes: Change) -> Change:
    return each(CODED, *(inside(path, *changes) for path in CODINGS))


CONDITIONS = (
    same("E60", "no verificationStatus", each(PROBLEM, drop("verificationStatus"))),
    same("E61", "a refuted condition", add(problem(BIPOLAR, "refuted"))),
    same("E61", "a condition that was entered in error", add(problem(BIPOLAR, "entered-in-error"))),
    *(
        other("E62", f"a condition that is {sure}", add(problem(ANEURYSM, sure)), tells="CI-ANEUR")
        for sure in ("unconfirmed", "provisional", "differential")
    ),
    same(
        "E63",
        "no clinicalStatus",
        each(PROBLEM, where(lambda c: "abatementDateTime" not in c, drop("clinicalStatus"))),
    ),
    same(
        "E64",
        "a recurrence",
        each(PROBLEM, where(lambda c: c["id"] == "condition-0", put(**clinical("recurrence")))),
    ),
    same(
        "E64",
        "a relapse",
        each(PROBLEM, where(lambda c: c["id"] == "condition-0", put(**clinical("relapse")))),
    ),
    same(
        "E65",
        "a lifetime condition is inactive",
        each(PROBLEM, where(_is_of_the_vessels, put(**clinical("inactive")))),
    ),
    same("E65", "an inactive pregnancy", add(problem(PREGNANT, status="inactive"))),
    same(
        "E66",
        "a lifetime condition is in remission",
        each(PROBLEM, where(_is_of_the_vessels, put(**clinical("remission")))),
    ),
    same("E66", "a resolved pregnancy", add(problem(PREGNANT, status="resolved"))),
    same("E67", "an active pregnancy that has ended", add(problem(PREGNANT, abatementDateTime=ago(200)))),
    same(
        "E67",
        "a lifetime condition has ended",
        each(PROBLEM, where(_is_of_the_vessels, put(abatementDateTime=ago(100)))),
    ),
    other(
        "E68", "a bipolar disorder in full remission is active", add(problem(IN_REMISSION)), tells="BIPOLAR"
    ),
    same("E69", "no onset but the day it was recorded", each(PROBLEM, move("onsetDateTime", "recordedDate"))),
    other("E69", "neither onset nor recorded", each(PROBLEM, drop("onsetDateTime", "recordedDate"))),
    same(
        "E70",
        "an onsetPeriod",
        each(
            PROBLEM,
            edit("onsetDateTime", lambda day: {"start": day, "end": day}),
            move("onsetDateTime", "onsetPeriod"),
        ),
    ),
    same("E70", "a date as onsetString", each(PROBLEM, move("onsetDateTime", "onsetString"))),
    other(
        "E70",
        "an onsetString in words",
        each(PROBLEM, put(onsetString="in her youth"), drop("onsetDateTime")),
    ),
    other(
        "E70",
        "an onsetAge",
        each(PROBLEM, put(onsetAge={"value": 45, "unit": "years", "code": "a"}), drop("onsetDateTime")),
    ),
    other(
        "E70",
        "an onsetRange",
        each(
            PROBLEM,
            put(onsetRange={"low": {"value": 44, "unit": "a"}, "high": {"value": 46, "unit": "a"}}),
            drop("onsetDateTime"),
        ),
    ),
    same(
        "E70",
        "a lifetime condition with an abatementAge",
        each(
            PROBLEM,
            where(
                _is_of_the_vessels, drop("abatementDateTime"), put(abatementAge={"value": 40, "unit": "a"})
            ),
        ),
    ),
    same(
        "E70",
        "a lifetime condition with an abatementPeriod",
        each(
            PROBLEM,
            where(_is_of_the_vessels, drop("abatementDateTime"), put(abatementPeriod={"end": ago(30)})),
        ),
    ),
    same(
        "E70",
        "a lifetime condition with an abatementString",
        each(
            PROBLEM,
            where(_is_of_the_vessels, drop("abatementDateTime"), put(abatementString="after surgery")),
        ),
    ),
    same("E71", "SNOMED CT before ICD-10-CM", each(PROBLEM, twin)),
    same("E71", "SNOMED CT alone", each(PROBLEM, only_twin(SNOMED))),
    same("E72", "ICD-10 of the WHO", each(PROBLEM, inside("code.coding", put(system=ICD_10)))),
    same("E73", "a trailing slash behind each system", _codings(edit("system", lambda system: f"{system}/"))),
    same("E73", "https for http", _codings(edit("system", lambda system: system.replace("http:", "https:")))),
    same("E73", "a SNOMED CT edition", each(PROBLEM, only_twin(f"{SNOMED}/731000124108/version/20250901"))),
    same(
        "E74",
        "a coding without a system stands first",
        each(
            CODED,
            *(
                inside(path.rpartition(".")[0], edit("coding", lambda codings: [{"code": "X"}, *codings]))
                for path in CODINGS
            ),
        ),
    ),
    same("E75", "codings without a display", _codings(drop("display"))),
    other(
        "E76",
        "conditions as text only",
        each(PROBLEM, inside("code", drop("coding"))),
    ),
    same("E77", "no category", each(f"{PROBLEM} {SEEN}", drop("category"))),
    same("E78", "recorded long after the onset", each(PROBLEM, put(recordedDate=ago(2)))),
)


def is_pressure(observation: Json) -> bool:
    """Whether an observation is a blood pressure."""
    return "component" in observation


def pressures(*changes: Change) -> Change:
    """Change every blood pressure."""
    return each(SEEN, where(is_pressure, *changes))


def values(*changes: Change) -> Change:
    """Change every value of every blood pressure."""
    return pressures(inside("component.valueQuantity", *changes))


def halved(record: Json) -> None:
    """Systolic and diastolic values as observations of their own, diastolic first."""
    for panel in [one for one in resources(record, SEEN) if is_pressure(one)]:
        rest = {name: value for name, value in panel.items() if name not in ("component", "code", "id")}
        for number, part in reversed(list(enumerate(panel["component"]))):
            record["entry"].append({"resource": {**rest, **part, "id": f"{panel['id']}-{number}"}})
        record["entry"] = [entry for entry in record["entry"] if entry["resource"] is not panel]


def mean(panel: Json) -> None:
    """The panel and its parts under the codes of averages."""
    names = {"85354-9": "96607-7", "8480-6": "96608-5", "8462-4": "96609-3"}
    for coding in (
        *panel["code"]["coding"],
        *(c for part in panel["component"] for c in part["code"]["coding"]),
    ):
        coding["code"] = names[coding["code"]]


def measured(name: str, code: str, days_ago: int | None, status: str = "final", **members: Any) -> Json:
    """An observation under a LOINC code."""
    when = {} if days_ago is None else {"effectiveDateTime": ago(days_ago)}
    return made(SEEN, name, status=status, code=coded(LOINC, code, ""), **when, **members)


def pressure(name: str, systolic: Json, diastolic: Json, days_ago: int | None, status: str = "final") -> Json:
    """A blood pressure with these two components."""
    halves = (("8480-6", systolic), ("8462-4", diastolic))
    parts = [{"code": coded(LOINC, code, "")} | value for code, value in halves]
    return measured(name, "85354-9", days_ago, status, component=parts)


def mmhg(value: float) -> Json:
    """A value of a blood pressure."""
    return {"valueQuantity": {"value": value, "unit": "mmHg"}}


def is_score(observation: Json) -> bool:
    """Whether an observation is the total of a PHQ-9."""
    return bool(observation["code"]["coding"][0]["code"] == "44261-6")


def scores(*changes: Change) -> Change:
    """Change every PHQ-9 total."""
    return each(SEEN, where(is_score, *changes))


def as_value(kind: str, written: Any) -> Change:
    """The total of a PHQ-9 as another type of value."""

    def rewrite(observation: Json) -> None:
        observation[kind] = written(observation.pop("valueQuantity")["value"])

    return rewrite


def dated(written: Any) -> Change:
    """Write every day of conditions, orders, supplies and observations otherwise."""
    names = (
        "onsetDateTime",
        "abatementDateTime",
        "authoredOn",
        "whenHandedOver",
        "effectiveDateTime",
        "performedDateTime",
    )
    return each("", *(edit(name, lambda day: written(day) if len(day) == 10 else day) for name in names))


def under_a_uuid(record: Json) -> None:
    """A patient whose id is a UUID, and `urn:uuid:` references to it."""
    name = "0f5d6b1e-9c0a-4f5e-8f4e-0c1d2e3f4a5b"
    for entry in record["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Patient":
            resource["id"], entry["fullUrl"] = name, f"urn:uuid:{name}"
        for about in ("subject", "patient"):
            if about in resource:
                resource[about] = {"reference": f"urn:uuid:{name}"}


def without_ids(record: Json) -> None:
    """Nothing but the patient has an id, and no entry an address."""
    for entry in record["entry"]:
        if entry["resource"]["resourceType"] != "Patient":
            entry["resource"].pop("id")
            entry.pop("fullUrl", None)


def without_addresses(record: Json) -> None:
    """No entry has a fullUrl."""
    for entry in record["entry"]:
        entry.pop("fullUrl", None)


def twice(record: Json) -> None:
    """Every resource stands in the Bundle twice."""
    record["entry"] += copy.deepcopy(record["entry"])


def nulls(record: Json) -> None:
    """Members that are null, which FHIR does not allow."""
    each("", put(text=None, note=None, identifier=None))(record)


def is_none_known(allergy: Json) -> bool:
    """Whether the entry says that there is no known allergy."""
    return bool(allergy["code"].get("coding", [{}])[0].get("code") == "716186003")


def no_known(code: Json) -> Change:
    """No known allergy, written otherwise."""
    return each("AllergyIntolerance", where(is_none_known, put(code=code)))


EXTENDED = {"extension": [{"url": "http://example.org/how", "valueString": "entered by hand"}]}
VOID = ("entered-in-error", "cancelled", "unknown", "registered")
HIGH = pressure("odd", mmhg(200), mmhg(120), 1)

MEASUREMENTS = (
    same("F79", "diastolic first", pressures(edit("component", lambda parts: parts[::-1]))),
    same("F80", "the old code of the panel", pressures(inside("code.coding", put(code="55284-4")))),
    same("F81", "two observations for one pressure", halved),
    same("F82", "a later pressure without values", add(pressure("odd", NO_VALUE, NO_VALUE, 1))),
    other("F82", "a later pressure without a systolic value", add(pressure("odd", NO_VALUE, mmhg(80), 1))),
    same("F83", "mm[Hg] as text", values(drop("code", "system"))),
    same("F84", "mmHg as text", values(drop("code", "system"), put(unit="mmHg"))),
    same("F84", "mmHg as text, mm[Hg] as code", values(put(unit="mmHg"))),
    same("F85", "pressures without a unit", values(drop("code", "system", "unit"))),
    other("F85", "pressures in kPa", values(put(unit="kPa", code="kPa")), tells="BP-UNK"),
    other("F86", "average pressures", pressures(mean)),
    *(same("F87", f"a high pressure that is {status}", add({**HIGH, "status": status})) for status in VOID),
    same("F88", "amended observations", each(SEEN, put(status="amended"))),
    same("F88", "corrected observations", each(SEEN, put(status="corrected"))),
    other(
        "F89",
        "a pressure without a date",
        add(pressure("odd", mmhg(118), mmhg(76), None)),
        tells="Observation/odd",
    ),
    other("F89", "no observation has a date", each(SEEN, drop("effectiveDateTime")), tells="BP-UNK"),
    same(
        "F89",
        "observations with a period",
        each(
            SEEN,
            edit("effectiveDateTime", lambda day: {"start": day, "end": day}),
            move("effectiveDateTime", "effectivePeriod"),
        ),
    ),
    same("F90", "a later score without a value", add(measured("odd", "44261-6", 1, **NO_VALUE))),
    same("F91", "scores as integers", scores(as_value("valueInteger", int))),
    same("F92", "scores without a unit", scores(inside("valueQuantity", drop("unit", "code", "system")))),
    same("F93", "scores as text", scores(as_value("valueString", str))),
    same("F93", "a panel of PHQ-9 without a value", add(measured("odd", "44249-1", 1))),
    other(
        "F93",
        "scores under a SNOMED CT code",
        scores(put(code={"coding": [{"system": SNOMED, "code": "720433000"}]})),
    ),
    same("F94", "a PHQ-2 total", add(measured("odd", "55758-7", 1, valueInteger=1))),
    same("F94", "a PHQ-9 of the modified kind", add(measured("odd", "89204-2", 1, valueInteger=1))),
    same("F94", "the outcome of a screening", add(measured("odd", "73831-0", 1, valueBoolean=False))),
    same(
        "F95",
        "systolic and panel on one observation",
        pressures(
            inside("code", edit("coding", lambda codings: [{"system": LOINC, "code": "8480-6"}, *codings]))
        ),
    ),
    same(
        "F95", "a local coding before that of LOINC", each(SEEN, inside("code", edit("coding", first("BP"))))
    ),
    same("F96", "no known drug allergy", no_known({"coding": [{"system": SNOMED, "code": "409137002"}]})),
    same("F96", "no known allergies in words", no_known({"text": "No known allergies"})),
    other("F96", "NKDA", no_known({"text": "NKDA"})),
)

PERSONS = (
    other("F97", "no birthDate", each("Patient", drop("birthDate")), tells="GATE-AGE"),
    other("F98", "no gender", each("Patient", drop("gender"))),
    *(
        other("F98", f"gender {gender}", each("Patient", put(gender=gender)))
        for gender in ("unknown", "other", "male", "female")
    ),
    other("F99", "a patient who has died", each("Patient", put(deceasedBoolean=True)), tells="GATE-DECEASED"),
    other(
        "F99",
        "a patient who has died on a day",
        each("Patient", put(deceasedDateTime=ago(3))),
        tells="GATE-DECEASED",
    ),
    same("F99", "a patient who is stated to live", each("Patient", put(deceasedBoolean=False))),
    same("F100", "times in place of days", dated(lambda day: f"{day}T10:15:00Z")),
    other("F101", "months in place of days", dated(lambda day: day[:7])),
    other("F101", "years in place of days", dated(lambda day: day[:4])),
    other("F101", "a year of birth", each("Patient", edit("birthDate", lambda day: day[:4]))),
    same("F102", "late in the evening in the west", dated(lambda day: f"{day}T23:30:00-10:00")),
    same("F102", "early in the morning in the east", dated(lambda day: f"{day}T00:30:00+14:00")),
    same("F103", "microseconds", dated(lambda day: f"{day}T10:15:00.123456+01:00")),
    same("F104", "urn:uuid references to the patient", under_a_uuid),
    same(
        "F104",
        "absolute references to the patient",
        each("", inside("subject", edit("reference", lambda r: f"https://x.example/r4/{r}"))),
    ),
    same("F105", "resources without an id", without_ids),
    other(
        "F106",
        "a condition of another patient",
        add(problem(BIPOLAR) | {"subject": {"reference": "Patient/another"}}),
        tells="Condition/odd",
    ),
    same("F106", "conditions without a subject", each(PROBLEM, drop("subject"))),
    other(
        "F107",
        "a birthDate that is known to be unknown",
        each("Patient", drop("birthDate"), put(_birthDate={"extension": [ABSENT]})),
        tells="GATE-AGE",
    ),
    same(
        "F107",
        "orders with a date that is known to be unknown",
        each("MedicationRequest", drop("authoredOn"), put(_authoredOn={"extension": [ABSENT]})),
    ),
    same(
        "F108",
        "extensions of primitives",
        each("", put(_birthDate=EXTENDED, _status=EXTENDED, _effectiveDateTime=EXTENDED, _intent=EXTENDED)),
    ),
    same(
        "F109",
        "security labels",
        each(
            "",
            put(
                meta={
                    "security": [
                        {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
                    ]
                }
            ),
        ),
    ),
    same("F105", "every resource twice", twice),
    same("G8", "entries without a fullUrl", without_addresses),
    same("G8", "a Bundle without a type", drop("type")),
    same("F107", "members that are null", nulls),
    other("F107", "procedures without a status", each("Procedure", drop("status")), "Procedure/procedure-0"),
    other("F107", "codings without a code", each(SEEN, put(code=CODELESS)), "Observation/observation-0"),
)

QUIRKS: tuple[Quirk, ...] = (*CONDITIONS, *MEASUREMENTS, *PERSONS)
