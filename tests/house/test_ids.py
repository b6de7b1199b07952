"""Each id that the code names is declared once, in `mappings`, beside its table."""

import ast
from pathlib import Path

import pytest

from mappings.flags import FlagId
from mappings.gaps import FlagGap, GapId
from mappings.gates import GateId
from mappings.safety import TriggerId
from tests.served import REPOSITORY

IDS = (*GapId, *FlagGap, *FlagId, *GateId, *TriggerId)
MODULES = sorted(path for package in ("service", "mappings") for path in (REPOSITORY / package).rglob("*.py"))


def literals(path: Path) -> set[str]:
    """Return the texts that stand in a module, but for docstrings and members of the enumerations."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    declared = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) or (isinstance(node, ast.ClassDef) and is_enumeration(node))
        for inner in ast.walk(node)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in declared
    }


def is_enumeration(node: ast.ClassDef) -> bool:
    """Tell whether a class declares names."""
    return any(isinstance(base, ast.Name) and base.id == "StrEnum" for base in node.bases)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_no_id_stands_in_the_code_as_text(path: Path) -> None:
    """A gap, flag, gate or trigger is named by its member: a misspelt one is a fault that tools find."""
    written = literals(path)
    assert [name for name in IDS if any(name in text.replace(":", " ").split() for text in written)] == []
    assert [text for text in written if text.removeprefix("gap.") in IDS] == []
