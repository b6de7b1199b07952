"""The command about EHRs: doctor."""

import argparse
import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

from service.access.callers import open_callers
from service.cli.files import read, understood
from service.doctor.captures import CaptureError, read_captures, token_of
from service.doctor.entry import suggested_entries
from service.doctor.findings import findings
from service.doctor.report import report
from service.doctor.token import refusals, token_report
from service.fetch.http_client import Outbound
from service.fhir.prefetch import usual
from service.operations.rules import read_rules
from service.settings import Auth, Mode, read_settings

TOKEN = "token"  # noqa: S105  # the word that is followed by a file with one
REFUSED = 1


def run(chosen: argparse.Namespace) -> int:
    """Examine tokens or captures, by the first word."""
    if chosen.files[0] == TOKEN and len(chosen.files) > 1:
        return _token(chosen.files[1:], chosen.called)
    return _captures(chosen.files, chosen.entry)


def _token(files: list[str], called: str | None) -> int:
    settings = read_settings(os.environ)
    if settings.auth is Auth.OPEN:
        raise CaptureError(
            "KETAMINE_CDS_AUTH is open: this service looks at no token; set KETAMINE_CDS_ISSUERS"
        )
    asking = read_rules(settings).prefetch
    good = True
    with closing(Outbound(allow_http_loopback=settings.mode is Mode.DEVELOPMENT)) as outbound:
        trust = open_callers(settings, outbound, lambda *_: True, asking).trust
        for file in files:
            capture = understood(file, read(file), token_of)
            accepted, lines = token_report(
                capture.authorization or "", called or capture.url, settings.public_url, trust
            )
            good = good and accepted
            print("\n".join(lines))
    return 0 if good else REFUSED


def _captures(files: list[str], entry: Path | None) -> int:
    settings = read_settings(os.environ)
    knowledge = read_rules(settings)
    captures = [capture for file in files for capture in understood(file, read(file), read_captures)]
    asked = usual(knowledge.prefetch)
    found = findings(captures, asked)
    entries = suggested_entries(captures, asked)
    refused = refusals(captures, entries, settings.algorithms, settings.public_url)
    print("\n".join(report(found, refused, knowledge.wording.words["list"])))
    if entries:
        print("Entry for the file of issuers, to look over")
        print(_json(entries))
    if entry is not None:
        _write(entry, entries)
    return 0


def _write(entry: Path, entries: list[dict[str, Any]]) -> None:
    if not entries:
        raise CaptureError("no token came, so there is no issuer to write an entry for")
    with entry.open("x", encoding="utf-8") as file:
        file.write(_json(entries) + "\n")


def _json(entries: list[dict[str, Any]]) -> str:
    return json.dumps(entries, indent=2)
