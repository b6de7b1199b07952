"""Two hospitals whose EHRs call the service: their keys, their tokens, and what they do with cards."""

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from tests.hooks.chart import CHART, Json, call, prefetched
from tests.trust.minting import Signing, ec_key, key_set, minted

PUBLIC = "https://cds.example.org"
SECONDS = 120.0
"""That any answer may take where time is not what is tested."""

VIEW, SIGN = (f"/cds-services/ketamine-referral-{hook}" for hook in ("patient-view", "order-sign"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Ehr:
    """An EHR as the service knows it; every call carries a token of its own unless one is given."""

    issuer: str
    key: Signing
    tenant: str | None = None

    def token(self, path: str) -> str:
        """A token that is good for one call of `path`."""
        now = int(time.time())
        stated = {
            "iss": self.issuer,
            "aud": PUBLIC + path,
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid.uuid4()),
        }
        named = stated | ({"tenant": self.tenant} if self.tenant else {})
        return minted({"alg": "ES384", "typ": "JWT", "kid": "key"}, named, self.key, "ES384")

    def post(self, url: str, path: str, body: Json, token: str | None = None) -> requests.Response:
        """The answer of the service at `url`."""
        return posted(url, path, body, {"Authorization": f"Bearer {token or self.token(path)}"})


NORTH = Ehr(issuer="https://north.example", key=ec_key("key"), tenant="ward-1")
NORTH_OTHER_WARD = Ehr(issuer=NORTH.issuer, key=NORTH.key, tenant="ward-2")
SOUTH = Ehr(issuer="https://south.example", key=ec_key("key"))


def listed(folder: Path, north: Sequence[str] = (), south: Sequence[str] = ()) -> str:
    """A file of issuers in `folder` that lists both, each with the FHIR servers that it may have read."""
    (folder / "north.json").write_bytes(key_set(NORTH.key))
    (folder / "south.json").write_bytes(key_set(SOUTH.key))
    entries = [
        {"iss": NORTH.issuer, "jwks": "north.json", "tenants": ["ward-1", "ward-2"], "fhirServers": north},
        {"iss": SOUTH.issuer, "jwks": "south.json", "fhirServers": south},
    ]
    given = [{name: value for name, value in entry.items() if value} for entry in entries]
    (folder / "issuers.json").write_text(json.dumps(given))
    return str(folder / "issuers.json")


def posted(url: str, path: str, body: Json, headers: Mapping[str, str] = {}) -> requests.Response:
    """The answer of the service at `url`, which asks nobody who calls unless the headers say it."""
    return requests.post(
        url + path,
        data=json.dumps(body),
        headers={"Content-Type": "application/json", **headers},
        timeout=SECONDS,
    )


def viewed(chart: Sequence[Json] = CHART, **context: Any) -> Json:
    """A chart is opened."""
    return call("patient-view", prefetched(*chart), **context)


def cards(answer: requests.Response) -> list[Json]:
    """The cards of an answer, which has to be one."""
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["cards"]
    return found


def topics(answer: requests.Response) -> list[str]:
    """What the cards of an answer are about."""
    return [card["source"]["topic"]["code"] for card in cards(answer)]


def lasting(value: Any) -> Any:
    """Cards without what is new in every answer."""
    if isinstance(value, dict):
        return {name: lasting(member) for name, member in value.items() if name != "uuid"}
    return [lasting(member) for member in value] if isinstance(value, list) else value


def overridden(*shown: Json, code: str = "cds-not-applicable") -> Json:
    """Feedback that says that a user did not follow these cards."""
    now = datetime.now(UTC).isoformat()
    reason = {"reason": {"code": code}}
    items = [
        {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": now, "overrideReason": reason}
        for card in shown
    ]
    return {"feedback": items}


def accepted(card: Json) -> Json:
    """Feedback that says that a user took the suggestion of a card."""
    item = {
        "card": card["uuid"],
        "outcome": "accepted",
        "outcomeTimestamp": datetime.now(UTC).isoformat(),
        "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
    }
    return {"feedback": [item]}
