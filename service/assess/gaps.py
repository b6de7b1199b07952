"""What the record leaves open about lists, diagnosis and severity (clinical rules 7.3 step 6 and 12)."""

from collections.abc import Mapping

from mappings.findings import Findings
from mappings.gaps import GapId
from service.assess.diagnosis import Depression, problems_not_read
from service.assess.naming import problem_name
from service.clinical.assessment import Gap
from service.clinical.facts import Completeness, FetchFailure, PatientFacts, Score

MEDICATION_LISTS = (
    "MedicationRequest",
    "MedicationDispense",
    "MedicationStatement",
    "MedicationAdministration",
)

INCOMPLETE = (Completeness.FIRST_PAGE, Completeness.PARTLY)

Words = Mapping[str, Mapping[str, str]]

PRODUCTS = "Medication"
"""What orders refer to that do not say themselves which medicine they are for."""

_NAMED = ("Patient", "Condition", "AllergyIntolerance", "MedicationRequest", "MedicationDispense")
"""Lists that have a gap of their own when they did not come."""


def gaps(
    facts: PatientFacts,
    depression: Depression,
    latest: Score | None,
    score_days: int,
    findings: Findings,
    words: Words,
) -> tuple[Gap, ...]:
    """Return the gaps that block a recommendation, and missing lists, named by `words`.

    A list that the EHR is known not to have is reported where the EHR is registered, not here.
    """
    found = [
        _severity_gap(facts, latest, score_days, findings),
        _diagnosis_gap(depression, findings),
        _list_gap(facts, "Patient", GapId.PATIENT, findings, words),
        _list_gap(facts, "Condition", GapId.PROBLEMS, findings, words)
        or _gap_of_problems_not_read(facts, depression, findings),
        _list_gap(facts, "AllergyIntolerance", GapId.ALLERGIES, findings, words),
        _medication_gap(facts, findings, words),
        _dispense_gap(facts, findings),
        _other_lists_gap(facts, findings, words),
    ]
    return tuple(gap for gap in found if gap)


def medication_list_came(facts: PatientFacts) -> bool:
    """Tell whether orders arrived or, from an EHR known to have none, another list of medicines."""
    orders, *others = MEDICATION_LISTS
    if facts.list_state(orders) is Completeness.NOT_OFFERED:
        return any(facts.list_state(kind).came for kind in others)
    return facts.list_state(orders) is not Completeness.NOT_RETRIEVABLE


def medicines_missing(facts: PatientFacts) -> bool:
    """Tell whether medicines are unknown because the server broke off a list."""
    lists = (*MEDICATION_LISTS, PRODUCTS)
    return any(facts.lists_not_read.get(kind) is FetchFailure.INTERRUPTED for kind in lists)


def _severity_gap(facts: PatientFacts, latest: Score | None, days: int, findings: Findings) -> Gap | None:
    if latest is not None:
        return None
    came = facts.list_state("Observation") not in (Completeness.PARTLY, Completeness.NOT_RETRIEVABLE)
    sentence = f"gap.{GapId.SEVERITY}" if came else f"gap.{GapId.SEVERITY}-unretrieved"
    return Gap(id=GapId.SEVERITY, blocking=True, text=findings.say(sentence, days=days))


def _diagnosis_gap(depression: Depression, findings: Findings) -> Gap | None:
    if depression.major or not depression.active:
        return None
    evidence = ", ".join(dict.fromkeys(map(problem_name, depression.active)))
    return Gap(
        id=GapId.DIAGNOSIS, blocking=True, text=findings.say(f"gap.{GapId.DIAGNOSIS}", evidence=evidence)
    )


def _list_gap(
    facts: PatientFacts, resource_type: str, gap_id: GapId, findings: Findings, words: Words
) -> Gap | None:
    state = facts.list_state(resource_type)
    missing = resource_type == "Patient" and facts.person is None
    if state is Completeness.COMPLETE and not missing:
        return None
    shown = Completeness.NOT_RETRIEVABLE if missing else state
    return Gap(id=gap_id, blocking=True, text=findings.say(f"gap.{gap_id}", state=_state(shown, words)))


