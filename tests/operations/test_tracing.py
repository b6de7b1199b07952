"""The trace of a call: taken, logged, and passed on to the FHIR server; what is none says nothing."""

import json

import pytest
import responses

from tests.hooks.chart import CHART, SERVER, call, prefetched
from tests.hooks.ehr import PATH, ehr

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{SPAN}-01"


def passed_on(header: str | None) -> set[object]:
    """What the FHIR server is told of the trace, of a call that lacks two lists."""
    client = ehr(KETAMINE_CDS_FHIR_SERVERS=SERVER)
    prefetch = {
        key: value for key, value in prefetched(*CHART).items() if key not in ("procedures", "encounters")
    }
    body = call("patient-view", prefetch) | {"fhirServer": SERVER}
    headers = {"traceparent": header} if header is not None else {}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        for kind in ("Procedure", "Encounter"):
            empty = json.dumps({"resourceType": "Bundle", "type": "searchset"})
            web.get(f"{SERVER}/{kind}", body=empty, content_type="application/fhir+json")
        answer = client.post(PATH.format(hook="patient-view"), json=body, headers=headers)
        assert answer.status_code == 200
        assert len(web.calls) == 2
        return {each.request.headers.get("traceparent") for each in web.calls}


@pytest.mark.parametrize("header", [GOOD, f"00-{TRACE}-{SPAN}-00", f"cc-{TRACE}-{SPAN}-01-what.comes-later"])
def test_it_is_passed_on_as_it_came(header: str) -> None:
    """Also one of a later version, of which the first parts are known."""
    assert passed_on(header) == {header}


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{SPAN}",
        f"cc-{TRACE}-{SPAN}-01-{'x' * 600}",
    ],
)
def test_what_is_no_trace_is_passed_over(header: str | None) -> None:
    """The call is answered as ever, and nobody else is told of it."""
    assert passed_on(header) == {None}


def test_it_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """By its id, with the line of the call; a header that is none is not."""
    client = ehr()
    with caplog.at_level("INFO", logger="service.operations.logs"):
        client.get("/cds-services", headers={"traceparent": GOOD})
        client.get("/cds-services", headers={"traceparent": "secret"})
    first, second = (getattr(record, "told", {}) for record in caplog.records if record.message == "discover")
    assert first["trace_id"] == TRACE
    assert "trace_id" not in second
