"""The recipes of CONTRIBUTING.md, done in a copy of the repository as a contributor would do them."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.served import REPOSITORY, environment

PACKAGES = ("service", "cds_hooks", "mappings")
REVIEW = """
sources = ["project-rules"]
since = 2026-11-02
checked_on = 2026-11-02
checked_by = "not yet reviewed"
review_by = 2027-11-02
"""
DRUG = f"""
[[drug]]
ingredient = "examplamine"
drug_class = "example"
{REVIEW}
[[drug.dose]]
minimum_mg = 40
"""
NAMES = "examplamine,antidepressant,Exampral,made up for a test\n"
FLAG = f"""
[[flag]]
id = "GOUT"
title = "Gout"
text = "{{findings}}"
missing = "Gout: not recorded in the data available, not assessed."
esketamine = "caution"
ketamine = "info"
{REVIEW}
[[flag.condition]]
codes = ["M10 Gout"]
when = "active"
"""
SCALE = """
[[scale]]
id = "XDS"
names = ["example depression scale", "xds"]
also = ["example", "depression", "xds"]
highest = 60
moderate = 20
referral = 30
remission_below = 10
sources = ["project-rules"]
"""
CONTEXT = '''
class AppointmentBook(PatientView):
    """Appointments are about to be booked."""

    appointments = Resources(**expects("a FHIR Bundle"))


'''
SERVICE = """
    "appointment-book": ("booking", "Chart review when booking", "As when a chart is opened."),
}"""
ANN = {"reference": "Patient/ann"}
LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
PATIENT = {"resourceType": "Patient", "id": "ann", "birthDate": "1980-01-01"}


def problem(code: str, system: str = ICD10) -> dict[str, Any]:
    """Return an entry of the problem list."""
    coded = {"coding": [{"system": system, "code": code}]}
    return {"resourceType": "Condition", "id": f"problem-{code}", "subject": ANN, "code": coded}


def order(medicine: str, why_stopped: str = "Lack of efficacy") -> dict[str, Any]:
    """Return an order of 40 mg a day over 42 days, and why it was stopped."""
    days = {"start": "2026-03-01", "end": "2026-04-11"}
    return {
        "resourceType": "MedicationRequest",
        "id": "order",
        "status": "stopped",
        "statusReason": {"text": why_stopped},
        "intent": "order",
        "subject": ANN,
        "authoredOn": "2026-03-01",
        "medicationCodeableConcept": {"text": f"{medicine} 40 mg tablet"},
        "dosageInstruction": [{"text": "40 mg daily", "timing": {"repeat": {"boundsPeriod": days}}}],
    }


def measured(name: str, day: str, **value: object) -> dict[str, Any]:
    """Return an Observation."""
    return {
        "resourceType": "Observation",
        "id": "measured",
        "status": "final",
        "subject": ANN,
        "code": {"text": name},
        "effectiveDateTime": day,
        **value,
    }


def record(*resources: dict[str, Any]) -> dict[str, Any]:
    """Return a Bundle of these resources and their patient."""
    entries = [{"resource": resource} for resource in (PATIENT, *resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Path]:
    """The packages in a folder of their own, free to be changed."""
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / package, tmp_path / package, ignore=ignored)
    yield tmp_path
    shutil.rmtree(tmp_path)


def add(file: Path, text: str) -> None:
    """Put `text` at the end of a file."""
    with file.open("a", encoding="utf-8") as end:
        end.write(text)


def python(copied: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python with the copied packages instead of the installed ones."""
    return subprocess.run(
        [sys.executable, *arguments],
        input=given,
        cwd=copied,
        env=environment({}) | {"PYTHONPATH": str(copied)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def edit(file: Path, written: str, instead: str) -> None:
    """Put one text in place of another, which stands there."""
    text = file.read_text(encoding="utf-8")
    assert written in text
    file.write_text(text.replace(written, instead, 1), encoding="utf-8")


def assessed(copied: Path, given: dict[str, Any], *options: str) -> Any:
    """Assess a record with the copied packages."""
    command = "import sys; from service.cli import main; sys.exit(main(sys.argv[1:]))"
    arguments = ("assess", "-", "--as-of", "2026-11-02", "--format", "json", *options)
    done = python(copied, "-c", command, *arguments, given=json.dumps(given))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def trials(found: Any) -> list[tuple[str, str]]:
    """Return each trial's ingredient with its status."""
    return [(trial["ingredient"], trial["status"]) for trial in found["trials"]]


def test_a_drug_with_its_names_is_two_rows(copied: Path) -> None:
    """A new antidepressant is recognised by its brand and counted from its minimum dose."""
    add(copied / "mappings/drugs.toml", DRUG)
    add(copied / "mappings/terminology/ingredients.csv", NAMES)
    assert trials(assessed(copied, record(order("Exampral")))) == [("examplamine", "counted")]


def test_a_flag_is_a_row(copied: Path) -> None:
    """A new caution is raised by its code, at the level of each route."""
    add(copied / "mappings/flags.toml", FLAG)
    found = assessed(copied, record(problem("M10.9")))
    levels = [(flag["esketamine"], flag["ketamine"]) for flag in found["flags"] if flag["id"] == "GOUT"]
    assert levels == [("caution", "info")]


def test_a_definition_is_a_file(copied: Path) -> None:
    """A payer's definition is offered by its id, and its sentences tell its own figures."""
    default = (copied / "mappings/criteria/default.toml").read_text(encoding="utf-8")
    own = default.replace('id = "default"', 'id = "acme"')
    own = own.replace("qualifying_days = 42", "qualifying_days = 43")
    (copied / "mappings/criteria/acme.toml").write_text(own, encoding="utf-8")
    given = record(order("sertraline"))
    given["entry"][1]["resource"]["dosageInstruction"][0]["text"] = "50 mg daily"
    assert trials(assessed(copied, given)) == [("sertraline", "counted")]
    longer = assessed(copied, given, "--profile", "acme")
    assert longer["trials"][0]["reason"] == "P-DUR"
    assert "43 days" in longer["definition"]
    assert "42 days" not in longer["definition"]


def test_a_scale_is_a_row(copied: Path) -> None:
    """A total of a new depression scale is read by its name and judged by its bands."""
    add(copied / "mappings/severity.toml", SCALE)
    score = measured("Example Depression Scale total score", "2026-10-20", valueInteger=35)
    found = assessed(copied, record(problem("F33.2"), score))
    assert "XDS 35" in found["severity"]


def test_a_stop_reason_and_a_synonym_are_words(copied: Path) -> None:
    """A house's own word for a failure ends a trial as failed; its own name of a drug names the drug."""
    edit(copied / "mappings/reasons.toml", '"ineffective", ', '"ineffective", "fizzled out", ')
    edit(
        copied / "mappings/terminology/ingredients.csv",
        "\nsertraline,antidepressant,",
        "\nsertraline,antidepressant,Exampral|",
    )
    given = record(order("Exampral", "Fizzled out"))
    given["entry"][1]["resource"]["dosageInstruction"][0]["text"] = "50 mg daily"
    found = assessed(copied, given)
    assert trials(found) == [("sertraline", "counted")]
    assert found["trials"][0]["outcome"] == "failed-documented"


def test_a_sentence_is_changed_where_it_stands(copied: Path) -> None:
    """What is said is the text of its row, with the figures filled in."""
    table = copied / "mappings/findings.toml"
    edit(table, "no depression score within {days} days", "nobody has asked for {days} days")
    assert assessed(copied, record(problem("F33.2")))["severity"] == "nobody has asked for 60 days"


def test_a_window_is_a_figure_of_its_row(copied: Path) -> None:
    """A blood pressure of 100 days ago is too old for 90 days and recent enough for 120."""
    parts = [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value},
        }
        for code, value in (("8480-6", 120), ("8462-4", 80))
    ]
    given = record(problem("F33.2"), measured("Blood pressure", "2026-07-25", component=parts))
    assert "BP-UNK" in [gap["id"] for gap in assessed(copied, given)["missing"]]
    edit(copied / "mappings/flags.toml", "[pressure]\ndays = 90", "[pressure]\ndays = 120")
    assert "BP-UNK" not in [gap["id"] for gap in assessed(copied, given)["missing"]]


