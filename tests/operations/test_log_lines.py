"""What a line of the log holds, whoever writes it."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, g

from service.operations.logs import LineFormatter, PeopleFormatter, log_call

MARKER = "Zzyzx"


class Kept(logging.Handler):
    """Keeps lines as they would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(LineFormatter())
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def kept() -> Iterator[Kept]:
    """The lines that are written during a test."""
    handler, root = Kept(), logging.getLogger()
    root.addHandler(handler)
    logging.getLogger("service").setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    logging.getLogger("service").setLevel(logging.NOTSET)


def test_a_call_is_told_in_listed_fields(kept: Kept) -> None:
    """What is not in the list is left out, and so is what is not known."""
    log_call("call", {"status": 200, "patient": MARKER, "issuer": None, "cards": ["caution"]})
    (line,) = kept.lines
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "info", "event": "call", "status": 200, "cards": ["caution"]}


def test_our_modules_write_messages(kept: Kept) -> None:
    """Module and message, and the id of the request where there is one."""
    log = logging.getLogger("cds_hooks.web")
    log.error("service %s failed", "x")
    with Flask(__name__).test_request_context():
        g.request_id = "id"
        log.warning("again")
    assert [(line["logger"], line["message"], line.get("request_id")) for line in kept.lines] == [
        ("cds_hooks.web", "service x failed", None),
        ("cds_hooks.web", "again", "id"),
    ]


@pytest.mark.parametrize("name", ["requests", "sqlalchemy.engine", "_granian.utils", "py.warnings"])
def test_libraries_only_say_where(kept: Kept, name: str) -> None:
    """Their messages may hold addresses, parameters or tokens."""
    logging.getLogger(name).error("GET https://ehr.example/Patient/%s", MARKER)
    (line,) = kept.lines
    assert set(line) == {"time", "level", "event", "logger", "place"}
    assert MARKER not in json.dumps(line)


def test_the_server_tells_of_its_workers(kept: Kept) -> None:
    """An operator learns that a worker has ended."""
    logging.getLogger("_granian").error("Unexpected exit from worker-1")
    assert kept.lines[0]["message"] == "Unexpected exit from worker-1"


def test_an_exception_is_told_without_its_text(kept: Kept) -> None:
    """Type and place, nothing of what the exception says, be it chained."""
    try:
        try:
            raise KeyError(MARKER)
        except KeyError as error:
            raise ValueError(MARKER) from error
    except ValueError:
        logging.getLogger("service.app").exception("it failed")
    (line,) = kept.lines
    assert line["error"].startswith("ValueError in test_an_exception_is_told_without_its_text (")
    assert MARKER not in json.dumps(line)


def test_people_read_words() -> None:
    """In development a line is when, what, and the same fields by name; nothing in it can end the line."""
    record = logging.LogRecord("service", logging.INFO, "x.py", 1, "call", None, None)
    told = {"event": "call", "status": 200, "cards": ["caution", "safety"], "failed": [], "reason": "no\nkey"}
    record.told = told
    line = PeopleFormatter().format(record)
    assert line[8:] == ' call status=200 cards=caution,safety failed=none reason="no\\nkey"'
    warning = logging.LogRecord("requests", logging.WARNING, "pool.py", 7, "to %s", ("secret",), None)
    assert PeopleFormatter().format(warning)[8:] == " WARNING log place=pool.py:7"