def _gap_of_problems_not_read(facts: PatientFacts, depression: Depression, findings: Findings) -> Gap | None:
    """Return a gap for unreadable problems where the depression may be among them."""
    unreadable = problems_not_read(facts)
    if depression.active or not unreadable:
        return None
    text = findings.say(f"gap.{GapId.PROBLEMS}-unread", count=len(unreadable))
    return Gap(id=GapId.PROBLEMS, blocking=True, text=text)


def _medication_gap(facts: PatientFacts, findings: Findings, words: Words) -> Gap | None:
    failed = _failed_medicines(facts)
    partly = [kind for kind in MEDICATION_LISTS if facts.list_state(kind) in INCOMPLETE]
    if not partly and not failed:
        return None
    state = Completeness.NOT_RETRIEVABLE if failed else facts.list_state(partly[0])
    parts = ", ".join(_name(kind, words) for kind in (*failed, *partly))
    text = findings.say(f"gap.{GapId.MEDICATIONS}", parts=parts, state=_state(state, words))
    return Gap(id=GapId.MEDICATIONS, blocking=True, text=text)


def _failed_medicines(facts: PatientFacts) -> list[str]:
    """Return the lists whose failure makes the medication list incomplete.

    Orders are the medication list, or whatever an EHR without orders has. Many servers do not have all of
    the others, so those count only where the server broke off, for there may be trials in them.
    """
    others = MEDICATION_LISTS[1:]
    failed = [] if medication_list_came(facts) else [_first_offered(facts)]
    broken = [
        kind for kind in (*others, PRODUCTS) if facts.lists_not_read.get(kind) is FetchFailure.INTERRUPTED
    ]
    return failed + [kind for kind in broken if facts.list_state(kind) not in INCOMPLETE]


def _dispense_gap(facts: PatientFacts, findings: Findings) -> Gap | None:
    if facts.list_state("MedicationDispense") is not Completeness.NOT_RETRIEVABLE:
        return None
    if not medication_list_came(facts) and "MedicationDispense" not in facts.lists_not_read:
        return None
    if facts.lists_not_read.get("MedicationDispense") is FetchFailure.INTERRUPTED:
        return None  # named among the medication lists
    return Gap(id=GapId.MEDICATIONS, blocking=False, text=findings.say(f"gap.{GapId.MEDICATIONS}-dispenses"))


def _first_offered(facts: PatientFacts) -> str:
    offered = (kind for kind in MEDICATION_LISTS if facts.list_state(kind) is not Completeness.NOT_OFFERED)
    return next(offered, MEDICATION_LISTS[0])


def _other_lists_gap(facts: PatientFacts, findings: Findings, words: Words) -> Gap | None:
    """Return a gap for missing or incomplete lists that no other gap names."""
    partly = {kind for kind in MEDICATION_LISTS if facts.list_state(kind) in INCOMPLETE}
    named = {*_NAMED, *_failed_medicines(facts), *partly}
    silent = (Completeness.COMPLETE, Completeness.NOT_OFFERED)
    why: dict[str, str] = {k: state for k, state in facts.lists.items() if state not in silent}
    why.update(facts.lists_not_read)
    by_state: dict[str, list[str]] = {}
    for kind in sorted(why.keys() - named):
        by_state.setdefault(_state(why[kind], words), []).append(_name(kind, words))
    if not by_state:
        return None
    parts = "; ".join(f"{', '.join(names)} ({state})" for state, names in by_state.items())
    return Gap(
        id=GapId.OTHER_LISTS, blocking=False, text=findings.say(f"gap.{GapId.OTHER_LISTS}", parts=parts)
    )


def _name(kind: str, words: Words) -> str:
    return words["list"].get(kind) or words["entry"][kind]


def _state(state: str, words: Words) -> str:
    return words["list_state"][state.replace(" ", "-")]
