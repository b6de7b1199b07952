"""The command line as a person uses it: in a process of its own, with files and pipes."""

import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.served import COMMAND, REPOSITORY, environment

RECORD = REPOSITORY / "docs" / "examples" / "two-failed-trials.json"
ORDER = REPOSITORY / "docs" / "examples" / "esketamine-order.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a finished command leaves behind."""

    code: int
    out: str
    err: str


def ketamine_cds(*arguments: str | Path, given: bytes = b"", **settings: str) -> Outcome:
    """Run the installed command with `settings`, each without its prefix."""
    done = subprocess.run(
        [COMMAND, *arguments],
        input=given,
        env=environment({f"KETAMINE_CDS_{name}": value for name, value in settings.items()}),
        capture_output=True,
        timeout=60,
    )
    return Outcome(code=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())


def refused(done: Outcome) -> str:
    """Return the one line that a refusal is."""
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    return done.err


def test_version_is_the_one_of_the_package() -> None:
    """`--version` prints name and version of the installed distribution."""
    done = ketamine_cds("--version")
    assert (done.code, done.out) == (0, "ketamine-cds 0.1.0\n")


def test_a_bundle_gives_a_readable_report() -> None:
    """Without a format the report is text that names both trials and the conclusion."""
    done = ketamine_cds("assess", RECORD, "--as-of", "2026-11-02")
    assert done.code == 0
    for finding in ("sertraline", "venlafaxine", "recommend"):
        assert finding in done.out


def test_a_record_comes_from_a_pipe_as_well() -> None:
    """`-` reads standard input and gives the same as the file."""
    same = ("--as-of", "2026-11-02", "--format", "json")
    piped = ketamine_cds("assess", "-", *same, given=RECORD.read_bytes())
    assert piped.out == ketamine_cds("assess", RECORD, *same).out
    assert json.loads(piped.out)["assessedOn"] == "2026-11-02"


def test_a_hook_request_is_assessed_like_a_bundle() -> None:
    """A captured CDS Hooks request can be looked into with the same command."""
    done = ketamine_cds("assess", ORDER, "--as-of", "2026-11-02", "--format", "json")
    assert "CI-ANEUR" in {flag["id"] for flag in json.loads(done.out)["flags"]}


def test_the_profile_comes_from_the_option_else_from_the_setting() -> None:
    """An option wins over KETAMINE_CDS_PROFILE, which wins over the default."""

    asked = ketamine_cds(
        "assess", RECORD, "--format", "json", "--profile", "lenient-4wk", PROFILE="strict-payer"
    )
    configured = ketamine_cds("assess", RECORD, "--format", "json", PROFILE="strict-payer")
    neither = ketamine_cds("assess", RECORD, "--format", "json")
    profiles = [json.loads(done.out)["ruleSet"]["profile"] for done in (asked, configured, neither)]
    assert profiles == ["lenient-4wk", "strict-payer", "default"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_today_is_the_day_in_the_configured_zone(zone: str) -> None:
    """Without a day the assessment is made for today in KETAMINE_CDS_TIME_ZONE."""
    before = datetime.now(UTC)
    done = ketamine_cds("assess", RECORD, "--format", "json", TIME_ZONE=zone)
    days = {str(moment.astimezone(ZoneInfo(zone)).date()) for moment in (before, datetime.now(UTC))}
    assert json.loads(done.out)["assessedOn"] in days


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"\xff\xfe", "UTF-8"),
        (b"[]", "object"),
        (b'{"resourceType": "Patient", "id": "1"}', "Bundle"),
        (b'{"a": NaN}', "JSON"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_input_that_is_no_record_is_refused_in_one_line(given: bytes, complaint: str) -> None:
    """What cannot be a Bundle or a hook request ends with exit code 2 and what was expected."""
    assert complaint in refused(ketamine_cds("assess", "-", given=given))


def test_two_patients_are_refused() -> None:
    """A Bundle of two people is assessed for neither."""
    patients = [{"resource": {"resourceType": "Patient", "id": name}} for name in ("a", "b")]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": patients}
    assert "one Patient" in refused(ketamine_cds("assess", "-", given=json.dumps(bundle).encode()))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "COMMAND"),
        (("judge",), "judge"),
        (("assess",), "FILE"),
        (("assess", "no-such-file.json"), "no-such-file.json"),
        (("assess", "/"), "/"),
        (("assess", "-", "--as-of", "2026-02-30"), "--as-of"),
        (("assess", "-", "--as-of", "2026-W45-1"), "--as-of"),
        (("assess", "-", "--as-of", "0001-01-01"), "--as-of"),
        (("assess", "-", "--profile", "strict"), "lenient-4wk"),
        (("assess", "-", "--format", "xml"), "json"),
    ],
)
def test_a_wrong_command_line_is_refused_in_one_line(arguments: tuple[str, ...], complaint: str) -> None:
    """The complaint names the argument or what would be right."""
    assert complaint in refused(ketamine_cds(*arguments))


def test_a_bad_setting_is_refused_in_one_line() -> None:
    """The settings are checked before anything is read."""
    done = ketamine_cds("assess", RECORD, TIME_ZONE="Vienna")
    assert refused(done).startswith("ketamine-cds: KETAMINE_CDS_TIME_ZONE: expected")
