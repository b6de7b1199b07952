"""`ketamine-cds doctor`: what captured calls show of an EHR, the entry it needs, and what ails a token."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from service.access.issuers import read_issuers
from service.cli import main
from service.doctor.captures import CaptureError, read_captures
from service.doctor.findings import lacking_scopes
from service.settings import Mode
from tests.asked import ASKED_FOR
from tests.hooks.chart import CHART, SERVER, Json, call, prefetched
from tests.trust.minting import EHR, EHR_JKU, LEFT_OUT, RSA, claims, header, key_set, minted

URL = "https://cds.example.org/cds-services/ketamine-referral-patient-view"
SCOPE = "patient/Patient.read patient/Condition.rs user/Observation.rs?category=x"


def bearer(**changes: Any) -> str:
    """The header of a call, from an EHR whose tokens live 900 s and hold before they were made."""
    now, algorithm = int(time.time()), changes.pop("alg", "RS384")
    usual = {"iat": now, "nbf": now - 60, "exp": now + 900, "sub": EHR, "tenant": LEFT_OUT}
    return "Bearer " + minted(header(alg=algorithm, jku=EHR_JKU), claims(URL, **(usual | changes)))


def leave(scope: str = SCOPE) -> Json:
    """Leave to read more."""
    return {
        "fhirServer": SERVER,
        "fhirAuthorization": {
            "access_token": "some-opaque-token",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": scope,
            "subject": "cds",
        },
    }


def body(*absent: str, **members: Any) -> Json:
    """A call that lacks prefetch keys."""
    prefetch = {key: value for key, value in prefetched(*CHART).items() if key not in absent}
    return call("patient-view", prefetch) | members


def written(folder: Path, *captures: Any) -> list[str]:
    """The files of captures: JSON unless they are text."""
    files = []
    for number, capture in enumerate(captures):
        file = folder / f"capture-{number}"
        file.write_text(capture if isinstance(capture, str) else json.dumps(capture))
        files.append(str(file))
    return files


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the command prints about captures."""

    def run(*captures: Any, **settings: str) -> str:
        for name, value in settings.items():
            monkeypatch.setenv(f"KETAMINE_CDS_{name}", value)
        assert main(["doctor", *written(tmp_path, *captures)]) == 0
        return capsys.readouterr().out

    return run


def test_it_tells_how_an_ehr_signs(told: Any) -> None:
    """Algorithm, key, address of keys, how long tokens live, and what they say besides; never the token."""
    sent = bearer()
    text = told({"url": URL, "headers": {"authorization": sent}, "body": body()})
    for said in ("alg RS384", "kid rsa", f"jku {EHR_JKU}", "lives 900 s", "60 s before iat", "also says sub"):
        assert said in text
    assert sent.removeprefix("Bearer ") not in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"alg": "RS256"}, "KETAMINE_CDS_ALGORITHMS"),
        ({"iat": LEFT_OUT}, "`iat` or `exp` is missing"),
        ({"jti": LEFT_OUT}, "`jti` is missing"),
        ({"exp": int(time.time()) + 7200}, "longer than this issuer's may"),
        ({"aud": "https://cds.example.org"}, "KETAMINE_CDS_PUBLIC_URL"),
    ],
)
def test_it_tells_why_a_token_will_be_refused(told: Any, changes: Json, said: str) -> None:
    """With the entry that it suggests, before anybody has entered it; one that will not is not named."""
    sent = {"url": URL, "headers": {"authorization": bearer()}, "body": body()}
    assert "refused" not in told(sent, PUBLIC_URL="https://cds.example.org")
    text = told(sent | {"headers": {"authorization": bearer(**changes)}})
    (line,) = (line for line in text.splitlines() if "refused with this entry" in line)
    assert said in line


def test_all_that_is_wrong_with_an_algorithm_and_the_rest_is_told(told: Any) -> None:
    """At one time, not one after the other has been mended."""
    sent = {"url": URL, "headers": {"authorization": bearer(alg="RS256", iat=LEFT_OUT)}, "body": body()}
    text = told(sent, PUBLIC_URL="https://cds.example.org")
    assert "KETAMINE_CDS_ALGORITHMS" in text
    assert "`iat` or `exp` is missing" in text


def test_ehrs_that_were_captured_together_are_kept_apart(tmp_path: Path, told: Any) -> None:
    """The entry of each has its own servers, tenants, times and lists, and none of the other."""
    other = leave() | {"fhirServer": "https://other.example/fhir"}
    sent = [
        {"url": URL, "headers": {"authorization": bearer()}, "body": body("deviceUses", **leave())},
        {"url": URL, "headers": {"authorization": bearer(iss="other")}, "body": body("encounters", **other)},
    ]
    assert "several issuers signed" in told(sent)
    file = tmp_path / "issuers.json"
    assert main(["doctor", *written(tmp_path, sent), "--entry", str(file)]) == 0
    first, second = json.loads(file.read_text())
    assert (first["iss"], first["fhirServers"], first["notOffered"]) == (
        EHR,
        [SERVER],
        ["DeviceUseStatement"],
    )
    assert (second["iss"], second["fhirServers"]) == ("other", ["https://other.example/fhir"])
    assert second["notOffered"] == ["Encounter"]