def test_a_code_system_by_another_address_is_a_word(copied: Path) -> None:
    """Diagnoses under the address of a national edition are those of ICD-10."""
    given = record(problem("F33.2", "urn:oid:1.2.3.4"))
    assert assessed(copied, given)["diagnoses"] == []
    edit(copied / "mappings/systems.toml", "uris = [\n", 'uris = [\n  "urn:oid:1.2.3.4",\n')
    assert assessed(copied, given)["diagnoses"] != []


def called(copied: Path, hook: str, service: str, chart: dict[str, Any], **context: object) -> Any:
    """Call a hook of the copied packages, and return the answer."""
    asked = (
        "from service.app import create_app; from service.settings import read_settings;"
        "client = create_app(read_settings({})).test_client();"
        f"print(client.post('/cds-services/{service}', content_type='application/json', data=input()).text)"
    )
    call = {
        "hook": hook,
        "hookInstance": "1f0a8a52-6c1c-4b0e-9c36-0b7b8c9f3a09",
        "context": {"userId": "Practitioner/example", "patientId": "ann", **context},
        "prefetch": {"chart": chart},
    }
    done = python(copied, "-c", asked, given=json.dumps(call))
    assert "cards" in json.loads(done.stdout), done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_hook_with_a_context_of_its_own_is_a_class_and_an_entry(copied: Path) -> None:
    """A hook that brings no orders is answered from the chart, and the sandbox offers it as such."""
    contexts = copied / "cds_hooks/contexts.py"
    edit(contexts, "HOOKS: Final", f"{CONTEXT.lstrip()}HOOKS: Final")
    edit(contexts, '    "patient-view": ', '    "appointment-book": AppointmentBook(),\n    "patient-view": ')
    edit(copied / "service/answer/services.py", "\n}", SERVICE)
    bundle = {"resourceType": "Bundle", "type": "collection"}
    called(copied, "appointment-book", "booking", record(problem("F33.2")), appointments=bundle)
    tried = (
        "from service.app import create_app; from service.settings import read_settings;"
        "client = create_app(read_settings({'KETAMINE_CDS_MODE': 'development'})).test_client();"
        "made = client.get('/sandbox/request?patient=case-01&hook=appointment-book').json;"
        "print(client.post('/cds-services/booking', json=made).status_code)"
    )
    done = python(copied, "-c", tried)
    assert done.stdout.strip() == "200", done.stderr


