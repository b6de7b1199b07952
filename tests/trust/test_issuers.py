"""The file of issuers: what it may say, and what the operator reads when it cannot be used."""

import json
from pathlib import Path
from typing import Any

import pytest

from service.access.issuers import Issuer, IssuersError, public_sandbox, read_issuers
from service.fhir.completeness import MEDICINES
from service.settings import Mode
from tests.trust.minting import (
    CLINIC,
    CLINIC_JKU,
    EHR,
    EHR_JKU,
    FOR_SECRETS,
    LEFT_OUT,
    RSA,
    STRANGER,
    key_set,
)

FHIR = "https://ehr.example/fhir"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with sets of keys, in which the file of issuers will stand."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "ehr.json").write_bytes(key_set(RSA))
    (tmp_path / "keys" / "none.json").write_bytes(key_set(FOR_SECRETS))
    (tmp_path / "keys" / "private.json").write_bytes(key_set(dict(STRANGER.as_dict(private=True))))
    (tmp_path / "keys" / "page.json").write_bytes(b"<html>")
    return tmp_path


def entry(**changes: Any) -> dict[str, Any]:
    """An entry with pinned keys."""
    members = {"iss": EHR, "jwks": "keys/ehr.json", **changes}
    return {name: value for name, value in members.items() if value is not LEFT_OUT}


def read(folder: Path, content: object, mode: Mode = Mode.PRODUCTION) -> tuple[Issuer, ...]:
    """What a file with this content says."""
    file = folder / "issuers.json"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return read_issuers(file, mode)


def test_an_entry_says_who_may_call_and_what_may_be_read(folder: Path) -> None:
    """Keys from a file beside it, tenants, and FHIR servers without their last slash."""
    (found,) = read(folder, [entry(tenants=["a", "b"], fhirServers=[FHIR + "/", FHIR + "2"])])
    assert found.keys is not None
    assert set(found.keys) == {"rsa"}
    assert (found.name, found.jku, found.tenants) == (EHR, None, frozenset("ab"))
    assert found.fhir_servers == (FHIR, FHIR + "2")


def test_a_site_may_have_templates_of_its_own_and_lack_lists(folder: Path) -> None:
    """A template that is null is not asked for; three of the four lists of medicines may lack."""
    own = {"observations": "Observation?patient={{context.patientId}}&combo-code={codes}", "surveys": None}
    (found,) = read(folder, [entry(prefetch=own, notOffered=list(MEDICINES[1:]))])
    assert found.templates == own
    assert found.not_offered == frozenset(MEDICINES[1:])


def test_keys_may_be_published_instead(folder: Path) -> None:
    """Then there is an address and no file; two issuers stand side by side."""
    first, second = read(folder, [entry(), {"iss": CLINIC, "jku": CLINIC_JKU}])
    assert first.keys is not None
    assert second == Issuer(name=CLINIC, keys=None, jku=CLINIC_JKU)


def test_an_address_beside_pinned_keys_is_kept(folder: Path) -> None:
    """Its tokens may name it."""
    (found,) = read(folder, [entry(jku=EHR_JKU)])
    assert found.jku == EHR_JKU
    assert found.keys is not None


def test_keys_may_stand_in_the_entry(folder: Path) -> None:
    """As well as in a file of their own."""
    (found,) = read(folder, [entry(jwks=json.loads(key_set(RSA)))])
    assert found.keys is not None
    assert set(found.keys) == {"rsa"}


def test_the_list_may_be_a_member_of_an_object(folder: Path) -> None:
    """Some tools write no file whose outermost value is a list."""
    assert read(folder, {"issuers": [entry()]}) == read(folder, [entry()])


def test_a_path_may_be_absolute(folder: Path) -> None:
    """As secrets are mounted."""
    (found,) = read(folder, [entry(jwks=str(folder / "keys" / "ehr.json"))])
    assert found.keys is not None


