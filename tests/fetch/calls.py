"""Calls as they are made in these tests, and the FHIR that a server answers with."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cds_hooks.request import Authorization, HookRequest
from service.fetch.fetching import Fetching
from service.fetch.http_client import Outbound
from service.fetch.server import AllowedServer, Refusal
from service.fhir.decode import read_replies
from service.fhir.received import Fetched, as_sent
from service.fhir.record import read_prefetch
from service.fhir.resources import Record
from tests.asked import ASKED, PREFETCH

Json = dict[str, Any]

PATIENT = "p"
BASE = "https://ehr.example.org/fhir"
TOKEN = "token-of-this-call"
SECONDS = 60.0  # that a read may take where time is not what is tested
KEYS = frozenset(PREFETCH)


def leave(token: str = TOKEN, *, expires_in: int | None = 300, patient: str | None = None) -> Authorization:
    """Leave to read, as a caller gives it."""
    return Authorization(
        access_token=token,
        token_type="Bearer",
        expires_in=expires_in,
        scope="patient/*.read",
        subject="ketamine-cds",
        patient=patient,
    )


def call(
    prefetch: Mapping[str, Any] | None = None,
    *,
    patient_id: str = PATIENT,
    fhir_server: str | None = BASE,
    authorization: Authorization | None = None,
    draft_orders: Json | None = None,
) -> HookRequest:
    """A call of a hook that sends `prefetch`."""
    return HookRequest(
        hook="patient-view" if draft_orders is None else "order-sign",
        hook_instance="4d2f3c34-5a4c-4ca8-a1a8-b0b8a7b9c7d6",
        user_id="Practitioner/x",
        patient_id=patient_id,
        prefetch={key: json.dumps(value).encode() for key, value in (prefetch or {}).items()},
        fhir_server=fhir_server,
        authorization=authorization,
        draft_orders=None if draft_orders is None else json.dumps(draft_orders).encode(),
    )


def sent_but(*absent: str) -> dict[str, Any]:
    """A prefetch in which all keys are known to be empty, without the `absent` ones."""
    return dict.fromkeys(KEYS - set(absent))


def searchset(*resources: Json, following: str | None = None, **members: Any) -> Json:
    """A page of a search, with a link to the `following` one."""
    link = [] if following is None else [{"relation": "next", "url": following}]
    entry = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entry, **members}


def condition(identity: str, patient_id: str = PATIENT) -> Json:
    """A problem."""
    subject = {"reference": f"Patient/{patient_id}"}
    return {"resourceType": "Condition", "id": identity, "subject": subject, "code": {"text": "asthma"}}


def order(identity: str, medication: str) -> Json:
    """An order that says only by reference what is ordered."""
    return {
        "resourceType": "MedicationRequest",
        "id": identity,
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{PATIENT}"},
        "medicationReference": {"reference": medication},
    }


def medication(identity: str) -> Json:
    """A product."""
    return {"resourceType": "Medication", "id": identity, "code": {"text": "sertraline 50 mg tablet"}}


def outcome(severity: str = "error") -> Json:
    """What a server complains of."""
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "exception"}]}


@contextmanager
def outbound() -> Iterator[Outbound]:
    """The way out of a process in development, closed in the end."""
    way = Outbound(allow_http_loopback=True)
    try:
        yield way
    finally:
        way.close()


@contextmanager
def fetching() -> Iterator[Fetching]:
    """A way to read, whose threads have ended in the end."""
    with outbound() as way:
        reader = Fetching(way)
        try:
            yield reader
        finally:
            reader.close()


def sent(request: HookRequest) -> Fetched:
    """What a call brought."""
    return as_sent(read_replies(request.prefetch), ASKED)


def fetched(
    request: HookRequest,
    source: AllowedServer | Refusal | None = AllowedServer(base=BASE, token=TOKEN),  # noqa: B008  # it is frozen
    *,
    seconds: float = SECONDS,
) -> Fetched:
    """What one call comes to in so many seconds."""
    with fetching() as reader:
        return reader.fetch(request, sent(request), source, time.monotonic() + seconds)


def record(request: HookRequest, came: Fetched) -> Record:
    """The record that a call and what was read make."""
    return read_prefetch(came)