@pytest.mark.parametrize(
    ("file", "written", "instead", "said"),
    [
        ("drugs.toml", '"canmat-2023"', '"canmat-2032"', "drugs.toml: drug > row 1 (citalopram) > sources"),
        ("flags.toml", '"smpc-spravato"', '"smpc"', "flags.toml: flag > row 1 (CI-ANEUR) > sources: smpc:"),
        ("gates.toml", "adult_years", 'rule = "R14.999"\nadult_years', "gates.toml: rule: R14.999: expected"),
        ("drugs.toml", 'version = "2026.12.0"', 'version = "11"', "drugs.toml: version"),
        ("sources.toml", 'id = "smpc-spravato"', 'id = "label-spravato"', "listed twice: label-spravato"),
        ("severity.toml", "highest = 27", "highest = ", "severity.toml: not readable as TOML"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_in_one_line(
    copied: Path, file: str, written: str, instead: str, said: str
) -> None:
    """The check of `make lint` and the start of the service name file, row and field."""
    table = copied / "mappings" / file
    text = table.read_text(encoding="utf-8")
    assert written in text
    table.write_text(text.replace(written, instead, 1), encoding="utf-8")
    done = python(copied, "-m", "mappings")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert said in done.stderr


def test_the_service_does_not_start_with_a_table_that_cannot_be_used(copied: Path) -> None:
    """`ketamine-cds serve` ends with exit code 2 and one line before any worker starts."""
    (copied / "mappings/gates.toml").write_text('version = "2026.12.0"\n', encoding="utf-8")
    done = python(copied, "-c", "import sys; from service.cli import main; sys.exit(main(['serve']))")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("ketamine-cds: gates.toml: ")


def test_every_source_is_cited() -> None:
    """A source that no table cites is left over from a rule that is gone."""
    cited = "\n".join(
        line
        for table in REPOSITORY.glob("mappings/**/*.toml")
        for line in table.read_text(encoding="utf-8").splitlines()
        if line.startswith("sources = ")
    )
    sources = (REPOSITORY / "mappings/sources.toml").read_text(encoding="utf-8").splitlines()
    ids = [line.partition('"')[2].rstrip('"') for line in sources if line.startswith("id = ")]
    assert [source for source in ids if f'"{source}"' not in cited] == []
