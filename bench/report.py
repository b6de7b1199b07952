"""Writes the figures as tables in Markdown: the ratios that are aimed at, and what they are made of."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.inprocess import Figure, Measured
from bench.overhttp import BUDGET_MS, LAG_MS, Paced
from bench.scale import COLUMNS, rows

Row = Sequence[object]
SHAPES = {
    "opened": "chart opened",
    "signed": "agent ordered",
    "unrelated": "unrelated order",
}
SIZE = 500  # resources in the charts of sites
OURS, CQL, FLASK, HEALTHCHAIN = "this service", "CQL engine", "Flask + json", "HealthChain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """What is measured of the running service alone; None for what a quick run leaves out."""

    first_answer_s: float
    memory_mb: float
    memory_calls: int
    missing_ms: float
    prefetched_ms: float
    hung_ms: float
    large: tuple[float, float, list[str]] | None
    unrelated: Paced


def written(
    within: Measured, paced: Mapping[int, list[Paced]], beside: Beside, absent: Mapping[str, str]
) -> str:
    """The whole page of figures."""
    parts = [
        _table(("what", "measured", "must", "stretch"), _ratios(within, paced, beside)),
        "In process: processor milliseconds from the bytes of a call to those of its answer; "
        "Y is `orjson.loads` of the same body with the collector off.",
        _table(
            ("shape", "resources", "kB", "Y", "p50", "p99", "max", "p50 is"), map(_within, within.figures)
        ),
        'Stages of opening a chart, processor milliseconds; "assess and render" holds "assess".',
        _stages(within),
        "Over loopback: milliseconds at one connection, calls a second at several, processor milliseconds of "
        "the server a call, and megabytes of its workers. The peers make the small bench decision, this "
        "service all of its own.",
        _paced(paced),
        f"What that means for sites ([scale.md](scale.md) has the volumes), when each chart holds {SIZE} "
        "resources: a call, its decision record included, takes "
        f"{_assessed(paced).cpu_ms:.1f} ms of a processor with an assessment and "
        f"{beside.unrelated.cpu_ms:.1f} ms for an unrelated order.",
        _table(COLUMNS, rows(_assessed(paced).cpu_ms, beside.unrelated.cpu_ms)),
        *(f"Not measured: {name}: {reason}" for name, reason in absent.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _assessed(paced: Mapping[int, list[Paced]]) -> Paced:
    return next(each for each in paced[SIZE] if each.server == OURS)


def machine(day: str) -> str:
    """The machine, the versions and the day."""
    model = next(
        (
            line.partition(": ")[2]
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    packages = ", ".join(f"{name} {version(name)}" for name in ("flask", "granian", "msgspec", "orjson"))
    load = os.getloadavg()[0]
    return (
        f"{day}; {os.cpu_count()} cores of {model}; Python {platform.python_version()}; {packages}; "
        f"{load:.1f} other processes wanted a core at the start."
    )


def _ratios(within: Measured, paced: Mapping[int, list[Paced]], beside: Beside) -> Iterator[Row]:
    for figure in within.figures:
        if figure.shape == "opened" and figure.resources >= 100:
            aims = ("1.5 ms + 2.0 Y", "0.8 ms + 1.0 Y")
            yield f"in process, {figure.resources} resources", _over(figure.p50, 1.5, figure.y), *aims
    ys = {figure.resources: figure.y for figure in within.figures if figure.shape == "opened"}
    for size, servers in paced.items():
        by_name = {each.server: each for each in servers}
        ours = by_name[OURS]
        yield (
            f"p50 over loopback, {size} resources",
            _over(ours.p50, 2.0, ys[size]),
            "2.0 ms + 2.4 Y",
            "1.2 ms + 1.2 Y",
        )
        if size <= 500:
            p99 = f"{ours.p99 / ours.p50:.1f} x p50, {ours.p99:.1f} ms"
            yield f"p99, {size} resources", p99, "3 x p50, < 20 ms", "2 x p50, < 8 ms"
        yield from _beside_peers(size, by_name)
    yield from _slope(paced)
    yield from _alone(within, beside)


def _beside_peers(size: int, by_name: Mapping[str, Paced]) -> Iterator[Row]:
    aims = {CQL: ("10 x", "20 to 40 x"), FLASK: ("1.0 x", "2.5 to 4 x"), HEALTHCHAIN: ("", "")}
    for name, aim in aims.items():
        if name in by_name and 8 in by_name[OURS].rates and 8 in by_name[name].rates:
            ours, peer = by_name[OURS], by_name[name]
            told = (
                f"{ours.rates[8] / peer.rates[8]:.2f} x; {peer.cpu_ms / ours.cpu_ms:.2f} x by processor time"
            )
            yield f"calls/s against {name}, {size} resources, 8 connections", told, *aim


def _slope(paced: Mapping[int, list[Paced]]) -> Iterator[Row]:
    if 100 in paced and 500 in paced:
        small, large = (next(p for p in paced[size] if p.server == OURS).p50 for size in (100, 500))
        yield (
            "slope from 100 to 500 resources",
            f"{(large - small) / 400 * 1000:.0f} us a resource",
            "15 us",
            "7 us",
        )


def _alone(within: Measured, beside: Beside) -> Iterator[Row]:
    yield f"two workers after {beside.memory_calls:,} calls", f"{beside.memory_mb:.0f} MB", "180 MB", "130 MB"
    yield "first answer after the start", f"{beside.first_answer_s:.2f} s", "1.0 s", "0.5 s"
    yield "of it: rule tables, application", f"{within.tables_ms:.0f} + {within.app_ms:.0f} ms", "", ""
    warm = next(f for f in within.figures if f.shape == "opened" and f.resources == 100)
    yield "first call of a process, without warm-up", f"{within.cold_ms / warm.p50:.1f} x a warm one", "", ""
    missing = f"{beside.missing_ms:.1f} ms; {beside.prefetched_ms:.1f} ms when prefetched"
    yield f"six missing queries of {LAG_MS} ms", missing, "33 ms", "27 ms"
    yield (
        f"hung FHIR server, budget {BUDGET_MS} ms",
        f"budget + {beside.hung_ms:.1f} ms",
        "budget + 20 ms",
        "+ 5 ms",
    )
    if beside.large:
        rest, most, statuses = beside.large
        told = ", ".join(f"{statuses.count(one)} x {one}" for one in sorted(set(statuses)))
        yield (
            f"{len(statuses)} bodies of 33 MB at once",
            f"{rest:.0f} MB, at most {most:.0f} MB ({told})",
            "",
            "",
        )


def _over(ms: float, fixed: float, y: float) -> str:
    """How many Y a time is beyond the fixed part."""
    return f"{ms:.1f} ms = {fixed} ms + {max(ms - fixed, 0) / y:.1f} Y"


def _within(figure: Figure) -> Row:
    return (
        SHAPES.get(figure.shape, figure.shape), figure.resources, round(figure.bytes / 1000),
        f"{figure.y:.2f}",
        f"{figure.p50:.2f}", f"{figure.p99:.2f}", f"{figure.longest:.2f}", f"{figure.p50 / figure.y:.1f} Y",
    )  # fmt: skip


def _stages(within: Measured) -> str:
    sizes = sorted(within.stages)
    names = within.stages[sizes[0]]
    rows = [(name, *(f"{within.stages[size][name]:.2f}" for size in sizes)) for name in names]
    return _table(("stage", *(f"{size} resources" for size in sizes)), rows)


def _paced(paced: Mapping[int, list[Paced]]) -> str:
    columns = ("resources", "server", "p50", "p99", "max", "1/s at 1", "at 8", "at 64", "CPU ms", "MB")
    rows = [
        (
            size, each.server, f"{each.p50:.2f}", f"{each.p99:.1f}", f"{each.longest:.1f}",
            *(f"{each.rates[n]:.0f}" if n in each.rates else "" for n in (1, 8, 64)),
            f"{each.cpu_ms:.1f}", f"{each.pss_mb:.0f}",
        )
        for size, servers in paced.items() for each in servers
    ]  # fmt: skip
    return _table(columns, rows)


def _table(columns: Row, rows: Iterable[Row]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
