"""The configuration: defaults, and one clear line for everything that does not fit."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.settings import Mode, Settings, SettingsError, read_settings


def test_defaults_are_a_closed_production_service_on_loopback() -> None:
    """Without any variable the service listens on loopback only and lets no web origin in."""
    assert read_settings({}) == Settings(
        host="127.0.0.1",
        port=8000,
        public_url="http://127.0.0.1:8000",
        mode=Mode.PRODUCTION,
        cors_origins=(),
        profile="default",
        time_zone=ZoneInfo("UTC"),
        max_body_bytes=33_554_432,
        terminology_dir=None,
    )


def test_every_variable_reaches_its_setting(tmp_path: Path) -> None:
    """Each variable sets what it names, and variables of other programs are left alone."""
    environment = {
        "KETAMINE_CDS_HOST": "::",
        "KETAMINE_CDS_PORT": "9000",
        "KETAMINE_CDS_PUBLIC_URL": "https://cds.example.org/ketamine/",
        "KETAMINE_CDS_MODE": "development",
        "KETAMINE_CDS_CORS_ORIGINS": "https://ehr.example.org, http://localhost:3000",
        "KETAMINE_CDS_PROFILE": "strict-payer",
        "KETAMINE_CDS_TIME_ZONE": "Europe/Vienna",
        "KETAMINE_CDS_MAX_BODY_BYTES": "1024",
        "KETAMINE_CDS_TERMINOLOGY_DIR": str(tmp_path),
        "PORT": "not ours",
    }
    assert read_settings(environment) == Settings(
        host="::",
        port=9000,
        public_url="https://cds.example.org/ketamine",
        mode=Mode.DEVELOPMENT,
        cors_origins=("https://ehr.example.org", "http://localhost:3000"),
        profile="strict-payer",
        time_zone=ZoneInfo("Europe/Vienna"),
        max_body_bytes=1024,
        terminology_dir=tmp_path,
    )


def test_development_lets_every_origin_in_unless_origins_are_listed() -> None:
    """A tester's browser page works at once in development, and a listed origin still narrows it."""
    development = {"KETAMINE_CDS_MODE": "development"}
    assert read_settings(development).cors_origins == ("*",)
    assert read_settings({**development, "KETAMINE_CDS_CORS_ORIGINS": ""}).cors_origins == ()


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:8000"), ("::1", "http://[::1]:8000")]
)
def test_public_url_follows_the_address(host: str, url: str) -> None:
    """Where no public URL is given, it is where the service listens, in the spelling of a URL."""
    assert read_settings({"KETAMINE_CDS_HOST": host}).public_url == url


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("HOST", "ehr.example.org", "an IPv4 or IPv6 address"),
        ("PORT", "http", "a whole number from 1 to 65535"),
        ("PORT", "0", "a whole number from 1 to 65535"),
        ("PORT", "65536", "a whole number from 1 to 65535"),
        ("PORT", "80.5", "a whole number from 1 to 65535"),
        ("PORT", "", "a whole number from 1 to 65535"),
        ("PUBLIC_URL", "cds.example.org", "an http or https URL"),
        ("PUBLIC_URL", "ftp://cds.example.org", "an http or https URL"),
        ("PUBLIC_URL", "https://cds.example.org/?a=b", "an http or https URL"),
        ("PUBLIC_URL", "https://user:word@cds.example.org", "an http or https URL"),
        ("PUBLIC_URL", "https://cds.example.org:99999", "an http or https URL"),
        ("MODE", "debug", "development or production"),
        ("MODE", "PRODUCTION", "development or production"),
        ("CORS_ORIGINS", "https://ehr.example.org/", "web origins"),
        ("CORS_ORIGINS", "*, https://ehr.example.org", "web origins"),
        ("CORS_ORIGINS", "null", "web origins"),
        ("PROFILE", "strict", "one of default, lenient-4wk, strict-payer"),
        ("TIME_ZONE", "Vienna", "an IANA time zone name"),
        ("TIME_ZONE", "Europe", "an IANA time zone name"),
        ("TIME_ZONE", "../../etc/passwd", "an IANA time zone name"),
        ("TIME_ZONE", "", "an IANA time zone name"),
        ("MAX_BODY_BYTES", "1023", "a whole number of at least 1024"),
        ("MAX_BODY_BYTES", "32 MB", "a whole number of at least 1024"),
        ("TERMINOLOGY_DIR", "/no/such/folder", "a folder that `ketamine-cds terminology build` has written"),
        ("TERMINOLOGY_DIR", "a\0b", "a folder that `ketamine-cds terminology build` has written"),
    ],
)
def test_a_bad_value_is_refused_by_name(variable: str, value: str, expected: str) -> None:
    """The complaint is one line: the variable and what was expected, without the value."""
    with pytest.raises(SettingsError) as refusal:
        read_settings({f"KETAMINE_CDS_{variable}": value})
    message = str(refusal.value)
    assert message.startswith(f"KETAMINE_CDS_{variable}: expected {expected}")
    assert "\n" not in message


def test_a_complaint_does_not_repeat_the_value() -> None:
    """A password that stands in a wrong value does not reach a log."""
    with pytest.raises(SettingsError) as refusal:
        read_settings({"KETAMINE_CDS_PUBLIC_URL": "https://user:open-sesame@cds.example.org"})
    assert "sesame" not in str(refusal.value)


def test_an_unknown_variable_is_refused_with_the_name_it_resembles() -> None:
    """A misspelt variable stops the start instead of leaving a limit at its default."""
    with pytest.raises(
        SettingsError, match=r"^KETAMINE_CDS_PROT: no such setting, did you mean KETAMINE_CDS_PORT\?$"
    ):
        read_settings({"KETAMINE_CDS_PROT": "9000"})


def test_all_faults_stand_in_one_line() -> None:
    """An operator corrects everything at once."""
    with pytest.raises(SettingsError) as refusal:
        read_settings({"KETAMINE_CDS_PORT": "x", "KETAMINE_CDS_MODE": "x"})
    assert str(refusal.value).count("expected") == 2
