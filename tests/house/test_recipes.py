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
HOOK = """
OFFERED["encounter-start"] = ("visit", "Chart review at a visit", "As when a chart is opened.")
"""
RECORD: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"resource": {"resourceType": "Patient", "id": "ann", "birthDate": "1980-01-01"}},
        {
            "resource": {
                "resourceType": "Condition",
                "id": "gout",
                "subject": {"reference": "Patient/ann"},
                "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M10.9"}]},
            }
        },
        {
            "resource": {
                "resourceType": "MedicationRequest",
                "id": "order",
                "status": "stopped",
                "statusReason": {"text": "Lack of efficacy"},
                "intent": "order",
                "subject": {"reference": "Patient/ann"},
                "authoredOn": "2026-03-01",
                "medicationCodeableConcept": {"text": "Exampral 40 mg tablet"},
                "dosageInstruction": [
                    {
                        "text": "40 mg daily",
                        "timing": {"repeat": {"boundsPeriod": {"start": "2026-03-01", "end": "2026-04-11"}}},
                    }
                ],
            }
        },
    ],
}


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


def assessed(copied: Path, *options: str) -> Any:
    """Assess RECORD with the copied packages."""
    command = "import sys; from service.cli import main; sys.exit(main(sys.argv[1:]))"
    given = ("assess", "-", "--as-of", "2026-11-02", "--format", "json", *options)
    done = python(copied, "-c", command, *given, given=json.dumps(RECORD))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_drug_a_flag_and_a_definition_are_rows(copied: Path) -> None:
    """A drug with its names, a flag and a definition are added as data, and the command uses them."""
    add(copied / "mappings/drugs.toml", DRUG)
    add(copied / "mappings/terminology/ingredients.csv", NAMES)
    add(copied / "mappings/flags.toml", FLAG)
    default = (copied / "mappings/criteria/default.toml").read_text(encoding="utf-8")
    own = default.replace('id = "default"', 'id = "six-weeks-and-a-day"')
    own = own.replace("qualifying_days = 42", "qualifying_days = 43")
    (copied / "mappings/criteria/six-weeks-and-a-day.toml").write_text(own, encoding="utf-8")

    found = assessed(copied)
    assert [(trial["ingredient"], trial["status"]) for trial in found["trials"]] == [
        ("examplamine", "counted")
    ]
    assert [(flag["esketamine"], flag["ketamine"]) for flag in found["flags"] if flag["id"] == "GOUT"] == [
        ("caution", "info")
    ]
    longer = assessed(copied, "--profile", "six-weeks-and-a-day")
    assert longer["trials"][0]["reason"] == "P-DUR"


def test_a_hook_is_one_entry_beside_its_context(copied: Path) -> None:
    """A hook that brings no orders is answered from the chart as soon as it is offered."""
    contexts = copied / "cds_hooks/contexts.py"
    text = contexts.read_text(encoding="utf-8")
    known = '"patient-view": PatientView(),'
    assert known in text
    contexts.write_text(text.replace(known, f'{known} "encounter-start": PatientView(),'), encoding="utf-8")
    add(copied / "service/answer/services.py", HOOK)
    asked = (
        "from service.app import create_app; from service.settings import read_settings;"
        "client = create_app(read_settings({})).test_client();"
        "print(client.post('/cds-services/visit', content_type='application/json', data=input()).text)"
    )
    call = {
        "hook": "encounter-start",
        "hookInstance": "1f0a8a52-6c1c-4b0e-9c36-0b7b8c9f3a09",
        "context": {"userId": "Practitioner/example", "patientId": "ann"},
        "prefetch": {"chart": RECORD},
    }
    done = python(copied, "-c", asked, given=json.dumps(call))
    assert "cards" in json.loads(done.stdout), done.stderr


@pytest.mark.parametrize(
    ("file", "written", "instead", "said"),
    [
        ("drugs.toml", '"canmat-2023"', '"canmat-2032"', "drugs.toml: drug > row 1 (citalopram) > sources"),
        ("flags.toml", '"smpc-spravato"', '"smpc"', "flags.toml: flag > row 1 (CI-ANEUR) > sources: smpc:"),
        ("gates.toml", "adult_years", 'rule = "R14.999"\nadult_years', "gates.toml: rule: R14.999: expected"),
        ("drugs.toml", 'version = "2026.11.0"', 'version = "11"', "drugs.toml: version"),
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
    (copied / "mappings/gates.toml").write_text('version = "2026.11.0"\n', encoding="utf-8")
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
