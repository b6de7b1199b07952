"""The day on which a resource became known: a screening of an earlier day does not see what came later."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from service.clinical.partial_date import PartialDate
from service.fhir.bundles import ReceivedResource
from service.fhir.resources import (
    AllergyIntolerance,
    Condition,
    DeviceUseStatement,
    Encounter,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Observation,
    Period,
    Procedure,
    QuestionnaireResponse,
    Resource,
    ServiceRequest,
)
from service.normalise.dates import when

_DATED: Mapping[type[Resource], tuple[str, ...]] = {
    Condition: ("recorded_date", "onset_date_time", "onset_period"),
    Encounter: ("period",),
    MedicationRequest: ("authored_on",),
    MedicationDispense: ("when_handed_over", "when_prepared"),
    MedicationStatement: ("date_asserted", "effective_date_time", "effective_period"),
    MedicationAdministration: ("effective_date_time", "effective_period"),
    Observation: ("issued", "effective_date_time", "effective_instant", "effective_period"),
    QuestionnaireResponse: ("authored",),
    AllergyIntolerance: ("recorded_date", "onset_date_time"),
    Procedure: ("performed_date_time", "performed_period"),
    DeviceUseStatement: ("recorded_on", "timing_date_time", "timing_period"),
    ServiceRequest: ("authored_on", "occurrence_date_time", "occurrence_period"),
}
"""The elements that date a resource: when it was written down, else when it happened. Others have no day."""


class Dated(Struct, frozen=True, gc=False):
    """A resource and the day on which it was recorded; `undated`: it should state one and does not."""

    sent: ReceivedResource
    day: PartialDate | None
    undated: bool


def dated(sent: Iterable[ReceivedResource]) -> Sequence[Dated]:
    """Return the resources with the days on which they were recorded."""
    return [_dated(each) for each in sent]


def _dated(sent: ReceivedResource) -> Dated:
    elements = _DATED.get(type(sent.resource), ())
    day = next((day for name in elements if (day := _day(getattr(sent.resource, name)))), None)
    return Dated(sent, day, bool(elements) and day is None)


def _day(value: str | Period | None) -> PartialDate | None:
    text = value.start if isinstance(value, Period) else value
    return when(text) if text else None
