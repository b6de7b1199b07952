"""Facts of vendors' documentation and open-source test code (H), as changes of a record."""

from tests.corpus.courses import DIRECTIONS, PERIOD, SUPPLY
from tests.corpus.findings import ABSENT, PROBLEM, dated, problem, values
from tests.corpus.medicines import CONCEPT, LEVELS, by_ingredient_list
from tests.corpus.writing import (
    ORDERS,
    SUPPLIED,
    Json,
    Quirk,
    add,
    ago,
    drop,
    each,
    edit,
    inside,
    put,
    resources,
    same,
)
from tests.vignettes.fhir import RXNORM, state

TYPES = ("calculated", "admin-amount", "ordered")
LOCAL = "urn:oid:1.2.840.114350.1.13.0.1.7.2.698288"
STUBS = ("MedicationRequest", "MedicationDispense", "Observation", "Procedure")


def many_codes(record: Json) -> None:
    """Each medicine a Medication with local codes and codes of all levels, none with a name but its text."""
    for number, medicine in enumerate(resources(record, SUPPLIED)):
        code = medicine.pop(CONCEPT)
        product = code["coding"][0]["code"]
        codes = [*LEVELS.get(product, ()), product]
        codings = [{"system": LOCAL, "code": str(number)}, *({"system": RXNORM, "code": c} for c in codes)]
        drug = {"resourceType": "Medication", "id": f"local-{number}"}
        record["entry"].append({"resource": drug | {"code": {"coding": codings, "text": code["text"]}}})
        medicine["medicationReference"] = {"reference": f"Medication/local-{number}", "display": code["text"]}


def three_times(directions: Json) -> None:
    """One dose stated as calculated, as amount to give, and as ordered."""
    doses = directions.get("doseAndRate", [])
    directions["doseAndRate"] = [dose | {"type": {"text": kind}} for dose in doses for kind in TYPES]


def in_words_too(request: Json) -> None:
    """The period of an order repeated in the text of its directions."""
    for directions in request.get(DIRECTIONS, []):
        period = directions["timing"]["repeat"].get("boundsPeriod", {})
        if "end" in period:
            directions["text"] += f", Starting {period['start']}, Until {period['end']}"


def stub(kind: str) -> Json:
    """What is left of a deleted record."""
    return {"resourceType": kind, "id": "odd", "status": "entered-in-error"}


QUIRKS: tuple[Quirk, ...] = (
    same("H1", "local codes, many levels of RxNorm and no display", many_codes),
    same("H2", "one dose three times", each(SUPPLIED, inside(DIRECTIONS, three_times))),
    same(
        "H2",
        "count, local timing code and a supply in `Day`",
        each(
            ORDERS,
            inside(f"{DIRECTIONS}.timing", put(code={"text": "0900"}), inside("repeat", put(count=365))),
            inside(f"{SUPPLY}.expectedSupplyDuration", drop("code", "system"), put(unit="Day")),
            inside(SUPPLY, put(numberOfRepeatsAllowed=12)),
        ),
    ),
    same("H2", "the period in words too", each(ORDERS, in_words_too)),
    same(
        "H3", "a requester that is known to be unknown", each(ORDERS, put(requester={"extension": [ABSENT]}))
    ),
    same("H3", "an encounter by its identifier", each(ORDERS, put(encounter={"identifier": {"value": "7"}}))),
    same("H4", "a contained Medication with ingredients only", each(SUPPLIED, by_ingredient_list)),
    same(
        "H4",
        "proprietary timing codes",
        each(
            SUPPLIED,
            inside(f"{DIRECTIONS}.timing", put(code={"coding": [{"system": "4003", "code": "2221"}]})),
        ),
    ),
    same(
        "H4",
        "bounds in local time",
        each(ORDERS, inside(PERIOD, edit("start", lambda day: f"{day}T00:00:00-05:00"))),
    ),
    same(
        "H4",
        "Physician Stop",
        each(ORDERS, put(courseOfTherapyType={"coding": [{"code": "Physician Stop"}]})),
    ),
    same("H4", "mmHg as text, mm[Hg] as code", values(put(unit="mmHg"))),
    *(same("H4", f"the stub of a deleted {kind}", add(stub(kind))) for kind in STUBS),
    same(
        "H4",
        "the stub of a deleted condition",
        add(
            {
                "resourceType": PROBLEM,
                "id": "odd",
                "verificationStatus": state("condition-ver-status", "entered-in-error"),
            }
        ),
    ),
    same(
        "H4",
        "a pregnancy that has ended, as SNOMED CT",
        add(
            problem(
                {"coding": [{"system": "http://snomed.info/sct", "code": "77386006"}]},
                status="resolved",
                abatementDateTime=ago(60),
            )
        ),
    ),
    same(
        "H5",
        "an OperationOutcome among the resources",
        add({"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "processing"}]}),
    ),
    same(
        "H5",
        "resources that nobody asked for",
        add({"resourceType": "Binary", "id": "odd", "contentType": "text/plain"}),
    ),
    same("H6", "times without a zone", dated(lambda day: f"{day}T10:15:00")),
)
