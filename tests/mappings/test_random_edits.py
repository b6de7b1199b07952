"""Rows deleted, renamed, copied and added at random: the start refuses, or every call still answers."""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from mappings.knowledge import load_knowledge
from mappings.tables import TableError, Tables, rule_tables
from mappings.terminology import load_terminology
from service.app import create_app
from service.settings import read_settings
from tests.hooks.ehr import PATH
from tests.hooks.situations import SITUATIONS
from tests.served import scratch

Rows = list[dict[str, Any]]
Place = tuple[str, tuple[str | int, ...]]
"""A file, and the way from its top to a list of rows."""

NAMES = ("id", "ingredient", "name", "concept", "kind", "question", "code")
EACH = 12  # edits of each kind
SEED = 20261201
TABLES = rule_tables()
FAILED = TABLES["wording.toml"]["words"]["not_assessed"]["internal-failure"]
TERMINOLOGY = load_terminology()
SETTINGS = {"KETAMINE_CDS_MODE": "development", "KETAMINE_CDS_SANDBOX": "false", **scratch()}


def delete(rows: Rows, number: int) -> None:
    """Take one row out."""
    del rows[number]


def rename(rows: Rows, number: int) -> None:
    """Give one row another name."""
    rows[number] = renamed(rows[number])


def duplicate(rows: Rows, number: int) -> None:
    """Put one row in twice."""
    rows.append(rows[number])


def add(rows: Rows, number: int) -> None:
    """Add a row like one that is there, under a name of its own."""
    rows.append(renamed(rows[number]))


def renamed(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row under another name, if it has one."""
    name = next((name for name in NAMES if isinstance(row.get(name), str)), None)
    return row if name is None else {**row, name: f"{row[name]}{'X' if row[name].isupper() else 'x'}"}


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every list of rows below `value`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        yield path
        for number, row in enumerate(value):
            yield from places(row, (*path, number))


LISTS: list[Place] = [(file, path) for file, content in TABLES.items() for path in places(content)]


def edits() -> Iterator[tuple[Callable[[Rows, int], None], Place, int]]:
    """Yield what is done to which row of which list: each file is as likely as any other."""
    chance = random.Random(SEED)
    files = sorted({file for file, _ in LISTS})
    for edit in (delete, rename, duplicate, add):
        for _ in range(EACH):
            file = chance.choice(files)
            place = chance.choice([found for found in LISTS if found[0] == file])
            yield edit, place, chance.randrange(1000)


def started(tables: Tables) -> FlaskClient | TableError:
    """Return a client of the service with these tables, or why it does not start."""
    try:
        return create_app(read_settings(SETTINGS), load_knowledge(TERMINOLOGY, tables)).test_client()
    except TableError as error:
        return error


@pytest.mark.parametrize(("edit", "place", "number"), list(edits()))
def test_an_edit_stops_the_start_or_no_call(
    edit: Callable[[Rows, int], None], place: Place, number: int
) -> None:
    """A start that is refused says so in one line that names the file; any other answers every call."""
    file, path = place
    content = copy.deepcopy(TABLES[file])
    rows: Any = content
    for step in path:
        rows = rows[step]
    edit(rows, number % len(rows))
    client = started({**TABLES, file: content})
    if isinstance(client, TableError):
        assert ".toml: " in str(client)
        assert "\n" not in str(client)
        return
    for situation, body in SITUATIONS.items():
        answer = client.post(PATH.format(hook=body["hook"]), json=body)
        assert answer.status_code == 200, situation
        assert FAILED not in answer.get_data(as_text=True), situation
