"""Asking for criteria: on the command line, by HTTP, and with policies of a site."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from pypdf import PdfReader

from mappings.policies import with_policies
from mappings.tables import TableError, rule_tables
from service.cli import main
from service.operations.rules import read_rules
from service.settings import SettingsError, read_settings
from service.web.basis.policies import policy_index, policy_page
from tests.served import REPOSITORY

RECORD = REPOSITORY / "docs" / "examples" / "two-failed-trials.json"
DAY = "2026-11-02"
PAYER = REPOSITORY / "docs" / "examples" / "policies" / "payer.toml"


def asked(*arguments: str) -> int:
    """Run `assess` on the example record."""
    return main(["assess", str(RECORD), "--as-of", DAY, *arguments])


def posted(service: str, **query: str) -> requests.Response:
    """Post the example record with a query."""
    headers = {"Content-Type": "application/json"}
    return requests.post(
        f"{service}/assessments",
        params={"asOf": DAY, **query},
        data=RECORD.read_bytes(),
        headers=headers,
        timeout=60,
    )


def test_the_command_tells_criteria_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The assessment stays what it is; `criteria` holds the policies that were asked for, in their order."""
    assert asked("--format", "json") == 0
    plain: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert asked("--format", "json", "--criteria", "qualchoice,cigna") == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert "criteria" not in plain
    assert [one["profile"] for one in answer.pop("criteria")] == ["qualchoice", "cigna"]
    assert answer == plain


def test_the_command_tells_criteria_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    """The report says what is met and by which entries, what would settle the rest, and promises nothing."""
    assert asked("--criteria", "cigna") == 0
    out = capsys.readouterr().out
    for words in ("[met] Antidepressant trials", "MedicationRequest/sertraline", "[unknown] No psychosis"):
        assert words in out
    assert "It promises no coverage" in out
    assert "Nobody could read this policy in its own words here" in out


