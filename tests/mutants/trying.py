"""Whether the tests notice a mutant: those of its folder, the likeliest file first, up to the first failure.

They run in a process that is forked from one with all libraries and nothing of ours, and that finds the
changed text in place of one module. So tests count only as far as they call the code in their own process.
"""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_loader
from pathlib import Path
from select import select
from types import CodeType
from typing import Any

import pytest

from tests.mutants.sampling import Mutant
from tests.served import REPOSITORY

SUITES = {
    "service/assess/": ("assess", "vignettes"),
    "cds_hooks/": ("cds_hooks", "trust"),
    "mappings/": ("mappings", "vignettes"),
}
"""The folders of tests for each part of the code, those that know it best first."""

PATIENCE_SECONDS = 1200.0  # after which a mutant counts as noticed: it may never end
OURS = ("service", "cds_hooks", "mappings", "tests", "release", "__main__")
_QUIET = ("-q", "-x", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")


def tried(mutant: Mutant) -> bool:
    """Tell whether a test fails, or does not end, with this mutant."""
    return forked(partial(_with, mutant), PATIENCE_SECONDS) != b"0"


def unsound() -> list[str]:
    """Return the parts of the code whose tests fail with nothing changed: there a mutant says nothing."""
    suites = {begin: partial(_passed, suite) for begin, suite in SUITES.items()}
    return [begin for begin, passed in suites.items() if forked(passed, PATIENCE_SECONDS) != b"0"]


def tests_of(mutant: Mutant) -> list[str]:
    """Return the files of tests to run: of each folder those first that name the module oftenest."""
    (folders,) = (folders for begin, folders in SUITES.items() if mutant.file.startswith(begin))
    path = Path(mutant.file)
    named = re.compile(rf"\b({path.parent.name if path.stem == '__init__' else path.stem})\b")

    def likely(file: str) -> tuple[bool, int]:
        text = (REPOSITORY / file).read_text(encoding="utf-8")
        return bool(named.search(Path(file).stem.replace("_", " "))), len(named.findall(text))

    return [file for folder in folders for file in sorted(_tests(folder), key=likely, reverse=True)]


def preload() -> None:
    """Import what tests import besides our own code, so that no mutant waits for it."""
    for name in sorted(forked(_libraries, PATIENCE_SECONDS).decode().split()):
        with suppress(Exception):  # a part of a library that others do not import by itself
            import_module(name)


def forked(work: Callable[[], str], patience: float) -> bytes:
    """Return what `work` tells in a process of its own; nothing when it takes too long."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    heard = _heard(reading, time.monotonic() + patience)
    os.close(reading)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # and the servers that its tests may have started
    os.waitpid(child, 0)
    return heard


def _work(work: Callable[[], str], writing: int) -> None:
    """Do it, unseen, and end."""
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    try:
        told = work()
    except BaseException:
        told = "broken"
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(told.encode())
    os._exit(0)


def _heard(reading: int, deadline: float) -> bytes:
    heard = b""
    while select([reading], [], [], max(0.0, deadline - time.monotonic()))[0]:
        part = os.read(reading, 65536)
        if not part:
            return heard
        heard += part
    return b""


class _Changed(SourceFileLoader):
    """Loads the changed text of a module in place of its file."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(REPOSITORY / mutant.file))
        self.changed = mutant.text

    def get_code(self, fullname: str) -> CodeType:
        """Return the changed code, whatever was compiled before."""
        code: CodeType = compile(self.changed, self.path, "exec", dont_inherit=True)
        return code


class _Finder:
    """Finds the one module that is changed."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        """Return where the changed module comes from; nothing for every other one."""
        if name != self.mutant.module:
            return None
        loader = _Changed(self.mutant)
        package = self.mutant.file.endswith("__init__.py")
        spec = spec_from_loader(name, loader, is_package=package)
        assert spec is not None
        spec.origin, spec.has_location = loader.path, True
        if package:
            spec.submodule_search_locations = [str(Path(loader.path).parent)]
        return spec


def _with(mutant: Mutant) -> str:
    sys.meta_path.insert(0, _Finder(mutant))
    return _first_failure(tests_of(mutant))


def _passed(folders: Sequence[str]) -> str:
    return _first_failure([file for folder in folders for file in _tests(folder)])


def _first_failure(files: Sequence[str]) -> str:
    """Run file after file, each collected when its turn comes; return the exit code of the last."""
    codes = (int(pytest.main([*_QUIET, file])) for file in files)
    return str(next((code for code in codes if code), 0))


def _libraries() -> str:
    pytest.main(["--collect-only", *_QUIET, *_tests_of_all()])
    return " ".join(name for name in sys.modules if name.partition(".")[0] not in OURS)


def _tests_of_all() -> Sequence[str]:
    folders = dict.fromkeys(folder for suite in SUITES.values() for folder in suite)
    return [file for folder in folders for file in _tests(folder)]


def _tests(folder: str) -> list[str]:
    """Return the files of a folder; those that start the service would find it unchanged."""
    found = sorted((REPOSITORY / "tests" / folder).glob("test_*.py"))
    inside = [path for path in found if "running(" not in path.read_text(encoding="utf-8")]
    return [str(path.relative_to(REPOSITORY)) for path in inside]
