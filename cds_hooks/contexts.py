"""The hooks that are spoken here, each with what its context holds: to speak another, add it to HOOKS."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from marshmallow import fields, post_load

from cds_hooks.grammar import LOGICAL_ID
from cds_hooks.prefetch import USER_TOKENS
from cds_hooks.received import Received, Text, expects

_USER_TYPES = "Practitioner|PractitionerRole|Patient|RelatedPerson"


class PrefetchToken(Text):
    """A member that prefetch templates may name: `{{context.patientId}}`."""


class Resources(fields.Field[bytes]):
    """A Bundle, kept as JSON text: whoever reads its resources knows their types. `type` may be absent."""

    def _deserialize(self, value: bytes, attr: Any, data: Any, **kwargs: Any) -> bytes:
        try:
            resource = msgspec.json.decode(value, type=_Resource)
        except msgspec.ValidationError as error:
            raise self.make_error("invalid") from error
        if resource.resourceType != "Bundle":
            raise self.make_error("invalid")
        return value


class _Resource(msgspec.Struct):
    resourceType: str  # noqa: N815  # FHIR's name of the element


def identifier(resource_type: str, *, required: bool = True) -> PrefetchToken:
    """Return the id of a resource.

    Bare, as the standard has it, or with the `Type/` that many callers add.
    """
    expected = f"the id of a FHIR {resource_type}"
    return PrefetchToken(expected, pattern=rf"(?:{resource_type}/)?(?P<kept>{LOGICAL_ID})", required=required)


class PatientView(Received):
    """A chart is opened."""

    user_id = PrefetchToken("`Type/id` of the user", pattern=rf"(?:{_USER_TYPES})/{LOGICAL_ID}")
    patient_id = identifier("Patient")
    encounter_id = identifier("Encounter", required=False)


class OrderSign(PatientView):
    """Orders are about to be signed."""

    draft_orders = Resources(**expects("a FHIR Bundle"))


class OrderSelect(OrderSign):
    """One order or several have been selected, of all that are not signed yet."""

    selections = fields.List(Text("`Type/id` of an order"), **expects("an array of `Type/id`"))

    @post_load
    def _frozen(self, members: dict[str, Any], **_: Any) -> dict[str, Any]:
        return members | {"selections": tuple(members["selections"])}


HOOKS: Final[Mapping[str, Received]] = {
    "patient-view": PatientView(),
    "order-select": OrderSelect(),
    "order-sign": OrderSign(),
}


def brings_orders(hook: str) -> bool:
    """Tell whether the context of `hook` has draft orders."""
    return "draft_orders" in HOOKS[hook].fields


def has_member(hook: str, token: str) -> bool:
    """Tell whether the context of `hook` has the member that a token names, if it names one."""
    place, _, member = token.partition(".")
    return place != "context" or member in {each.data_key for each in HOOKS[hook].fields.values()}


def tokens(hook: str) -> frozenset[str]:
    """Return the tokens that prefetch templates of `hook` may use."""
    members = HOOKS[hook].fields
    named = {f"context.{member.data_key}" for member in members.values() if isinstance(member, PrefetchToken)}
    return USER_TOKENS | named if "user_id" in members else frozenset(named)
