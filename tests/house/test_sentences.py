"""Sentences that people read stand in the tables of words, not in the code that reads and judges."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import REPOSITORY

READERS = sorted(
    path
    for stage in ("fhir", "normalise", "assess", "clinical", "render", "explain", "web/basis")
    for path in (REPOSITORY / "service" / stage).rglob("*.py")
)
WORDS = 3  # in a row: shorter texts are names


WORD = re.compile(r"(?<![\w.:-])[a-z]{2,}(?![\w.:-])")
UNITS = {"mg"}  # as on every card


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


@pytest.mark.parametrize("path", READERS, ids=lambda path: str(path.relative_to(REPOSITORY / "service")))
def test_no_text_is_put_together_from_words(path: Path) -> None:
    """A text that is filled in, or a list with a word between its entries, is a sentence of a table."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(inner) for node in quiet(tree) for inner in ast.walk(node)}
    texts = (text for node in ast.walk(tree) if id(node) not in silent for text in put_together(node))
    assert [text for text in texts if " " in text and set(WORD.findall(text)) - UNITS] == []


def put_together(node: ast.AST) -> Iterator[str]:
    """Yield the texts of a filled template, or the one that joins a list."""
    parts: list[ast.expr] = []
    if isinstance(node, ast.JoinedStr):
        parts = node.values
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
        parts = [node.func.value]
    yield from (str(part.value) for part in parts if isinstance(part, ast.Constant))


def quiet(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what no clinician reads: docstrings, members of enumerations, and what is said of faults."""
    for node in ast.walk(tree):
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_docstring or isinstance(node, ast.Raise | ast.Assert):
            yield node
        elif isinstance(node, ast.ClassDef):
            named = {base.id for base in node.bases if isinstance(base, ast.Name)}
            yield from (node,) if named & {"StrEnum", "Exception"} else ()
