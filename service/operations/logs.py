"""The log: a JSON object a line on standard error, from a closed list of fields; in development, words.

A line tells what happened, never about whom. Our own modules write messages that hold no value of a request,
nor do those of the server about its workers. What other libraries write could hold addresses, tokens or SQL
parameters, so of theirs only logger and place are kept. Of an exception type and place are kept, never its
text. Lines are written by a thread of their own from a bounded queue: a log that cannot be written costs
lines, never an answer.
"""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from io import FileIO, TextIOWrapper
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from queue import Empty, Queue
from time import sleep
from types import TracebackType
from typing import Any, TextIO

from flask import g, has_request_context
from pythonjsonlogger.core import BaseJsonFormatter, LogData

TOLD = (
    "request_id",
    "trace_id",
    "service",
    "status",
    "outcome",
    "ms",
    "cards",
    "fetched",
    "failed",
    "issuer",
    "reason",
    "claimed",
    "change",
)
"""What the line of one HTTP call may hold besides time, level and event."""

_WAITING_LINES = 10_000
_GATHER_SECONDS = 0.02
_OURS = ("service", "cds_hooks", "mappings")
_SERVER = "_granian"  # by this name granian tells of its workers; its other loggers tell of requests

_log = logging.getLogger(__name__)


class LineFormatter(BaseJsonFormatter):
    """Writes a record as one line of JSON that holds listed fields only."""

    def add_fields(self, log_data: LogData, record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Fill `log_data`; the exception's text, which `message_dict` has, is left out."""
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname.lower()
        told = getattr(record, "told", None)
        log_data.update(told if isinstance(told, dict) else _of_a_module(record))
        if record.exc_info and record.exc_info[0] is not None:
            log_data["error"] = _error(record.exc_info[0], record.exc_info[2])

    def jsonify_log_record(self, log_data: LogData) -> str:
        """Return one line."""
        return json.dumps(log_data, separators=(",", ":"))


class PeopleFormatter(LineFormatter):
    """Writes the same fields as words, for somebody who watches a terminal."""

    def jsonify_log_record(self, log_data: LogData) -> str:
        """Return one line: time, level unless it is info, message, and the other fields by name."""
        told = {
            name: value
            for name, value in log_data.items()
            if name not in ("time", "level", "event", "logger")
        }
        grave = [] if log_data["level"] == "info" else [log_data["level"].upper()]
        what = told.pop("message", log_data["event"])
        rest = [f"{name}={_word(value)}" for name, value in told.items()]
        return " ".join([log_data["time"][11:19], *grave, what, *rest])


class _Gathering(QueueListener):
    """Writes lines in batches: waking for each would hold up the calls that they are about."""

    def dequeue(self, block: bool) -> logging.LogRecord:
        """Return the next line; pause before waiting, so that lines come in batches."""
        try:
            return super().dequeue(block=False)
        except Empty:
            sleep(_GATHER_SECONDS)
            return super().dequeue(block)


def log_call(event: str, told: dict[str, Any]) -> None:
    """Write the line of one HTTP call; what is not in the list is left out."""
    listed = {name: told[name] for name in TOLD if told.get(name) is not None}
    _log.info(event, extra={"told": {"event": event, **listed}})


def log_here(*, for_people: bool = False) -> None:
    """Log to standard error from this thread: for the process that starts the workers."""
    _log_to(logging.StreamHandler(_unbuffered()), for_people)


def log_beside(*, for_people: bool = False) -> Callable[[], None]:
    """Log to standard error from a thread beside those that answer; what is returned writes the rest."""
    lines: Queue[logging.LogRecord] = Queue(_WAITING_LINES)
    listener = _Gathering(lines, logging.StreamHandler(_unbuffered()))
    _log_to(QueueHandler(lines), for_people)
    listener.start()
    return listener.stop


def _unbuffered() -> TextIO:
    """Return standard error without a buffer: a line that cannot be written is lost at once.

    In the buffer it would stay, to be tried again, and to fail, when a worker is forked or the process ends.
    """
    raw = FileIO(sys.stderr.fileno(), "w", closefd=False)
    return TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", write_through=True)


def _log_to(handler: logging.Handler, for_people: bool) -> None:
    handler.setFormatter(PeopleFormatter() if for_people else LineFormatter())
    logging.raiseExceptions = False  # a line that cannot be written is not worth a stack trace
    logging.captureWarnings(True)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("service").setLevel(logging.INFO)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def _word(value: Any) -> str:
    """Return a value as one word, quoted if it would not be one; join lists by commas."""
    if isinstance(value, list | tuple):
        return ",".join(map(_word, value)) or "none"
    text = str(value)
    return text if text.isprintable() and " " not in text else json.dumps(text)


def _of_a_module(record: logging.LogRecord) -> dict[str, Any]:
    """Return the text that a module logged: our own message, or only the place if a library logged it."""
    told: dict[str, Any] = {"event": "log", "logger": record.name}
    if has_request_context() and (request_id := g.get("request_id")):
        told["request_id"] = request_id
    if record.name.partition(".")[0] in _OURS or record.name == _SERVER:
        told["message"] = record.getMessage()
    else:
        told["place"] = f"{record.filename}:{record.lineno}"
    return told


def _error(kind: type[BaseException], trace: TracebackType | None) -> str:
    places = [
        f"{frame.name} ({Path(frame.filename).name}:{frame.lineno})" for frame in traceback.extract_tb(trace)
    ]
    return " in ".join([kind.__name__, *places[-1:]])


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.error("nothing caught an exception", exc_info=(kind, error, trace))


def _uncaught_in_thread(caught: threading.ExceptHookArgs) -> None:
    error = caught.exc_value or caught.exc_type()
    _log.error(
        "nothing caught an exception in a thread", exc_info=(caught.exc_type, error, caught.exc_traceback)
    )


def _unraisable(caught: "sys.UnraisableHookArgs") -> None:
    error = caught.exc_value or caught.exc_type()
    _log.error("an exception could not be raised", exc_info=(caught.exc_type, error, caught.exc_traceback))
