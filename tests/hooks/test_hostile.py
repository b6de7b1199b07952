"""Every byte of a request is hostile: no failure, no silence, no markup, nothing of the patient in logs."""

import copy
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tests.hooks.chart import (
    ANEURYSM,
    CHART,
    SPRAY,
    Json,
    call,
    condition,
    drug,
    patient,
    prefetched,
    reason,
    service,
)
from tests.hooks.ehr import PATH, cards, ehr, kinds, raw_post, usual, words
from tests.hooks.situations import ANEURYSMATIC, BLIND, ESKETAMINE, PLAIN, SITUATIONS
from tests.hooks.validator import complaints

EXAMPLES = sorted((Path(__file__).parent / "data").glob("*.json"))
# The chart of a system is the same on both of its hooks: it is spoilt once.
SPOILT = [
    path
    for path in EXAMPLES
    if "order-sign" in path.stem
    or not path.with_name(path.name.replace("patient-view", "order-sign")).exists()
]
MARKUP = (
    "<img src=x onerror=alert(1)> [go](javascript:alert(1)) ![x](http://evil.example/x.png) \u202e\x00`*_#|"
)
WRONG: tuple[Any, ...] = (None, [], {}, 5, -1e308, True, "", [None], {"a": {}}, "x" * 5000, MARKUP)
SIGN = PATH.format(hook="order-sign")
SAID = re.compile("could not be read|not retrievable|not assessed: ", re.IGNORECASE)

Steps = tuple[str | int, ...]


def places(value: Any, path: Steps = ()) -> Iterator[Steps]:
    """The path of every value in a request."""
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, child in children:
        yield (*path, step)
        yield from places(child, (*path, step))


def distinct(body: Json) -> list[Steps]:
    """One path for each kind of place: entries of one list are alike if they hold one type of resource."""
    found: dict[tuple[object, ...], Steps] = {}
    for path in places(body):
        kind = [resource_type(body, path), *(step for step in path[-4:] if isinstance(step, str))]
        found.setdefault(tuple(kind), path)
    return list(found.values())


def resource_type(body: Json, path: Steps) -> object:
    """The type of the innermost resource that a path leads into."""
    value: Any = body
    kind: object = ""
    for step in path:
        kind = value.get("resourceType", kind) if isinstance(value, dict) else kind
        value = value[step]
    return str(kind)


def with_value(body: Json, path: Steps, value: Any) -> Json:
    """The request with another value in one place."""
    changed: Any = copy.deepcopy(body)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    whole: Json = changed
    return whole


def post(body: Json, hook: str) -> tuple[int, Json]:
    """Status and body of the answer."""
    answer = usual().post(PATH.format(hook=hook), json=body)
    return answer.status_code, json.loads(answer.data)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_as_sent_is_answered(path: Path) -> None:
    """With cards that validators accept; without any data with the status that asks for them."""
    body = json.loads(path.read_text(encoding="utf-8"))
    status, answer = post(body, body["hook"])
    assert status == (412 if "no-prefetch" in path.stem else 200)
    assert status == 412 or complaints(answer) == []


@pytest.mark.parametrize("path", SPOILT, ids=lambda path: path.stem)
def test_an_example_with_any_value_replaced_is_answered(path: Path) -> None:
    """Never a 5xx, and every answer is one that validators accept."""
    body = json.loads(path.read_text(encoding="utf-8"))
    hook = body["hook"]
    for number, place in enumerate(distinct(body)):
        value = WRONG[number % len(WRONG)]
        status, answer = post(with_value(body, place, value), hook)
        assert status in (200, 400, 412), (place, value)
        if status == 200:
            assert complaints(answer) == [], (place, value)
        else:
            assert answer["resourceType"] == "OperationOutcome"


CRITICAL = call(
    "order-sign",
    prefetched(*CHART, condition(ANEURYSM)),
    [drug(SPRAY, **reason("Major depressive disorder"))],
)


@pytest.mark.parametrize("value", [None, [], {}, 5, True, [None], {"a": {}}], ids=repr)
def test_a_contraindication_never_vanishes_without_a_word(value: Any) -> None:
    """With any value spoilt the aneurysm is named still, or the card says that something was not read."""
    assert kinds(cards(CRITICAL)) == ["order-check critical"]
    for place in distinct(CRITICAL):
        status, answer = post(with_value(CRITICAL, place, value), "order-sign")
        if status == 200 and not _means_none(place, value):
            assert answer["cards"], place
            assert "Aneurysm" in words(answer["cards"]) or SAID.search(words(answer["cards"])), place
        else:
            assert status in (200, 400, 412), place


