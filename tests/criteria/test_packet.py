"""The packet: a form for each policy, filled from the record, and the entries behind it."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from mappings.knowledge import load_knowledge
from service.answer.read import read_document
from service.assess import assess
from service.assess.criteria import read_criteria
from service.cli import main
from service.render.packet import Packet, packet
from tests.served import REPOSITORY
from tests.vignettes.build import bundle
from tests.vignettes.cases import Case, read_cases

Json = dict[str, Any]
DAY = date(2026, 11, 2)
BASE = "https://cds.example.org"
KNOWLEDGE = load_knowledge()
CASES = read_cases(Path(__file__).parent / "cases.toml")
CHARTS = CASES[:: len(CASES) // 10][:10]
CHARTS_OF_FORMS = Path(__file__).parent / "charts.toml"
RECORD = REPOSITORY / "docs" / "examples" / "two-failed-trials.json"
LFORMS = Path(__file__).parent / "lforms" / "node_modules" / "lforms" / "dist" / "lforms"
VALUES = {
    "string": "valueString",
    "text": "valueString",
    "date": "valueDate",
    "integer": "valueInteger",
    "decimal": "valueDecimal",
    "boolean": "valueBoolean",
    "quantity": "valueQuantity",
    "choice": "valueCoding",
}


def packets(record: Json, *ids: str) -> dict[str, Packet]:
    """Return the packets of some policies, or of all, by policy."""
    facts = read_document(json.dumps(record).encode(), KNOWLEDGE, DAY).facts
    assessment = assess(facts, KNOWLEDGE, "default", DAY)
    found = read_criteria(facts, assessment, KNOWLEDGE, ids or tuple(KNOWLEDGE.policies.policies))
    return {
        one.policy.id: packet(one, facts, assessment, KNOWLEDGE, record=record, base=BASE) for one in found
    }


def example() -> Json:
    """Return the record of the README."""
    record: Json = json.loads(RECORD.read_text(encoding="utf-8"))
    return record


def items(value: Json) -> Iterator[Json]:
    """Yield every item below `value`."""
    for inner in value.get("item", ()):
        yield inner
        yield from items(inner)


def answers(response: Json) -> Iterator[tuple[str, Json]]:
    """Yield each answer with the link of its item."""
    for item in items(response):
        for answer in item.get("answer", ()):
            yield item["linkId"], answer


@pytest.mark.parametrize("case", CHARTS, ids=lambda case: case.title)
def test_each_answer_fits_its_item(case: Case) -> None:
    """No answer has an unknown link, another type, an option that is not offered, or no origin."""
    for made in packets(bundle(case, DAY)).values():
        asked = {item["linkId"]: item for item in items(made.questionnaire)}
        for link, answer in answers(made.response):
            item = asked[link]
            (value,) = set(answer) - {"extension"}
            assert value == VALUES[item["type"]]
            assert answer["extension"][0]["extension"] == [{"url": "source", "valueCode": "auto"}]
            if item["type"] == "choice":
                assert {"valueCoding": answer["valueCoding"]} in item["answerOption"]


@pytest.mark.parametrize("case", CHARTS, ids=lambda case: case.title)
def test_every_group_of_answers_names_its_entries(case: Case) -> None:
    """What is told of the record stands beside the entry that it was read from."""
    made = packets(bundle(case, DAY), "cigna")["cigna"]
    for group in made.response["item"]:
        named = [item for item in group["item"] if item["linkId"].endswith(".evidence")]
        assert named or group["linkId"] == "criteria" or not case.trials, group["linkId"]


@pytest.mark.parametrize("case", CHARTS, ids=lambda case: case.title)
def test_open_items_stay_open(case: Case) -> None:
    """The clinician's own statement is asked for beside every criterion, and never answered."""
    for made in packets(bundle(case, DAY)).values():
        asked = {item["linkId"] for item in items(made.questionnaire)}
        answered = {link for link, _ in answers(made.response)}
        statements = {link for link in asked if link.endswith(".statement")}
        assert len(statements) == sum(link.endswith(".asked") for link in asked)
        assert not statements & answered
        assert made.response["status"] == "in-progress"


def test_the_trials_are_told_as_the_policy_counts_them() -> None:
    """Drug, dose, days, outcome and evidence of each trial stand in the response."""
    made = packets(example(), "cigna")["cigna"]
    (first, *_) = [item for item in made.response["item"] if item["linkId"] == "trial"]
    told = {item["linkId"]: item["answer"][0] for item in first["item"]}
    assert told["trial.drug"]["valueString"] == "sertraline"
    assert told["trial.status"]["valueCoding"]["code"] == "counted"
    assert told["trial.outcome"]["valueCoding"]["code"] == "failed-documented"
    assert told["trial.dose"]["valueQuantity"]["code"] == "mg/d"
    assert told["trial.days"]["valueInteger"] >= 42


