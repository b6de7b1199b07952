"""CDS Hooks services of another clinical topic: is a tetanus booster due?"""

import json
from collections.abc import Sequence
from typing import Any

from flask import Flask

from cds_hooks.cards import Action, Card, Coding, Link, Source, Suggestion
from cds_hooks.errors import MissingDataError
from cds_hooks.request import HookRequest
from cds_hooks.service import OfferedService, Reply, Service
from cds_hooks.trust import CdsClient
from cds_hooks.web import OnFailure, blueprint, configure

MAX_BODY_BYTES = 20_000
EHR = "https://ehr.example"

PATIENT_VIEW = Service(
    id="tetanus-patient-view",
    hook="patient-view",
    title="Tetanus booster",
    description="Says when a tetanus booster is due.",
    usage_requirements="Immunizations coded with CVX.",
    prefetch={
        "patient": "Patient/{{context.patientId}}",
        "shots": "Immunization?patient={{context.patientId}}&_sort=-date&_count=50",
    },
)
ORDER_SELECT = Service(
    id="tetanus-order-select",
    hook="order-select",
    title="Tetanus with wound care",
    description="Says when a selected order of wound care calls for a tetanus booster.",
    prefetch={"user": "{{context.userId}}"},
)
ORDER_SIGN = Service(
    id="tetanus-order-sign",
    hook="order-sign",
    title="Tetanus with wound care",
    description="Says when an order of wound care calls for a tetanus booster.",
    prefetch={},
)

BOOSTER_DUE = Card(
    uuid="0b0c9a5e-52a7-4bb0-9b4e-0a6a35c1a001",
    summary="Tetanus booster is due: no shot on record",
    detail="No **tetanus** shot was received in `shots`.",
    indicator="warning",
    source=Source(
        label="Example immunization schedule",
        url="https://schedule.example/tetanus",
        icon="https://schedule.example/icon.png",
        topic=Coding(system="https://schedule.example/topics", code="tetanus"),
    ),
    suggestions=[
        Suggestion(
            uuid="0b0c9a5e-52a7-4bb0-9b4e-0a6a35c1a002",
            label="Draft the order of a booster",
            is_recommended=True,
            actions=[
                Action(
                    type="create",
                    description="Draft the order of a booster",
                    resource={"resourceType": "ServiceRequest", "status": "draft", "intent": "order"},
                ),
                Action(
                    type="delete",
                    description="Remove the order of wound care alone",
                    resource_id="ServiceRequest/wound-care",
                ),
            ],
        )
    ],
    selection_behavior="at-most-one",
    override_reasons=[
        Coding(system="https://schedule.example/reasons", code="elsewhere", display="Given elsewhere")
    ],
    links=[
        Link(label="The schedule", url="https://schedule.example/tetanus", type="absolute"),
        Link(
            label="Plan the series",
            url="https://schedule.example/launch",
            type="smart",
            app_context="tetanus",
            autolaunchable=False,
        ),
    ],
)
NOT_CHECKED = Card(
    uuid="0b0c9a5e-52a7-4bb0-9b4e-0a6a35c1a003",
    summary="Tetanus protection was not checked",
    indicator="info",
    source=Source(label="Example immunization schedule"),
)


def booster(request: HookRequest, _caller: CdsClient) -> Reply:
    """A card when no shot is on record; nothing when one is."""
    if "shots" not in request.prefetch:
        raise MissingDataError("expected the shots on record", expression="prefetch.shots")
    return Reply(cards=[] if json.loads(request.prefetch["shots"]) else [BOOSTER_DUE])


def broken(_request: HookRequest, _caller: CdsClient) -> Reply:
    """A service with a defect, whose message holds a name from the record."""
    raise RuntimeError("cannot read the shots of Jane Roe")


def not_checked(_request: HookRequest, _caller: CdsClient, _failure: Exception) -> Sequence[Card]:
    """What a call that failed is answered with."""
    return [NOT_CHECKED]


def application(on_failure: OnFailure | None = not_checked, origins: Sequence[str] = (EHR,)) -> Flask:
    """The server of the example, with a route that is none of CDS Hooks."""
    offered = [
        OfferedService(service=PATIENT_VIEW, handler=booster),
        OfferedService(service=ORDER_SELECT, handler=broken),
        OfferedService(service=ORDER_SIGN, handler=lambda *_: Reply(cards=[])),
    ]
    app = Flask(__name__, static_folder=None)
    configure(app, cors_origins=origins)
    app.register_blueprint(blueprint(offered, max_body_bytes=MAX_BODY_BYTES, on_failure=on_failure))
    app.add_url_rule("/broken", "broken", _fails)
    return app


def _fails() -> str:
    raise RuntimeError("cannot show the page of Jane Roe")


def call(hook: str = "patient-view") -> dict[str, Any]:
    """The body of a call of `hook` that has everything that the standard wants, for tests to change."""
    context: dict[str, Any] = {"userId": "Practitioner/p1", "patientId": "jane"}
    if hook != "patient-view":
        context["draftOrders"] = {"resourceType": "Bundle", "entry": []}
    if hook == "order-select":
        context["selections"] = ["ServiceRequest/wound-care"]
    return {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": context,
        "prefetch": {"shots": None},
    }


app = application()
