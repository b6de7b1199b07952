"""The FHIR R4 resources as this service reads them: only the elements that a rule looks at.

The names are FHIR's own, written in snake case. Decoding leaves everything else out without building
it. A list that is null, an object where a list belongs and other departures from FHIR do not fit these
types; `service.fhir.repair` puts right what can be.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec import field as member

from service.clinical.facts import Completeness, FetchFailure, Unreadable


class Element(Struct, frozen=True, kw_only=True, gc=False, rename="camel", omit_defaults=True):
    """A part of a resource; an absent element is empty or None."""


class Coding(Element, frozen=True):
    """A code of a code system."""

    system: str = ""
    code: str = ""
    display: str = ""


class CodeableConcept(Element, frozen=True):
    """One concept in several codings and in words."""

    coding: tuple[Coding, ...] = ()
    text: str = ""


class Identifier(Element, frozen=True):
    """A business identifier."""

    system: str = ""
    value: str = ""


class Reference(Element, frozen=True):
    """A pointer to another resource: by reference, by identifier, or in words only."""

    reference: str = ""
    display: str = ""
    identifier: Identifier | None = None


class Quantity(Element, frozen=True):
    """A number with its unit."""

    value: float | None = None
    comparator: str = ""
    unit: str = ""
    code: str = ""


class Range(Element, frozen=True):
    """Two limits."""

    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(Element, frozen=True):
    """A strength such as 40 mg in 100 mL."""

    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Period(Element, frozen=True):
    """From a day to a day, both included."""

    start: str = ""
    end: str = ""


class Extension(Element, frozen=True):
    """An extension; only coded values are read."""

    url: str = ""
    value_codeable_concept: CodeableConcept | None = None
    extension: tuple["Extension", ...] = ()


class Meta(Element, frozen=True):
    """Which version of the resource this is."""

    last_updated: str = ""


class Repeat(Element, frozen=True):
    """When and for how long a dose is taken."""

    bounds_duration: Quantity | None = None
    bounds_range: Range | None = None
    bounds_period: Period | None = None
    frequency: float | None = None
    period: float | None = None
    period_max: float | None = None
    period_unit: str = ""
    day_of_week: tuple[str, ...] = ()
    time_of_day: tuple[str, ...] = ()
    when: tuple[str, ...] = ()


class Timing(Element, frozen=True):
    """A schedule, as numbers or as a code such as BID."""

    repeat: Repeat | None = None
    code: CodeableConcept | None = None


class DoseAndRate(Element, frozen=True):
    """One statement of the amount of one dose; systems repeat it in several units."""

    type: CodeableConcept | None = None
    dose_quantity: Quantity | None = None
    dose_range: Range | None = None


class Note(Element, frozen=True):
    """A remark in words."""

    text: str = ""


class Dosage(Element, frozen=True):
    """How a medicine is to be taken, or was."""

    sequence: float | None = None
    text: str = ""
    patient_instruction: str = ""
    additional_instruction: tuple[CodeableConcept, ...] = ()
    method: CodeableConcept | None = None
    timing: Timing | None = None
    as_needed_boolean: bool = False
    as_needed_codeable_concept: CodeableConcept | None = None
    route: CodeableConcept | None = None
    dose_and_rate: tuple[DoseAndRate, ...] = ()


class Ingredient(Element, frozen=True):
    """A component of a Medication."""

    item_codeable_concept: CodeableConcept | None = None
    item_reference: Reference | None = None
    strength: Ratio | None = None


class Contained(Element, frozen=True):
    """A resource inside another: a Medication, or the code of what is given as a reason."""

    resource_type: str = ""
    id: str = ""
    code: CodeableConcept | None = None
    form: CodeableConcept | None = None
    ingredient: tuple[Ingredient, ...] = ()


class Resource(
    Struct, frozen=True, kw_only=True, gc=False, rename="camel", omit_defaults=True, tag_field="resourceType"
):
    """What all resources have."""

    id: str = ""
    meta: Meta | None = None


class Patient(Resource, frozen=True, tag="Patient"):
    """The person the record is about."""

    identifier: tuple[Identifier, ...] = ()
    gender: str = ""
    birth_date: str = ""
    deceased_boolean: bool = False
    deceased_date_time: str = ""


class Encounter(Resource, frozen=True, tag="Encounter"):
    """A contact; it dates what has no date of its own."""

    class_: Coding | None = member(default=None, name="class")
    subject: Reference | None = None
    period: Period | None = None


class Stage(Element, frozen=True):
    """A stage of a condition, in words."""

    summary: CodeableConcept | None = None


class Condition(Resource, frozen=True, tag="Condition"):
    """A problem-list item or an encounter diagnosis."""

    subject: Reference | None = None
    encounter: Reference | None = None
    clinical_status: CodeableConcept | None = None
    verification_status: CodeableConcept | None = None
    category: tuple[CodeableConcept, ...] = ()
    code: CodeableConcept | None = None
    onset_date_time: str = ""
    onset_age: Quantity | None = None
    onset_period: Period | None = None
    onset_range: Range | None = None
    onset_string: str = ""
    abatement_date_time: str = ""
    abatement_age: Quantity | None = None
    abatement_period: Period | None = None
    abatement_range: Range | None = None
    abatement_string: str = ""
    abatement_boolean: bool = False  # of older versions, still met
    recorded_date: str = ""
    stage: tuple[Stage, ...] = ()


class Medication(Resource, frozen=True, tag="Medication"):
    """A product that orders and dispenses refer to."""

    code: CodeableConcept | None = None
    form: CodeableConcept | None = None
    ingredient: tuple[Ingredient, ...] = ()


class DispenseRequest(Element, frozen=True):
    """How much the order allows to be handed over."""

    validity_period: Period | None = None
    number_of_repeats_allowed: float | None = None
    quantity: Quantity | None = None
    expected_supply_duration: Quantity | None = None


class MedicationRequest(Resource, frozen=True, tag="MedicationRequest"):
    """An order, or what stands in its place: a plan, a reported home medicine, a prohibition."""

    extension: tuple[Extension, ...] = ()
    contained: tuple[Contained, ...] = ()
    status: str = ""
    status_reason: CodeableConcept | None = None
    intent: str = ""
    category: tuple[CodeableConcept, ...] = ()
    do_not_perform: bool = False
    reported_boolean: bool = False
    reported_reference: Reference | None = None
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    authored_on: str = ""
    reason_code: tuple[CodeableConcept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    based_on: tuple[Reference, ...] = ()
    note: tuple[Note, ...] = ()
    dosage_instruction: tuple[Dosage, ...] = ()
    dispense_request: DispenseRequest | None = None


class MedicationDispense(Resource, frozen=True, tag="MedicationDispense"):
    """A supply, handed over or not."""

    extension: tuple[Extension, ...] = ()
    contained: tuple[Contained, ...] = ()
    status: str = ""
    status_reason_codeable_concept: CodeableConcept | None = None
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    subject: Reference | None = None
    authorizing_prescription: tuple[Reference, ...] = ()
    quantity: Quantity | None = None
    days_supply: Quantity | None = None
    when_prepared: str = ""
    when_handed_over: str = ""
    dosage_instruction: tuple[Dosage, ...] = ()


class MedicationStatement(Resource, frozen=True, tag="MedicationStatement"):
    """Reported use of a medicine."""

    extension: tuple[Extension, ...] = ()
    contained: tuple[Contained, ...] = ()
    status: str = ""
    status_reason: tuple[CodeableConcept, ...] = ()
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    subject: Reference | None = None
    effective_date_time: str = ""
    effective_period: Period | None = None
    date_asserted: str = ""
    information_source: Reference | None = None
    based_on: tuple[Reference, ...] = ()
    reason_code: tuple[CodeableConcept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    note: tuple[Note, ...] = ()
    dosage: tuple[Dosage, ...] = ()


class Administered(Element, frozen=True):
    """What was given in one administration."""

    text: str = ""
    dose: Quantity | None = None


class MedicationAdministration(Resource, frozen=True, tag="MedicationAdministration"):
    """One giving of a medicine, or the decision not to give it."""

    extension: tuple[Extension, ...] = ()
    contained: tuple[Contained, ...] = ()
    status: str = ""
    status_reason: tuple[CodeableConcept, ...] = ()
    category: CodeableConcept | None = None
    medication_codeable_concept: CodeableConcept | None = None
    medication_reference: Reference | None = None
    subject: Reference | None = None
    context: Reference | None = None
    effective_date_time: str = ""
    effective_period: Period | None = None
    request: Reference | None = None
    reason_code: tuple[CodeableConcept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    dosage: Administered | None = None


class ReferenceRange(Element, frozen=True):
    """The laboratory's own limits."""

    low: Quantity | None = None
    high: Quantity | None = None


