"""What callers send, as marshmallow fields: each says what it expects, and none repeats what it got."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from cds_hooks.errors import WHOLE_BODY, BadRequestError
from cds_hooks.grammar import UUID, camel_case, is_web_address
from cds_hooks.outcome import Issue

_MISSING = "missing; "
_MOST_ISSUES = 10


class Received(Schema):
    """An object that a caller sends: its members in camel case, those that are not declared ignored."""

    error_messages = {"type": "expected an object"}  # noqa: RUF012  # marshmallow reads it from the class

    class Meta:
        """Hooks gain optional members in minor versions, and proxies add their own."""

        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Give the member the name that it has in JSON."""
        if field_obj.data_key is None:
            field_obj.data_key = camel_case(field_name)


def load(schema: Schema, members: Any) -> dict[str, Any]:
    """Return the value that `schema` makes of the `members` of a body.

    Raise BadRequestError with the path of each wrong member.
    """
    try:
        loaded: dict[str, Any] = schema.load(members)
    except ValidationError as error:
        issues = _issues(error.messages_dict, "")
        raise BadRequestError.of(tuple(islice(issues, _MOST_ISSUES))) from error
    return loaded


def expects(what: str, *, required: bool = True) -> dict[str, Any]:
    """Return the arguments of a field that expects `what`.

    Unless required, it may be null, which means absent.
    """
    kinds = ("null", "invalid", "invalid_awareness", "type", "too_large")
    messages = dict.fromkeys(kinds, f"expected {what}") | {"required": f"{_MISSING}expected {what}"}
    absent = {} if required else {"load_default": None, "allow_none": True}
    return {"required": required, "error_messages": messages, **absent}


class Text(fields.String):
    """Text that `pattern` matches as a whole; of a pattern with a group `kept`, that group."""

    def __init__(self, expected: str, *, pattern: str = r"(?s).*\S.*", required: bool = True) -> None:
        super().__init__(**expects(expected, required=required))
        self.pattern = re.compile(pattern)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        found = self.pattern.fullmatch(text)
        if not found:
            raise self.make_error("invalid")
        return found.groupdict().get("kept", text)


class Uuid(Text):
    """A UUID with hyphens; capitals are accepted and made small."""

    def __init__(self, expected: str = "a UUID", *, required: bool = True) -> None:
        super().__init__(expected, pattern=f"(?i){UUID}", required=required)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).lower()


class WebAddress(Text):
    """An absolute http or https URL."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_web_address(text):
            raise self.make_error("invalid")
        return text


MOST_MEMBERS = 500
"""Of an object whose members a client names freely; prefetch objects of a hundred have been seen."""


class Object(fields.Field[Mapping[str, Any]]):
    """An object whose members are somebody else's; absent or null it is empty."""

    def __init__(self) -> None:
        super().__init__(**expects(f"an object of at most {MOST_MEMBERS} members", required=False))

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping) or len(value) > MOST_MEMBERS:
            raise self.make_error("invalid")
        return value


def _issues(messages: Any, path: str) -> Iterator[Issue]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _issues(inner, _below(path, name))
    else:
        for text in messages:
            code = "required" if text.startswith(_MISSING) else "value"
            yield Issue(code=code, text=text, expression=path or WHOLE_BODY)


def _below(path: str, name: str | int) -> str:
    if name == "_schema":
        return path
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else name