def _means_none(place: Steps, value: Any) -> bool:
    """A Bundle without orders is no order; null is an empty problem list, which is none of a spoilt one."""
    if place == ("prefetch", "conditions") and value is None:
        return True
    return place[:3] == ("context", "draftOrders", "entry") and (
        len(place) < 5 or (place[-1] == "resource" and not value)
    )


def depth(levels: int) -> str:
    """A nested array as JSON."""
    return "[" * levels + "]" * levels


SEEMLY = json.dumps(call("order-sign", PLAIN, [ESKETAMINE]))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "[]",
        '"text"',
        "NaN",
        SEEMLY.replace('"hook":', '"hook": "patient-view", "hook":', 1),
        SEEMLY.replace('"userId":', '"patientId": "other", "userId":', 1),
        SEEMLY + "}",
        SEEMLY + "x",
        SEEMLY.replace('"Practitioner/dr"', "NaN"),
        SEEMLY.replace('"Practitioner/dr"', "1e999"),
        SEEMLY.replace('"Practitioner/dr"', '"\\ud800"'),
        "\ufeff" + SEEMLY[:-1],
        SEEMLY.replace('"Practitioner/dr"', depth(100_000)),
        depth(1_000_000),
    ],
    ids=range(16),
)
def test_what_is_no_call_is_refused(body: str) -> None:
    """400 with an OperationOutcome; the place is named and nothing of the body is repeated."""
    answer = raw_post(SIGN, body.encode("utf-8", "surrogatepass"))
    assert answer.status_code == 400
    issue = json.loads(answer.data)["issue"][0]
    assert "expected" in issue["details"]["text"]
    assert "Practitioner/dr" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", SEEMLY.encode("utf-16"), SEEMLY.replace("dr", "\xe4").encode("latin-1")]
)
def test_other_encodings_are_refused(body: bytes) -> None:
    """JSON is UTF-8."""
    answer = raw_post(SIGN, body.replace(b"\\u00e4", b"\xe4"))
    assert answer.status_code in (200, 400)
    assert raw_post(SIGN, b"\xff" + body).status_code == 400


@pytest.mark.parametrize(
    "spoilt",
    [depth(90), depth(5000), "1e999", "-0.0", "1" * 400, '"\\ud800"', '"\\u0000"', '{"a":1,"a":2}', "NaN"],
    ids=range(9),
)
@pytest.mark.parametrize("member", ["onsetDateTime", "code", "note", "stage", "id"])
def test_a_spoilt_resource_spoils_nothing_else(spoilt: str, member: str) -> None:
    """The rest is judged; a body that is no JSON is refused."""
    whole = condition(ANEURYSM, **{member: "HERE"})
    text = json.dumps(call("order-sign", prefetched(*CHART, whole), [ESKETAMINE])).replace('"HERE"', spoilt)
    answer = raw_post(SIGN, text)
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        found = json.loads(answer.data)
        assert complaints(found) == []
        assert kinds(found["cards"]) in (
            ["order-check critical"],
            ["order-check info"],
            ["order-check warning"],
        )
        assert "Aneurysm" in words(found["cards"]) or "could not be read" in words(found["cards"])


def _everywhere(value: Any, text: str) -> Any:
    """A resource with `text` in every place for words."""
    if isinstance(value, list):
        return [_everywhere(item, text) for item in value]
    if isinstance(value, dict):
        free = {"display", "text", "title", "description"}
        return {
            name: f"{item} {text}" if name in free and isinstance(item, str) else _everywhere(item, text)
            for name, item in value.items()
        }
    return value


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_markup_of_the_record_is_live_on_a_card(name: str) -> None:
    """No HTML, no link, no image and no control character in what a card shows."""
    body = SITUATIONS[name]
    spoilt = {**_everywhere(body, MARKUP), "hookInstance": body["hookInstance"]}
    answered = cards(spoilt)
    assert complaints({"cards": answered}) == []
    for card in answered:
        html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(card["detail"])
        assert not re.search(r"<(?!/?(p|ul|li|strong)>)", html)
        shown = card["summary"] + card["detail"] + json.dumps(card.get("suggestions", []), ensure_ascii=False)
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", shown)
        assert not re.search("<[a-z]", card["summary"], re.IGNORECASE)


@pytest.mark.parametrize("identity", ["a)b](http://evil.example)", "x" * 500, "<b>", "\u202e", "../../etc"])
def test_hostile_ids_stay_text(identity: str) -> None:
    """Evidence names resources by an id that a caller chooses."""
    whole = condition(ANEURYSM, id=identity)
    (card,) = cards(call("order-sign", prefetched(*CHART, whole), [{**ESKETAMINE, "id": identity}]))
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(card["detail"])
    assert not re.search(r"<(?!/?(p|ul|li|strong)>)", html)
    assert kinds([card]) == ["order-check critical"]


SECRET = "Zxqwv-Secret"


