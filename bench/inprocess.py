"""Measures this service in one process, from the bytes of a call to the bytes of its answer.

The application is made as a worker makes it: warm, with the collector frozen but on. The yardstick Y is
`orjson.loads` of the same body in the same minute with the collector off, which is as fast as Python can have
a request as dicts at all. Run in a process of its own; writes its figures as JSON.
"""

import gc
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from itertools import count
from pathlib import Path
from time import perf_counter

import msgspec

from bench.calls import Call, Shapes
from bench.timing import collector_off, median, times
from cds_hooks.cards import response
from cds_hooks.request import read_request
from cds_hooks.service import Answered, CallOutcome, OfferedService
from cds_hooks.trust import CdsClient
from mappings.knowledge import Knowledge
from service.answer.cards import RuleSet, answer_chart
from service.answer.read import brought, read_chart, read_record
from service.app import create_app
from service.assess import assess
from service.fhir.prefetch import usual
from service.operations.rules import read_rules
from service.records.recording import decision_record, running_versions
from service.serve import warm_up
from service.settings import Settings, read_settings

SIZES, QUICK_SIZES = (20, 100, 500, 2_000, 10_000), (20, 100, 500)
SHAPED = 500  # resources of the shapes that are compared


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One call of a shape and size: milliseconds that the answer and the yardstick take."""

    shape: str
    resources: int
    bytes: int
    y: float
    p50: float
    p99: float
    longest: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """All that is measured in process. `stages` are milliseconds by stage, by number of resources."""

    tables_ms: float
    app_ms: float
    cold_ms: float
    figures: list[Figure]
    stages: dict[int, dict[str, float]]


class Bench:
    """The application, and its handlers by hook."""

    def __init__(self, settings: Settings, knowledge: Knowledge) -> None:
        self.settings, self.knowledge = settings, knowledge
        self.app = create_app(settings, knowledge)
        offered: tuple[OfferedService, ...] = self.app.extensions["services"]
        self.by_hook = {each.service.hook: each for each in offered}

    def answer(self, call: Call) -> bytes:
        """From bytes to bytes."""
        reply = self.by_hook[call.hook].handler(read_request(call.body, call.hook), CdsClient())
        return msgspec.json.encode(response(reply.cards))


def measured(today: date, *, quick: bool) -> Measured:
    """Measure everything; `quick` measures the smaller charts, and each for a shorter time."""
    seconds = 0.4 if quick else 1.5
    shapes = Shapes(today)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = read_settings({"KETAMINE_CDS_DATABASE_URL": f"sqlite:///{Path(folder)}/bench.db"})
        began = perf_counter()
        knowledge = read_rules(settings)
        read = perf_counter()
        bench = Bench(settings, knowledge)
        made = perf_counter()
        bench.answer(shapes.opened(100))
        cold = perf_counter()
        warm_up(bench.app)
        gc.collect()
        gc.freeze()
        found = Measured(
            tables_ms=(read - began) * 1000,
            app_ms=(made - read) * 1000,
            cold_ms=(cold - made) * 1000,
            figures=list(_figures(bench, shapes, seconds, QUICK_SIZES if quick else SIZES)),
            stages={size: _stages(bench, shapes.opened(size), seconds / 3) for size in (100, 500)},
        )
        bench.app.extensions["close"]()
        return found


def _figures(bench: Bench, shapes: Shapes, seconds: float, sizes: tuple[int, ...]) -> Iterator[Figure]:
    for size in sizes:
        yield _figure(bench, "opened", size, shapes.opened(size), seconds)
        yield _figure(bench, "signed", size, shapes.signed(size), seconds)
    for size in sizes:
        yield _figure(bench, "unrelated", size, shapes.unrelated(size), seconds)
    for number in (0, 2, 40):
        call = shapes.courses(SHAPED, number=number)
        yield _figure(bench, f"{number} courses", SHAPED, call, seconds)
    for name in ("narrative", "small_bundles", "malformed", "mixed", "null_keys"):
        made: Callable[[int], Call] = getattr(shapes, name)
        yield _figure(bench, name.replace("_", " "), SHAPED, made(SHAPED), seconds)
    yield _unseen(bench, shapes)


def _figure(bench: Bench, shape: str, size: int, call: Call, seconds: float) -> Figure:
    loads = import_module("orjson").loads
    bench.answer(call)
    with collector_off():
        y = median(times(lambda: loads(call.body), seconds / 3))
    taken = times(lambda: bench.answer(call), seconds)
    return _row(shape, size, call, y, taken)


def _unseen(bench: Bench, shapes: Shapes, number: int = 12) -> Figure:
    """Charts whose names and sentences never came before: nothing that is remembered helps."""
    loads = import_module("orjson").loads
    calls = [shapes.unseen(SHAPED, seed) for seed in range(1000, 1000 + number)]
    with collector_off():
        y = median(times(lambda: loads(calls[0].body), 0.2))
    turn = count()
    taken = times(lambda: bench.answer(calls[next(turn)]), 1000.0, most=number)
    return _row("texts never seen", SHAPED, calls[0], y, taken)


def _row(shape: str, size: int, call: Call, y: float, taken: Sequence[float]) -> Figure:
    return Figure(
        shape=shape,
        resources=size,
        bytes=len(call.body),
        y=y,
        p50=median(taken),
        p99=taken[int(len(taken) * 0.99)],
        longest=taken[-1],
    )


def _stages(bench: Bench, call: Call, seconds: float) -> dict[str, float]:
    """What each stage takes of a call that opens a chart."""
    knowledge, today = bench.knowledge, bench.settings.today()
    rules = RuleSet(knowledge=knowledge, profile=bench.settings.profile, source_url="http://bench/basis/")
    asked = usual(knowledge.prefetch)
    request = read_request(call.body, call.hook)
    came = brought(request, asked)
    chart = read_chart(request, came)
    read = read_record(chart, knowledge, today)
    reply = bench.by_hook[call.hook].handler(request, CdsClient())
    answered = Answered(
        service=bench.by_hook[call.hook].service, caller=CdsClient(), body=call.body, request=request,
        outcome=CallOutcome.ANSWERED, status=200, cards=reply.cards, trace=reply.trace, seconds=0.0,
    )  # fmt: skip
    made, at = running_versions(bench.settings, knowledge), datetime.now(UTC)
    steps: dict[str, Callable[[], object]] = {
        "read: envelope": lambda: read_request(call.body, call.hook),
        "read: prefetch": lambda: read_chart(request, brought(request, asked)),
        "normalise": lambda: read_record(chart, knowledge, today),
        "assess": lambda: assess(read.facts, knowledge, rules.profile, today),
        "assess and render": lambda: answer_chart(request, read, rules, today),
        "encode": lambda: msgspec.json.encode(response(reply.cards)),
        "record": lambda: decision_record(
            answered, record_id="r", at=at, versions=made, key=b"k" * 32, wording=knowledge.wording
        ),
    }
    return {name: median(times(step, seconds)) for name, step in steps.items()}


if __name__ == "__main__":
    today = datetime.now(UTC).date()
    sys.stdout.buffer.write(msgspec.json.encode(measured(today, quick="--quick" in sys.argv)))