class Component(Element, frozen=True):
    """One of several values of an Observation."""

    code: CodeableConcept | None = None
    data_absent_reason: CodeableConcept | None = None
    value_quantity: Quantity | None = None
    value_integer: float | None = None
    value_string: str = ""
    value_boolean: bool | None = None
    value_codeable_concept: CodeableConcept | None = None
    interpretation: tuple[CodeableConcept, ...] = ()
    reference_range: tuple[ReferenceRange, ...] = ()


class Observation(Resource, frozen=True, tag="Observation"):
    """A measurement, a score or an answer."""

    status: str = ""
    code: CodeableConcept | None = None
    subject: Reference | None = None
    issued: str = ""
    effective_date_time: str = ""
    effective_period: Period | None = None
    effective_instant: str = ""
    data_absent_reason: CodeableConcept | None = None
    has_member: tuple[Reference, ...] = ()
    value_quantity: Quantity | None = None
    value_integer: float | None = None
    value_string: str = ""
    value_boolean: bool | None = None
    value_codeable_concept: CodeableConcept | None = None
    interpretation: tuple[CodeableConcept, ...] = ()
    reference_range: tuple[ReferenceRange, ...] = ()
    component: tuple[Component, ...] = ()


class Answer(Element, frozen=True):
    """One answer in a questionnaire."""

    value_coding: Coding | None = None
    value_integer: float | None = None
    value_decimal: float | None = None
    value_quantity: Quantity | None = None
    value_string: str = ""
    value_boolean: bool | None = None
    item: tuple["Item", ...] = ()


