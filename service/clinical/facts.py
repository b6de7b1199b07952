"""What the record says about one patient, in the words of the clinic: the input of the assessment.

Normalising makes these rows from FHIR resources; assessing reads nothing else. Every row names the
resource it came from. What could not be read is not left out silently: it stands in `unreadable`,
and a list that could not be retrieved says so in `lists`.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from mappings.remarks import Remark, say
from mappings.terminology import Product
from service.clinical.partial_date import PartialDate
from service.clinical.statement import Statement


class Manner(StrEnum):
    """How an entry was recognised, the surest way first."""

    CODE = "code"
    DISPLAY = "display"
    WORDS = "words"


class SourceKind(StrEnum):
    """Which kind of resource witnesses the use of a medicine."""

    DISPENSE = "dispense"
    ADMINISTRATION = "administration"
    STATEMENT = "statement"
    ORDER = "order"


class Purpose(StrEnum):
    """The purpose of a medicine by a recorded reason, in relation to depression.

    UNCLEAR may or may not be depression; NONE names no indication at all ("refill").
    """

    DEPRESSION = "depression"
    OTHER = "other"
    SMOKING = "smoking-cessation"
    UNCLEAR = "unclear"
    NONE = "none"


class Reason(Struct, frozen=True, kw_only=True, gc=False):
    """A reasonCode or reasonReference of an order, dispense or statement."""

    text: str
    purpose: Purpose


class StopKind(StrEnum):
    """Why a course ended, as far as the record says (clinical rule 7.2 step 10 a)."""

    NO_EFFECT = "no-effect"
    ADVERSE_EFFECT = "adverse-effect"
    RESPONDED = "responded"
    UNRELATED = "unrelated"  # cost, preference, supply, pregnancy
    UNCLEAR = "unclear"


class StopReason(Struct, frozen=True, kw_only=True, gc=False):
    """A statusReason, as written and as understood."""

    text: str
    kind: StopKind


class Dose(Struct, frozen=True, kw_only=True, gc=False):
    """Milligrams a day of the ingredient during one step of the dosage; None when unknown.

    `days` is how long the step lasts when the dosage says so (titration); None is "until the end".
    """

    daily_mg: float | None
    days: int | None = None


class Exposure(Struct, frozen=True, kw_only=True, gc=False):
    """One medication resource read as use of one ingredient.

    A fixed combination gives one exposure for each component (each with the same `reference` and the
    component's own dose), except the combinations that have a row of their own in the drug table.
    `start` and `end` are the first and last day of use that the resource states; `end` None means it
    states none. `supply_days` is what one fill lasts and `refills` how many more are allowed; `quantity` is
    the number of units of a fill. `stopped_on` is the last day of a use that is written down as over.
    `reversal`: the fill was taken back. `in_stay`: given to an inpatient or in an emergency department.
    """

    reference: str
    source: SourceKind
    ingredient: str
    product: Product
    status: str
    start: PartialDate | None = None
    end: PartialDate | None = None
    supply_days: int | None = None
    quantity: float | None = None
    refills: int = 0
    doses: tuple[Dose, ...] = ()
    as_needed: bool = False
    reasons: tuple[Reason, ...] = ()
    stopped_for: StopReason | None = None
    stopped_on: PartialDate | None = None
    reversal: bool = False
    order: str | None = None
    patient_reported: bool = False
    non_adherent: bool = False
    in_stay: bool = False
    notes: tuple[str, ...] = ()


class Code(Struct, frozen=True, kw_only=True, gc=False):
    """One coding; `system`: "icd10", "icd11", "icd10pcs", "snomed", "loinc", "rxnorm", "ndc", "hcpcs", ""."""

    system: str
    code: str


class EntryText(Struct, frozen=True, kw_only=True, gc=False):
    """Words of an entry: its own text, or the display of a coding of the code system `system`."""

    text: str
    says: Statement
    system: str = ""


class Problem(Struct, frozen=True, kw_only=True, gc=False):
    """A Condition: problem-list item or encounter diagnosis, not refuted and not entered in error.

    `status` is the clinicalStatus code or "" when absent; `verification` likewise. `groups` are the
    SNOMED CT groups of the terminology table that its codes belong to; `unlisted`: no table names any of
    its codes, so only `wordings` tell what it means. `abated` says that any abatement[x] is stated,
    `abatement` when (None: not placed in time). `at_visit`: a diagnosis of one encounter, not an entry of
    the problem list; `lapsed`: it states no status and is too old to be taken as active.
    """

    reference: str
    codes: tuple[Code, ...]
    groups: frozenset[str]
    text: str
    status: str = ""
    verification: str = ""
    onset: PartialDate | None = None
    recorded: PartialDate | None = None
    abated: bool = False
    abatement: PartialDate | None = None
    stage: str = ""
    at_visit: bool = False
    wordings: tuple[EntryText, ...] = ()
    unlisted: bool = False
    lapsed: bool = False

    @property
    def active(self) -> bool:
        """Tell whether it has not ended: abatement overrules status; a missing status reads as active."""
        return not (self.abated or self.lapsed) and self.status in ("", "active", "recurrence", "relapse")

    @property
    def of_unstated_visit(self) -> bool:
        """Tell whether it is a visit diagnosis with neither a status nor an end."""
        return self.at_visit and not self.status and not self.abated

    @property
    def unconfirmed(self) -> bool:
        """Tell whether it is recorded as a suspicion only."""
        return self.verification in ("unconfirmed", "provisional", "differential")

    @property
    def dated(self) -> PartialDate | None:
        """The onset, else the day of recording."""
        return self.onset or self.recorded


class BloodPressure(Struct, frozen=True, kw_only=True, gc=False):
    """One reading in mmHg; a component without a value is None.

    `place` counts the readings of one Observation, the last of which is the latest; `manner` is how it was
    recognised.
    """

    reference: str
    when: PartialDate
    systolic: float | None
    diastolic: float | None
    place: int = 0
    manner: Manner = Manner.CODE


class Score(Struct, frozen=True, kw_only=True, gc=False):
    """A total of a depression scale: `scale` is an id of the severity table ("PHQ-9", "MADRS" ...)."""

    reference: str
    when: PartialDate
    scale: str
    total: float


class RiskAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """One answer to a suicide-risk question.

    `question` is "phq9-item9" (value 0-3), "cssrs-1" to "cssrs-5", "cssrs-lifetime", "cssrs-3-months"
    (0 no, 1 yes) or "cssrs-risk" (0 low, 1 moderate, 2 high).
    """

    reference: str
    when: PartialDate
    question: str
    value: int


class LostAnswer(Struct, frozen=True, kw_only=True, gc=False):
    """An answer about suicide risk that settles nothing: it cannot be read, or is positive and has no date.

    `question` is that of an Answer, "" for one that only speaks of suicide risk; `name` says what was asked.
    `value` is None where the answer could not be read.
    """

    reference: str
    question: str
    name: str
    when: PartialDate | None = None
    value: int | None = None


class Lab(Struct, frozen=True, kw_only=True, gc=False):
    """Any other measurement that rules use, by the concept name of the terminology table.

    `value` is the number in `unit` (None when not a number), `upper_limit` the laboratory's own upper
    reference limit in the same unit, `answer` a coded or textual result in lower case and `says` what it
    says, read clause by clause. `manner` is how it was recognised.
    """

    reference: str
    when: PartialDate
    concept: str
    value: float | None = None
    unit: str = ""
    upper_limit: float | None = None
    answer: str = ""
    code: str = ""
    says: Statement | None = None
    manner: Manner = Manner.CODE


class Allergy(Struct, frozen=True, kw_only=True, gc=False):
    """An AllergyIntolerance, not refuted and not entered in error.

    `ingredients` are the drug ingredients it names, `kind` is "allergy", "intolerance" or "".
    `reactions` are the manifestations as text; `no_known` marks "no known allergy" entries,
    `disagrees` coded ones whose text denies them.
    """

    reference: str
    ingredients: tuple[str, ...]
    text: str
    status: str = ""
    verification: str = ""
    kind: str = ""
    criticality: str = ""
    reactions: tuple[str, ...] = ()
    no_known: bool = False
    disagrees: bool = False


class Intervention(Struct, frozen=True, kw_only=True, gc=False):
    """A Procedure or a device in use, by the concept names of the terminology table and by text.

    `affirmed` joins all that it says of what was done and why, displays, category and reasons included, and
    leaves out what the words deny or say of another person.
    """

    reference: str
    concepts: frozenset[str]
    text: str
    status: str
    when: PartialDate | None = None
    outcome: str = ""
    wordings: tuple[EntryText, ...] = ()
    affirmed: str = ""


class ServiceOrder(Struct, frozen=True, kw_only=True, gc=False):
    """A ServiceRequest; `text` joins what code, orderDetail and reasonCode say, codings included.

    `affirmed` is the text without what its words deny or say of another person.
    """

    reference: str
    concepts: frozenset[str]
    text: str
    status: str
    intent: str
    authored: PartialDate | None = None
    occurs: PartialDate | None = None
    affirmed: str = ""


class OtherMedicine(Struct, frozen=True, kw_only=True, gc=False):
    """An administered medicine that no rule knows, by its name and day."""

    name: str
    when: PartialDate


class Person(Struct, frozen=True, kw_only=True, gc=False):
    """The Patient: `born` None means the age is unknown, `gender` "" that none is recorded."""

    reference: str
    born: PartialDate | None = None
    gender: str = ""
    deceased: bool = False


class Completeness(StrEnum):
    """How complete a list of resources is, the worst last; NOT_OFFERED: the EHR never has it."""

    NOT_OFFERED = "not offered"
    COMPLETE = "complete"
    FIRST_PAGE = "first page only"
    PARTLY = "in part"
    NOT_RETRIEVABLE = "not retrievable"

    @property
    def came(self) -> bool:
        """Tell whether the list may hold anything."""
        return self not in (Completeness.NOT_OFFERED, Completeness.NOT_RETRIEVABLE)


class FetchFailure(StrEnum):
    """Why a requested list did not arrive, or is incomplete."""

    NOT_OFFERED = "not offered"
    INTERRUPTED = "no complete answer"


class Unreadable(Struct, frozen=True, kw_only=True, gc=False):
    """A resource that was set aside, and why; `foreign`: it is about another person."""

    reference: str
    reason: str
    foreign: bool = False


class SetAside(Struct, frozen=True, kw_only=True, gc=False):
    """An entry that was understood but raises nothing, and why."""

    reference: str
    reason: str


class Ignored(Struct, frozen=True, kw_only=True):
    """An entry that was read but gave no fact, and why: a remark and its values."""

    reference: str
    remark: Remark
    values: Mapping[str, object] = {}

    @property
    def reason(self) -> str:
        """The reason in words."""
        return say(self.remark, **self.values)


class PatientFacts(Struct, frozen=True, kw_only=True, gc=False):
    """Everything known about one patient. `person` None: the Patient could not be retrieved.

    `order_reasons` are what orders for medicines name as their reason, dated by the order.
    `lists` maps resource types to their completeness; a type that is not named is COMPLETE.
    `lists_not_read` are the requested lists that did not arrive, or are incomplete, with the reason.
    `scores_not_read` are the days (None: unknown) of depression scores whose value or date could not be read.
    `others_given` are administered medicines that no rule knows, `stays` inpatient and emergency encounters.
    `unrelated_dispenses` are the days on which medicines were handed over that no rule knows. `ignored` are
    the entries that are no facts. `not_done` are procedures that are recorded as not done.
    """

    person: Person | None
    exposures: tuple[Exposure, ...] = ()
    problems: tuple[Problem, ...] = ()
    order_reasons: tuple[Problem, ...] = ()
    pressures: tuple[BloodPressure, ...] = ()
    scores: tuple[Score, ...] = ()
    answers: tuple[RiskAnswer, ...] = ()
    lost_answers: tuple[LostAnswer, ...] = ()
    labs: tuple[Lab, ...] = ()
    allergies: tuple[Allergy, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    not_done: tuple[Intervention, ...] = ()
    service_orders: tuple[ServiceOrder, ...] = ()
    unrelated_dispenses: tuple[PartialDate, ...] = ()
    others_given: tuple[OtherMedicine, ...] = ()
    stays: tuple[PartialDate, ...] = ()
    scores_not_read: tuple[PartialDate | None, ...] = ()
    lists: Mapping[str, Completeness]
    lists_not_read: Mapping[str, FetchFailure] = field(default_factory=dict)
    unreadable: tuple[Unreadable, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    ignored: tuple[Ignored, ...] = ()

    def list_state(self, resource_type: str) -> Completeness:
        """Return how complete the list of `resource_type` is."""
        return self.lists.get(resource_type, Completeness.COMPLETE)
