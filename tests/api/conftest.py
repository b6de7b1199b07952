"""The service that is held against its description: strict, as in production."""

from collections.abc import Iterator

import pytest

from tests.served import running


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The address of a service with all that it can have, which is not lenient."""
    settings = {
        "KETAMINE_CDS_MODE": "development",
        "KETAMINE_CDS_LENIENT": "false",
        "KETAMINE_CDS_SMART_CLIENT_ID": "evidence",
    }
    with running(settings) as started:
        yield started.url
