"""What the record does not tell about lists, diagnosis and severity (clinical rules 7.3 step 6 and 12)."""

from mappings.findings import Findings
from service.assess.diagnosis import Depression, unread_problems
from service.clinical.assessment import Gap
from service.clinical.facts import ListState, PatientFacts, Score, Unread

MEDICATION_LISTS = (
    "MedicationRequest",
    "MedicationDispense",
    "MedicationStatement",
    "MedicationAdministration",
)

PRODUCTS = "Medication"
"""What orders refer to that do not say themselves which medicine they are for."""

_NAMED = ("Patient", "Condition", "AllergyIntolerance", "MedicationRequest", "MedicationDispense")
"""Lists that have a gap of their own when they did not come."""


def gaps(
    facts: PatientFacts, depression: Depression, latest: Score | None, score_days: int, findings: Findings
) -> tuple[Gap, ...]:
    """Return the gaps that block a recommendation, and a list of dispenses that was not sent."""
    found = [
        _severity_gap(facts, latest, score_days, findings),
        _diagnosis_gap(depression, findings),
        _list_gap(facts, "Patient", "LIST-PATIENT", findings),
        _list_gap(facts, "Condition", "LIST-CONDITION", findings) or _unread_gap(facts, depression, findings),
        _list_gap(facts, "AllergyIntolerance", "LIST-ALLERGY", findings),
        _medication_gap(facts, findings),
        _dispense_gap(facts, findings),
        _other_lists_gap(facts, findings),
    ]
    return tuple(gap for gap in found if gap)


def medicines_missing(facts: PatientFacts) -> bool:
    """Whether medicines stay unknown because the server broke off before it told them all."""
    lists = (*MEDICATION_LISTS, PRODUCTS)
    return any(facts.unread_lists.get(kind) is Unread.INTERRUPTED for kind in lists)


def _severity_gap(facts: PatientFacts, latest: Score | None, days: int, findings: Findings) -> Gap | None:
    if latest is not None:
        return None
    came = facts.list_state("Observation") is not ListState.NOT_RETRIEVABLE
    sentence = "gap.SCORE-UNK" if came else "gap.SCORE-UNK-unretrieved"
    return Gap(id="SCORE-UNK", blocking=True, text=findings.say(sentence, days=days))


def _diagnosis_gap(depression: Depression, findings: Findings) -> Gap | None:
    if depression.major or not depression.active:
        return None
    evidence = ", ".join(problem.reference for problem in depression.active)
    return Gap(id="DX-UNSPEC", blocking=True, text=findings.say("gap.DX-UNSPEC", evidence=evidence))


def _list_gap(facts: PatientFacts, resource_type: str, gap_id: str, findings: Findings) -> Gap | None:
    state = facts.list_state(resource_type)
    missing = resource_type == "Patient" and facts.person is None
    if state is ListState.COMPLETE and not missing:
        return None
    said = ListState.NOT_RETRIEVABLE if missing else state
    return Gap(id=gap_id, blocking=True, text=findings.say(f"gap.{gap_id}", state=said))


def _unread_gap(facts: PatientFacts, depression: Depression, findings: Findings) -> Gap | None:
    """Entries that could not be read block where the depression may be among them."""
    unread = unread_problems(facts)
    if depression.active or not unread:
        return None
    text = findings.say("gap.LIST-CONDITION-unread", evidence=", ".join(unread))
    return Gap(id="LIST-CONDITION", blocking=True, text=text)


def _medication_gap(facts: PatientFacts, findings: Findings) -> Gap | None:
    failed = _failed_medicines(facts)
    partly = [kind for kind in MEDICATION_LISTS if facts.list_state(kind) is ListState.FIRST_PAGE]
    if not partly and not failed:
        return None
    state = ListState.NOT_RETRIEVABLE if failed else ListState.FIRST_PAGE
    text = findings.say("gap.LIST-MEDICATION", parts=", ".join((*failed, *partly)), state=state)
    return Gap(id="LIST-MEDICATION", blocking=True, text=text)


def _failed_medicines(facts: PatientFacts) -> list[str]:
    """The lists whose failure makes the medication list incomplete.

    Orders are the medication list. Many servers do not have all of the others, so those count only where
    the server broke off, for there may be trials in them.
    """
    orders, *others = MEDICATION_LISTS
    failed = [] if facts.list_state(orders) is not ListState.NOT_RETRIEVABLE else [orders]
    broken = [kind for kind in (*others, PRODUCTS) if facts.unread_lists.get(kind) is Unread.INTERRUPTED]
    return failed + [kind for kind in broken if facts.list_state(kind) is not ListState.FIRST_PAGE]


def _dispense_gap(facts: PatientFacts, findings: Findings) -> Gap | None:
    if facts.list_state("MedicationDispense") is not ListState.NOT_RETRIEVABLE:
        return None
    orders_came = facts.list_state("MedicationRequest") is not ListState.NOT_RETRIEVABLE
    if not orders_came and "MedicationDispense" not in facts.unread_lists:
        return None
    if facts.unread_lists.get("MedicationDispense") is Unread.INTERRUPTED:
        return None  # named among the medication lists
    return Gap(id="LIST-MEDICATION", blocking=False, text=findings.say("gap.LIST-DISPENSE"))


def _other_lists_gap(facts: PatientFacts, findings: Findings) -> Gap | None:
    """Lists that did not come, or not in whole, and that no other gap names."""
    partly = {kind for kind in MEDICATION_LISTS if facts.list_state(kind) is ListState.FIRST_PAGE}
    named = {*_NAMED, *_failed_medicines(facts), *partly}
    why: dict[str, str] = {k: state for k, state in facts.lists.items() if state is not ListState.COMPLETE}
    why.update(facts.unread_lists)
    parts = ", ".join(f"{kind} ({why[kind]})" for kind in sorted(why.keys() - named))
    if not parts:
        return None
    return Gap(id="LIST-OTHER", blocking=False, text=findings.say("gap.LIST-OTHER", parts=parts))
