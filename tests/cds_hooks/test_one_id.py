"""Services of several hooks that are called by one id, and bodies that take too long to read."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_hooks.errors import BadRequestError, TooManyCallsError, UnavailableError
from cds_hooks.service import OfferedService, Reply, StoppedError
from cds_hooks.trust import CdsClient
from cds_hooks.web import Admit, Within, blueprint, configure
from tests.cds_hooks.example import ORDER_SIGN, PATIENT_VIEW, call

ONE = "/cds-services/tetanus"


def client(within: Within = lambda read: read(), admit: Admit | None = None) -> FlaskClient:
    """A server whose two services share an id; each tells its hook by where it was called."""
    app = Flask(__name__, static_folder=None)
    configure(app, cors_origins=())
    offered = [
        OfferedService(service=service, handler=lambda *_: Reply(cards=[]), shared_id="tetanus")
        for service in (PATIENT_VIEW, ORDER_SIGN)
    ]
    app.register_blueprint(blueprint(offered, max_body_bytes=20_000, within=within, admit=admit))
    return app.test_client()


@pytest.mark.parametrize("hook", ["patient-view", "order-sign"])
def test_the_hook_of_the_body_chooses(hook: str) -> None:
    """Either is answered by the one id."""
    assert client().post(ONE, json=call(hook)).get_json() == {"cards": []}


def test_a_hook_that_none_of_them_has_is_refused() -> None:
    """With the hooks that they have."""
    refused = client().post(ONE, json=call("order-select"))
    assert refused.status_code == 400
    (issue,) = refused.get_json()["issue"]
    assert (issue["expression"], issue["details"]["text"]) == (
        ["hook"],
        "expected `patient-view` or `order-sign`",
    )


def too_long(_: Callable[[], Any]) -> Any:
    """The budget of a body is used up."""
    raise StoppedError("budget")


@pytest.mark.parametrize("path", [ONE, f"/cds-services/{PATIENT_VIEW.id}"])
def test_a_body_that_takes_too_long_to_read_is_told_so(path: str) -> None:
    """With 422, the body as the place, and what is expected."""
    refused = client(too_long).post(path, json=call("patient-view"))
    assert refused.status_code == 422
    (issue,) = refused.get_json()["issue"]
    assert issue["code"] == "too-costly"
    assert issue["details"]["text"] == "expected a body that takes less time to read"


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (lambda: TooManyCallsError(7), 429, "throttled"),
        (lambda: UnavailableError("expected a database", 7), 503, "transient"),
    ],
)
def test_who_may_come_again_is_told_when(refusal: Callable[[], Exception], status: int, code: str) -> None:
    """In a header, as HTTP has it, and by a code of FHIR."""

    def admit(_: CdsClient) -> None:
        raise refusal()

    refused = client(admit=admit).post(ONE, json=call("patient-view"))
    assert (refused.status_code, refused.headers["Retry-After"]) == (status, "7")
    assert json.loads(refused.data)["issue"][0]["code"] == code


def test_an_error_tells_all_its_issues() -> None:
    """One after the other, as a log or a test shows it."""
    both = BadRequestError.of([*BadRequestError("one").issues, *BadRequestError("two").issues])
    assert str(both).split("; ") == [str(BadRequestError("one")), str(BadRequestError("two"))]
