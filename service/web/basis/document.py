"""A basis page as JSON: its members under the names that JSON of this service has."""

from typing import Any

import msgspec

from service.web.basis.page import Index, Page


def document(page: Index | Page) -> Any:
    """Return `page` as plain JSON values."""
    return _named(msgspec.to_builtins(page))


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {_camel_case(name): _named(one) for name, one in value.items()}
    return [_named(one) for one in value] if isinstance(value, list | tuple) else value


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
