"""Which server a call may be read from, and with which token."""

import pytest

from cds_hooks.request import Authorization
from service.fetch.http_client import Failure, OutboundError
from service.fetch.server import AllowedServer, Refusal, allowed_server, following, medication_id
from tests.fetch.calls import BASE, PATIENT, TOKEN, call, leave

ALLOWED = (BASE, "https://other.example.org:8443/r4")


@pytest.mark.parametrize(
    "named",
    [
        BASE,
        f"{BASE}/",
        "HTTPS://EHR.example.ORG/fhir",
        "https://other.example.org:8443/r4/",
    ],
)
def test_a_listed_base_is_read(named: str) -> None:
    """A trailing slash and capitals in scheme and host say nothing."""
    source = allowed_server(call(fhir_server=named, authorization=leave()), ALLOWED)
    assert isinstance(source, AllowedServer)
    assert (source.base in ALLOWED, source.token) == (True, TOKEN)


@pytest.mark.parametrize(
    "named",
    [
        f"{BASE}//",
        f"{BASE}/Patient",
        f"{BASE}?x=1",
        f"{BASE}#x",
        "https://ehr.example.org/FHIR",
        "https://ehr.example.org",
        "https://ehr.example.org:443/fhir",
        "http://ehr.example.org/fhir",
        "https://ehr.example.org.evil.example.com/fhir",
        "https://evil.example.com/https://ehr.example.org/fhir",
        "https://ehr.example.org/fhir/../other",
        "https://ehr.example.org/x/../fhir",
        "https://ehr.example.org./fhir",
        "https://user@ehr.example.org/fhir",
        "https://ehr.example.org%2ffhir",
        "https://169.254.169.254/latest",
    ],
)
def test_any_other_address_is_not(named: str) -> None:
    """However near it comes: a base is on the list as it stands or not at all."""
    assert allowed_server(call(fhir_server=named, authorization=leave()), ALLOWED) is Refusal.NOT_ALLOWED


def test_without_a_server_there_is_nothing_to_read() -> None:
    """And nothing was refused."""
    assert allowed_server(call(fhir_server=None), ALLOWED) is None


@pytest.mark.parametrize(
    ("authorization", "token"),
    [
        (None, None),
        (leave(""), None),
        (leave(expires_in=0), None),
        (leave(expires_in=-1), None),
        (leave(expires_in=1), TOKEN),
        (leave(expires_in=None), TOKEN),
        (leave(patient=PATIENT), TOKEN),
        (leave(patient=f"Patient/{PATIENT}"), TOKEN),
        (leave(patient=""), TOKEN),
    ],
)
def test_what_is_a_token(authorization: Authorization | None, token: str | None) -> None:
    """An empty or outlived one is none; an open server is read without."""
    assert allowed_server(call(authorization=authorization), ALLOWED) == AllowedServer(base=BASE, token=token)


@pytest.mark.parametrize("patient", ["q", "P", "Patient/q", "Group/p", "x/Patient/p"])
def test_a_token_for_another_patient_reads_nothing(patient: str) -> None:
    """What it would bring is about somebody else."""
    found = allowed_server(call(authorization=leave(patient=patient)), ALLOWED)
    assert found is Refusal.OTHER_PATIENT


def test_a_source_does_not_show_its_token() -> None:
    """In no representation of it."""
    assert TOKEN not in repr(AllowedServer(base=BASE, token=TOKEN))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("?page=2", f"{BASE}/?page=2"),
        ("Condition?page=2", f"{BASE}/Condition?page=2"),
        ("/fhir/Condition?page=2", f"{BASE}/Condition?page=2"),
        (f"{BASE}?_getpages=9", f"{BASE}?_getpages=9"),
        ("https://EHR.example.org:443/fhir/x", "https://EHR.example.org:443/fhir/x"),
        ("//ehr.example.org/fhir/2", "https://ehr.example.org/fhir/2"),
    ],
)
def test_links_are_followed_on_the_same_server(written: str, meant: str) -> None:
    """Relative ones from the base on."""
    assert following(written, BASE) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "http://ehr.example.org/fhir/x",
        "https://ehr.example.org:444/fhir/x",
        "https://other.example.org/fhir/x",
        "//other.example.org/fhir/x",
        "https://ehr.example.org@other.example.org/x",
        "https://ehr.example.org.example.com/x",
        "https://169.254.169.254/latest",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:application/json,{}",
        "/pages/2",
        "/",
        "https://ehr.example.org/fhir2/Condition",
        "https://ehr.example.org/other?/fhir/",
        "https://[bad/x",
        "https://ehr.example.org:port/x",
    ],
)
def test_links_elsewhere_are_not_followed(written: str) -> None:
    """Scheme, host and port are those of the base, and the path is below it."""
    with pytest.raises(OutboundError) as caught:
        following(written, BASE)
    assert caught.value.reason is Failure.NOT_ALLOWED


@pytest.mark.parametrize(
    ("reference", "identity"),
    [
        ("Medication/m-1", "m-1"),
        (f"{BASE}/Medication/m-1", "m-1"),
        ("Medication/m-1/_history/3", "m-1"),
        ("https://other.example.org/fhir/Medication/m-1", None),
        ("Substance/m-1", None),
        ("#m-1", None),
        ("urn:uuid:5e2ac1ab-4d0c-4f0e-9f55-1ae0d0e0a3a1", None),
        ("Medication?code=x", None),
        ("Medication/a/b", None),
        ("Medication/a?b", None),
        ("", None),
    ],
)
def test_which_medications_are_on_the_server(reference: str, identity: str | None) -> None:
    """Relative references and those under its base."""
    assert medication_id(reference, BASE) == identity
