"""Two ways to change one function: in place, in a process that has loaded it, or before it is loaded anew."""

import ast
import gc
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from tests.mutants.sampling import Mutant
from tests.served import REPOSITORY

OURS = ("service", "cds_hooks", "mappings", "tests", "release")


def loaded_functions() -> Sequence[FunctionType]:
    """Return the functions that are loaded of what is judged, whoever holds them."""
    return [one for one in gc.get_objects() if type(one) is FunctionType and _judged(one.__module__)]


def changed_in_place(mutant: Mutant, functions: Sequence[FunctionType]) -> bool:
    """Give the loaded function its changed code, wherever it is held; tell whether that could be done.

    It cannot where the change is outside of the body: in a default, a decorator, an annotation.
    """
    path = str(REPOSITORY / mutant.file)
    text = (REPOSITORY / mutant.file).read_text(encoding="utf-8")
    before = _bodies(compile(text, path, "exec", dont_inherit=True), mutant.lines)
    after = _bodies(compile(mutant.text, path, "exec", dont_inherit=True), (0, 1 << 30))
    fresh = {name: code for name, code in after.items() if name in before and code != before[name]}
    held = [one for one in functions if one.__code__.co_filename == path and one.__qualname__ in fresh]
    try:
        for function in held:
            function.__code__ = fresh[function.__qualname__]
    except ValueError:  # the change needs other variables of the function around it
        return False
    return bool(held) and {function.__qualname__ for function in held} == set(fresh)


def watched(
    file: str, places: Mapping[int, Sequence[int]], functions: Sequence[FunctionType], name: str
) -> None:
    """Let the loaded functions of a file call the builtin `name` before the statements at some lines.

    `places` has, for each line at which a statement begins, what is to be told.
    """
    path = str(REPOSITORY / file)
    tree = _Told(places, name).visit(ast.parse(Path(path).read_text(encoding="utf-8")))
    told = _bodies(compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True), (0, 1 << 30))
    for function in functions:
        if function.__code__.co_filename == path and function.__qualname__ in told:
            with suppress(ValueError):
                function.__code__ = told[function.__qualname__]


class _Told(ast.NodeTransformer):
    """Writes a call before each statement that begins at one of some lines, within functions alone."""

    def __init__(self, places: Mapping[int, Sequence[int]], name: str) -> None:
        self.places = places
        self.name = name
        self.inside = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Look into a function."""
        self.inside += 1
        self.generic_visit(node)
        self.inside -= 1
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Write the calls into every list of statements."""
        super().generic_visit(node)
        for member in ("body", "orelse", "finalbody"):
            statements = getattr(node, member, None)
            if self.inside and isinstance(statements, list):
                setattr(node, member, [each for one in statements for each in (*self._calls(one), one)])
        return node

    def _calls(self, statement: ast.stmt) -> Iterator[ast.stmt]:
        for number in self.places.get(statement.lineno, ()):
            call = ast.parse(f"{self.name}({number})").body[0]
            yield ast.copy_location(call, statement)


def changed_when_loaded(mutant: Mutant) -> None:
    """Forget everything of ours that is loaded, and let the changed text stand in place of its file."""
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS and not _kept(name)]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Finder(mutant))


def _judged(module: str | None) -> bool:
    return module is not None and module.partition(".")[0] in ("service", "cds_hooks", "mappings")


def _kept(name: str) -> bool:
    """Tell whether a module is part of this, which goes on."""
    return name == "tests" or name.startswith("tests.mutants")


def _bodies(code: CodeType, lines: tuple[int, int]) -> dict[str, CodeType]:
    return {
        inner.co_qualname: inner
        for inner in _all(code)
        if lines[0] <= inner.co_firstlineno <= lines[1] and "<locals>" not in inner.co_qualname
    }


def _all(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _all(inner)


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
            spec.submodule_search_locations = [str((REPOSITORY / self.mutant.file).parent)]
        return spec
