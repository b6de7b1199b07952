"""From bytes to an assessment: what the hooks, the endpoint and the command share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cds_hooks import strict_json
from cds_hooks.errors import BadRequestError, CallerError
from cds_hooks.request import HookRequest, read_request
from mappings.knowledge import Knowledge
from service.assess import assess
from service.clinical.assessment import Assessment
from service.clinical.facts import PatientFacts
from service.fhir.decode import read_replies
from service.fhir.draft_orders import read_drafts
from service.fhir.prefetch import Asked, usual
from service.fhir.received import Fetched, as_sent
from service.fhir.record import NotARecordError, read_bundle, read_prefetch
from service.fhir.resources import Drafts, Record
from service.normalise import facts

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""Between them an assessment can be asked for: years around each lie within the calendar."""


class SeveralPatientsError(CallerError):
    """The record holds more than one patient: whose it is cannot be guessed."""

    status = 422
    code = "business-rule"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """What came with one hook call or Bundle, typed, and nothing understood yet.

    `patient_id` is whose record it must be, None when the input does not say it.
    """

    record: Record
    drafts: Drafts | None = None
    patient_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRecord:
    """A chart, and what it says about the patient."""

    chart: Chart
    facts: PatientFacts

    @property
    def record(self) -> Record:
        """What came, typed."""
        return self.chart.record

    @property
    def drafts(self) -> Drafts | None:
        """The draft orders; None where the hook brings none."""
        return self.chart.drafts


def assess_document(raw: bytes, knowledge: Knowledge, *, profile: str, as_of: date) -> Assessment:
    """Assess the patient of a FHIR Bundle or CDS Hooks request; raise CallerError for any other input."""
    return assess(read_document(raw, knowledge, as_of).facts, knowledge, profile, as_of)


def read_document(raw: bytes, knowledge: Knowledge, as_of: date) -> ReadRecord:
    """Read a FHIR Bundle or a CDS Hooks request; raise CallerError for other input."""
    return _read_request(raw, knowledge, as_of) if _is_request(raw) else _read_bundle(raw, knowledge, as_of)


def evaluation_day(text: str) -> date:
    """Return the day in `text`, written YYYY-MM-DD; raise ValueError that says what was expected."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or str(day) != text or not FIRST_DAY <= day <= LAST_DAY:  # str: ISO 8601 also knows weeks
        raise ValueError(f"expected a day as YYYY-MM-DD from {FIRST_DAY} to {LAST_DAY}")
    return day


def brought(request: HookRequest, asked: Asked) -> Fetched:
    """Return the requested data that a call brought."""
    return as_sent(read_replies(request.prefetch), asked)


def read_chart(request: HookRequest, came: Fetched) -> Chart:
    """Parse what came with a hook call, and what was read from its FHIR server, into typed resources."""
    selections = request.selections if request.hook == "order-select" else None
    return Chart(
        record=read_prefetch(came),
        drafts=read_drafts(request.draft_orders, selections) if request.draft_orders is not None else None,
        patient_id=request.patient_id,
    )


def read_record(chart: Chart, knowledge: Knowledge, as_of: date) -> ReadRecord:
    """Read what the record says. Draft orders are not part of it, wherever they stand."""
    found = facts(
        chart.record,
        knowledge.terminology,
        knowledge.reading,
        as_of,
        drafts=chart.drafts.keys if chart.drafts else frozenset(),
        patient_id=chart.patient_id,
    )
    return ReadRecord(chart=chart, facts=found)


def _is_request(raw: bytes) -> bool:
    members: Mapping[str, object] = strict_json.split(raw, {"hook", "resourceType"})
    return "hook" in members


def _read_request(raw: bytes, knowledge: Knowledge, as_of: date) -> ReadRecord:
    request = read_request(raw)
    chart = read_chart(request, brought(request, usual(knowledge.prefetch)))
    _one_patient(chart.record, "prefetch")
    return read_record(chart, knowledge, as_of)


def _read_bundle(raw: bytes, knowledge: Knowledge, as_of: date) -> ReadRecord:
    try:
        record = read_bundle(raw)
    except NotARecordError as error:
        raise BadRequestError(f"expected {error.expected}", expression=error.path) from error
    _one_patient(record, "Bundle.entry")
    return read_record(Chart(record=record), knowledge, as_of)


def _one_patient(record: Record, place: str) -> None:
    if len(record.patients) > 1:
        raise SeveralPatientsError("expected resources of one Patient, not of several", expression=place)
