"""The configuration: defaults, and one clear line for everything that does not fit."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mappings.profiles import profile_names
from service.settings import Auth, Mode, Settings, SettingsError, read_settings


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
        flag_weights=None,
        policies_dir=None,
        validation_report=None,
        auth=Auth.OPEN,
        issuers=None,
        algorithms=("RS384", "ES384"),
        trust_public_sandbox=False,
        allow_open_public=False,
        fhir_servers=(),
        fetch_budget_ms=2000,
        cpu_budget_ms=1000,
        database_url="sqlite:///ketamine-cds.db",
        hash_key=None,
        suppression_days=7,
        retention_days=365,
        rate_limit=60_000,
        sandbox=False,
        lenient=False,
        silent=frozenset(),
        links=True,
        smart_client_id=None,
    )


def test_every_variable_reaches_its_setting(tmp_path: Path) -> None:
    """Each variable sets what it names, and variables of other programs are left alone."""
    issuers = tmp_path / "issuers.json"
    issuers.touch()
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
        "KETAMINE_CDS_AUTH": "jwt",
        "KETAMINE_CDS_ISSUERS": str(issuers),
        "KETAMINE_CDS_ALGORITHMS": "ES384, RS256",
        "KETAMINE_CDS_TRUST_PUBLIC_SANDBOX": "true",
        "KETAMINE_CDS_ALLOW_OPEN_PUBLIC": "true",
        "KETAMINE_CDS_FHIR_SERVERS": "https://ehr.example.org/fhir/, http://localhost:8080/r4",
        "KETAMINE_CDS_FETCH_BUDGET_MS": "0",
        "KETAMINE_CDS_DATABASE_URL": "postgresql://cds:word@db/cds",
        "KETAMINE_CDS_HASH_KEY": "k" * 32,
        "KETAMINE_CDS_SUPPRESSION_DAYS": "0",
        "KETAMINE_CDS_RETENTION_DAYS": "30",
        "KETAMINE_CDS_CPU_BUDGET_MS": "50",
        "KETAMINE_CDS_RATE_LIMIT": "10",
        "KETAMINE_CDS_SANDBOX": "off",
        "KETAMINE_CDS_LENIENT": "false",
        "KETAMINE_CDS_SILENT": "patient-view, order-select",
        "KETAMINE_CDS_LINKS": "false",
        "KETAMINE_CDS_SMART_CLIENT_ID": "evidence",
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
        flag_weights=None,
        policies_dir=None,
        validation_report=None,
        auth=Auth.JWT,
        issuers=issuers,
        algorithms=("ES384", "RS256"),
        trust_public_sandbox=True,
        allow_open_public=True,
        fhir_servers=("https://ehr.example.org/fhir", "http://localhost:8080/r4"),
        fetch_budget_ms=0,
        cpu_budget_ms=50,
        database_url="postgresql://cds:word@db/cds",
        hash_key="k" * 32,
        suppression_days=0,
        retention_days=30,
        rate_limit=10,
        sandbox=False,
        lenient=False,
        silent=frozenset({"patient-view", "order-select"}),
        links=False,
        smart_client_id="evidence",
    )


def test_secrets_are_not_printed() -> None:
    """Whoever prints the settings prints neither the hash key nor the password of the database."""
    read = read_settings(
        {"KETAMINE_CDS_HASH_KEY": "k" * 32, "KETAMINE_CDS_DATABASE_URL": "postgresql://cds:word@db/cds"}
    )
    assert "kkk" not in repr(read)
    assert "word" not in repr(read)


def test_a_file_of_issuers_closes_the_service_unless_it_is_opened_on_purpose(tmp_path: Path) -> None:
    """Whoever lists issuers means them; `open` has to be said."""
    (tmp_path / "issuers.json").touch()
    listed = {"KETAMINE_CDS_ISSUERS": str(tmp_path / "issuers.json")}
    assert read_settings(listed).auth is Auth.JWT
    assert read_settings({**listed, "KETAMINE_CDS_AUTH": "open"}).auth is Auth.OPEN


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"AUTH": "jwt"}, "KETAMINE_CDS_ISSUERS: expected a file of issuers"),
        ({"TRUST_PUBLIC_SANDBOX": "true"}, "KETAMINE_CDS_TRUST_PUBLIC_SANDBOX: expected `false`"),
        ({"DATABASE_URL": "postgresql://cds@db/cds"}, "KETAMINE_CDS_HASH_KEY: expected a secret"),
        (
            {"RETENTION_DAYS": "6", "SUPPRESSION_DAYS": "7"},
            "KETAMINE_CDS_RETENTION_DAYS: expected no fewer days",
        ),
        ({"FHIR_SERVERS": "http://localhost:8080/r4"}, "KETAMINE_CDS_FHIR_SERVERS: expected https"),
        (
            {"MODE": "development", "FHIR_SERVERS": "http://ehr.example.org/r4"},
            "KETAMINE_CDS_FHIR_SERVERS: expected https",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, str], complaint: str) -> None:
    """What each setting allows by itself may be wrong beside another one."""
    with pytest.raises(SettingsError) as refusal:
        read_settings({f"KETAMINE_CDS_{name}": value for name, value in settings.items()})
    assert str(refusal.value).startswith(complaint)


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
        ("PROFILE", "strict", f"one of {', '.join(profile_names())}"),
        ("TIME_ZONE", "Vienna", "an IANA time zone name"),
        ("TIME_ZONE", "Europe", "an IANA time zone name"),
        ("TIME_ZONE", "../../etc/passwd", "an IANA time zone name"),
        ("TIME_ZONE", "", "an IANA time zone name"),
        ("MAX_BODY_BYTES", "1023", "a whole number of at least 1024"),
        ("MAX_BODY_BYTES", "32 MB", "a whole number of at least 1024"),
        ("TERMINOLOGY_DIR", "/no/such/folder", "a folder that `ketamine-cds terminology build` has written"),
        ("FLAG_WEIGHTS", "/no/such/file", "a TOML file that can be read"),
        ("POLICIES_DIR", "/no/such/folder", "a folder with TOML files of policies"),
        ("AUTH", "none", "open or jwt"),
        ("ISSUERS", "/no/such/file", "a JSON file that can be read"),
        ("ALGORITHMS", "HS256", "signature algorithms among"),
        ("ALGORITHMS", "none", "signature algorithms among"),
        ("ALGORITHMS", "", "signature algorithms among"),
        ("TRUST_PUBLIC_SANDBOX", "perhaps", "true or false"),
        ("ALLOW_OPEN_PUBLIC", "", "true or false"),
        ("FHIR_SERVERS", "ehr.example.org", "base URLs"),
        ("FHIR_SERVERS", "https://ehr.example.org/fhir?x=1", "base URLs"),
        ("FETCH_BUDGET_MS", "-1", "a whole number from 0 to 60000"),
        ("DATABASE_URL", "mysql://db/cds", "sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "sqlite:///", "sqlite:///FILE or postgresql://"),
        ("HASH_KEY", "k" * 31, "a secret of at least 32 characters"),
        ("SUPPRESSION_DAYS", "366", "a whole number from 0 to 365"),
        ("RETENTION_DAYS", "0", "a whole number from 1 to 36500"),
        ("RATE_LIMIT", "0", "a whole number from 1 to 10000000"),
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