def test_it_tells_calls_without_tokens(told: Any) -> None:
    """And those whose token is none; where headers were not captured it says that alone."""
    text = told(
        {"url": URL, "headers": {}, "body": body()},
        {"url": URL, "headers": {"Authorization": "Bearer opaque"}, "body": body()},
    )
    assert "1 without a token" in text
    assert "1 with an Authorization header that holds no JWT" in text
    assert "no headers were captured" in told(body())


def test_it_tells_key_by_key_how_data_come(told: Any) -> None:
    """With entries, none there, first page only, an error, and not sent."""
    paged = {"resourceType": "Bundle", "type": "searchset", "link": [{"relation": "next", "url": "x"}]}
    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing"}]}
    odd = body("deviceUses")
    odd["prefetch"] |= {"procedures": paged, "encounters": failed, "medicationStatements": None}
    lines = {line.split()[0]: line for line in told(odd).splitlines() if line.strip()}
    assert "1 x with entries" in lines["conditions"]
    assert "1 x asked, none there" in lines["medicationStatements"]
    assert "1 x first page only" in lines["procedures"]
    assert "1 x an error in its place" in lines["encounters"]
    assert "1 x not sent" in lines["deviceUses"]


def test_it_tells_pages_and_leave_to_read(told: Any) -> None:
    """Which lists go on, whether the rest can be read, and what the scope leaves out."""
    paged = body()
    paged["prefetch"]["procedures"] |= {"link": [{"relation": "next", "url": "x"}]}
    assert "gives no leave to read on" in told(paged)
    text = told(paged | leave())
    assert "the pages behind are read from its FHIR server" in text
    assert "its scope leaves out: AllergyIntolerance" in text
    assert "no list goes on behind its first page" in told(body())


def test_half_a_leave_is_told(told: Any) -> None:
    """Such calls are refused, so the EHR has to know."""
    half = leave()
    del half["fhirAuthorization"]["subject"]
    assert "such calls get 400" in told(body(**half))


def test_the_entry_is_one_that_the_service_reads(tmp_path: Path, told: Any) -> None:
    """Keys, servers, lifetime, templates and lists that never came, as the file of issuers has them."""
    observations = [key for key in ASKED_FOR if key.startswith("observations")]
    absent = ("deviceUses", "medicationAdministrations", *observations)
    captured = [
        {"url": URL, "headers": {"Authorization": bearer(tenant="north")}, "body": body(*absent, **leave())}
        for _ in range(5)
    ]
    file = tmp_path / "issuers.json"
    assert main(["doctor", *written(tmp_path, captured), "--entry", str(file)]) == 0
    (issuer,) = read_issuers(file, Mode.PRODUCTION)
    assert (issuer.name, issuer.jku, issuer.token_lifetime) == (EHR, EHR_JKU, 900)
    assert (issuer.tenants, issuer.fhir_servers) == (frozenset({"north"}), (SERVER,))
    assert issuer.not_offered == {"DeviceUseStatement", "MedicationAdministration"}
    assert issuer.templates["surveys"] is None
    assert "category=" in str(issuer.templates["observations"])


