"""What the tests of the SMART app share: an EHR, and a service that it may launch the app of."""

from collections.abc import Iterator

import pytest

from service.clock import now
from tests.served import running
from tests.smart.ehr import CLIENT, Ehr, ehr
from tests.vignettes.build import record
from tests.vignettes.cases import all_cases
from tests.vignettes.fhir import Dialect

TITLE = "1: two adequate failed trials"


@pytest.fixture(scope="session")
def started_ehr() -> Iterator[Ehr]:
    """An EHR for all tests."""
    with ehr() as started:
        yield started


@pytest.fixture
def hospital(started_ehr: Ehr) -> Ehr:
    """The EHR, as it should be, with the chart of a patient with two failed trials open."""
    started_ehr.calm()
    case = next(case for case in all_cases() if case.title == TITLE)
    started_ehr.resources = record(case, now().date(), Dialect.PLAIN)
    started_ehr.patient_id = next(
        one["id"] for one in started_ehr.resources if one["resourceType"] == "Patient"
    )
    return started_ehr


@pytest.fixture(scope="session")
def app_url(started_ehr: Ehr) -> Iterator[str]:
    """A service in development with the app set up."""
    settings = {
        "KETAMINE_CDS_MODE": "development",
        "KETAMINE_CDS_FHIR_SERVERS": started_ehr.base,
        "KETAMINE_CDS_SMART_CLIENT_ID": CLIENT,
    }
    with running(settings) as started:
        yield started.url
