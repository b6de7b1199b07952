"""The record of the patient who was launched, read with the user's token and assessed like that of a hook."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import uuid4

from cds_hooks.request import HookRequest
from cds_hooks.service import StoppedError
from service.answer.bounds import Bounds
from service.answer.cards import RuleSet, other_patient, received
from service.answer.read import ReadRecord, brought, read_chart, read_record
from service.assess import assess
from service.assess.criteria import read_criteria
from service.clinical.assessment import Assessment
from service.clinical.criteria import ReadPolicy
from service.clinical.facts import PatientFacts
from service.fetch.fetching import ACCEPT, MOST_BYTES_OF_A_PAGE, Fetching
from service.fetch.http_client import Outbound, OutboundError
from service.fetch.server import AllowedServer
from service.fhir.prefetch import Asked
from service.operations.observing import note_stopped
from service.render.identity import PatientIdentity, identity
from service.web.smart.authorization import Grant
from service.web.smart.faults import LaunchError, LaunchFault

SECONDS = 10.0
"""For reading a record: a user who waits for a page has more patience than one who opens a chart."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """An assessment, what it was made from, and what the record shows of what policies ask for."""

    assessment: Assessment
    facts: PatientFacts = field(repr=False)
    criteria: tuple[ReadPolicy, ...] = field(repr=False)
    identity: PatientIdentity = field(repr=False)
    received: Mapping[str, int]


def evidence(
    outbound: Outbound,
    fetching: Fetching,
    base: str,
    grant: Grant,
    rules: RuleSet,
    today: date,
    asked: Asked,
    within: Bounds,
) -> Evidence:
    """Read and assess the patient of the `grant`; raise LaunchError if not even the patient can be read.

    Every other list that does not come is named in the assessment, which has to be made `within` bounds.
    """
    deadline = time.monotonic() + SECONDS
    source = AllowedServer(base=base, token=grant.token)
    patient = _patient(outbound, source, grant.patient_id, deadline)
    request = _request(base, grant.patient_id, patient)
    fetched = fetching.fetch(request, brought(request, asked.on(today)), source, deadline)
    read = within(lambda: read_record(read_chart(request, fetched), rules.knowledge, today))
    _require_patient(read)
    assessment = within(lambda: assess(read.facts, rules.knowledge, rules.profile, today))
    return Evidence(
        assessment=assessment,
        facts=read.facts,
        criteria=_criteria(read.facts, assessment, rules, within),
        identity=identity(patient),
        received=received(read),
    )


def _criteria(
    facts: PatientFacts, assessment: Assessment, rules: RuleSet, within: Bounds
) -> tuple[ReadPolicy, ...]:
    """Return the criteria of every policy; nothing if that takes too long, for the view can do without."""
    knowledge = rules.knowledge
    try:
        return within(lambda: read_criteria(facts, assessment, knowledge, knowledge.policies.current))
    except StoppedError as stopped:
        note_stopped(str(stopped))
        return ()


def _patient(outbound: Outbound, source: AllowedServer, patient_id: str, deadline: float) -> bytes:
    """Return the Patient, read alone and first: without it no further read makes sense."""
    url = f"{source.base}/Patient/{patient_id}"
    try:
        return outbound.get(
            url, deadline=deadline, max_bytes=MOST_BYTES_OF_A_PAGE, accept=ACCEPT, token=source.token
        )
    except OutboundError:
        raise LaunchError(LaunchFault.UNREAD) from None


def _request(base: str, patient_id: str, patient: bytes) -> HookRequest:
    """Return the launch as a hook call with only the Patient prefetched."""
    return HookRequest(
        hook="patient-view",
        hook_instance=str(uuid4()),
        user_id="",
        patient_id=patient_id,
        fhir_server=base,
        prefetch={"patient": patient},
    )


def _require_patient(read: ReadRecord) -> None:
    if read.facts.person is None and not read.record.patients:
        raise LaunchError(LaunchFault.UNREAD)
    if other_patient(read):
        raise LaunchError(LaunchFault.OTHER_PATIENT)
