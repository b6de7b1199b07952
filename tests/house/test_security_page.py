"""docs/security.md: each threat has a control and tests that exist."""

import ast
import re

import pytest

from tests.served import REPOSITORY

PAGE = (REPOSITORY / "docs/security.md").read_text(encoding="utf-8")
LINES = PAGE.partition("\n| threat | control | test |\n")[2].partition("\n\n")[0].splitlines()[1:]
THREATS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in LINES]
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::([\w:]+)`", PAGE)))


def names_in(file: str) -> set[str]:
    """The tests of a file as pytest names them, with their class if they have one."""
    tree = ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    inside = {f"{each.name}::{name}" for each in classes for name in _tests(each.body)}
    return inside | set(_tests(tree.body))


def _tests(body: list[ast.stmt]) -> list[str]:
    functions = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    return [name for name in functions if name.startswith("test_")]


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_each_test_that_is_named_exists(file: str, name: str) -> None:
    """What the page says is tested is tested, under that name."""
    assert name in names_in(file)


@pytest.mark.parametrize("row", THREATS, ids=lambda row: row[0])
def test_each_threat_has_a_control_and_a_test(row: list[str]) -> None:
    """No line of the table promises without showing."""
    threat, control, tests = row
    assert threat
    assert control
    assert re.fullmatch(r"`[^`]+::[^`]+`(, `[^`]+::[^`]+`)*", tests)
