"""Starts the service: one production server, two worker processes, nothing else to install.

The application stays plain WSGI, so any other WSGI server can run `service.app.create_app` as well.
Two workers of eight threads were the best of the servers and sizes measured on two cores where some
calls wait for an EHR. The rule tables are read once, before the workers start: a table that cannot be
used stops the start, and workers that are forked share them. The collector is frozen in each worker
once everything long-lived exists, so that no call pays for walking through the tables.
"""

import gc
import socket
from functools import partial
from importlib.resources import files

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
from werkzeug.test import TestResponse

from mappings.knowledge import Knowledge
from service.app import create_app
from service.hooks import OFFERED
from service.rules import read_rules
from service.settings import Settings

WORKERS = 2
THREADS = 8
CONNECTIONS = 256  # that one worker holds open; further ones wait in the kernel's queue
WARM_UP = (files("service") / "warm_up.json").read_bytes()
STOP_SECONDS = 10  # for calls in flight, before a worker is killed


class AddressError(Exception):
    """The address is taken or not ours; the message is one line."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in flight."""
    _check_address(settings)
    knowledge = read_rules(settings)
    server = Granian(
        "service.app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=WORKERS,
        blocking_threads=THREADS,
        backpressure=CONNECTIONS,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
    )
    server.on_startup(partial(print, where_to_look(settings), flush=True))
    server.serve(target_loader=partial(worker_app, settings, knowledge), wrap_loader=False)


def worker_app(settings: Settings, knowledge: Knowledge) -> Flask:
    """The application as one worker runs it: warm, and with a collector that skips what stays for good."""
    app = create_app(settings, knowledge)
    warm_up(app)
    gc.collect()
    gc.freeze()
    return app


def warm_up(app: Flask) -> TestResponse:
    """Answer a made-up call, up to a card with a drafted referral, so that the first real one is fast."""
    service_id, *_ = OFFERED["patient-view"]
    return app.test_client().post(
        f"/cds-services/{service_id}", data=WARM_UP, content_type="application/json"
    )


def where_to_look(settings: Settings) -> str:
    """What a person reads when the service has started."""
    base = settings.public_url
    return "\n".join(
        [
            f"ketamine-cds ({settings.mode}, rules: {settings.profile}, today in {settings.time_zone.key})",
            f"  what this is       {base}/",
            f"  CDS Hooks services {base}/cds-services",
            f"  API description    {base}/openapi.yaml",
            f"  try                curl {base}/cds-services",
            "  stop               Ctrl-C",
        ]
    )


def _check_address(settings: Settings) -> None:
    """Fail before anything starts; the workers share the port and would not notice another service on it."""
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
