"""Odd records and requests: nothing fails, and no flag is lost without a word."""

import json
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

import pytest

from tests.asked import ASKED_FOR
from tests.corpus.answers import better, counted, evidence, explained, lost, raised, told, topics, verdict
from tests.corpus.calls import TOKEN
from tests.corpus.client import assessed, shown, statuses_of, words
from tests.corpus.quirks import OF_RECORDS, OF_REQUESTS
from tests.corpus.writing import DAY, Json, Quirk, resources
from tests.vignettes.build import SERVER, bundle
from tests.vignettes.cases import all_cases
from tests.vignettes.fhir import PATIENT

VIGNETTES = (
    "01-published: 21: a mean of 141/88 is",
    "01-published: 22: 182/96 today stops both routes",
    "01-published: 24: a repaired aortic aneurysm is not cleared",
    "01-published: 25: anaphylaxis to ketamine",
    "01-published: 26: PHQ-9 item 9 is 2 today",
    "01-published: 28: pregnant, on methylphenidate",
    "01-published: 29: alcohol dependence and clonazepam",
    "08-safety: C-SSRS C-SSRS 4 intent = yes on D-30: SAFE-1",
    "08-safety: T14.91XA Suicide attempt, initial encounter (active) dated D-90: SAFE-1",
    "09-flags-conditions: brain haemorrhage: I61.9 Nontraumatic intracerebral hemorrhage, unspecified",
    "09-flags-conditions: aneurysm known from the words of a procedure is a caution:"
    " Endovascular aneurysm repair (EVAR)",
    "10-flags-more: phenelzine, taken now: MED-MAOI caution",
)
FEW = 4
CASES = {case.name: case for case in all_cases() if case.name in VIGNETTES}

each_of_records = pytest.mark.parametrize("quirk", OF_RECORDS, ids=lambda q: f"{q.row} {q.says}")
each_of_requests = pytest.mark.parametrize("quirk", OF_REQUESTS, ids=lambda q: f"{q.row} {q.says}")


@each_of_records
def test_a_record_with_a_quirk_loses_nothing(quirk: Quirk) -> None:
    """The assessment and the cards of a record are what they were, or say what is not known any more."""
    agree([c for name, record in of_records(quirk) for c in complaints(quirk, name, record, called(record))])


@each_of_requests
def test_a_request_with_a_quirk_loses_nothing(quirk: Quirk) -> None:
    """The same holds for a hook call; one that cannot be understood is refused."""
    agree([c for name, call in of_calls(quirk) for c in complaints(quirk, name, call, call)])


def test_the_corpus_is_large() -> None:
    """There are more than two hundred quirks, all different, and six hundred different requests."""
    quirks = (*OF_RECORDS, *OF_REQUESTS)
    assert len({f"{quirk.row} {quirk.says}" for quirk in quirks}) == len(quirks) > 200
    records = {json.dumps(one) for quirk in OF_RECORDS for _, one in of_records(quirk)}
    calls = {json.dumps(one) for quirk in OF_REQUESTS for _, one in of_calls(quirk)}
    assert len(records) + len(calls) > 600


def test_a_left_over_brace_is_refused() -> None:
    """A call with a brace too many at its end is no JSON (G14)."""
    assert statuses_of(json.dumps(call_of(VIGNETTES[0])) + "}") == (400, 400)


