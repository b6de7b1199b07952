"""Which mutants there are: one small change each to the code that judges, as mutmut makes them."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from mutmut.mutation.file_mutation import create_mutations, deep_replace

from tests.served import REPOSITORY

JUDGED = ("service/assess/**/*.py", "cds_hooks/*.py", "mappings/*.py")
NOT_LOADED = ("mappings/__main__.py",)  # by no test of its own process


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """One change: where, what stood there, what stands there now, and the whole text.

    `lines` are the first and last of the function, `statement` is the first of the statement that is changed.
    """

    file: str
    function: str
    lines: tuple[int, int]
    statement: int
    before: str
    after: str
    text: str

    @property
    def module(self) -> str:
        """Return the name by which the file is imported."""
        parts = Path(self.file).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sample(count: int, seed: int) -> Sequence[Mutant]:
    """Return so many mutants, the same ones for the same code and seed; more of the longer files."""
    chance = Random(seed)
    names = files()
    weights = [len(_text(name)) for name in names]
    chosen: set[tuple[str, int]] = set()
    while len(chosen) < count:
        (name,) = chance.choices(names, weights)
        if changes := len(_changes(name)[1]):
            chosen.add((name, chance.randrange(changes)))
    return [_mutant(file, number) for file, number in sorted(chosen)]


def unchanged(file: str) -> Mutant:
    """Return what loads a file as it stands."""
    return Mutant(file=file, function="", lines=(0, 0), statement=0, before="", after="", text=_text(file))


def files() -> list[str]:
    """Return the files that are changed."""
    found = [path for pattern in JUDGED for path in REPOSITORY.glob(pattern)]
    names = sorted(str(path.relative_to(REPOSITORY)) for path in found)
    return [name for name in names if name not in NOT_LOADED]


@cache
def _changes(file: str) -> tuple[Any, list[Any]]:
    """Return the tree of a file and its changes; those outside of functions are left out, as mutmut does."""
    tree, changes, *_ = create_mutations(file, _text(file))
    return tree, [change for change in changes if change.contained_by_top_level_function is not None]


def _mutant(file: str, number: int) -> Mutant:
    tree, changes = _changes(file)
    change = changes[number]
    text = deep_replace(tree, change.original_node, change.mutated_node).code
    before, after, line = _difference(_text(file), text)
    function, lines = _around(file, line)
    statement = _statement(file, line)
    return Mutant(
        file=file, function=function, lines=lines, statement=statement, before=before, after=after, text=text
    )


def _difference(old: str, new: str) -> tuple[str, str, int]:
    """Return the lines that went and came, each in one, and the number of the first."""
    lines = list(unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm=""))[2:]
    gone = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    came = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return gone, came, int(lines[0].split()[1].lstrip("-").partition(",")[0])


def _around(file: str, line: int) -> tuple[str, tuple[int, int]]:
    """Return the outermost function around a line, with its first and last line."""
    for name, first, last in _functions(_tree(file).body):
        if first <= line <= last:
            return name, (first, last)
    return "", (line, line)


def _statement(file: str, line: int) -> int:
    """Return the first line of the innermost statement at a line."""
    around = (node for node in ast.walk(_tree(file)) if isinstance(node, ast.stmt))
    return max(node.lineno for node in around if node.lineno <= line <= (node.end_lineno or node.lineno))


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse(_text(file))


def _functions(nodes: Iterable[ast.AST], inside: str = "") -> Iterator[tuple[str, int, int]]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            yield inside + node.name, first, node.end_lineno or first
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{inside}{node.name}.")
        else:
            yield from _functions(ast.iter_child_nodes(node), inside)


def _text(file: str) -> str:
    return (REPOSITORY / file).read_text(encoding="utf-8")
