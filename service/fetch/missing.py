"""Missing data of a call: lists not sent, or incomplete, and Medications referred to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cds_hooks.request import HookRequest
from service.clinical.facts import FetchFailure
from service.fetch.http_client import Failure
from service.fetch.outcome import failure_of
from service.fetch.pages import PagedQuery
from service.fetch.server import medication_id, query
from service.fhir.bundles import BundleContents, flat, following_page, kind_of, label
from service.fhir.completeness import is_failure
from service.fhir.decode import read_reply
from service.fhir.received import Fetched, as_sent
from service.fhir.resources import (
    Medication,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Reference,
)

MOST_MEDICATIONS = 50
"""Read one by one, as every server can; a record refers to a few dozen."""

MEDICATIONS = "medications"
"""Stands in `Fetched.completeness` for the Medications that had to be read, if there were any."""

_Result = tuple[BundleContents | None, str]
_REFERRING = (MedicationRequest, MedicationDispense, MedicationStatement, MedicationAdministration)


class MissingData:
    """The data that one call is missing and the server at `base` may have."""

    def __init__(self, request: HookRequest, sent: Fetched, base: str) -> None:
        self._asked = sent.asked
        self._sent = sent.replies
        self._base = base
        self._drafts = read_reply(request.draft_orders, "draftOrders") if request.draft_orders else None
        self._known: set[str] = set()
        self._lists = {
            key: self._list(key, url)
            for key, template in self._asked.templates.items()
            if self._lacks(key) and (url := query(base, template, request))
        }
        self._medications: dict[str, PagedQuery] = {}
        self._left_out: set[str] = set()
        self._nameless: set[str] = set()

    def at_first(self) -> list[PagedQuery]:
        """Return the queries to read first."""
        drafts = [self._drafts] if self._drafts else []
        return [*self._lists.values(), *self.medications([*self._sent.values(), *drafts])]

    def medications(self, replies: Sequence[BundleContents]) -> list[PagedQuery]:
        """Return the Medications that `replies` refer to and that nobody has sent or asked for yet."""
        self._known.update(name for reply in flat(replies) for name in _medications_of(reply))
        named = [
            (f"Medication/{identity}", reference.display.strip())
            for reference in _references(replies)
            if (identity := medication_id(reference.reference, self._base))
        ]
        self._nameless.update(name for name, display in named if not display)
        new = [name for name in dict.fromkeys(name for name, _ in named) if name not in self._known]
        room = MOST_MEDICATIONS - len(self._medications)
        started = {name: self._medication(name) for name in new[:room]}
        self._medications |= started
        self._left_out.update(new[room:])
        self._known.update(new)
        return list(started.values())

    def fetched(self) -> Fetched:
        """Return all data read so far."""
        lists = {key: reading.result() for key, reading in self._lists.items()}
        came = dict(self._sent) | _replies(lists)
        self.medications(list(came.values()))  # those of the lists that came last: nobody will read them
        products = {name: reading.result() for name, reading in self._medications.items()}
        words = _words(lists)
        about = _words(products) | dict.fromkeys(self._left_out, f"failed:{Failure.TOO_LARGE}")
        completeness = dict(as_sent(self._sent, self._asked).completeness) | words
        if about:
            completeness[MEDICATIONS] = _in_one_word(list(about.values()))
        return Fetched(
            asked=self._asked,
            replies=came | _replies(products),
            failed=frozenset(key for key, (reply, _) in lists.items() if reply is None),
            failures=self._failures(words) | self._unknown(about),
            completeness=completeness,
        )

    def _lacks(self, key: str) -> bool:
        """Tell whether a key was not sent or has more pages; an error is not worth another try."""
        reply = self._sent.get(key)
        return reply is None or (following_page(reply) is not None and not is_failure(reply))

    def _list(self, key: str, url: str) -> PagedQuery:
        template, kind = self._asked.templates[key], self._asked.kinds[key]
        return PagedQuery(
            key,
            url=url,
            base=self._base,
            asked="Bundle" if "?" in template else kind,
            kind=kind,
            sent=self._sent.get(key),
        )

    def _medication(self, name: str) -> PagedQuery:
        kind = "Medication"
        return PagedQuery(name, url=f"{self._base}/{name}", base=self._base, asked=kind, kind=kind)

    def _failures(self, words: Mapping[str, str]) -> dict[str, FetchFailure]:
        """Return why lists are incomplete, preferring an interruption among several queries."""
        found: dict[str, FetchFailure] = {}
        for key, word in words.items():
            kind = self._asked.kinds[key]
            if word != "fetched" and found.get(kind) is not FetchFailure.INTERRUPTED:
                found[kind] = failure_of(word)
        return found

    def _unknown(self, words: Mapping[str, str]) -> dict[str, FetchFailure]:
        """Return why medicines are unknown: they are named only by a Medication that did not arrive."""
        missing = {name for name, word in words.items() if word != "fetched"} & self._nameless
        reasons = {failure_of(words[name]) for name in missing}
        if not reasons:
            return {}
        return {
            "Medication": FetchFailure.INTERRUPTED
            if FetchFailure.INTERRUPTED in reasons
            else FetchFailure.NOT_OFFERED
        }


def _replies(results: Mapping[str, _Result]) -> dict[str, BundleContents]:
    return {name: reply for name, (reply, _) in results.items() if reply}


def _words(results: Mapping[str, _Result]) -> dict[str, str]:
    return {name: word for name, (_, word) in results.items()}


def _in_one_word(words: Sequence[str]) -> str:
    if set(words) == {"fetched"}:
        return "fetched"
    return "fetched-partly" if "fetched" in words else words[0]


def _medications_of(reply: BundleContents) -> Iterator[str]:
    for received in reply.sent:
        if isinstance(received.resource, Medication):
            yield label(kind_of(received.resource), received.resource.id, received.place, received.url)


def _references(replies: Iterable[BundleContents]) -> Iterator[Reference]:
    for reply in flat(replies):
        for received in reply.sent:
            if isinstance(received.resource, _REFERRING) and received.resource.medication_reference:
                yield received.resource.medication_reference