def _marked() -> Iterator[tuple[str, bytes]]:
    """Calls in which something of the patient stands where it does not belong."""
    name = {"name": [{"family": SECRET, "given": [SECRET]}]}
    order = call("order-sign", prefetched(patient(**name), *CHART[1:]), [ESKETAMINE])
    wrong = {**order, "hook": SECRET}
    yield "patient-view", json.dumps(wrong).encode()
    for place in (("context", "userId"), ("context", "patientId"), ("hookInstance",), ("prefetch",)):
        yield "order-sign", json.dumps(with_value(order, place, f"{SECRET} {SECRET}")).encode()
    yield "order-sign", json.dumps(with_value(order, ("fhirServer",), SECRET)).encode()
    token = {"access_token": SECRET, "token_type": SECRET, "expires_in": SECRET, "scope": 5}
    yield "order-sign", json.dumps({**order, "fhirAuthorization": token}).encode()
    yield "order-sign", json.dumps(order).encode()[:-1] + f', "{SECRET}" {SECRET}'.encode()
    yield f"order-sign/{SECRET}", b"{}"


@pytest.mark.parametrize(("hook", "body"), list(_marked()), ids=range(9))
def test_nothing_of_the_patient_stands_in_errors_or_logs(
    hook: str, body: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Refusals say what was expected and where, never what came."""
    caplog.set_level(logging.DEBUG)
    answer = raw_post(PATH.format(hook=hook), body)
    assert answer.status_code in (400, 404)
    assert SECRET not in answer.get_data(as_text=True)
    assert SECRET not in caplog.text + "".join(capfd.readouterr())


def test_a_failure_logs_its_place_and_nothing_of_the_patient(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the exception's words nor the request get into the log."""

    def fail(*_: Any, **__: Any) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr("service.answer.cards.assess", fail)
    caplog.set_level(logging.DEBUG)
    chart = prefetched(patient(name=[{"family": SECRET}]), *CHART[1:])
    (card,) = cards(call("order-sign", chart, [{**ESKETAMINE, "id": SECRET}]))
    assert kinds([card]) == ["not-assessed warning"]
    assert "ValueError" in caplog.text
    assert SECRET not in json.dumps(card) + caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("name", SITUATIONS)
def test_an_answer_logs_nothing_of_the_patient(
    name: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither names nor codes nor ids."""
    caplog.set_level(logging.DEBUG)
    body = SITUATIONS[name]
    cards({**_everywhere(body, SECRET), "hookInstance": body["hookInstance"]})
    assert SECRET not in caplog.text + "".join(capfd.readouterr())


def test_names_and_addresses_never_reach_a_card() -> None:
    """A card goes back to the EHR, which knows whose it is."""
    known = {"name": [{"family": SECRET}], "address": [{"text": SECRET}], "telecom": [{"value": SECRET}]}
    for chart in (PLAIN, ANEURYSMATIC, BLIND):
        named = {**chart, "patient": patient(**known)}
        assert SECRET not in json.dumps(cards(call("patient-view", named)))
        assert SECRET not in json.dumps(cards(call("order-sign", named, [ESKETAMINE])))


def test_a_body_over_the_limit_is_refused() -> None:
    """413, by the length that is declared and by that which came."""
    big = json.dumps(call("patient-view", {**PLAIN, "padding": "x" * 33 * 1024 * 1024}))
    answer = raw_post(PATH.format(hook="patient-view"), big)
    assert answer.status_code == 413
    assert json.loads(answer.data)["issue"][0]["code"] == "too-long"
    small = ehr(KETAMINE_CDS_MAX_BODY_BYTES="1024")
    assert small.post(PATH.format(hook="patient-view"), json=call("patient-view", PLAIN)).status_code == 413


def test_a_flood_of_entries_is_answered() -> None:
    """Cards stay readable, whatever the number of findings."""
    many = [
        condition(ANEURYSM, id=f"a{n}", code={"text": f"brain aneurysm {n} " + "x" * 3000})
        for n in range(300)
    ]
    drafts = [service(text=f"Referral for Spravato {n}", id=f"d{n}") for n in range(200)]
    answered = cards(call("order-sign", prefetched(*CHART, *many), drafts))
    assert complaints({"cards": answered}) == []
    assert kinds(answered) == ["order-check warning"]  # what words alone name is a caution
    assert len(answered[0]["detail"].encode()) < 12_000


def test_two_patients_are_told_apart_or_refused() -> None:
    """A hook says that data of another patient came; an assessment is refused."""
    both = {**PLAIN, "second": patient(id="other")}
    assert kinds(cards(call("patient-view", both))) == ["not-assessed info"]
    refusal = usual().post("/assessments", json=call("patient-view", both))
    assert refusal.status_code == 422
