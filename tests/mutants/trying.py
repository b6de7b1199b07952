"""Whether the tests notice a mutant: in a fork of a process that has loaded and collected everything once.

In place first: the function gets its changed code, and the tests that run the changed line follow, up to
the first that fails. What cannot be changed in place, or makes something else of the tables when they are
read and was not noticed yet, is tried in a process that loads everything anew. Tests count only as far as
they call the code in their own process, and as far as they end within a minute: one of each function first.
What was noticed is kept beside the environment, so that a run that was ended goes on.
"""

import json
import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from types import FunctionType
from typing import Any

import pytest

from mappings.knowledge import load_knowledge
from tests.mutants.changing import changed_in_place, changed_when_loaded, loaded_functions
from tests.mutants.forking import forked
from tests.mutants.recording import ran_at_start, record
from tests.mutants.sampling import Mutant, files, unchanged
from tests.served import REPOSITORY

QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning")
FOLDERS = (
    "assess",
    "basis",
    "cds_hooks",
    "criteria",
    "hooks",
    "mappings",
    "normalise",
    "render",
    "trust",
    "vignettes",
)
"""Those whose tests call the code in their own process."""

LOADED = {
    "service/assess/": ("assess", "hooks", "vignettes"),
    "cds_hooks/": ("cds_hooks", "trust"),
    "mappings/": ("mappings", "normalise", "basis", "render", "vignettes"),
}
"""The folders of tests that are asked once more when everything is loaded anew."""

SERVERS = ("service", "browser", "http", "tmp_path_factory")  # fixtures whose tests ask another process
ELSEWHERE = (
    "test_the_command_agrees",
    "test_the_installed_command_agrees",
)  # the pipeline once more, by other ways
OTHER_DIALECTS = ("awkward)]", "sparse)]")  # the same patient told in other words: `service/normalise`
SLOW_SECONDS = 5.0  # a test that takes longer is not asked
MOST_SECONDS = 60.0  # of tests for one mutant
RECORDING_SECONDS = 6000.0
NOTICED = REPOSITORY / ".venv" / "mutants-noticed.json"
KEPT = REPOSITORY / ".venv" / "mutants.json"


