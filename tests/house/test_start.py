"""The service starts with the shipped tables."""

from service.app import create_app
from service.settings import read_settings
from tests.served import scratch


def test_the_application_is_made() -> None:
    """Every card that is made ready at the start, and every page about rules, has the words that it needs."""
    client = create_app(read_settings({"KETAMINE_CDS_MODE": "development", **scratch()})).test_client()
    assert client.get("/cds-services").status_code == 200
    assert client.get("/basis/document").status_code == 200
