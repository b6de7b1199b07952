"""Starts the service: one production server, two worker processes, nothing else to install.

The application stays plain WSGI, so any other WSGI server can run `service.app.create_app` as well.
granian hands it whole requests through the gateway, which slow callers cannot fill up.
Two workers of eight threads, as the settings have it, were the best of the servers and sizes measured on two
cores where some calls wait for an EHR. The rule tables are read once, before the workers start: a table that
cannot be used stops the start, and workers that are forked share them. What exists by then is frozen for the
collector, and in each worker once more what it keeps, so that no call pays for walking through the tables.
"""

import gc
import logging
import os
import resource
import shutil
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib.resources import files
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import TextIO
from urllib.parse import urlsplit

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from msgspec.json import encode

from cds_hooks.cards import response
from cds_hooks.grammar import is_loopback
from cds_hooks.request import read_request
from cds_hooks.service import OfferedService
from cds_hooks.trust import CdsClient
from mappings.knowledge import Knowledge
from service.access.callers import asked_by_issuer, issuers, site_notes, sites_by_issuer
from service.clock import now
from service.operations.figures import shared_figures
from service.operations.gateway import Gateway
from service.operations.logs import log_beside, log_here
from service.operations.memory import share_arenas
from service.operations.pulse import Looks, Pulse
from service.operations.rules import read_rules
from service.operations.supervisor import Supervisor
from service.settings import Auth, Mode, Settings
from service.store.database import open_database
from service.store.errors import StoreError
from service.store.hash_key import hash_key
from service.validation.report import site_report

CONNECTIONS = 4096  # that one worker holds open; further ones wait in the kernel's queue
FILES = 2 * CONNECTIONS  # and what else a worker opens: databases, FHIR servers, tables
BUFFER_BYTES = 64 * 1024  # of a connection: headers have to fit
HEADER_MS = 30_000  # for the headers of a request, and for the next request of a connection that is kept
WARM_UP, WARM_UP_HOOK = (files("service") / "warm_up.json").read_bytes(), "patient-view"
WARM_UP_YEAR = b"2020-"
STOP_SECONDS = 20  # for calls in flight and what is still to be written, before a worker is killed
SWITCH_SECONDS = 0.001  # after which a thread that computes lets another one go on
OPEN = "This service is OPEN: it answers everyone who reaches it, without checking who calls."


_log = logging.getLogger(__name__)


class AddressError(Exception):
    """The address is taken, not ours, or open to others; the message is one line."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in flight."""
    _check_open(settings)
    _check_address(settings)
    knowledge = read_rules(settings)
    site_report(settings)  # each worker reads it; one that cannot be used stops the start
    log_here(for_people=settings.mode is Mode.DEVELOPMENT)
    if knowledge.missing:
        _log.warning("rows of the shipped tables are missing: %s", "; ".join(knowledge.missing))
    _allow_files()
    settings = prepared(settings)
    for note in _notes(settings, knowledge):
        _log.info(note)
    if settings.mode is not Mode.DEVELOPMENT:  # there whoever starts it reads what is printed
        for warning in _warnings(settings):
            _log.warning(warning)
    with shared_figures() as figures:
        assert "prometheus_client" not in sys.modules, "it chooses when it is imported where figures are kept"
        from service.fhir.draft_orders import r4_models

        r4_models()  # shared as well, and no order waits for them
        gc.freeze()  # no worker's collector walks through it, or writes to what they share
        server = Supervisor(
            "service.app",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.RSGI,
            workers=settings.workers,
            backpressure=CONNECTIONS,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEADER_MS, max_buffer_size=BUFFER_BYTES),
            websockets=False,
            workers_kill_timeout=STOP_SECONDS,
            log_level=LogLevels.error,
            log_dictconfig={"loggers": {}},  # as all else that is logged
        )
        server.looks = Looks(figures)
        server.on_startup(partial(_say, where_to_look(settings)))
        server.serve(
            target_loader=partial(worker_gateway, settings, knowledge, figures),  # type: ignore[arg-type]  # RSGI
            wrap_loader=False,
        )
    _drop_unwritten(sys.stderr)


def worker_gateway(settings: Settings, knowledge: Knowledge, figures: Path) -> Gateway:
    """Return the gateway of one worker."""
    from service.operations.metrics import WORKER_STARTS, forget_dead_workers

    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # till granian takes over: the parent's way is inherited
    _end_with_parent(figures)
    share_arenas()
    sys.setswitchinterval(SWITCH_SECONDS)
    write_log = log_beside(for_people=settings.mode is Mode.DEVELOPMENT)
    forget_dead_workers(figures)
    WORKER_STARTS.inc()
    app = worker_app(settings, knowledge)

    def stop() -> None:
        app.extensions["close"]()
        write_log()

    return Gateway(
        app,
        threads=settings.threads,
        most_bytes=settings.max_body_bytes,
        on_start=Pulse(figures).beat,
        on_stop=stop,
    )