class Trials:
    """A session of pytest that collects all tests and tries mutants in place of running them."""

    def __init__(self, mutants: Sequence[Mutant], processes: int, tell: Callable[[str], None]) -> None:
        self.mutants = mutants
        self.processes = processes
        self.tell = tell
        self.noticed: list[str] = []
        self.before: dict[str, str] = json.loads(NOTICED.read_text()) if NOTICED.exists() else {}
        self.failed: list[str] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Record what the tests run, then try each mutant."""
        items = [item for item in session.items if _is_asked(item)]
        functions = loaded_functions()
        self.tell(f"{len(items)} tests collected")
        with ThreadPoolExecutor(self.processes) as pool:
            told = self._recorded_before()
            known = {name for one in told for name in one["seconds"]}
            if new := [item for item in items if item.nodeid not in known]:
                parts = [
                    part for number in range(self.processes) if (part := _part(new, number, self.processes))
                ]
                told += pool.map(lambda part: _recorded(part, self.mutants, functions), parts)
                KEPT.write_text(json.dumps({"mutants": self._names(), "told": told}), encoding="utf-8")
            seconds = {name: took for one in told for name, took in one["seconds"].items()}
            self.failed = [name for one in told for name in one["failed"]]
            self.tell(f"recorded: {sum(seconds.values()):.0f} s of tests, failed: {self.failed}")
            asked = {item.nodeid: item for item in items if seconds[item.nodeid] < SLOW_SECONDS}
            if not known:
                unsound = pool.map(partial(_unsound, seconds=seconds), LOADED)
                self.failed += [name for one in unsound for name in one]
            at_start = set(json.loads(forked(partial(ran_at_start, self.mutants, functions), 600)))
            tables = _tables()
            if not self.failed:
                ran = [{name for one in told for name in one["ran"][at]} for at in range(len(self.mutants))]
                tries = [
                    partial(
                        _tried,
                        mutant,
                        _ordered(mutant, names & set(asked), seconds),
                        asked,
                        functions,
                        seconds,
                        tables if at in at_start else b"",
                    )
                    for at, (mutant, names) in enumerate(zip(self.mutants, ran, strict=True))
                ]
                self.noticed = list(pool.map(self._told, self.mutants, tries))
        return True

    def _recorded_before(self) -> list[Any]:
        """Return what an earlier run of the same sample has recorded."""
        kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
        return kept["told"] if kept.get("mutants") == self._names() else []

    def _names(self) -> list[str]:
        return [f"{mutant.file} {mutant.statement} {mutant.after}" for mutant in self.mutants]

    def _told(self, mutant: Mutant, trial: Callable[[], str]) -> str:
        name = f"{mutant.file} {mutant.function}: {mutant.before} -> {mutant.after}"
        if noticed := self.before.get(name):
            return noticed
        noticed = self.before[name] = trial()
        NOTICED.write_text(json.dumps(self.before, indent=0), encoding="utf-8")
        self.tell(f"{noticed or 'LEFT'}: {mutant.file} {mutant.function}: {mutant.before} -> {mutant.after}")
        return noticed


def tried(mutants: Sequence[Mutant], processes: int, tell: Callable[[str], None]) -> Trials:
    """Return, for each mutant, the test that noticed it; nothing where none did."""
    trials = Trials(mutants, processes, tell)
    pytest.main([*QUIET, "-s", *(f"tests/{folder}" for folder in FOLDERS)], plugins=[trials])
    return trials


def _is_asked(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    name = item.nodeid
    return not (
        any(server in names for server in SERVERS if _is_everybodys(item, server))
        or any(word in name for word in ELSEWHERE)
        or ("vignettes" in name and name.endswith(OTHER_DIALECTS))
        or "running(" in _text(name.partition("::")[0])
    )


def _is_everybodys(item: pytest.Item, fixture: str) -> bool:
    """Tell whether a fixture is not one that the file of the test makes itself."""
    made = item.session._fixturemanager.getfixturedefs(fixture, item)
    return not made or not made[-1].baseid.endswith(".py")


def _part(items: Sequence[pytest.Item], number: int, of: int) -> list[pytest.Item]:
    """Return the tests of every so-manieth block of 50, in their order."""
    return [item for at, item in enumerate(items) if at // 50 % of == number]


def _recorded(
    items: Sequence[pytest.Item], mutants: Sequence[Mutant], functions: Sequence[FunctionType]
) -> Any:
    told = forked(partial(record, items, mutants, functions), RECORDING_SECONDS)
    if not told.startswith(b"{"):
        raise RuntimeError(f"no record of what the tests run: {told.decode()[:1000]}")
    return json.loads(told)


def _ordered(mutant: Mutant, names: Iterable[str], seconds: Mapping[str, float]) -> Sequence[str]:
    """Return tests in the order in which they are asked: first those named after the module, the quick ahead.

    Of the others one of each function comes first, then two, four: a minute of them has seen the most.
    """
    path = Path(mutant.file)
    subject = path.parent.name if path.stem == "__init__" else path.stem
    near = {name for name in names if subject in name.partition("::")[0]}
    mixed = sorted(set(names) - near)
    Random(mutant.after).shuffle(mixed)
    before: Counter[str] = Counter()
    rounds = {}
    for name in mixed:
        function = name.partition("[")[0]
        rounds[name] = (before[function].bit_length(), function)
        before[function] += 1
    return _within_reach(
        [*sorted(near, key=lambda name: seconds[name]), *sorted(mixed, key=lambda name: rounds[name])],
        seconds,
    )


def _within_reach(names: Iterable[str], seconds: Mapping[str, float]) -> Sequence[str]:
    """Return the first of the tests, as many as end in time."""
    left = MOST_SECONDS
    return [name for name in names if (left := left - seconds[name]) > 0]


def _tried(
    mutant: Mutant,
    names: Sequence[str],
    asked: Mapping[str, pytest.Item],
    functions: Sequence[FunctionType],
    seconds: Mapping[str, float],
    tables: bytes,
) -> str:
    """Return the test that notices a mutant, why it counts as noticed, or nothing.

    `tables` are what is made of the tables by a statement that is not changed; nothing if it makes none.
    """
    patience = 60 + 10 * sum(seconds[name] for name in names)
    items = [asked[name] for name in names]
    told = forked(partial(_in_place, mutant, items, functions, tables), patience)
    noticed = told.decode() or "does not end"
    if noticed == "nothing" and (tables or names):
        return ""
    if noticed not in ("nothing", "elsewhere"):
        return noticed
    told = forked(partial(_loaded_anew, mutant, _asked_anew(mutant, seconds)), 900)
    noticed = told.decode() or "does not end"
    return "" if noticed == "nothing" else noticed


def _unsound(begin: str, seconds: Mapping[str, float]) -> list[str]:
    """Return the test that fails when a part of the code is loaded anew and nothing is changed."""
    same = unchanged(next(name for name in files() if name.startswith(begin)))
    told = forked(partial(_loaded_anew, same, _asked_anew(same, seconds)), RECORDING_SECONDS).decode()
    return [] if told == "nothing" else [f"loaded anew: {told}"]


def _in_place(
    mutant: Mutant, items: Sequence[pytest.Item], functions: Sequence[FunctionType], tables: bytes
) -> str:
    if not changed_in_place(mutant, functions):
        return "elsewhere"
    try:
        otherwise = tables and _tables() != tables
    except Exception as error:
        return f"does not load: {type(error).__name__}"
    if not items:
        return "elsewhere" if otherwise else "nothing"
    first = _First()
    items[0].config.pluginmanager.register(first)
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if first.failed:
            return first.failed
    return "elsewhere" if otherwise else "nothing"


def _tables() -> bytes:
    """Return what is made of the tables when they are read, as bytes that can be compared."""
    return pickle.dumps(load_knowledge())


def _asked_anew(mutant: Mutant, seconds: Mapping[str, float]) -> Sequence[str]:
    """Return the tests that are asked when a file is loaded anew, in their order."""
    (folders,) = (folders for begin, folders in LOADED.items() if mutant.file.startswith(begin))
    quick = (name for name, took in seconds.items() if took < SLOW_SECONDS)
    return _ordered(mutant, [name for name in quick if name.split("/")[1] in folders], seconds)


def _loaded_anew(mutant: Mutant, names: Sequence[str]) -> str:
    changed_when_loaded(mutant)
    first = _First(names)
    code = pytest.main([*QUIET, "-x", *{name.partition("::")[0] for name in names}], plugins=[first])
    return first.failed or ("nothing" if code == 0 else f"does not load: {int(code)}")


class _First:
    """Keeps the name of the first test that fails; asks those named, in their order, if any are."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.places = {name: place for place, name in enumerate(names)}
        self.failed = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out the tests that are not asked, and put the others in order."""
        asked = (item for item in items if item.nodeid in self.places)
        items[:] = sorted(asked, key=lambda item: self.places[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the first name."""
        if report.failed and not self.failed:
            self.failed = report.nodeid


def _text(file: str) -> str:
    return (REPOSITORY / file).read_text(encoding="utf-8")
