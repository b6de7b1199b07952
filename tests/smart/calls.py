"""The app in this process, and a browser that does as it is told: launches, answers, pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mappings.knowledge import load_knowledge
from service.app import create_app
from service.settings import read_settings
from tests.served import UNHURRIED
from tests.smart.ehr import CLIENT, Ehr

KNOWLEDGE = load_knowledge()
PUBLIC = "http://127.0.0.1:8000"


@contextmanager
def app(folder: Path, *bases: str, client_id: str | None = CLIENT, **settings: str) -> Iterator[FlaskClient]:
    """A browser's side of the app, set up for these FHIR servers."""
    registered = {} if client_id is None else {"KETAMINE_CDS_SMART_CLIENT_ID": client_id}
    made = create_app(
        read_settings(
            {
                "KETAMINE_CDS_MODE": "development",
                "KETAMINE_CDS_DATABASE_URL": f"sqlite:///{folder}/smart.db",
                "KETAMINE_CDS_FHIR_SERVERS": ",".join(bases),
                **registered,
                **UNHURRIED,
                "KETAMINE_CDS_PUBLIC_URL": PUBLIC,
                **{f"KETAMINE_CDS_{name}": value for name, value in settings.items()},
            }
        ),
        KNOWLEDGE,
    )
    try:
        yield made.test_client()
    finally:
        made.extensions["close"]()


def visit(client: FlaskClient, path: str) -> TestResponse:
    """The answer of the app at its public address."""
    return client.get(path, base_url=PUBLIC)


def launched(client: FlaskClient, hospital: Ehr) -> TestResponse:
    """The answer to a launch."""
    return visit(client, path_of(hospital.launch(PUBLIC)))


def let_in(launch: TestResponse) -> str:
    """The address to which the EHR sends the user back."""
    answer = requests.get(launch.headers["Location"], allow_redirects=False, timeout=60)
    return answer.headers["Location"]


def back(client: FlaskClient, address: str) -> TestResponse:
    """The answer to the user who is sent back."""
    return visit(client, path_of(address))


def whole(client: FlaskClient, hospital: Ehr) -> TestResponse:
    """The answer at the end of a launch in which everybody does as they should."""
    return back(client, let_in(launched(client, hospital)))


def path_of(address: str) -> str:
    """Path and query of an address."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def query_of(address: str) -> dict[str, str]:
    """What the query of an address asks."""
    return dict(parse_qsl(urlsplit(address).query))