def test_a_token_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What lets the service read from a server stands in no log line."""
    quirk = next(quirk for quirk in OF_REQUESTS if quirk.says == "leave to read from the server")
    name, call = of_calls(quirk)[0]
    with caplog.at_level(logging.DEBUG):
        agree(complaints(quirk, name, call, call))
    assert TOKEN not in caplog.text


def agree(complaints: Iterable[str]) -> None:
    """Fail with every complaint on a line of its own."""
    found = list(complaints)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def complaints(quirk: Quirk, name: str, posted: Json, call: Json) -> Iterator[str]:
    """What is wrong with the answers to a record or call that shows a quirk."""
    (assessed_status, answer), (status, cards) = assessed(posted), shown(call)
    expected = (quirk.assessed or quirk.status, quirk.status)
    if (assessed_status, status) != expected:
        yield f"{name}: expected {expected}, found {assessed_status, status}: {cards}"
    elif quirk.status == 200:
        found = [*differences(quirk, base(name), answer), *card_differences(quirk, answer, cards)]
        yield from (f"{name}: {one}" for one in found)


def differences(quirk: Quirk, before: Json, after: Json) -> Iterator[str]:
    """What the assessment says otherwise than it should."""
    if quirk.same:
        was, now = verdict(before), verdict(after)
        yield from (f"{key}: was {was[key]}, is {now[key]}" for key in was if was[key] != now[key])
        return
    for gone in lost(before, after):
        if not explained(before, after, gone):
            yield f"{gone} is lost, without a word"
    for ingredient in counted(after) - counted(before):
        yield f"{ingredient} counts now"
    for ingredient in counted(before) - counted(after):
        if not explained(before, after, ingredient):
            yield f"{ingredient} does not count any more, without a word"
    if better(before, after):
        yield f"the conclusion was {before['conclusion']} and is {after['conclusion']}"
    if quirk.tells and quirk.tells not in told(after):
        yield f"{quirk.tells} is not named: {sorted(told(after))}"


def card_differences(quirk: Quirk, answer: Json, shown: Json) -> Iterator[str]:
    """What the cards say otherwise than the assessment does."""
    found = [card["source"]["topic"]["code"] for card in shown["cards"]]
    expected = topics(answer) if quirk.cards is None else list(quirk.cards)
    if found != expected:
        yield f"cards: expected {expected}, found {found}"
    elif quirk.cards is None and answer["conclusion"] in found:
        titles = {flag["title"] for flag in answer["flags"] if flag["id"] in raised(answer)}
        yield from (f"cards: {title} is not said" for title in titles if title not in words(shown["cards"]))


@cache
def base(name: str) -> Json:
    """The assessment of a vignette as it is published."""
    status, answer = assessed(record_of(name))
    assert status == 200
    return answer


def of_records(quirk: Quirk) -> list[tuple[str, Json]]:
    """A few records that the quirk changes, changed: first those where it touches what a flag rests on."""
    found = list(rewritten(quirk, record_of, VIGNETTES))
    assert found, "changes no vignette"
    found.sort(key=lambda one: is_untouched(*one))
    return found[:FEW]


def of_calls(quirk: Quirk) -> list[tuple[str, Json]]:
    """A few calls that the quirk changes, changed."""
    found = list(rewritten(quirk, call_of, VIGNETTES[::2]))
    assert found, "changes no vignette"
    return found


def rewritten(
    quirk: Quirk, written: Callable[[str], Json], names: Sequence[str]
) -> Iterator[tuple[str, Json]]:
    """The vignettes that the quirk changes, changed."""
    for name in names:
        changed = written(name)
        quirk.rewrite(changed)
        if changed != written(name):
            yield name, changed


def is_untouched(name: str, changed: Json) -> bool:
    """Whether all that the flags and triggers of a vignette rest on is as it was."""
    before = base(name)
    rested_on = {reference for flag in raised(before) for reference in evidence(before, flag)}
    now = {f"{one['resourceType']}/{one.get('id')}": one for one in resources(changed)}
    was = {f"{one['resourceType']}/{one['id']}": one for one in resources(record_of(name))}
    return all(now.get(reference) == was.get(reference) for reference in rested_on)


def record_of(name: str) -> Json:
    """The record of a vignette."""
    record: Json = json.loads(_record(name))
    return record


@cache
def _record(name: str) -> str:
    return json.dumps(bundle(CASES[name], DAY))


def call_of(name: str) -> Json:
    """The patient-view call of a vignette."""
    return called(record_of(name))


def called(record: Json) -> Json:
    """A patient-view call that brings a record: each list as a searchset, the rest along with the orders."""
    prefetch: Json = {key: searchset(kind, record) for key, kind in ASKED_FOR.items()}
    rest = [entry for entry in record["entry"] if entry["resource"]["resourceType"] not in ASKED_FOR.values()]
    prefetch["medicationRequests"]["entry"] += [{**entry, "search": {"mode": "include"}} for entry in rest]
    prefetch["patient"] = prefetch["patient"]["entry"][0]["resource"]
    context = {"userId": "Practitioner/example", "patientId": prefetch["patient"]["id"]}
    instance = str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(record)))
    return {"hook": "patient-view", "hookInstance": instance, "context": context, "prefetch": prefetch}


def searchset(kind: str, record: Json) -> Json:
    """The entries of one type as the answer of a search."""
    found = [entry for entry in record["entry"] if entry["resource"]["resourceType"] == kind]
    link = [{"relation": "self", "url": f"{SERVER}/{kind}?patient={PATIENT}"}]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": link, "entry": found}