class Item(Element, frozen=True):
    """A question, or a group of questions."""

    link_id: str = ""
    definition: str = ""
    text: str = ""
    answer: tuple[Answer, ...] = ()
    item: tuple["Item", ...] = ()


class QuestionnaireResponse(Resource, frozen=True, tag="QuestionnaireResponse"):
    """A filled-in questionnaire."""

    status: str = ""
    questionnaire: str = ""
    subject: Reference | None = None
    authored: str = ""
    item: tuple[Item, ...] = ()


class Reaction(Element, frozen=True):
    """What happened on exposure to an allergen."""

    substance: CodeableConcept | None = None
    manifestation: tuple[CodeableConcept, ...] = ()
    description: str = ""


class AllergyIntolerance(Resource, frozen=True, tag="AllergyIntolerance"):
    """An allergy, an intolerance, or the statement that there is none."""

    patient: Reference | None = None
    clinical_status: CodeableConcept | None = None
    verification_status: CodeableConcept | None = None
    type: str = ""
    criticality: str = ""
    code: CodeableConcept | None = None
    onset_date_time: str = ""
    recorded_date: str = ""
    reaction: tuple[Reaction, ...] = ()


class Procedure(Resource, frozen=True, tag="Procedure"):
    """Something done to the patient."""

    status: str = ""
    code: CodeableConcept | None = None
    subject: Reference | None = None
    encounter: Reference | None = None
    performed_date_time: str = ""
    performed_period: Period | None = None
    performed_string: str = ""
    category: CodeableConcept | None = None
    reason_code: tuple[CodeableConcept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    note: tuple[Note, ...] = ()
    outcome: CodeableConcept | None = None


class ContainedDevice(Element, frozen=True):
    """A device inside the statement of its use."""

    id: str = ""
    type: CodeableConcept | None = None


class DeviceUseStatement(Resource, frozen=True, tag="DeviceUseStatement"):
    """A device the patient uses."""

    contained: tuple[ContainedDevice, ...] = ()
    status: str = ""
    subject: Reference | None = None
    timing_period: Period | None = None
    timing_date_time: str = ""
    recorded_on: str = ""
    device: Reference | None = None
    reason_code: tuple[CodeableConcept, ...] = ()


class Device(Resource, frozen=True, tag="Device"):
    """A device that a statement of use refers to."""

    patient: Reference | None = None
    type: CodeableConcept | None = None


class ServiceRequest(Resource, frozen=True, tag="ServiceRequest"):
    """A referral or an order of a procedure."""

    contained: tuple[Contained, ...] = ()
    status: str = ""
    intent: str = ""
    do_not_perform: bool = False
    category: tuple[CodeableConcept, ...] = ()
    code: CodeableConcept | None = None
    order_detail: tuple[CodeableConcept, ...] = ()
    subject: Reference | None = None
    encounter: Reference | None = None
    authored_on: str = ""
    occurrence_date_time: str = ""
    occurrence_period: Period | None = None
    reason_code: tuple[CodeableConcept, ...] = ()
    reason_reference: tuple[Reference, ...] = ()
    note: tuple[Note, ...] = ()


class Issue(Element, frozen=True):
    """One complaint of a server."""

    severity: str = ""
    expression: tuple[str, ...] = ()


class OperationOutcome(Resource, frozen=True, tag="OperationOutcome"):
    """A server's complaint, in place of data or beside it."""

    issue: tuple[Issue, ...] = ()


class Link(Element, frozen=True):
    """Where a Bundle came from, or where it goes on."""

    relation: str = ""
    url: str = ""


class Search(Element, frozen=True):
    """Why an entry is in a search result: match, include or outcome."""

    mode: str = ""


class Bundle(Resource, frozen=True, tag="Bundle"):
    """Several resources together."""

    total: float | None = None
    link: tuple[Link, ...] = ()
    entry: tuple["Entry", ...] = ()


AnyResource = (
    Bundle
    | OperationOutcome
    | Patient
    | Encounter
    | Condition
    | Medication
    | MedicationRequest
    | MedicationDispense
    | MedicationStatement
    | MedicationAdministration
    | Observation
    | QuestionnaireResponse
    | AllergyIntolerance
    | Procedure
    | Device
    | DeviceUseStatement
    | ServiceRequest
)


class Entry(Element, frozen=True):
    """One resource of a Bundle."""

    full_url: str = ""
    resource: AnyResource | None = None
    search: Search | None = None


AnyMedication = MedicationRequest | MedicationDispense | MedicationStatement | MedicationAdministration

R = TypeVar("R", covariant=True)


class Row(Struct, Generic[R], frozen=True, gc=False):
    """A resource and the name it goes by: `Type/id`, or its place in what was sent when it has no id."""

    label: str
    resource: R
    url: str = ""


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """All resources sent about a patient, typed, each once.

    `found` leads from every reference that may point to a resource (`Type/id`, its fullUrl) to its row.
    `lists` says how complete each type is, `lists_not_read` which requested types did not arrive in full;
    `set_aside` what could not be read, wholly or in part.
    """

    patients: tuple[Row[Patient], ...] = ()
    encounters: tuple[Row[Encounter], ...] = ()
    conditions: tuple[Row[Condition], ...] = ()
    medications: tuple[Row[Medication], ...] = ()
    requests: tuple[Row[MedicationRequest], ...] = ()
    dispenses: tuple[Row[MedicationDispense], ...] = ()
    statements: tuple[Row[MedicationStatement], ...] = ()
    administrations: tuple[Row[MedicationAdministration], ...] = ()
    observations: tuple[Row[Observation], ...] = ()
    questionnaires: tuple[Row[QuestionnaireResponse], ...] = ()
    allergies: tuple[Row[AllergyIntolerance], ...] = ()
    procedures: tuple[Row[Procedure], ...] = ()
    devices: tuple[Row[Device], ...] = ()
    device_uses: tuple[Row[DeviceUseStatement], ...] = ()
    service_requests: tuple[Row[ServiceRequest], ...] = ()
    found: Mapping[str, Row[Resource]]
    lists: Mapping[str, Completeness]
    lists_not_read: Mapping[str, FetchFailure] = member(default_factory=dict)
    set_aside: tuple[Unreadable, ...] = ()


class Draft(Struct, frozen=True, kw_only=True, gc=False):
    """One order of the CDS Hooks draft orders, and what FHIR R4 finds invalid in it (paths, no values)."""

    row: Row[Resource]
    invalid: tuple[str, ...] = ()


class Drafts(Struct, frozen=True, kw_only=True, gc=False):
    """The draft orders: those of a kind this service reads, and how many others there are.

    `keys` are the `Type/id` of all of them, read or not: prefetched copies of them are not past use.
    `record` holds the draft resources alone, so that their references can be followed. `unread` are those
    at hand that could not be read, or not in whole.
    """

    orders: tuple[Draft, ...] = ()
    others: int = 0
    unreadable: tuple[Unreadable, ...] = ()
    keys: frozenset[str] = frozenset()
    record: Record


def find(record: Record, reference: str, kind: str) -> Resource | None:
    """Return the resource of type `kind` that `reference` points to, if it was sent.

    Relative, absolute and urn:uuid references are followed; an absolute one also by its last two
    parts, because servers and proxies write their own address differently.
    """
    row = record.found.get(reference) or record.found.get(tail(reference, kind))
    return row.resource if row else None


def tail(reference: str, kind: str) -> str:
    """Return `Type/id` of any written form of a reference to a resource of type `kind`."""
    parts = reference.split("/_history/")[0].removeprefix("urn:uuid:").removeprefix("urn:oid:").split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 else f"{kind}/{parts[0]}"
