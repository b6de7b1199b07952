"""Resources that do not fit their type: repaired where possible, otherwise reported.

Real systems send null where a list belongs, one object where FHIR has a list, numbers as text. That
loses nothing and is put right. An element that stays unusable is left out and named; if leaving it out
could make a prohibition an order or a refuted finding a finding, the whole resource is set aside.
"""

import re
from typing import Any

import msgspec

from mappings.remarks import Remark, say
from service.fhir.resources import AnyResource

_REPAIRS = 30
_PLACE = re.compile(r"(?P<fault>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?", re.ASCII)
_DECISIVE = frozenset(
    {
        "resourceType",
        "status",
        "intent",
        "doNotPerform",
        "verificationStatus",
        "asNeededBoolean",
        "asNeededCodeableConcept",
        "reportedBoolean",
        "subject",
        "patient",
    }
)


class UnusableError(Exception):
    """A resource cannot be read at all; the message says why, without any value of it."""


def repaired(raw: bytes | msgspec.Raw) -> tuple[AnyResource, tuple[str, ...]]:
    """Return the resource in `raw` and the paths of its elements that had to be left out.

    Raises UnusableError.
    """
    try:
        tree = _without_nulls(msgspec.json.decode(raw))
        return _fitted(tree, AnyResource)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnusableError(say(Remark.NOT_JSON)) from error
    except RecursionError as error:
        raise UnusableError(say(Remark.TOO_DEEP)) from error


def repaired_as(raw: bytes | msgspec.Raw, shape: Any) -> tuple[Any, tuple[str, ...]]:
    """Return the part of `raw` that fits `shape`, and the paths left out; raise UnusableError."""
    try:
        return _fitted(_without_nulls(msgspec.json.decode(raw)), shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnusableError(say(Remark.NOT_JSON)) from error


def _fitted(tree: Any, shape: Any) -> tuple[Any, tuple[str, ...]]:
    dropped: list[str] = []
    for _ in range(_REPAIRS):
        try:
            return msgspec.convert(tree, shape), tuple(dropped)
        except msgspec.ValidationError as error:
            path = _repair(tree, str(error))
        if path is not None:
            dropped.append(path)
    raise UnusableError("departs from FHIR in too many elements")


def _repair(tree: Any, message: str) -> str | None:
    """Repair one fault in place; return the path of the element if it had to be left out."""
    match = _PLACE.match(message)
    steps = [_step(m) for m in _STEP.finditer((match and match["path"]) or "")]
    if not steps:
        raise UnusableError("is not a FHIR resource")
    parent = tree
    for step in steps[:-1]:
        parent = parent[step]
    key, fault = steps[-1], message.split(" - at ")[0]
    better = _reshaped(parent[key], fault)
    if better is not None:
        parent[key] = better
        return None
    del parent[key]
    path = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps).removeprefix(".")
    if any(step in _DECISIVE for step in steps):
        raise UnusableError(say(Remark.WRONG_TYPE, path=path))
    return path


def _step(match: re.Match[str]) -> str | int:
    return match[1] if match[1] is not None else int(match[2])


def _reshaped(value: Any, fault: str) -> Any:
    """Return the same content in the expected shape; None if there is no safe way."""
    if fault.startswith("Expected `array") and isinstance(value, dict | str):
        return [value]
    if fault.startswith("Expected `object") and isinstance(value, list) and len(value) == 1:
        return value[0]
    if fault.startswith("Expected `str") and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and fault.startswith("Expected `float") and _NUMBER.fullmatch(value):
        return float(value)
    if isinstance(value, str) and fault.startswith("Expected `bool") and value in ("true", "false"):
        return value == "true"
    return None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_without_nulls(v) for v in value if v is not None]
    return value
