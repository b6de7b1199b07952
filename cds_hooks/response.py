"""The schema of a whole answer with cards: closed, so that what the standard does not define is an error.

It says again, from the side of the wire, what the classes in cards.py guarantee: tests hold the one against
the other, and the answering of a call does not pay for both.
"""

from collections import Counter
from typing import Any, get_args

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from cds_hooks.cards import LONGEST_SUMMARY, ActionType, Indicator, LinkType, SelectionBehavior, hollow
from cds_hooks.grammar import REFERENCE, RESOURCE_TYPE, UUID, camel_case, is_web_address


class _Sent(Schema):
    """An object that we send: members in camel case and no others."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.data_key = camel_case(field_name)


def _is_url(text: str) -> None:
    if not is_web_address(text):
        raise ValidationError("expected an absolute http or https URL")


def _is_boolean(value: Any) -> None:
    if not isinstance(value, bool):
        raise ValidationError("expected true or false")


def _is_resource(resource: dict[str, Any]) -> None:
    validate.Regexp(rf"{RESOURCE_TYPE}\Z")(str(resource.get("resourceType", "")))
    if hollow(resource):
        raise ValidationError("expected a resource without null or empty members")


def _is_filled(extension: dict[str, Any]) -> None:
    if hollow(extension):
        raise ValidationError("expected an extension without null or empty members")


def _text(pattern: str = r"(?s:.*)\S(?s:.*)", *, required: bool = False) -> fields.String:
    return fields.String(required=required, validate=validate.Regexp(rf"(?:{pattern})\Z"))


def _one_of(choices: Any, *, required: bool = False) -> fields.String:
    return fields.String(required=required, validate=validate.OneOf(get_args(choices)))


def _some(schema: type[Schema]) -> fields.List[Any]:
    return fields.List(fields.Nested(schema), validate=validate.Length(min=1))


class CodingSchema(_Sent):
    """A Coding as a topic has it."""

    system = _text(required=True)
    code = _text(required=True)
    display = _text()


class OverrideReasonSchema(CodingSchema):
    """A Coding as override reasons have it."""

    display = _text(required=True)


class SourceSchema(_Sent):
    """Where the advice comes from."""

    label = _text(required=True)
    url = fields.String(validate=_is_url)
    icon = fields.String(validate=_is_url)
    topic = fields.Nested(CodingSchema)


class ActionSchema(_Sent):
    """A change of the record."""

    type = _one_of(ActionType, required=True)
    description = _text(required=True)
    resource = fields.Dict(keys=fields.String(), validate=_is_resource)
    resource_id = _text(REFERENCE)

    @validates_schema
    def _has_what_its_type_needs(self, action: dict[str, Any], **_: Any) -> None:
        needed = "resource_id" if action["type"] == "delete" else "resource"
        if {"resource", "resource_id"} & set(action) != {needed}:
            raise ValidationError("expected resourceId to delete, and resource to create or update")


class SuggestionSchema(_Sent):
    """Actions that the user may accept."""

    uuid = _text(UUID, required=True)
    label = _text(required=True)
    is_recommended = fields.Raw(validate=_is_boolean)
    actions = _some(ActionSchema)


class LinkSchema(_Sent):
    """A page to read, or an app to launch."""

    label = _text(required=True)
    url = fields.String(required=True, validate=_is_url)
    type = _one_of(LinkType, required=True)
    app_context = _text()
    autolaunchable = fields.Raw(validate=_is_boolean)

    @validates_schema
    def _gives_context_to_apps_only(self, link: dict[str, Any], **_: Any) -> None:
        if "app_context" in link and link["type"] != "smart":
            raise ValidationError("expected appContext only where type is smart")


class CardSchema(_Sent):
    """One piece of advice."""

    uuid = _text(UUID, required=True)
    summary = _text(rf"(?=.*\S).{{1,{LONGEST_SUMMARY}}}", required=True)
    detail = _text()
    indicator = _one_of(Indicator, required=True)
    source = fields.Nested(SourceSchema, required=True)
    suggestions = _some(SuggestionSchema)
    selection_behavior = _one_of(SelectionBehavior)
    override_reasons = _some(OverrideReasonSchema)
    links = _some(LinkSchema)
    extension = fields.Dict(keys=_text(), validate=_is_filled)

    @validates_schema
    def _says_how_many_suggestions_apply(self, card: dict[str, Any], **_: Any) -> None:
        suggestions = card.get("suggestions", [])
        if suggestions and "selection_behavior" not in card:
            raise ValidationError("expected selectionBehavior with suggestions")
        recommended = sum(suggestion.get("is_recommended", False) for suggestion in suggestions)
        if recommended > 1 and card["selection_behavior"] != "any":
            raise ValidationError("expected at most one suggestion with isRecommended")


class ResponseSchema(_Sent):
    """The body that answers a call: no systemActions, which take an agreement with the client."""

    cards = fields.List(fields.Nested(CardSchema), required=True)

    @validates_schema
    def _tells_cards_apart(self, answer: dict[str, Any], **_: Any) -> None:
        suggestions = (each for card in answer["cards"] for each in card.get("suggestions", []))
        times = Counter(each["uuid"] for each in (*answer["cards"], *suggestions))
        if any(count > 1 for count in times.values()):
            raise ValidationError("expected every card and suggestion to have a uuid of its own")
