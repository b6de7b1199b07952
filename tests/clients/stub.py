"""A client of CDS Hooks that speaks a dialect: it reads discovery, fills templates, signs and calls."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask.testing import FlaskClient

from tests.hooks.chart import Json
from tests.served import REPOSITORY
from tests.trust.minting import EC, RSA, Signing, header, key_set, minted, public

RECORD: list[Json] = [
    entry["resource"]
    for entry in json.loads((REPOSITORY / "docs/examples/two-failed-trials.json").read_text("utf-8"))["entry"]
]
PATIENT = next(one["id"] for one in RECORD if one["resourceType"] == "Patient")
SERVER = "https://fhir.dialect.example/r4"
PUBLIC = "https://cds.example.org"
OUTCOME: Json = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "not-supported", "details": {"text": "no such search"}}],
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How one client speaks.

    `entry` is its entry in the file of issuers, None where the service is open; `head` and `claims` are what
    its tokens have besides. `skips` are types that it leaves out, `fails` those for which it sends an error.
    With `nulls` an empty list is null; with `pages` a list ends after its first entry, the rest of which its
    server has; `leave` gives leave to read it. `members` are added to each call, `context` to its context.
    """

    name: str
    entry: Json | None = None
    alg: str = "ES384"
    kid: str = "key-1"
    head: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    lives: int = 300
    skips: frozenset[str] = frozenset()
    fails: frozenset[str] = frozenset()
    nulls: bool = False
    pages: bool = False
    leave: Json | None = None
    members: Json = field(default_factory=dict)
    context: Json = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Signing:
        """What it signs with."""
        return RSA if self.alg.startswith("RS") else EC

    @property
    def listed(self) -> Json:
        """Its whole entry."""
        keys = json.loads(key_set(public(self.key, kid=self.kid)))
        return {"iss": f"https://{self.name}.example", "jwks": keys, **(self.entry or {})}

    def token(self, path: str) -> str:
        """A token for one call of `path`."""
        now = int(time.time())
        stated = {
            "iss": self.listed["iss"],
            "aud": PUBLIC + path,
            "iat": now,
            "exp": now + self.lives,
            "jti": str(uuid.uuid4()),
            **{name: now + value if name == "nbf" else value for name, value in self.claims.items()},
        }
        return minted(header(alg=self.alg, kid=self.kid, **self.head), stated, self.key, self.alg)

    def signed(self, path: str) -> dict[str, str]:
        """The headers of a call."""
        told = dict(self.headers)
        return told if self.entry is None else told | {"Authorization": f"Bearer {self.token(path)}"}

    def discovery(self, service: FlaskClient) -> list[Json]:
        """The services that it is told of."""
        answer = service.get("/cds-services", headers=self.signed("/cds-services"))
        assert answer.status_code == 200, answer.text
        found: list[Json] = json.loads(answer.data)["services"]
        return found

    def call(self, service: Json) -> Json:
        """A call of `service`, its templates filled as this client can."""
        filled = {key: self._filled(template) for key, template in service["prefetch"].items()}
        context = {"userId": "Practitioner/doctor", "patientId": PATIENT, **self.context}
        body: Json = {
            "hook": service["hook"],
            "hookInstance": str(uuid.uuid4()),
            "context": context,
            "prefetch": {key: value for key, value in filled.items() if value != "left out"},
        }
        if self.leave is not None:
            body |= {"fhirServer": SERVER, "fhirAuthorization": self.leave}
        return body | self.members

    def _filled(self, template: str) -> Any:
        kind = template.split("?")[0].split("/")[0]
        if kind in self.skips or (
            "{{" in template.replace("{{context.patientId}}", "") and "today()" not in template
        ):
            return "left out"
        if kind in self.fails:
            return OUTCOME
        found = entries(kind)
        if kind == "Patient":
            return found[0]
        if not found and self.nulls:
            return None
        bundle: Json = {"resourceType": "Bundle", "type": "searchset"}
        shown = found[:1] if self.pages else found
        if shown:
            bundle["entry"] = [{"resource": one} for one in shown]
        if len(shown) < len(found):
            bundle["link"] = [{"relation": "next", "url": f"{SERVER}/{kind}?page=2"}]
        return bundle


@cache
def entries(kind: str) -> tuple[Json, ...]:
    """The resources of a type in the record."""
    return tuple(one for one in RECORD if one["resourceType"] == kind)


def leave(scope: str) -> Json:
    """Leave to read the FHIR server."""
    return {
        "access_token": "opaque",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": scope,
        "subject": "ketamine-cds",
        "patient": PATIENT,
    }


DIALECTS = (
    Dialect(
        name="public-sandbox",
        headers={"Origin": "https://sandbox.cds-hooks.org"},
        skips=frozenset({"DeviceUseStatement"}),
    ),
    Dialect(
        name="crd-request-generator",
        entry={"jku": "https://crd-request-generator.example/jwks"},
        head={"jku": "https://crd-request-generator.example/jwks"},
        context={"patientId": f"Patient/{PATIENT}", "encounterId": "Encounter/visit-1"},
        nulls=True,
    ),
    Dialect(name="healthchain", members={"extension": {"healthchain": {"run": 1}}}, nulls=True),
    Dialect(
        name="medplum",
        members={"fhirServer": "https://api.medplum.example/fhir/R4/"},
        headers={"Accept": "application/fhir+json, */*"},
    ),
    Dialect(
        name="epic-like",
        entry={
            "tokenLifetime": 900,
            "jku": "https://epic-like.example/oauth2/keys?x=1",
            "notOffered": ["DeviceUseStatement", "MedicationStatement"],
        },
        alg="RS384",
        kid="vNRq/4+7a=ü",
        head={"jku": "https://epic-like.example/oauth2/keys?x=1"},
        claims={"nbf": -30, "sub": "https://epic-like.example", "com.epic-like.user": {"id": 7}},
        lives=900,
        skips=frozenset({"DeviceUseStatement", "MedicationStatement"}),
        context={"userId": "PractitionerRole/role-7", "encounterId": "visit.1"},
        members={"extension": {"com.epic-like.cdshooks.request.trigger": "19"}},
    ),
    Dialect(
        name="oracle-health-like",
        entry={"tenants": ["ec2458f2-1e24-41c8-b71b-0e701af7583d"], "clockSkew": 60, "fhirServers": [SERVER]},
        alg="RS384",
        claims={"tenant": "ec2458f2-1e24-41c8-b71b-0e701af7583d"},
        fails=frozenset({"QuestionnaireResponse"}),
        leave=leave("patient/Patient.read patient/Condition.read patient/QuestionnaireResponse.read"),
    ),
    Dialect(
        name="crd-2-2",
        entry={
            "crd": True,
            "sharedService": True,
            "fhirpathTokens": True,
            "prefetch": {
                "procedures": "Procedure?patient={{context.patientId}}&date=ge{{today() - 365 days}}"
            },
        },
        members={
            "extension": {
                "davinci-crd.requested-version": "2.2",
                "davinci-crd.configuration": {"caution": False},
            }
        },
    ),
    Dialect(name="no-jwt", nulls=True),
    Dialect(name="pages", entry={"fhirServers": [SERVER]}, pages=True, leave=leave("patient/*.rs")),
    Dialect(name="no-call-backs", entry={}, nulls=True, fails=frozenset({"Encounter"})),
)
