"""What one answer costs, counted as work: time is measured by `make bench` and never decides a test."""

import functools
import gc
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from bench.calls import Call, Shapes
from cds_hooks.request import read_request
from cds_hooks.service import OfferedService, Reply
from cds_hooks.trust import Caller
from mappings.remembering import MOST_ENTRIES
from service.app import create_app
from service.fhir import decode
from service.settings import Settings, read_settings
from tests.fetch.servers import Heard, response, serving

SHAPES = Shapes(date(2026, 12, 1))
CHART = SHAPES.opened(300)
PACKAGES = ("service", "cds_hooks", "mappings")

Answer = Callable[[Call], Reply]


def answering(settings: Settings) -> Answer:
    """Return what answers calls of any hook in this process."""
    services: tuple[OfferedService, ...] = create_app(settings).extensions["services"]
    handlers = {each.service.hook: each.handler for each in services}
    return lambda made: handlers[made.hook](read_request(made.body, made.hook), Caller())


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """An application with a database of its own."""
    place = tmp_path_factory.mktemp("work")
    return answering(read_settings({"KETAMINE_CDS_DATABASE_URL": f"sqlite:///{place}/ketamine-cds.db"}))


@contextmanager
def counted() -> Iterator[Counter[CodeType]]:
    """Count the calls of each function of Python in this thread while the block runs."""
    calls: Counter[CodeType] = Counter()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            calls[frame.f_code] += 1

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def caches() -> dict[str, Any]:
    """Return every cache of a function of ours that lives in this process."""
    return {
        f"{each.__module__}.{each.__qualname__}": each
        for each in gc.get_objects()
        if isinstance(each, functools._lru_cache_wrapper)
        and (each.__module__ or "").split(".")[0] in PACKAGES
    }


def understood(calls: Counter[CodeType]) -> int:
    """Return how many names and sentences were read, and not remembered."""
    readers = [each for each in caches().values() if each.cache_info().maxsize == MOST_ENTRIES]
    return sum(calls[each.__wrapped__.__code__] for each in readers)


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


def test_names_and_sentences_are_understood_once(answer: Answer) -> None:
    """A call reads no more texts than it holds; the same call a second time reads none."""
    fresh = [SHAPES.unseen(60, seed) for seed in (901, 901)]
    with counted() as first:
        answer(fresh[0])
    with counted() as second:
        answer(fresh[1])
    texts = set(re.findall(rb'"text":"([^"<]*)"', fresh[0].body))
    assert 0 < understood(first) < 10 * len(texts)
    assert understood(second) == 0


def test_nothing_is_compiled_or_loaded_for_a_call(answer: Answer) -> None:
    """Tables and patterns are read at the start: an answer calls no loader and compiles no pattern."""
    answer(CHART)
    with counted() as calls:
        answer(CHART)
    own = [code for code in calls if any(f"/{package}/" in code.co_filename for package in PACKAGES)]
    assert len(own) > 100, "the count sees the service work"
    assert [code.co_qualname for code in own if code.co_name.startswith("load_")] == []
    patterns = Path(re.__file__).parent / "_compiler.py"
    assert [code.co_qualname for code in calls if Path(code.co_filename) == patterns] == []


def test_an_unrelated_order_costs_a_fraction(answer: Answer) -> None:
    """An order that is none of this service's business is answered with a fifth of the work at most."""
    calls = (SHAPES.unrelated(300), SHAPES.signed(300))
    for made in calls:
        answer(made)
    work = []
    for made in calls:
        with counted() as found:
            answer(made)
        work.append(sum(found.values()))
    assert 0 < work[0] < work[1] / 5


def test_work_grows_with_the_chart_and_no_faster(answer: Answer) -> None:
    """Five times as many resources of the same kinds are at most six times the work."""
    work = []
    for made in (SHAPES.opened(200), SHAPES.opened(1000)):
        answer(made)
        with counted() as found:
            answer(made)
        work.append(sum(found.values()))
    assert work[0] < work[1] < 6 * work[0]


def test_no_query_is_made_twice(tmp_path: Path) -> None:
    """What is missing from the prefetch is asked for once, even where the answer is an empty list."""

    def empty(connection: Any, heard: Heard) -> None:
        connection.sendall(response({"resourceType": "Bundle", "type": "searchset", "entry": []}))

    with serving(empty) as server:
        answered = answering(
            read_settings(
                {
                    "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{tmp_path}/ketamine-cds.db",
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
    found = caches()
    assert any(name.startswith("mappings.terminology.") for name in found)
    for name, cache in found.items():
        info = cache.cache_info()
        bound = before.get(name, 0) if info.maxsize is None else info.maxsize
        assert info.currsize <= bound, name
