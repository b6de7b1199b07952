"""What a service has kept of a call, and what its commands say of it."""

import io
import os
import time
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from unittest.mock import patch

import requests

from service.cli import main
from service.records.record import DecisionRecord
from service.store.database import Database, open_database
from service.store.decisions import read_decision
from tests.hooks.ehr import knowledge
from tests.served import environment

LATEST = 120.0
"""Seconds after which what is waited for will not come any more."""


def record_of(answer: requests.Response, database_url: str) -> DecisionRecord:
    """The decision record of a call, which is written a moment after the answer."""
    database = open_database(database_url)
    deadline = time.monotonic() + LATEST
    try:
        while (record := read_decision(database, answer.headers["X-Request-Id"])) is None:
            assert time.monotonic() < deadline, "the record was never written"
            time.sleep(0.02)
    finally:
        database.close()
    return record


def command(settings: Mapping[str, str], *arguments: str) -> "CompletedProcess[str]":
    """Run the command with these settings in this process, which has read the rule tables before."""
    out, err = io.StringIO(), io.StringIO()
    opened: list[Database] = []

    def opening(url: str) -> Database:
        opened.append(open_database(url))
        return opened[-1]

    with (
        patch.dict(os.environ, environment(settings), clear=True),
        patch("service.cli.kept.read_rules", lambda _: knowledge()),
        patch("service.cli.kept.open_database", opening),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = main(arguments)
    for database in opened:  # the end of a process would close it
        database.close()
    return CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