def worker_app(settings: Settings, knowledge: Knowledge) -> Flask:
    """Return the application as one worker runs it.

    Warm, and with a collector that skips what stays for good.
    """
    from service.app import create_app

    app = create_app(settings, knowledge)
    app.extensions["start"]()
    warm_up(app)
    gc.collect()
    gc.freeze()
    return app


def warm_up(app: Flask) -> bytes:
    """Answer a made-up call, up to a card with a drafted referral, so that the first real one is fast.

    It does not come in by HTTP, so that it is not counted, recorded, or refused for want of a token. Its
    record, written down for one year, is moved to the last one: older trials are of no present episode.
    """
    body = WARM_UP.replace(WARM_UP_YEAR, f"{now().year - 1}-".encode())
    offered: Sequence[OfferedService] = app.extensions["services"]
    (answer,) = (each.handler for each in offered if each.service.hook == WARM_UP_HOOK)
    reply = answer(read_request(body, WARM_UP_HOOK), CdsClient())
    return encode(response(reply.cards))


def _allow_files() -> None:
    """Let this process and its workers open a file for each connection, as far as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < FILES:
        _log.warning("the system allows %d open files; %d connections need %d", most, CONNECTIONS, FILES)


def _end_with_parent(figures: Path) -> None:
    """Stop this worker and drop its figures once the process that started it has ended."""
    parent = parent_process()
    assert parent is not None, "granian starts workers as processes"

    def watch() -> None:
        wait([parent.sentinel])
        shutil.rmtree(figures, ignore_errors=True)  # what is mapped stays so
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=watch, name="parent", daemon=True).start()


def _say(text: str) -> None:
    with suppress(OSError):  # a full disk is no reason not to serve
        print(text, flush=True)
    _drop_unwritten(sys.stdout)


def _drop_unwritten(stream: TextIO) -> None:
    """Discard what `stream` holds but cannot write, and all that is written to it later.

    Python would try again when the process ends, and end it with an error.
    """
    try:
        stream.flush()
    except OSError:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), stream.fileno())
        stream.flush()


def where_to_look(settings: Settings) -> str:
    """Return the text that a person reads when the service has started."""
    base = settings.public_url
    return "\n".join(
        [
            f"ketamine-cds ({settings.mode}, rules: {settings.profile}, today in {settings.time_zone.key})",
            f"  what this is       {base}/",
            *([f"  in a browser       {base}/sandbox"] if settings.sandbox else []),
            f"  CDS Hooks services {base}/cds-services",
            f"  API description    {base}/openapi.yaml",
            f"  how it is          {base}/health",
            f"  try                curl {base}/cds-services",
            "  stop               Ctrl-C",
            *(f"*** {warning} ***" for warning in _warnings(settings)),
        ]
    )


def _notes(settings: Settings, knowledge: Knowledge) -> tuple[str, ...]:
    """Return notes on what EHRs never offer, logged once."""
    if settings.auth is Auth.OPEN:
        return ()
    known = issuers(settings)
    asked = asked_by_issuer(known, knowledge.prefetch)
    return site_notes(asked, sites_by_issuer(known, settings), knowledge.wording)


def _warnings(settings: Settings) -> Iterator[str]:
    """Yield warnings to show when callers are not authenticated."""
    if settings.auth is not Auth.OPEN:
        return
    yield OPEN
    if not is_loopback(settings.host) or not is_loopback(urlsplit(settings.public_url).hostname or ""):
        yield "Other machines can reach it: KETAMINE_CDS_ISSUERS lists those who may call."


def _check_open(settings: Settings) -> None:
    if settings.auth is Auth.OPEN and not is_loopback(settings.host) and not settings.allow_open_public:
        raise AddressError(
            f"will not answer everyone on {settings.host}, which other machines can reach "
            "(KETAMINE_CDS_ISSUERS lists those who may call; "
            "KETAMINE_CDS_ALLOW_OPEN_PUBLIC=true starts it all the same)"
        )


def _check_address(settings: Settings) -> None:
    """Fail early if the address is taken: workers share the port and would not notice another service."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise AddressError(
                f"cannot listen on {settings.host} port {settings.port}: {error.strerror} "
                "(KETAMINE_CDS_HOST and KETAMINE_CDS_PORT choose another address)"
            ) from error


def prepared(settings: Settings) -> Settings:
    """Return the settings with the hash key that all workers share.

    The database is up to date, if it is there.

    Raises SettingsError or HashKeyError for what would keep every worker from starting. A database that is
    away does not: the workers bring it up to date when it comes.
    """
    if settings.auth is Auth.JWT:
        issuers(settings)
    database = open_database(settings.database_url)
    try:
        database.migrate()
    except StoreError as error:
        _log.error("the database cannot be used, and calls are answered without it: %s", error.reason)
    finally:
        database.close()
    return replace(settings, hash_key=hash_key(settings).decode())
