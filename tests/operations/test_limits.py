"""How often an issuer may call."""

import pytest

from cds_hooks.errors import TooManyCallsError
from cds_hooks.trust import CdsClient
from service.operations import limiting
from service.operations.limiting import CallLimit
from tests.hooks.chart import CHART, call, prefetched
from tests.hooks.ehr import ehr

PATH = "/cds-services/ketamine-referral-patient-view"
A, B, NOBODY = CdsClient(issuer="https://a.example"), CdsClient(issuer="https://b.example"), CdsClient()


def test_each_issuer_has_its_own_count() -> None:
    """One that calls too often is refused; the others are not, nor are callers of an open service."""
    limit = CallLimit(2)
    for caller in (A, A, B, NOBODY, NOBODY, B):
        limit.admit(caller)
    for caller in (A, B, NOBODY):
        with pytest.raises(TooManyCallsError) as refused:
            limit.admit(caller)
        assert 1 <= int(refused.value.headers["Retry-After"]) <= 60


def test_tenants_share_the_count_of_their_issuer() -> None:
    """A token's tenant does not make it another caller."""
    limit = CallLimit(1)
    limit.admit(CdsClient(issuer="https://a.example", tenant="1"))
    with pytest.raises(TooManyCallsError):
        limit.admit(CdsClient(issuer="https://a.example", tenant="2"))


def test_a_minute_later_they_may_call_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The count begins anew a minute after its first call, and not a moment earlier."""
    moment = [1000.0]
    monkeypatch.setattr(limiting, "monotonic", lambda: moment[0])
    limit = CallLimit(1)
    limit.admit(A)
    moment[0] += 59.9
    with pytest.raises(TooManyCallsError):
        limit.admit(A)
    moment[0] += 0.1
    limit.admit(A)


def test_one_call_too_many_is_429() -> None:
    """The answer says when to come back, as a header and as an OperationOutcome; probes are not counted."""
    client = ehr(KETAMINE_CDS_RATE_LIMIT="2")
    body = call("patient-view", prefetched(*CHART))
    assert [client.post(PATH, json=body).status_code for _ in range(2)] == [200, 200]
    refused = client.post(PATH, json=body)
    assert (refused.status_code, refused.get_json()["issue"][0]["code"]) == (429, "throttled")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 200
