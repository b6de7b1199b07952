"""How complete each list of resources is (clinical rules 7.3 step 6 and 12, "Lists and look-ups")."""

import re
from collections.abc import Iterable, Iterator

from service.clinical.facts import Completeness
from service.fhir.bundles import KINDS, BundleContents, following_page
from service.fhir.resources import OperationOutcome

LISTS = frozenset(
    {
        "Patient",
        "Condition",
        "MedicationRequest",
        "MedicationDispense",
        "MedicationStatement",
        "MedicationAdministration",
        "Observation",
        "QuestionnaireResponse",
        "AllergyIntolerance",
        "Procedure",
        "DeviceUseStatement",
        "Encounter",
        "ServiceRequest",
    }
)
MEDICINES = ("MedicationRequest", "MedicationDispense", "MedicationStatement", "MedicationAdministration")
"""Of these at least one has to come."""

MAY_BE_MISSING = tuple(sorted(LISTS - {"Patient", "Condition", "AllergyIntolerance", "Observation"}))
"""What an EHR may be known not to have; without the others there is no advice, and each card says so."""

_RANK = tuple(Completeness)
_NAMED = re.compile(r"[A-Z][A-Za-z]+")

Mention = tuple[str, Completeness]


def merged(mentions: Iterable[Mention]) -> dict[str, Completeness]:
    """Return the state of each type that was mentioned; the worst answer about a type stands."""
    states: dict[str, Completeness] = {}
    for kind, state in mentions:
        states[kind] = max(states.get(kind, state), state, key=_RANK.index)
    return states


def mentions(reply: BundleContents, asked: str = "") -> Iterator[Mention]:
    """Return the completeness of lists that one reply shows.

    `asked` is the type that was asked for, "" if that is not known.
    """
    came = {KINDS[kind] for kind in {type(sent.resource) for sent in reply.sent if not sent.included}}
    about = {asked} if asked else _searched(reply)
    if is_failure(reply):
        yield from ((kind, Completeness.NOT_RETRIEVABLE) for kind in about)
    else:
        yield from ((kind, Completeness.COMPLETE) for kind in about | came)
    if following_page(reply) is not None:
        yield from ((kind, Completeness.FIRST_PAGE) for kind in about or came or LISTS)
    for outcome in reply.outcomes:
        yield from ((kind, Completeness.NOT_RETRIEVABLE) for kind in complained_of(outcome))
    for inner in reply.inner:
        yield from mentions(inner)


def complained_of(outcome: OperationOutcome) -> set[str]:
    """Return the resource types that an error names in `issue.expression`; warnings are ignored."""
    return {
        kind
        for issue in outcome.issue
        if issue.severity in ("error", "fatal")
        for expression in issue.expression
        for kind in _NAMED.findall(expression)[:1]
        if kind in LISTS
    }


def is_failure(reply: BundleContents) -> bool:
    """Tell whether the reply holds only an error, something unreadable or a number."""
    if not reply.listed and not reply.outcomes:
        return True
    spoilt = bool(reply.set_aside) or reply.total > 0 or any(map(_is_error, reply.outcomes))
    return not reply.sent and not reply.inner and spoilt


def _is_error(outcome: OperationOutcome) -> bool:
    return not outcome.issue or any(i.severity in ("error", "fatal", "") for i in outcome.issue)


def _searched(reply: BundleContents) -> set[str]:
    """Return the type that the reply's own address searches for: `.../Observation?patient=1`."""
    addresses = (link.url.split("?")[0].rstrip("/") for link in reply.links if link.relation == "self")
    return {kind for address in addresses if (kind := address.rsplit("/", 1)[-1]) in LISTS}
