"""What one answer costs, counted as work: time is measured by `make bench` and never decides a test."""

import functools
import gc
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

from bench.calls import Call, Shapes
from cds_hooks.request import read_request
from cds_hooks.service import OfferedService, Reply
from cds_hooks.trust import CdsClient
from mappings import tables
from mappings.knowledge import load_knowledge
from mappings.remembering import MOST_ENTRIES, remembered
from service.answer.read import read_document
from service.app import create_app
from service.assess import assess
from service.fhir import decode
from service.settings import Settings, read_settings
from tests.fetch.servers import Heard, response, serving
from tests.served import UNHURRIED

SHAPES = Shapes(date(2026, 12, 1))
CHART = SHAPES.opened(300)
PACKAGES = ("service", "cds_hooks", "mappings")
RECALLING: Any = remembered(str.upper)  # a function of whose code all remembered ones are

Answer = Callable[[Call], Reply]


def answering(settings: Settings) -> Answer:
    """Return what answers calls of any hook in this process."""
    services: tuple[OfferedService, ...] = create_app(settings).extensions["services"]
    handlers = {each.service.hook: each.handler for each in services}
    return lambda made: handlers[made.hook](read_request(made.body, made.hook), CdsClient())


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """An application with a database of its own."""
    place = tmp_path_factory.mktemp("work")
    return answering(
        read_settings({"KETAMINE_CDS_DATABASE_URL": f"sqlite:///{place}/ketamine-cds.db", **UNHURRIED})
    )


def caches() -> dict[str, Any]:
    """Return every `lru_cache` of ours that lives in this process."""
    return {
        f"{each.__module__}.{each.__qualname__}": each
        for each in gc.get_objects()
        if isinstance(each, functools._lru_cache_wrapper)
        and (each.__module__ or "").split(".")[0] in PACKAGES
    }


def remembering_ones() -> list[Any]:
    """Return every function of this process whose answers are remembered."""
    return [
        each
        for each in gc.get_objects()
        if isinstance(each, FunctionType) and each.__code__ is RECALLING.__code__ and each is not RECALLING
    ]


def kept(function: Any) -> int:
    """Return how many answers of a function are remembered."""
    (answers,) = (c.cell_contents for c in function.__closure__ if isinstance(c.cell_contents, dict))
    return len(answers)


def test_each_value_of_a_prefetch_is_decoded_once(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call decodes each value of its prefetch, and none a second time."""
    decoded: Counter[bytes] = Counter()
    original = decode.read_reply

    def noting(raw: bytes, name: str = "") -> Any:
        decoded[bytes(raw)] += 1
        return original(raw, name)

    monkeypatch.setattr(decode, "read_reply", noting)
    answer(CHART)
    sent = json.loads(CHART.body)["prefetch"]
    assert sum(decoded.values()) == len(sent)


@contextmanager
def entered(codes: Collection[CodeType]) -> Iterator[Counter[tuple[object, ...]]]:
    """Count how often functions of this code are entered with the same question."""
    found: Counter[tuple[object, ...]] = Counter()

    def noting(frame: FrameType, _event: str, _value: object) -> None:
        if frame.f_code in codes:
            names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
            question, *others = (frame.f_locals[name] for name in names)
            found[(frame.f_code, question, *map(id, others))] += 1

    before = sys.gettrace()
    sys.settrace(noting)
    try:
        yield found
    finally:
        sys.settrace(before)


def test_what_is_understood_once_is_not_read_again() -> None:
    """Names, sentences and coded entries are each read once, and not at all when the record comes again."""
    knowledge, day, call = load_knowledge(), date(2026, 12, 1), SHAPES.unseen(60, 911)
    codes = {
        each.__wrapped__.__code__ for each in remembering_ones() if hasattr(each.__wrapped__, "__code__")
    }

    def read() -> None:
        assess(read_document(call.body, knowledge, day).facts, knowledge, "default", day)

    with entered(codes) as first:
        read()
    assert len(first) > 50
    assert {key: times for key, times in first.items() if times > 1} == {}
    with entered(codes) as again:
        read()
    assert again == Counter()


def test_rules_are_made_ready_at_the_start(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call reads no table, and compiles no pattern that an earlier one has needed."""
    answer(CHART)
    work: list[object] = []
    monkeypatch.setattr(re._compiler, "compile", lambda *pattern: work.append(pattern))  # type: ignore[attr-defined]
    monkeypatch.setattr(tables, "parsed", work.append)
    answer(CHART)
    assert work == []


def test_no_query_is_made_twice(tmp_path: Path) -> None:
    """What is missing from the prefetch is asked for once, even where the answer is an empty list."""

    def empty(connection: Any, heard: Heard) -> None:
        connection.sendall(response({"resourceType": "Bundle", "type": "searchset", "entry": []}))

    with serving(empty) as server:
        answered = answering(
            read_settings(
                {
                    "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{tmp_path}/ketamine-cds.db",
                    **UNHURRIED,
                    "KETAMINE_CDS_FHIR_SERVERS": server.base,
                    "KETAMINE_CDS_MODE": "development",  # which reads without TLS on this machine
                }
            )
        )
        answered(SHAPES.missing_keys(20, server.base))
    targets = Counter(heard.target for heard in server.heard)
    assert len(targets) == 6
    assert set(targets.values()) == {1}


def test_no_cache_grows_beyond_its_bound(answer: Answer) -> None:
    """Ever new texts leave every cache within its bound, and one without a bound as large as it was."""
    answer(SHAPES.unseen(60, 700))
    before = {name: cache.cache_info().currsize for name, cache in caches().items()}
    for seed in range(701, 711):
        answer(SHAPES.unseen(60, seed))
    assert 0 < max(kept(each) for each in remembering_ones()) <= MOST_ENTRIES
    for name, cache in caches().items():
        info = cache.cache_info()
        bound = before.get(name, 0) if info.maxsize is None else info.maxsize
        assert info.currsize <= bound, name