def test_the_evidence_is_in_the_bundle() -> None:
    """Every entry that an answer names comes along as it stands in the record, and nothing else does."""
    made = packets(example(), "cigna")["cigna"]
    named = {answer["valueString"] for link, answer in answers(made.response) if link.endswith(".evidence")}
    response, *sent = [entry["resource"] for entry in made.evidence["entry"]]
    assert response == made.response
    references = {f"{one['resourceType']}/{one['id']}" for one in sent}
    assert references == named | {made.response["subject"]["reference"]}
    assert all(one in [entry["resource"] for entry in example()["entry"]] for one in sent)


def test_no_text_of_the_record_breaks_out() -> None:
    """What a record writes stands in an answer on one line, without characters that steer."""
    record = example()
    for entry in record["entry"]:
        if entry["resource"]["resourceType"] == "Condition":
            entry["resource"]["code"]["text"] = "Major depression\u202e\n<script>" + "x" * 5000
    for made in packets(record).values():
        for _, answer in answers(made.response):
            text = answer.get("valueString", "")
            assert len(text) <= 1000
            assert text.isprintable()


def test_the_command_writes_four_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Form, filled form, evidence and two pages of each policy, in a folder that is made."""
    folder = tmp_path / "new" / "packet"
    code = main(["packet", str(RECORD), "--criteria", "cigna", "-o", str(folder), "--as-of", str(DAY)])
    assert code == 0
    names = [f"cigna-{part}.json" for part in ("questionnaire", "response", "evidence")]
    written = [*names, "cigna-packet.pdf"]
    assert capsys.readouterr().out.split() == [str(folder / name) for name in written]
    assert (folder / "cigna-packet.pdf").read_bytes().startswith(b"%PDF-")
    kinds = [json.loads((folder / name).read_text(encoding="utf-8"))["resourceType"] for name in names]
    assert kinds == ["Questionnaire", "QuestionnaireResponse", "Bundle"]


def test_the_command_refuses_a_policy_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, exit code 2, and nothing written."""
    folder = tmp_path / "packet"
    assert main(["packet", str(RECORD), "--criteria", "nobody", "-o", str(folder)]) == 2
    assert "--criteria: expected all, or ids of policies" in capsys.readouterr().err
    assert not folder.exists()


@pytest.fixture(scope="module")
def filler(browser: Browser) -> Iterator[Page]:
    """A page with LHC-Forms, which fills FHIR forms."""
    assert LFORMS.is_dir(), "`npm ci` has not been run in tests/criteria/lforms"
    page = browser.new_page()
    page.set_content("<div id='form'></div>")
    parts = ("assets/lib/zone.min.js", "runtime.js", "polyfills.js", "main.js")
    for script in (*(LFORMS / "webcomponent" / part for part in parts), LFORMS / "fhir/R4/lformsFHIR.min.js"):
        page.add_script_tag(path=script)
    page.wait_for_function("window.LForms && LForms.Util")
    yield page
    page.close()


@pytest.mark.parametrize("policy", KNOWLEDGE.policies.policies)
def test_another_form_filler_keeps_every_answer(filler: Page, policy: str) -> None:
    """The response is loaded into its form by LHC-Forms, which gives back each answer as it was."""
    assert_kept(filler, packets(example(), policy)[policy])


def test_another_form_filler_keeps_months_and_open_items(filler: Page) -> None:
    """A day that is known to the month only, a drug without dose or days: LHC-Forms keeps what there is."""
    case = next(case for case in read_cases(CHARTS_OF_FORMS) if "months" in case.title)
    made = packets(bundle(case, DAY), "qualchoice")["qualchoice"]
    assert ("trial.written", {"valueString": "2025-04 – 2025-10"}) in plainly(made.response)
    assert_kept(filler, made)


def assert_kept(filler: Page, made: Packet) -> None:
    """Load a response into its form, and hold what comes back against it."""
    back = filler.evaluate(
        """async ([form, response]) => {
          let filled = LForms.Util.convertFHIRQuestionnaireToLForms(form, 'R4');
          filled = LForms.Util.mergeFHIRDataIntoLForms('QuestionnaireResponse', response, filled, 'R4');
          await LForms.Util.addFormToPage(filled, 'form');
          return LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4');
        }""",
        [made.questionnaire, made.response],
    )
    assert plainly(back) == plainly(made.response)


def plainly(response: Json) -> list[tuple[str, Json]]:
    """Return the answers without what only says where they come from."""
    return [
        (link, {name: value for name, value in answer.items() if name != "extension"})
        for link, answer in answers(response)
    ]
