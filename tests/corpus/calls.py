"""Quirks of CDS Hooks requests (G), as changes of a patient-view call."""

import copy
from typing import Any

from tests.corpus.medicines import MIRTAZAPINE
from tests.corpus.writing import (
    Change,
    Json,
    Quirk,
    drop,
    in_turn,
    inside,
    made,
    order,
    other,
    put,
    same,
)
from tests.vignettes.build import SERVER
from tests.vignettes.fhir import PATIENT

TOKEN = "SECRET-TOKEN-OF-THE-CORPUS"
LEAVE = {
    "fhirServer": SERVER,
    "fhirAuthorization": {
        "access_token": TOKEN,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.read",
        "subject": "ketamine-cds",
    },
}
NUTRITION = {"resourceType": "NutritionOrder", "id": "diet", "status": "draft", "intent": "order"}
MESSAGE = {"resourceType": "CommunicationRequest", "id": "call", "status": "draft"}
REFERRAL = made("ServiceRequest", "xray", status="draft", intent="order", code={"text": "X-ray of the knee"})
WARNED = {"severity": "warning", "code": "not-supported"}


def context(**members: Any) -> Change:
    """Give the context these members."""
    return inside("context", put(**members))


def lists(call: Json) -> dict[str, Json]:
    """The prefetched Bundles."""
    return {key: value for key, value in call["prefetch"].items() if value["resourceType"] == "Bundle"}


def of_lists(*changes: Change) -> Change:
    """Change every prefetched Bundle."""

    def rewrite(call: Json) -> None:
        for bundle in lists(call).values():
            in_turn(*changes)(bundle)

    return rewrite


def numbered(call: Json) -> None:
    """Generic keys in place of those that were asked for."""
    call["prefetch"] = {f"item{n}": value for n, value in enumerate(call["prefetch"].values(), 1)}


def nothing_as_null(call: Json) -> None:
    """null for lists without entries."""
    empty = [key for key, bundle in lists(call).items() if not bundle.get("entry")]
    call["prefetch"] |= dict.fromkeys(empty)


def nothing_left_out(call: Json) -> None:
    """No key for lists without entries."""
    for key, bundle in lists(call).items():
        if not bundle.get("entry"):
            del call["prefetch"][key]


def single(call: Json) -> None:
    """The one resource of a list in place of the list."""
    for key, bundle in lists(call).items():
        if len(bundle.get("entry", [])) == 1:
            call["prefetch"][key] = bundle["entry"][0]["resource"]


def instead(key: str, value: Any) -> Change:
    """Another value under a prefetch key."""
    return inside("prefetch", put(**{key: value}))


def with_outcome(bundle: Json) -> None:
    """A searchset that ends with a warning of the server."""
    outcome = {"resourceType": "OperationOutcome", "issue": [WARNED]}
    bundle.setdefault("entry", []).append({"search": {"mode": "outcome"}, "resource": outcome})


def paged(bundle: Json) -> None:
    """A searchset that has another page."""
    bundle["link"].append({"relation": "next", "url": f"{SERVER}?page=2"})


def drafting(hook: str, *drafts: Json, **members: Any) -> Change:
    """The call of an order hook with these drafts, in a Bundle without a type."""
    orders = {"resourceType": "Bundle", "entry": [{"resource": one} for one in drafts]}
    return in_turn(put(hook=hook), context(draftOrders=orders, **members))


def closed_early(call: Json) -> None:
    """Prefetched lists that stand beside `prefetch`."""
    for key in ("observations", "serviceRequests"):
        call[key] = copy.deepcopy(call["prefetch"][key])


def refused(row: str, says: str, rewrite: Change, status: int, assessed: int | None = None) -> Quirk:
    """A call that the hook cannot answer; `assessed` is the status of /assessments where it can."""
    return Quirk(row=row, says=says, rewrite=rewrite, status=status, assessed=assessed)


def ordered(row: str, says: str, rewrite: Change, *cards: str) -> Quirk:
    """A call of an order hook that says nothing new about the patient, and the topics of its cards."""
    return Quirk(row=row, says=says, rewrite=rewrite, same=True, cards=cards)


ACTIVE = order("draft", *MIRTAZAPINE)

QUIRKS: tuple[Quirk, ...] = (
    same("G1", "patientId with its type", context(patientId=f"Patient/{PATIENT}")),
    same("G2", "encounterId with its type", context(encounterId="Encounter/e1")),
    same("G2", "encounterId without its type", context(encounterId="e1")),
    other("G3", "generic prefetch keys", numbered),
    same("G4", "null for what is empty", nothing_as_null),
    other("G5", "no key for what is empty", nothing_left_out),
    same("G6", "a resource in place of a list of one", single),
    other("G7", "an object without resourceType", instead("serviceRequests", {"text": "none"})),
    other("G7", "an empty object for the problems", instead("conditions", {}), tells="LIST-CONDITION"),
    other("G4", "null for the patient", instead("patient", None), tells="LIST-PATIENT"),
    same("G8", "Bundles without a type", of_lists(drop("type"))),
    same("G8", "Bundles without total and link", of_lists(drop("total", "link"))),
    same("G8", "searchsets without a fullUrl", of_lists(inside("entry", drop("fullUrl")))),
    same("G13", "leave to read from the server", put(**LEAVE)),
    same("G14", "members at top level that are not known", closed_early),
    same("G14", "an extension", put(extension={"com.example.sent": "now"})),
    refused("G5", "no prefetch", drop("prefetch"), 412, 200),
    refused("G5", "an empty prefetch", put(prefetch={}), 412, 200),
    refused("G5", "prefetch is null", put(prefetch=None), 412, 200),
    refused("G5", "prefetch is a list", put(prefetch=[]), 400),
    refused("G5", "no context", drop("context"), 400),
    refused("G5", "no patientId", inside("context", drop("patientId")), 400),
    refused("G5", "no hookInstance", drop("hookInstance"), 400),
    *(
        refused("G12", f"the hook {hook}", put(hook=hook), 400)
        for hook in (
            "order-dispatch",
            "appointment-book",
            "encounter-start",
            "encounter-discharge",
            "invented",
        )
    ),
    refused("G12", "no hook", drop("hook"), 400),
    same("G9", "drafts in a Bundle without a type", drafting("order-sign", ACTIVE | {"status": "draft"})),
    same("G10", "a draft that is active is no exposure", drafting("order-sign", ACTIVE)),
    ordered("G11", "an order to eat", drafting("order-sign", NUTRITION)),
    ordered(
        "G11",
        "a request to call, and an X-ray",
        drafting("order-select", MESSAGE, REFERRAL, selections=["ServiceRequest/xray"]),
    ),
    ordered("G11", "no drafts", drafting("order-sign")),
    same("H3", "searchsets that end with a warning", of_lists(with_outcome)),
    other("H6", "searchsets with another page", of_lists(paged), tells="LIST-MEDICATION"),
)