def test_development_may_use_this_machine_without_tls(folder: Path) -> None:
    """Nothing else, and not in production."""
    here = [entry(jwks=LEFT_OUT, jku="http://localhost:9/jwks.json", fhirServers=["http://127.0.0.1:9/fhir"])]
    assert read(folder, here, Mode.DEVELOPMENT)
    with pytest.raises(IssuersError, match=r"entry 1, jku: .*entry 1, fhirServers: "):
        read(folder, here)
    with pytest.raises(IssuersError, match="entry 1, jku: "):
        read(folder, [entry(jku="http://ehr.example/jwks.json")], Mode.DEVELOPMENT)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "expected a JSON file"),
        (b"{", "expected a JSON file"),
        ({}, "expected a list"),
        ([], "expected a list"),
        (["x"], "entry 1: "),
        ([entry(), 7], "entry 2: "),
        ([entry(iss=LEFT_OUT)], "entry 1, iss: missing"),
        ([entry(iss="")], "entry 1, iss: "),
        ([entry(iss=" padded ")], "entry 1, iss: "),
        ([entry(iss="x" * 256)], "entry 1, iss: "),
        ([entry(iss=["x"])], "entry 1, iss: "),
        ([entry(), entry()], "entry 1, iss: expected one entry"),
        ([entry(jwks=LEFT_OUT)], "entry 1, jwks: missing"),
        ([entry(jwks="")], "entry 1, jwks: "),
        ([entry(jwks="keys/absent.json")], "entry 1, jwks: "),
        ([entry(jwks="keys")], "entry 1, jwks: "),
        ([entry(jwks="keys/\0")], "entry 1, jwks: "),
        ([entry(jwks="keys/page.json")], "entry 1, jwks: "),
        ([entry(jwks="keys/none.json")], "entry 1, jwks: expected a public key"),
        ([entry(jwks="keys/private.json")], "entry 1, jwks: expected a public key"),
        ([entry(jwks={"keys": []})], "entry 1, jwks: "),
        ([entry(jku="ehr.example/jwks.json")], "entry 1, jku: "),
        ([entry(jku="file:///etc/passwd")], "entry 1, jku: "),
        ([entry(jku="http://ehr.example/jwks.json")], "entry 1, jku: expected https"),
        ([entry(prefetch=["x"])], "entry 1, prefetch: expected an object"),
        ([entry(prefetch={"no key": "Patient/{{context.patientId}}"})], "entry 1, prefetch: expected keys"),
        ([entry(prefetch={"x": 7})], "entry 1, prefetch: "),
        ([entry(prefetch={"x": "Observation?_include=*"})], "entry 1, prefetch: Observation?_include=*: "),
        ([entry(prefetch={"x": "Condition?patient={{context.encounter}}"})], "entry 1, prefetch: Condition?"),
        ([entry(prefetch={"x": "Coverage?patient=1"})], "entry 1, prefetch: expected a query for one of"),
        ([entry(notOffered="Procedure")], "entry 1, notOffered: "),
        ([entry(notOffered=["Observation"])], "entry 1, notOffered: expected some of"),
        ([entry(notOffered=["AllergyIntolerance"])], "entry 1, notOffered: expected some of"),
        ([entry(notOffered=["Condition", "Procedure"])], "entry 1, notOffered: expected some of"),
        ([entry(notOffered=list(MEDICINES))], "entry 1, notOffered: expected at least one of"),
        ([entry(tenants="ward-7")], "entry 1, tenants: "),
        ([entry(tenants=[])], "entry 1, tenants: "),
        ([entry(tenants=["ward-7", 8])], "entry 1, tenants: "),
        ([entry(tenants=[""])], "entry 1, tenants: "),
        ([entry(fhirServers=FHIR)], "entry 1, fhirServers: "),
        ([entry(fhirServers=["http://ehr.example/fhir"])], "entry 1, fhirServers: expected https"),
        ([entry(fhirServers=[FHIR + "?a=b"])], "entry 1, fhirServers: "),
        ([entry(fhirServers=["https://u:p@ehr.example/fhir"])], "entry 1, fhirServers: "),
        ([entry(fhirServers=["*"])], "entry 1, fhirServers: "),
        ([entry(fhirServer=[FHIR])], "entry 1, fhirServer: no such field"),
        ([entry(JWKS="x")], "entry 1, JWKS: no such field"),
    ],
)
def test_a_file_that_does_not_fit_stops_the_start(folder: Path, content: object, place: str) -> None:
    """One line names the setting, the entry and the field."""
    with pytest.raises(IssuersError) as refused:
        read(folder, content)
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"KETAMINE_CDS_ISSUERS: {place}")


def test_all_that_is_wrong_is_named_at_once(folder: Path) -> None:
    """So that the operator need not start as many times."""
    with pytest.raises(IssuersError) as refused:
        read(folder, [entry(iss=""), entry(tenants=[]), {"iss": CLINIC, "jku": "x"}])
    assert [fault.split(": ")[1] for fault in str(refused.value).split("; KETAMINE")] == [
        "entry 1, iss",
        "entry 2, tenants",
        "entry 3, jku",
    ]


def test_a_file_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    """It may be gone since the settings were read."""
    with pytest.raises(IssuersError, match="expected a JSON file"):
        read_issuers(tmp_path / "absent.json", Mode.PRODUCTION)


def test_the_public_sandbox_is_known_as_it_publishes_itself() -> None:
    """Issuer, key and address are those of its open source."""
    sandbox = public_sandbox((FHIR,))
    assert sandbox.keys is not None
    ((key,),) = sandbox.keys.values()
    assert (sandbox.name, sandbox.jku) == (
        "https://sandbox.cds-hooks.org",
        "https://sandbox.cds-hooks.org/.well-known/jwks.json",
    )
    assert key.thumbprint() == "s9fOe-KDYD1myZ8YCzleUqJQgrYZL49kVijBxhnZvZc"
    assert not key.is_private
    assert sandbox.fhir_servers == (FHIR,)


def test_tokens_of_an_issuer_may_live_longer_and_its_clock_be_wrong(folder: Path) -> None:
    """By what its entry says; without, five minutes, and nothing is known of the clock."""
    usual, own = read(folder, [entry(), entry(iss=CLINIC, tokenLifetime=3600, clockSkew=0)])
    assert (usual.token_lifetime, usual.clock_skew) == (300, None)
    assert (own.token_lifetime, own.clock_skew) == (3600, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tokenLifetime", 0),
        ("tokenLifetime", 3601),
        ("tokenLifetime", 900.5),
        ("tokenLifetime", "900"),
        ("clockSkew", -1),
        ("clockSkew", 301),
        ("clockSkew", [1]),
    ],
)
def test_seconds_have_bounds(folder: Path, field: str, value: object) -> None:
    """An hour for tokens, five minutes for clocks, and whole numbers."""
    with pytest.raises(IssuersError, match=f"entry 1, {field}: expected a whole number of seconds"):
        read(folder, [entry(**{field: value})])
