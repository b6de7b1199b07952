"""Checks that the peers make the same decision before they are compared by how fast they make it."""

import json
from collections.abc import Iterable
from datetime import date

from bench.calls import Call, call, prefetched
from bench.charts import ChartMaker
from bench.load import answer_of, as_request, connection
from bench.peers.decision import cards
from bench.servers import Server

Told = list[tuple[str, str]]


def disagreement(servers: Iterable[Server], today: date, calls: int) -> str | None:
    """Where a peer tells something else of one of so many made-up charts; None when all agree."""
    made = [_call(today, seed) for seed in range(calls)]
    expected = [_told(cards(json.loads(each.body)["prefetch"])) for each in made]
    if len({len(told) for told in expected}) < 3:
        return "the charts are too alike to tell decisions apart"
    for server in servers:
        with connection(server.port) as link:
            for seed, (each, told) in enumerate(zip(made, expected, strict=True)):
                link.sendall(as_request(server.path, each.body))
                head, body = answer_of(link)
                found = _told(json.loads(body)["cards"]) if b" 200" in head[:16] else []
                if found != told:
                    return f"{server.name} tells {found} of chart {seed}, expected {told}"
    return None


def _call(today: date, seed: int) -> Call:
    maker = ChartMaker(today, seed, courses=(None, 0, 2, 40)[seed % 4])
    return call(prefetched(maker.chart((20, 100, 300)[seed % 3])))


def _told(made: list[dict[str, str]]) -> Told:
    return [(card["indicator"], card["summary"]) for card in made]
