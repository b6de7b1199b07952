"""EHRs that are not asked like all others: templates of a site's own, and lists that an EHR never has."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.fhir.prefetch import usual
from tests.hooks.chart import CHART, FOR_DEPRESSION, SPRAY, Json, call, drug, prefetched
from tests.hooks.ehr import ehr, knowledge
from tests.hospital.callers import NORTH, PUBLIC, SIGN, SOUTH, Ehr
from tests.trust.minting import key_set

DISCOVERY = "/cds-services"
OWN = "Observation?patient={{context.patientId}}&category=vital-signs,survey,laboratory,social-history"
SITE: dict[str, Any] = {
    "prefetch": {"observations": OWN, "surveys": None},
    "notOffered": ["DeviceUseStatement", "MedicationAdministration"],
}
USUAL = usual(knowledge().prefetch).templates
NEVER = ("deviceUses", "medicationAdministrations")
ORDER = drug(SPRAY, **FOR_DEPRESSION)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A service that knows two hospitals, and of the northern one what it lacks."""
    folder: Path = tmp_path_factory.mktemp("sites")
    entries = []
    for hospital, own in ((NORTH, SITE), (SOUTH, {})):
        entries.append({"iss": hospital.issuer, "jwks": json.loads(key_set(hospital.key)), **own})
    (folder / "issuers.json").write_text(json.dumps(entries))
    settings = {"ISSUERS": str(folder / "issuers.json"), "PUBLIC_URL": PUBLIC}
    return ehr(**{f"KETAMINE_CDS_{name}": value for name, value in settings.items()})


def bearer(hospital: Ehr, path: str) -> dict[str, str]:
    """The header of one call."""
    return {"Authorization": f"Bearer {hospital.token(path)}"}


def templates(client: FlaskClient, hospital: Ehr) -> list[Json]:
    """The prefetch templates that discovery shows to a hospital, of each service."""
    answer = client.get(DISCOVERY, headers=bearer(hospital, DISCOVERY))
    return [service["prefetch"] for service in json.loads(answer.data)["services"]]


def detail(client: FlaskClient, hospital: Ehr, prefetch: Json) -> str:
    """What the card about an order for the spray says."""
    body = call("order-sign", prefetch, [ORDER])
    answer = client.post(SIGN, json=body, headers=bearer(hospital, SIGN))
    assert answer.status_code == 200
    return str(json.loads(answer.data)["cards"][0]["detail"])


def without(*keys: str) -> Json:
    """A prefetch that lacks keys."""
    return {key: value for key, value in prefetched(*CHART).items() if key not in keys}


def test_discovery_shows_each_hospital_its_own_templates(client: FlaskClient) -> None:
    """The token of a call of discovery says whose they are."""
    own = {key: template for key, template in USUAL.items() if key not in (*NEVER, "surveys")}
    own = {key: OWN if key == "observations" else template for key, template in own.items()}
    own = {key: template for key, template in own.items() if not key.startswith("observations2")}
    assert templates(client, NORTH) == [own] * 3
    assert templates(client, SOUTH) == [dict(USUAL)] * 3


def test_what_an_ehr_never_has_is_not_told_on_a_card(client: FlaskClient) -> None:
    """Where nothing is known of the EHR it is told like a list that failed, in words."""
    prefetch = without(*NEVER, "surveys")
    assert "hospital administrations" in detail(client, SOUTH, prefetch)
    assert "hospital administrations" not in detail(client, NORTH, prefetch)
    assert "only a part came" in detail(client, SOUTH, prefetch)
    assert "only a part came" not in detail(client, NORTH, prefetch)


@pytest.mark.parametrize(
    ("key", "said"),
    [("allergies", "llergy list"), ("conditions", "roblem list"), ("procedures", "procedures (could not")],
)
def test_any_other_list_is_told_on_each_card(client: FlaskClient, key: str, said: str) -> None:
    """A key that is merely absent is told like one that failed, for this hospital too."""
    assert said in detail(client, NORTH, without(key))


def test_it_is_told_once_under_health_and_on_the_basis_pages(client: FlaskClient) -> None:
    """To those who run the service, and to clinicians."""
    assert client.get("/health").json["issuers"] == [  # type: ignore[index]
        {
            "iss": NORTH.issuer,
            "notOffered": ["DeviceUseStatement", "MedicationAdministration"],
            "prefetch": ["observations", "surveys"],
        }
    ]
    said = f"{NORTH.issuer} is known not to have: devices, hospital administrations."
    for path in ("/basis", "/basis/recommend"):
        assert any(said in limit for limit in client.get(path).json["limits"])  # type: ignore[index]