def test_an_entry_never_replaces_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What an operator has written stays."""
    file = tmp_path / "issuers.json"
    file.write_text("mine")
    captured = written(tmp_path, {"headers": {"Authorization": bearer()}, "body": body()})
    assert main(["doctor", *captured, "--entry", str(file)]) == 2
    assert file.read_text() == "mine"
    assert capsys.readouterr().err.count("\n") == 1


def test_what_must_be_there_is_never_listed_as_not_offered(told: Any) -> None:
    """Nor are all lists of medicines: that they never came is told instead."""
    medicines = (
        "medicationRequests",
        "medicationDispenses",
        "medicationStatements",
        "medicationAdministrations",
    )
    text = told({"headers": {"Authorization": bearer()}, "body": body("conditions", *medicines)})
    assert "(Condition): it is needed" in text
    assert "no list of medicines ever came" in text
    assert "notOffered" not in text.partition("Entry for")[2]


def test_an_old_copy_of_discovery_explains_what_is_not_sent(told: Any) -> None:
    """A key that the EHR was never asked for says nothing about what it has."""
    known = {key: template for key, template in ASKED_FOR.items() if key != "deviceUses"}
    old = {"services": [{"id": "x", "hook": "patient-view", "description": "x", "prefetch": known}]}
    text = told(old, body("deviceUses", "encounters"))
    assert "the EHR's copy of discovery lacks this key" in text
    assert "(DeviceUseStatement)" not in text
    assert "(Encounter): in notOffered" in text


def test_what_cannot_be_read_is_told_with_its_place(told: Any) -> None:
    """As the answer with 400 would have told it, and nothing of what came."""
    text = told({**body(), "hookInstance": "secret-instance"})
    assert "hookInstance: " in text
    assert "secret-instance" not in text


def test_calls_come_as_har_as_http_and_in_lists(told: Any) -> None:
    """As browsers, proxies and people keep them."""
    sent = bearer()
    har = {
        "log": {
            "entries": [
                {
                    "request": {
                        "url": URL,
                        "headers": [{"name": "Authorization", "value": sent}],
                        "postData": {"text": json.dumps(body())},
                    }
                },
                {
                    "request": {"url": "https://cds.example.org/cds-services", "headers": []},
                    "response": {"content": {"text": json.dumps({"services": []})}},
                },
                {"request": {"url": "https://elsewhere.example/x"}},
            ]
        }
    }
    http = f"POST {URL} HTTP/1.1\r\nHost: x\r\nAuthorization: {sent}\r\n\r\n{json.dumps(body())}"
    lines = "\n".join(json.dumps({"headers": {"authorization": sent}, "body": body()}) for _ in range(2))
    text = told(har, http, [body(), {"request": body()}], lines)
    assert "6 x patient-view" in text
    assert "1 without a token" in text


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"log": {}}', "hello", "[1, null]", "[" * 100_000])
def test_a_file_that_holds_nothing_captured_is_told(content: str) -> None:
    """What was expected is said; nothing fails."""
    with pytest.raises(CaptureError):
        read_captures(content.encode())


@pytest.mark.parametrize(
    ("scope", "lacking"),
    [
        ("patient/*.read", ()),
        ("user/*.rs launch", ()),
        ("system/*.cruds", ()),
        ("patient/Patient.read patient/Condition.*", ("Observation",)),
        ("patient/Patient.r patient/Condition.rs user/Observation.s", ("Patient",)),
        ("patient/Patient.write openid", ("Condition", "Observation", "Patient")),
        ("", ("Condition", "Observation", "Patient")),
    ],
)
def test_what_a_scope_leaves_out(scope: str, lacking: tuple[str, ...]) -> None:
    """In the grammar of SMART 1 or 2; a read of one entry alone is no search."""
    assert lacking_scopes(scope, ("Patient", "Condition", "Observation")) == lacking


@pytest.fixture
def registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A service that knows the EHR by this entry."""

    def register(**entry: Any) -> None:
        (tmp_path / "keys.json").write_bytes(key_set(RSA))
        listed = [{"iss": EHR, "jwks": "keys.json", "jku": EHR_JKU, **entry}]
        (tmp_path / "issuers.json").write_text(json.dumps(listed))
        monkeypatch.setenv("KETAMINE_CDS_ISSUERS", str(tmp_path / "issuers.json"))
        monkeypatch.setenv("KETAMINE_CDS_PUBLIC_URL", "https://cds.example.org")

    return register


def examined(folder: Path, capture: Any, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    """Exit code and words of `doctor token`."""
    code = main(["doctor", "token", *written(folder, capture), *more])
    return code, capsys.readouterr().out


def test_a_token_is_examined_as_the_service_would(
    registered: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused for its length with the setting that allows it, and accepted where that is entered."""
    registered()
    code, text = examined(tmp_path, bearer(), capsys)
    assert code == 1
    assert "refused: lifetime" in text
    assert "lives 900 s" in text
    assert "`tokenLifetime`" in text
    registered(tokenLifetime=900)
    code, text = examined(tmp_path, bearer().removeprefix("Bearer "), capsys)
    assert (code, text.splitlines()[0]) == (0, f"accepted: issuer {EHR}")


def test_a_token_for_another_address_is_refused(
    registered: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the address that was called, or by that of the service where the call is not known."""
    registered(tokenLifetime=900)
    code, text = examined(tmp_path, bearer(), capsys, "--called", f"{URL}/feedback")
    assert (code, text.splitlines()[0][:17]) == (1, "refused: audience")
    code, text = examined(tmp_path, bearer(aud="https://inside.example/cds-services/x"), capsys)
    assert code == 1
    assert "KETAMINE_CDS_PUBLIC_URL" in text


def test_an_open_service_looks_at_no_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So there is nothing to examine."""
    assert main(["doctor", "token", *written(tmp_path, bearer())]) == 2
    assert "KETAMINE_CDS_AUTH" in capsys.readouterr().err
