"""Which tests run which changed statement, and how long each takes, with nothing changed yet."""

import builtins
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from types import FunctionType

import pytest

from mappings.knowledge import load_knowledge
from tests.mutants.changing import watched
from tests.mutants.sampling import Mutant

_TELL = "__ran__"


def record(items: Sequence[pytest.Item], mutants: Sequence[Mutant], functions: Sequence[FunctionType]) -> str:
    """Run tests; return, as JSON, those that ran each mutant's statement, their seconds, and which failed."""
    ran = _watching(mutants, functions)
    remembering = [kept for function in functions for kept in _kept(function)]
    watch = _Watch()
    items[0].config.pluginmanager.register(watch)
    tests: dict[int, list[str]] = defaultdict(list)
    seconds: dict[str, float] = {}
    for item, following in zip(items, [*items[1:], None], strict=True):
        for kept in remembering:  # what one test has asked would be told to the next from memory
            kept.clear()
        ran.clear()
        begun = time.process_time()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        seconds[item.nodeid] = time.process_time() - begun
        for number in ran:
            tests[number].append(item.nodeid)
    told = [tests[number] for number in range(len(mutants))]
    return json.dumps({"ran": told, "seconds": seconds, "failed": watch.failed})


def ran_at_start(mutants: Sequence[Mutant], functions: Sequence[FunctionType]) -> str:
    """Return, as JSON, the numbers of the mutants whose statement runs when the tables are read."""
    ran = _watching(mutants, functions)
    load_knowledge()
    return json.dumps(sorted(ran))


def _watching(mutants: Sequence[Mutant], functions: Sequence[FunctionType]) -> set[int]:
    """Return the numbers of the mutants whose statement has run, from now on."""
    ran: set[int] = set()
    setattr(builtins, _TELL, ran.add)
    for file in {mutant.file for mutant in mutants}:
        places = defaultdict(list)
        for number, mutant in enumerate(mutants):
            if mutant.file == file:
                places[mutant.statement].append(number)
        watched(file, places, functions, _TELL)
    return ran


def _kept(function: FunctionType) -> Iterator[dict[object, object]]:
    """Yield the answers that a `remembered` function keeps."""
    if function.__code__.co_qualname == "remembered.<locals>.recalled":
        names = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        yield names["kept"].cell_contents


class _Watch:
    def __init__(self) -> None:
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the name of a test that failed."""
        if report.failed:
            self.failed.append(report.nodeid)
