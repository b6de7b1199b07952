"""Starts the FHIR server of this folder, whose packages `make` has installed."""

import queue
import secrets
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

HERE = Path(__file__).parent
START_SECONDS = 60.0
PAGE_SIZE = 4  # so small that most lists have several pages


@dataclass(frozen=True, kw_only=True, slots=True)
class FhirServer:
    """A server that answers at `base` those who know its `token`."""

    base: str
    token: str
    session: requests.Session

    def keep(self, resources: Iterable[dict[str, Any]]) -> None:
        """Hold these resources and no others."""
        self.session.delete(self.base, timeout=60).raise_for_status()
        for one in resources:
            url = f"{self.base}/{one['resourceType']}/{one['id']}"
            self.session.put(url, json=one, timeout=60).raise_for_status()


@contextmanager
def fhir_server() -> Iterator[FhirServer]:
    """A server of its own, without any data."""
    node, token = shutil.which("node"), secrets.token_urlsafe()
    assert node, "node is needed: `make test` names what is missing"
    assert (HERE / "node_modules").is_dir(), "`npm ci` has not been run in tests/fetch/fhir_server"
    command = [node, "server.mjs", token, str(PAGE_SIZE)]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as process:
        try:
            with requests.Session() as session:
                session.headers["Authorization"] = f"Bearer {token}"
                yield FhirServer(base=_first_line(process), token=token, session=session)
        finally:
            process.terminate()


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=lambda out: said.put(out.readline()), args=(process.stdout,), daemon=True).start()
    line = said.get(timeout=START_SECONDS).strip()
    assert line.startswith("http"), "the FHIR server did not start"
    return line
