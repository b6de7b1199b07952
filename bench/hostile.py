"""A normal call while others send what costs most: how long its answer takes.

    python -m bench.hostile [SECONDS] [SHAPE...]

So many callers send bodies of one shape as fast as they are answered, for some seconds a shape, while one
caller asks about a usual chart, again and again. Ends with code 1 when of the usual calls not 99 in 100 are
answered within a second.
"""

import gzip
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from multiprocessing import get_context
from multiprocessing.queues import Queue
from time import sleep
from typing import Any

from bench.calls import Shapes, call
from bench.charts import PATIENT, RXNORM, SUBJECT, Json
from bench.load import Taken, answer_of, as_request, connection, one_connection
from bench.overhttp import same_as_first
from bench.servers import FIRST_PORT, Server, service

CALLERS, SIZE, SECONDS = 24, 900_000, 20.0
MOST_MS = 1000.0
USUAL = 120  # resources of the chart of a usual call
LOINC = "http://loinc.org"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
DRAFTS = 5_000
DEEP = 80
PACKED = 32_000_000  # bytes that a small body unfolds to
FIRST_DAY = date(2015, 1, 1)


def coded(system: str, code: str, text: str) -> Json:
    """A concept with a code and words."""
    return {"text": text, "coding": [{"system": system, "code": code}]}


def problem(number: int, code: str = "", words: str = "") -> Json:
    """A problem, by a code or by words alone."""
    text = words or f"entry {number} of many"
    concept = coded(ICD10CM, code, text) if code else {"text": text}
    return {"resourceType": "Condition", "id": f"c{number}", "subject": SUBJECT, "code": concept}


def order(number: int) -> Json:
    """An order for an antidepressant, on a day of its own, with an instruction of its own."""
    day = FIRST_DAY + timedelta(number % 4000)
    return {
        "resourceType": "MedicationRequest", "id": f"m{number}", "status": "completed", "intent": "order",
        "subject": SUBJECT, "authoredOn": str(day),
        "medicationCodeableConcept": coded(RXNORM, "312938", f"sertraline 100 MG, lot {number}"),
        "dosageInstruction": [{"text": f"{number % 3 + 1} tablets daily for {number % 90} days, then stop"}],
        "dispenseRequest": {"validityPeriod": {"start": str(day), "end": str(day + timedelta(60))}},
    }  # fmt: skip


def answers(number: int) -> Json:
    """A questionnaire with nested items, each with words of its own."""
    day = FIRST_DAY + timedelta(number % 4000)
    items = [
        {"linkId": f"{number}.{item}", "text": f"question {number} {item} about suicide and sleep",
         "answer": [{"valueCoding": {"system": LOINC, "code": f"LA{item}-9", "display": f"{item} days"}}]}
        for item in range(20)
    ]  # fmt: skip
    return {
        "resourceType": "QuestionnaireResponse", "id": f"q{number}", "status": "completed",
        "subject": SUBJECT, "authored": str(day), "item": [{"linkId": str(number), "item": items}],
    }  # fmt: skip


def deep(number: int) -> Json:
    """A problem with extensions within extensions."""
    extension: Json = {"url": "http://example.org/e", "valueString": "end"}
    for _ in range(DEEP):
        extension = {"url": "http://example.org/e", "extension": [extension]}
    return problem(number, "F10.20") | {"extension": [extension]}


def wordy(number: int) -> Json:
    """A problem with a long note of many clauses."""
    clauses = (f"denies {word} but reports {word} since {number + word}, no alcohol; " for word in range(400))
    return problem(number, words=f"history of {number}") | {"note": [{"text": "".join(clauses)}]}


def reading(number: int) -> Json:
    """A score or a pressure of its own day."""
    return {
        "resourceType": "Observation", "id": f"o{number}", "status": "final", "subject": SUBJECT,
        "effectiveDateTime": f"{FIRST_DAY + timedelta(number % 4000)}T10:00:00Z",
        "code": coded(LOINC, ("44261-6", "8480-6", "44260-8")[number % 3], f"score {number}"),
        "valueQuantity": {"value": number % 27, "unit": "{score}"},
    }  # fmt: skip


def filled(key: str, made: Callable[[int], Json], size: int = SIZE, hook_order: bool = False) -> bytes:
    """A call whose list `key` holds as many entries as make it `size` bytes long."""
    entries: list[Json] = []
    left = size
    for number in count():
        entry = {"resource": made(number)}
        left -= len(json.dumps(entry, separators=(",", ":"))) + 1
        if left < 0:
            break
        entries.append(entry)
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    person = {"resourceType": "Patient", "id": PATIENT}
    agent = ("2119381", "esketamine 140 MG/ML Nasal Spray") if hook_order else None
    return call({"patient": person, key: bundle}, agent).body


