"""Hook, Bundle and population agree on every patient: they are read and judged by the same functions."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from service import assess_bundle
from service.app import create_app
from service.clinical.assessment import Assessment
from service.settings import read_settings
from tests.population.export import Json, bundle_of, by_patient, numbered, screened, write_export
from tests.served import scratch
from tests.vignettes.build import bundle, record, request
from tests.vignettes.cases import all_cases
from tests.vignettes.fhir import PATIENT, Dialect

DAY = date(2026, 11, 2)
CASES = [case for case in all_cases() if not (case.first_page_only or case.not_retrievable)]
SOME = CASES[::7]
PUBLISHED = [case for case in CASES if case.name.startswith("01-published")]


def expected(assessment: Assessment) -> dict[str, Any]:
    """Return what a row has to say of an assessment."""
    return {
        "conclusion": assessment.conclusion,
        "gate": assessment.gate.id if assessment.gate else "",
        "assessable": assessment.assessable,
        "counted": assessment.counts.counted,
        "possible": assessment.counts.possible,
        "lifetime": assessment.counts.lifetime,
        "classes": assessment.counts.classes,
        "augmentations": assessment.counts.augmentations,
        "enough_trials": assessment.enough_trials,
        "gaps": [gap.id for gap in assessment.missing],
        "blocking_gaps": [gap.id for gap in assessment.missing if gap.blocking],
        "safety": [trigger.id for trigger in assessment.safety],
        "esketamine_contraindications": [
            f.id for f in assessment.flags if f.esketamine == "contraindication"
        ],
        "esketamine_cautions": [f.id for f in assessment.flags if f.esketamine == "caution"],
        "ketamine_contraindications": [f.id for f in assessment.flags if f.ketamine == "contraindication"],
        "ketamine_cautions": [f.id for f in assessment.flags if f.ketamine == "caution"],
        "unreadable": len(assessment.unreadable),
        "data_from": assessment.data_from,
        "data_to": assessment.data_to,
    }


def disagreements(raw: bytes, row: dict[str, Any], name: str) -> list[str]:
    """Return each cell of a row that is not what the Bundle's assessment says."""
    wanted = expected(assess_bundle(raw, as_of=DAY))
    return [
        f"{name}: {cell} {row[cell]!r}, expected {want!r}"
        for cell, want in wanted.items()
        if row[cell] != want
    ]


def test_an_export_and_the_bundles_of_its_patients_agree(tmp_path: Path) -> None:
    """Each patient of an export, whatever the dialect, is judged as the Bundle of that patient alone."""
    dialects = list(Dialect)
    patients = [numbered(record(case, DAY, dialects[n % len(dialects)]), n) for n, case in enumerate(SOME)]
    screened(write_export(tmp_path / "export", patients), "-o", tmp_path / "out", "--as-of", str(DAY))
    found = by_patient(tmp_path / "out")
    assert len(found) == len(SOME) > 150
    unlike = [
        line
        for n, (case, resources) in enumerate(zip(SOME, patients, strict=True))
        for line in disagreements(bundle_of(resources), found[f"Patient/{PATIENT}-{n}"], case.name)
    ]
    assert unlike == []


def test_a_folder_of_bundles_and_each_bundle_agree(tmp_path: Path) -> None:
    """Bundles with `urn:uuid:` references, or with lists that a server could not give, are judged as such."""
    refused = [case for case in all_cases() if case.not_retrievable and not case.first_page_only]
    cases = [case for case in (*refused, *SOME[::6]) if "Patient" not in case.not_retrievable]
    folder = tmp_path / "bundles"
    folder.mkdir()
    raws = {}
    for n, case in enumerate(cases):
        made: Json = bundle(case, DAY, Dialect.AWKWARD)
        raws[n] = json.dumps(made).replace(f'"{PATIENT}"', f'"{PATIENT}-{n}"').encode()
        (folder / f"{n}.json").write_bytes(raws[n])
    screened(folder, "-o", tmp_path / "out", "--as-of", str(DAY), "--processes", "1")
    found = by_patient(tmp_path / "out")
    assert len(found) == len(cases)
    unlike = [
        line
        for n, case in enumerate(cases)
        for line in disagreements(raws[n], found[f"Patient/{PATIENT}-{n}"], case.name)
    ]
    assert unlike == []


@pytest.fixture
def today() -> date:
    """The day on which the service answers."""
    return datetime.now(UTC).date()


def test_the_hook_shows_the_cards_that_the_row_tells(tmp_path: Path, today: date) -> None:
    """Opening the chart brings cards of just the kinds that stand in the row of the patient."""
    patients = [numbered(record(case, today, Dialect.PLAIN), n) for n, case in enumerate(PUBLISHED)]
    screened(write_export(tmp_path / "export", patients), "-o", tmp_path / "out", "--processes", "1")
    found = by_patient(tmp_path / "out")
    client = create_app(read_settings({"KETAMINE_CDS_MODE": "development", **scratch()})).test_client()
    service = client.get("/cds-services").get_json()["services"][0]
    keys = {key: asked.partition("?")[0].partition("/")[0] for key, asked in service["prefetch"].items()}
    for n, case in enumerate(PUBLISHED):
        call = request(case, today, service["hook"], keys)
        answer = client.post(f"/cds-services/{service['id']}", json=call).get_json()
        shown = [card["source"]["topic"]["code"] for card in answer["cards"]]
        assert found[f"Patient/{PATIENT}-{n}"]["cards"] == shown, case.name
