"""The packet on paper: two pages that a payer's reviewer can read, whatever the record holds."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from mappings.knowledge import load_knowledge
from mappings.policies import PolicyRow
from service.answer.read import read_document
from service.assess import assess
from service.assess.criteria import read_criteria
from service.cli import main
from service.clinical.assessment import TrialStatus
from service.paper.packet import packet_paper
from service.render.identity import PatientIdentity, identity
from service.render.packet import identity_of
from tests.assess.course_facts import D0
from tests.picture.records import HOSTILE, RECORDS
from tests.served import REPOSITORY
from tests.vignettes.build import bundle
from tests.vignettes.cases import Case, read_cases

KNOWLEDGE = load_knowledge()
DAY = date(2026, 11, 2)
CASES = read_cases(Path(__file__).parent / "cases.toml")
RECORD = REPOSITORY / "docs" / "examples" / "two-failed-trials.json"
ADA = PatientIdentity(name="Ada Example", born="1968-03-14", gender="female", identifiers=("MRN 1",))
HARMFUL = {
    "/JS",
    "/JavaScript",
    "/URI",
    "/Launch",
    "/AA",
    "/OpenAction",
    "/EmbeddedFile",
    "/GoToR",
    "/RichMedia",
}


def paper(record: dict[str, Any], policy: str, who: PatientIdentity | None = None) -> PdfReader:
    """Return the packet of a record for one policy."""
    facts = read_document(json.dumps(record).encode(), KNOWLEDGE, DAY).facts
    assessment = assess(facts, KNOWLEDGE, "default", DAY)
    found = read_criteria(facts, assessment, KNOWLEDGE, [policy])
    known = who or identity_of(record, assessment.subject)
    return PdfReader(BytesIO(packet_paper(found, facts, assessment, KNOWLEDGE, known)))


def example() -> dict[str, Any]:
    """Return the record of the README."""
    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return record


def texts(made: PdfReader) -> list[str]:
    """Return the words of each page, each line of it joined with the next."""
    return [" ".join(page.extract_text().split()) for page in made.pages]


def drawn(name: str, policy: str = "carefirst") -> bytes:
    """Return the packet of one of the records that are hard to draw."""
    facts = RECORDS[name]
    assessment = assess(facts, KNOWLEDGE, "default", D0)
    found = read_criteria(facts, assessment, KNOWLEDGE, [policy])
    who = PatientIdentity(name=HOSTILE, born=HOSTILE, gender=HOSTILE, identifiers=(HOSTILE, HOSTILE))
    return packet_paper(found, facts, assessment, KNOWLEDGE, who)


def test_the_packet_says_what_a_reviewer_asks_for() -> None:
    """Diagnosis, trials with dose, dates, days, outcome, scores and reason, and what is to be documented."""
    first, second = texts(paper(example(), "carefirst"))
    for words in (
        "Patient: Ada Example · born 1968-03-14",
        "F33.2 Major depressive disorder",
        "Nobody could read this policy in its own words here",
        "It promises no coverage",
        "sertraline (SSRI)",
        "2025-09-28 to",
        "100 mg/day",
        "90 of 90",
        "failed (documented)",
        "21 (2025-09-27)",
        "(2025-12-26)",
        "lack of effect (Lack of",
        "2 of 2 shown: sertraline (SSRI), venlafaxine",
    ):
        assert words in first
    for words in (
        "which is no proof that there was none: augmentation, electroconvulsive therapy, transcranial",
        "PHQ-9: 21 (2025-09-27), 19 (2025-12-26), 18 (2026-04-30), 20 (2026-10-28)",
        "To be documented by the clinician",
        "☐ Prescriber: The prescriber's name and specialty",
        "Not known from the record: liver tests; substance-use screen; psychosis screen",
        "Signature: ____",
    ):
        assert words in second


def test_each_page_says_whose_it_is_and_by_what_rules() -> None:
    """A page that is torn from the other tells patient, policy, row version, rule set and day."""
    for number, text in enumerate(texts(paper(example(), "cigna")), 1):
        assert f"Psychiatry - Spravato: Ada Example Page {number} of 2" in text
        assert f"row version {KNOWLEDGE.policies.policies['cigna'].version}" in text
        assert f"rule set {KNOWLEDGE.rule_set}" in text
        assert "As of 2026-11-02" in text
        assert "no person has checked it yet" in text


@pytest.mark.parametrize("policy", KNOWLEDGE.policies.policies)
def test_every_policy_has_two_pages_with_all_its_criteria(policy: str) -> None:
    """No criterion of a shipped policy is left out for want of room."""
    made = paper(example(), policy)
    assert len(made.pages) == 2
    first = texts(made)[0]
    table = KNOWLEDGE.policies
    for row in table.policies[policy].criterion:
        assert f"{table.title(row)}:".split()[0] in first
    assert "in the bundle" not in first


@pytest.mark.parametrize("name", RECORDS)
def test_any_record_gives_two_pages(name: str) -> None:
    """However long or strange the history is, with text of it that nobody could foresee."""
    raw = drawn(name)
    assert len(PdfReader(BytesIO(raw)).pages) == 2
    assert raw == drawn(name)


def test_what_is_left_out_is_counted() -> None:
    """Of a history that is too long, the courses that count come first, and the others are counted."""
    facts = RECORDS["crowded"]
    first, second = texts(PdfReader(BytesIO(drawn("crowded"))))
    (read,) = read_criteria(facts, assess(facts, KNOWLEDGE, "default", D0), KNOWLEDGE, ["carefirst"])
    shown = first.count(" count ")
    assert f"and {len(read.trials) - shown} more, in the bundle" in first
    assert "6 counted, 1 possible" in first
    assert "more, in the bundle" in second


def test_a_policy_with_many_rows_is_cut_with_a_count() -> None:
    """A policy of a site with fifty rows still gives two pages."""
    policy = KNOWLEDGE.policies.policies["cigna"]
    rows = tuple(PolicyRow(id=f"own-{place}", text="words " * 40, outside="who " * 40) for place in range(50))
    table = replace(KNOWLEDGE.policies, policies={"cigna": replace(policy, criterion=rows)})
    knowledge = replace(KNOWLEDGE, policies=table)
    facts = read_document(RECORD.read_bytes(), knowledge, DAY).facts
    assessment = assess(facts, knowledge, "default", DAY)
    found = read_criteria(facts, assessment, knowledge, ["cigna"])
    made = PdfReader(BytesIO(packet_paper(found, facts, assessment, knowledge, ADA)))
    assert len(made.pages) == 2
    assert all("more, in the bundle" in text for text in texts(made))


@pytest.mark.parametrize("name", ["hostile", "crowded"])
def test_no_letter_is_below_seven_points(name: str) -> None:
    """What a fax has to carry is at least 7 pt high, the words of the picture too."""
    sizes = []

    def see(text: str, around: list[float], placed: list[float], _: object, size: float) -> None:
        if text.strip():
            sizes.append(round(size * abs(around[0] * placed[0]), 2))

    for page in PdfReader(BytesIO(drawn(name))).pages:
        page.extract_text(visitor_text=see)
    assert len(sizes) > 100
    assert min(sizes) >= 7


@pytest.mark.parametrize("name", ["hostile", "nothing"])
def test_nothing_in_it_acts(name: str) -> None:
    """No script, no link, no file: only words and lines, whatever the record says."""
    made = PdfReader(BytesIO(drawn(name)))
    assert not HARMFUL & set(keys_of(made))
    assert "<script>alert(1)</script>" in texts(made)[0]


def keys_of(made: PdfReader) -> Iterator[str]:
    """Yield the names in every object of a PDF."""
    for number in range(1, int(str(made.trailer["/Size"]))):
        yield from getattr(made.get_object(number), "keys", tuple)()


def test_letters_of_many_languages_are_copied_as_they_are() -> None:
    """Latin, Greek, Cyrillic and Vietnamese are drawn; what the font lacks is a box, and a line says so."""
    name = "Zażółć Ἀ Ελένη Привет Nguyễn"
    shown = texts(paper(example(), "cigna", identity(json.dumps({"name": [{"text": name}]}).encode())))
    assert "Zażółć" in shown[0]
    for word in ("Ελένη", "Привет", "Nguyễn"):
        assert word in shown[0]
    boxes = "stands for a letter that the font of this page lacks"
    assert boxes in shown[0]
    assert boxes not in texts(paper(example(), "cigna"))[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_courses_agree_with_the_criterion(case: Case) -> None:
    """As many courses are called counted as the criterion says are shown, whatever the policy accepts."""
    facts = read_document(json.dumps(bundle(case, DAY)).encode(), KNOWLEDGE, DAY).facts
    assessment = assess(facts, KNOWLEDGE, "default", DAY)
    for read in read_criteria(facts, assessment, KNOWLEDGE, tuple(KNOWLEDGE.policies.policies)):
        counted = sum(trial.status is TrialStatus.COUNTED for trial in read.trials)
        for criterion in read.criteria:
            if criterion.id == "trials" and counted:
                assert f"{counted} of " in criterion.shown.found
            elif criterion.id == "trials":
                assert criterion.shown.found == ""


def test_a_sign_of_suicide_risk_stands_among_the_findings() -> None:
    """Where the record shows a risk, the packet does not say that nothing was found."""
    record = example()
    observation = next(
        entry["resource"] for entry in record["entry"] if entry["resource"].get("id") == "phq9-now"
    )
    risk = {
        **observation,
        "id": "item9",
        "code": {"coding": [{"system": "http://loinc.org", "code": "44260-8"}]},
        "valueInteger": 3,
    }
    risk.pop("valueQuantity", None)
    record["entry"].append({"resource": risk})
    second = texts(paper(record, "cigna"))[1]
    assert "Suicide risk" in second
    assert "None was found in the record received" not in second


def test_the_command_writes_all_policies_into_one_pdf(tmp_path: Path) -> None:
    """`assess --criteria --format pdf` writes two pages for each policy."""
    out = tmp_path / "packet.pdf"
    arguments = ["assess", str(RECORD), "--as-of", "2026-11-02", "--criteria", "cigna,qualchoice"]
    assert main([*arguments, "--format", "pdf", "--output", str(out)]) == 0
    assert len(PdfReader(out).pages) == 4


def test_a_pdf_is_of_criteria(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a policy there is no packet: one line says what is lacking, and nothing is written."""
    out = tmp_path / "packet.pdf"
    assert main(["assess", str(RECORD), "--format", "pdf", "--output", str(out)]) == 2
    assert "--format pdf: expected --criteria" in capsys.readouterr().err
    assert not out.exists()
