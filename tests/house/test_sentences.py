"""Sentences that people read stand in the tables of words, not in the code that reads and judges."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import REPOSITORY

READERS = sorted(
    path
    for stage in ("fhir", "normalise", "assess")
    for path in (REPOSITORY / "service" / stage).rglob("*.py")
)
WORDS = 3  # in a row: shorter texts are names


@pytest.mark.parametrize("path", READERS, ids=lambda path: str(path.relative_to(REPOSITORY / "service")))
def test_no_sentence_stands_in_the_code(path: Path) -> None:
    """What a card, page or report says of an entry comes from `mappings/`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(inner) for node in quiet(tree) for inner in ast.walk(node)}
    said = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in silent
        and sum(word.isalpha() for word in node.value.split()) >= WORDS
    ]
    assert said == []


def quiet(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what no clinician reads: docstrings, and what is said when something is wrong in the code."""
    for node in ast.walk(tree):
        if (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) or isinstance(
            node, ast.Raise | ast.Assert
        ):
            yield node
