"""What a public function does stands in its first line, which begins with a verb."""

import ast
import re
from pathlib import Path

import pytest

from tests.served import REPOSITORY

MODULES = sorted(
    path for package in ("service", "cds_hooks", "mappings") for path in (REPOSITORY / package).rglob("*.py")
)
NO_VERB = re.compile(
    r"(?:The|An?|What|Whether|How|Who|Why|Which|Where|When|Each|Every|Everything|Nothing|No|None|Of|By|In|Our|Their"
    r"|Its?|If|All|Both|Some|Two|[A-Z]{2,}|[a-z`\"].*)\b|[`\"]"
)
"""How a line begins that names a thing instead of saying what is done."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_a_docstring_begins_with_a_verb(path: Path) -> None:
    """A public function returns, tells, raises or does something, and says so in this order."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [name for name, said in described(tree) if NO_VERB.match(said)] == []


def described(tree: ast.AST) -> list[tuple[str, str]]:
    """Return the public functions with their docstrings; a property is called what it is."""
    return [
        (node.name, ast.get_docstring(node) or "")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and not any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
