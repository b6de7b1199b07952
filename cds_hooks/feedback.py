"""Feedback: what users did with cards, the body of `POST /cds-services/{id}/feedback`.

The same card may be reported again, or late, and a card that is never reported means nothing. Clients add
reasons of their own, often without a display and sometimes without a system: both are accepted.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from cds_hooks import strict_json
from cds_hooks.received import Received, Text, Uuid, expects, load

MOST_ITEMS = 100
"""Of one body: clients report a card as it is dealt with, and an answer has a handful of cards."""

_LEAP_SECOND = re.compile(r"(?P<minute>T\d\d:\d\d):60")


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenReason:
    """Why a card was overridden: a code that the card offered, or one of the client's own."""

    code: str
    system: str | None
    display: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Feedback:
    """What a user did with one card. The comment may name the patient, so `repr` leaves it out."""

    card: str
    outcome: Literal["accepted", "overridden"]
    at: datetime
    accepted_suggestions: tuple[str, ...]
    reason: GivenReason | None
    comment: str | None = field(repr=False)


class _Suggestion(Received):
    id = Uuid()


class _Reason(Received):
    code = Text("a code")
    system = fields.String(**expects("a string", required=False))
    display = fields.String(**expects("a string", required=False))

    @post_load
    def _reason(self, members: dict[str, Any], **_: Any) -> GivenReason:
        return GivenReason(**members)


class _Override(Received):
    reason = fields.Nested(_Reason, **expects("an object", required=False))
    user_comment = fields.String(**expects("a string", required=False))

    @validates_schema
    def _says_something(self, override: dict[str, Any], **_: Any) -> None:
        if override.get("reason") is None and override.get("user_comment") is None:
            raise ValidationError("missing; expected a reason, or a comment of the user", "reason")


class _Instant(fields.AwareDateTime):
    """A time as RFC 3339 writes it: `t` and `z` may be small, and a leap second is the end of its minute."""

    def __init__(self) -> None:
        super().__init__(format="iso", **expects("a date and time with offset"))

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        text = _LEAP_SECOND.sub(r"\g<minute>:59", value.upper()) if isinstance(value, str) else value
        return super()._deserialize(text, attr, data, **kwargs)


class _Item(Received):
    card = Uuid()
    outcome = Text("`accepted` or `overridden`", pattern="accepted|overridden")
    outcome_timestamp = _Instant()
    accepted_suggestions = fields.List(
        fields.Nested(_Suggestion, **expects("an object")), **expects("an array", required=False)
    )
    override_reason = fields.Nested(_Override, **expects("an object", required=False))

    @validates_schema
    def _accepts_something(self, item: dict[str, Any], **_: Any) -> None:
        if item["outcome"] == "accepted" and not item["accepted_suggestions"]:
            raise ValidationError("missing; expected what was accepted", "acceptedSuggestions")

    @post_load
    def _feedback(self, item: dict[str, Any], **_: Any) -> Feedback:
        override = item["override_reason"] or {}
        return Feedback(
            card=item["card"],
            outcome=item["outcome"],
            at=item["outcome_timestamp"],
            accepted_suggestions=tuple(each["id"] for each in item["accepted_suggestions"] or ()),
            reason=override.get("reason"),
            comment=override.get("user_comment"),
        )


class _Body(Received):
    feedback = fields.List(
        fields.Nested(_Item, **expects("an object")),
        validate=validate.Length(1, MOST_ITEMS, error=f"expected one item or more, and at most {MOST_ITEMS}"),
        **expects("an array"),
    )


_BODY = _Body()


def read_feedback(body: bytes) -> tuple[Feedback, ...]:
    """Return the items that `body` reports; raise BadRequestError."""
    return tuple(load(_BODY, strict_json.document(body))["feedback"])