def test_the_command_draws_criteria_on_its_page(tmp_path: Path) -> None:
    """The page has the policies side by side and in words; without the option it says nothing of them."""
    plain, asked_for = tmp_path / "plain.html", tmp_path / "criteria.html"
    assert asked("--format", "html", "--output", str(plain)) == 0
    assert asked("--format", "html", "--criteria", "cigna,qualchoice", "--output", str(asked_for)) == 0
    page = asked_for.read_text(encoding="utf-8")
    drawn = "Which course counts for which policy"
    for words in ('<th scope="col">cigna</th>', "No psychosis", "It promises no coverage", drawn):
        assert words in page
    assert "It promises no coverage" not in plain.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (
            ("--criteria", "nobody"),
            "--criteria: expected all, or ids of policies separated by commas: default",
        ),
        (("--criteria", ""), "--criteria: expected all"),
        (("--criteria", "all,cigna"), "--criteria: expected all"),
        (
            ("--criteria", "all", "--format", "svg"),
            "--criteria: expected --format among text, json, html, pdf",
        ),
    ],
)
def test_what_cannot_be_told_is_refused(
    arguments: tuple[str, ...], fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line names what was expected, with exit code 2."""
    assert asked(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert fault in said.err


def test_http_tells_criteria(service: str) -> None:
    """`POST /assessments?criteria=` adds them; `all` is every policy; without it nothing changes."""
    plain = posted(service).json()
    answer = posted(service, criteria="all").json()
    criteria = answer.pop("criteria")
    assert answer == plain
    assert len(criteria) >= 12
    assert {"id", "text", "status", "evidence", "settledBy"} == set(criteria[0]["criteria"][0])


@pytest.mark.parametrize("query", ["criteria=nobody", "criteria=", "criteria=cigna&criteria=cigna"])
def test_http_refuses_what_it_does_not_know(service: str, query: str) -> None:
    """An unknown policy, none, or the parameter twice is a fault of the caller, with its place."""
    headers = {"Content-Type": "application/json"}
    answer = requests.post(
        f"{service}/assessments?{query}", data=RECORD.read_bytes(), headers=headers, timeout=60
    )
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == ["http.criteria"]


def test_a_site_adds_a_policy_with_data_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in the folder of KETAMINE_CDS_POLICIES_DIR is a policy like those that are shipped."""
    monkeypatch.setenv("KETAMINE_CDS_POLICIES_DIR", str(PAYER.parent))
    assert asked("--format", "json", "--criteria", "example-payer") == 0
    (found,) = json.loads(capsys.readouterr().out)["criteria"]
    statuses = {row["id"]: row["status"] for row in found["criteria"]}
    assert statuses == {
        "trials": "met",
        "severity": "met",
        "prescriber": "to-document",
        "home-visit": "to-document",
    }


def test_a_policy_of_a_site_has_its_page_and_its_packet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With data alone: a page with its rows, a form that is filled, and two pages for a reviewer."""
    monkeypatch.setenv("KETAMINE_CDS_POLICIES_DIR", str(PAYER.parent))
    knowledge = read_rules(read_settings({"KETAMINE_CDS_POLICIES_DIR": str(PAYER.parent)}))
    page = policy_page(knowledge, "default", "example-payer", date(2026, 11, 2))
    assert [one.title for one in page.criteria][-1] == "Nobody drives home alone"
    assert "example-payer" in {
        one.id for one in policy_index(knowledge, "default", date(2026, 11, 2)).policies
    }
    arguments = ["packet", str(RECORD), "--criteria", "example-payer", "-o", str(tmp_path), "--as-of", DAY]
    assert main(arguments) == 0
    response = json.loads((tmp_path / "example-payer-response.json").read_text(encoding="utf-8"))
    form = json.loads((tmp_path / "example-payer-questionnaire.json").read_text(encoding="utf-8"))
    assert response["questionnaire"] == f"{form['url']}|2026-05"
    made = PdfReader(tmp_path / "example-payer-packet.pdf").pages
    words = [" ".join(one.extract_text().split()) for one in made]
    assert "Esketamine, prior authorisation" in words[0]
    assert "To settle: The clinic: who accompanies" in words[0]
    assert "Nobody drives home alone: Nobody" not in words[0]
    assert "☐ Nobody drives home alone: The clinic: who accompanies the patient" in words[1]


def test_a_policy_of_a_site_replaces_the_shipped_one(tmp_path: Path) -> None:
    """One of the same id is the site's edition; the others stay, and the rule set keeps its name."""
    text = PAYER.read_text(encoding="utf-8").replace('id = "example-payer"', 'id = "cigna"')
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    plain = read_rules(read_settings({}))
    own = read_rules(read_settings({"KETAMINE_CDS_POLICIES_DIR": str(tmp_path)}))
    assert own.policies.policies.keys() == plain.policies.policies.keys()
    assert own.policies.policies["cigna"].publisher == "Example Payer"
    assert (own.rule_set, own.missing) == (plain.rule_set, ())


@pytest.mark.parametrize(
    ("written", "instead", "fault"),
    [
        ("trials = {", "trialls = {", "payer.toml: policy > row 1 (example-payer)"),
        (
            'counting = "default"',
            'counting = "mine"',
            "policy example-payer: counting: expected one of default",
        ),
        (
            "PHQ-9 = 15",
            "PHQ9 = 15",
            "policy example-payer: severity: PHQ9: expected a scale of severity.toml",
        ),
        ("days = 42", "days = 0", "payer.toml: policy > row 1 (example-payer)"),
        ('dated = "2026-05"', 'dated = "May 2026"', "expected a year, month or day"),
        (
            'id = "severity"',
            'id = "trials"',
            "payer.toml: policy > row 1 (example-payer) > criterion: listed twice: trials",
        ),
        ("outside =", "days =", "payer.toml: policy > row 1 (example-payer)"),
        ("[[policy]]", "[[policy", "payer.toml: not readable as TOML"),
        ('title = "Esk', 'title = "\\n[met] Esk', "title: expected one line, without invisible characters"),
        ('outside = "The p', 'outside = "\\u202eThe p', "expected one line, without invisible characters"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(
    tmp_path: Path, written: str, instead: str, fault: str
) -> None:
    """The start names the file, the policy and what was expected."""
    text = PAYER.read_text(encoding="utf-8")
    assert written in text
    (tmp_path / "payer.toml").write_text(text.replace(written, instead, 1), encoding="utf-8")
    with pytest.raises((SettingsError, TableError), match=re.escape(fault)):
        read_rules(read_settings({"KETAMINE_CDS_POLICIES_DIR": str(tmp_path)}))


def test_one_policy_in_two_files_is_refused(tmp_path: Path) -> None:
    """Which of two files of a site holds cannot be guessed."""
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(PAYER.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(TableError, match=r"b\.toml: example-payer: another file has this policy too"):
        read_rules(read_settings({"KETAMINE_CDS_POLICIES_DIR": str(tmp_path)}))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """A folder without a file of policies is a mistake, not an empty wish."""
    with pytest.raises(TableError, match="expected a file of policies"):
        with_policies(rule_tables(), tmp_path)