def drafts() -> bytes:
    """An order-sign call with thousands of draft orders."""
    entries = [
        {"resource": {"resourceType": "MedicationRequest", "id": f"d{number}", "status": "draft",
                      "intent": "order", "medicationCodeableConcept": {"text": f"ketamin {number}"}}}
        for number in range(DRAFTS)
    ]  # fmt: skip
    made = json.loads(filled("conditions", problem, 1_000, hook_order=True))
    made["context"]["draftOrders"]["entry"] += entries
    return json.dumps(made, separators=(",", ":")).encode()


def alternating(number: int) -> Json:
    """A problem of one of two codes in turn."""
    return problem(number, f"F10.2{number % 2}")


def words(number: int) -> Json:
    """A problem that only words name, other ones each time."""
    return problem(number, words=f"aneurysm{number} of {number} and depress{number}ion, no psychos{number}is")


SHAPES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "alternating": ("patient-view", lambda: filled("conditions", alternating)),
    "words": ("patient-view", lambda: filled("conditions", words)),
    "wordy": ("patient-view", lambda: filled("conditions", wordy)),
    "deep": ("patient-view", lambda: filled("conditions", deep)),
    "courses": ("patient-view", lambda: filled("medicationRequests", order)),
    "readings": ("patient-view", lambda: filled("observations", reading)),
    "questionnaires": ("patient-view", lambda: filled("questionnaireResponses", answers)),
    "brackets": ("patient-view", lambda: b'{"hook":"patient-view","x":' + b"[" * 450_000 + b"]" * 450_000),
    "drafts": ("order-sign", drafts),
    "packed": ("patient-view", lambda: gzip.compress(filled("conditions", alternating, PACKED))),
    "bomb": ("patient-view", lambda: gzip.compress(b" " * PACKED * 3)),
}  # fmt: skip


def send(port: int, request: bytes, counted: "Queue[str]") -> None:
    """Send the same again and again, over a connection for as long as it holds."""
    while True:
        try:
            with connection(port) as link:
                while True:
                    link.sendall(request)
                    counted.put(status(link))
        except OSError:
            counted.put("none")
            sleep(0.05)


def status(link: Any) -> str:
    """The status of an answer."""
    head, body = answer_of(link)
    return head.split(b" ", 2)[1].decode() + (" not-assessed" if b"not-assessed" in body else "")


def pestered(
    server: Server, hook: str, body: bytes, seconds: float, usual: bytes
) -> tuple[Taken, Counter[str]]:
    """What usual calls take while others send `body`, and what those get."""
    context = get_context("fork")
    counted: Queue[str] = context.Queue()
    request = as_request(f"{server.path}{hook}", body)
    if body[:2] == b"\x1f\x8b":
        request = request.replace(b"\r\n", b"\r\nContent-Encoding: gzip\r\n", 1)
    callers = [context.Process(target=send, args=(server.port, request, counted)) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    sleep(2)
    taken = one_connection(server.port, [usual], same_as_first(), seconds=seconds, most=100_000)
    for caller in callers:
        caller.kill()
    told: Counter[str] = Counter()
    while not counted.empty():
        told[counted.get()] += 1
    return taken, told


def lines(seconds: float, names: list[str]) -> Iterator[tuple[str, float]]:
    """Yield what is told about each shape, with the figure that counts."""
    usual_call = Shapes(datetime.now(UTC).date()).opened(USUAL)
    for name in names or list(SHAPES):
        hook, made = SHAPES[name]
        with service(FIRST_PORT) as server:
            usual = as_request(f"{server.path}{usual_call.hook}", usual_call.body)
            alone = one_connection(server.port, [usual], same_as_first(), seconds=2, most=500)
            taken, told = pestered(server, hook, made(), seconds, usual)
        got = ", ".join(f"{number} x {word}" for word, number in sorted(told.items()))
        usual_ms = f"p50 {taken.at(0.5):.0f} ms, p99 {taken.at(0.99):.0f} ms, longest {taken.ms[-1]:.0f}"
        yield (
            f"{name:15} usual calls alone {alone.at(0.5):.0f} ms; {usual_ms} of {len(taken.ms)}; rest: {got}",
            taken.at(0.99),
        )


def main(words: list[str]) -> int:
    """Measure; return the exit code."""
    worst = 0.0
    for line, figure in lines(float(words[0]) if words else SECONDS, words[1:]):
        print(line, flush=True)
        worst = max(worst, figure)
    return 1 if worst > MOST_MS else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
