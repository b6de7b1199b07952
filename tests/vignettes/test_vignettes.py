"""Every vignette, by every way in: the pipeline, the command, real HTTP and the hooks.

The vignettes stand in `cases/*.toml`; README.md says how to read and write them.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests

from mappings.knowledge import load_knowledge
from service.answer.read import assess_document
from service.cli import main
from service.render.document import document
from service.render.view import View
from tests.served import COMMAND
from tests.vignettes.build import bundle, request
from tests.vignettes.cases import Case, all_cases
from tests.vignettes.fhir import Dialect, Json
from tests.vignettes.judge import card_differences, differences, of_profile

DAY = date(2026, 11, 2)
KNOWLEDGE = load_knowledge()
CASES = all_cases()
WHOLE = [case for case in CASES if not case.first_page_only]  # a Bundle has no next page
PUBLISHED = [case for case in WHOLE if case.name.startswith("01-published")]
SERVICE = "ketamine-referral-{hook}"
Keys = Callable[[str], Mapping[str, str]]

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
each_whole_case = pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    """One connection for all calls."""
    with requests.Session() as session:
        yield session


@pytest.fixture(scope="module")
def keys(service: str, http: requests.Session) -> Keys:
    """The prefetch keys that the service asks for on each hook, and the resource type of each."""
    offered = http.get(f"{service}/cds-services", timeout=60).json()["services"]
    asked = {one["hook"]: one["prefetch"] for one in offered}

    def of_hook(hook: str) -> Mapping[str, str]:
        return {key: template.partition("?")[0].partition("/")[0] for key, template in asked[hook].items()}

    return of_hook


def agree(differences: list[str]) -> None:
    """Fail with every difference on a line of its own."""
    if differences:
        pytest.fail("\n".join(differences), pytrace=False)


def assessed(record: Json, profile: str = "default") -> Json:
    """What the pipeline answers, as its JSON document."""
    found = assess_document(json.dumps(record).encode(), KNOWLEDGE, profile=profile, as_of=DAY)
    answer: Json = json.loads(json.dumps(document(View(wording=KNOWLEDGE.wording, of=found))))
    return answer


@pytest.mark.parametrize(
    ("case", "dialect"),
    [
        pytest.param(case, dialect, id=f"{case.name} ({dialect.value})")
        for case in WHOLE
        for dialect in Dialect
        if dialect is not Dialect.SPARSE or not case.names_matter
    ],
)
def test_the_pipeline_agrees(case: Case, dialect: Dialect) -> None:
    """The assessment is as expected, however the record is written."""
    agree(differences(case.expected, assessed(bundle(case, DAY, dialect))))


@pytest.mark.parametrize(
    ("case", "profile"), [(case, profile) for case in WHOLE for profile in case.expected.profiles]
)
def test_the_other_rule_sets_agree(case: Case, profile: str) -> None:
    """What a case says to change under another rule set changes."""
    answer = assessed(bundle(case, DAY), profile)
    agree(of_profile(case.expected, case.expected.profiles[profile], answer))


@pytest.mark.parametrize("case", WHOLE[::5], ids=lambda case: case.name)  # it reads what HTTP reads
def test_the_command_agrees(
    case: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ketamine-cds assess` prints the same assessment."""
    monkeypatch.setattr("service.cli.patient.read_rules", lambda *_: KNOWLEDGE)  # the tables are read once
    file = tmp_path / "record.json"
    file.write_text(json.dumps(bundle(case, DAY)), encoding="utf-8")
    assert main(["assess", str(file), "--as-of", str(DAY), "--format", "json"]) == 0
    agree(differences(case.expected, json.loads(capsys.readouterr().out)))


@pytest.mark.parametrize("case", PUBLISHED[::10], ids=lambda case: case.name)
def test_the_installed_command_agrees(case: Case) -> None:
    """The command as installed reads a record from standard input and prints the same assessment."""
    call = [str(COMMAND), "assess", "-", "--as-of", str(DAY), "--format", "json"]
    record = json.dumps(bundle(case, DAY, Dialect.AWKWARD))
    ran = subprocess.run(call, input=record, capture_output=True, text=True, check=True)
    agree(differences(case.expected, json.loads(ran.stdout)))


@each_case
def test_http_agrees(case: Case, service: str, http: requests.Session, keys: Keys) -> None:
    """`POST /assessments` answers the same for the record as a CDS Hooks request."""
    call = request(replace(case, drafts=()), DAY, "patient-view", keys("patient-view"))
    answer = http.post(f"{service}/assessments", params={"asOf": str(DAY)}, json=call, timeout=60)
    assert answer.status_code == 200, answer.text
    agree(differences(case.expected, answer.json()))


@each_case
def test_the_hooks_agree(case: Case, service: str, http: requests.Session, keys: Keys) -> None:
    """The hook that fits the case answers with the cards that it asks for."""
    for hook in ("order-sign", "order-select") if case.drafts else ("patient-view",):
        call = request(case, datetime.now(UTC).date(), hook, keys(hook))
        url = f"{service}/cds-services/{SERVICE.format(hook=hook)}"
        answer = http.post(url, json=call, timeout=60)
        assert answer.status_code == 200, answer.text
        agree([f"{hook}: {one}" for one in card_differences(case.expected, hook, answer.json())])
