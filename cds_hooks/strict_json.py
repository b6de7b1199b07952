"""Bytes to JSON as RFC 8259 has it, for bodies that may be hostile and may hold megabytes of prefetched data.

A body is split, not built: its members, and the members of each member object, are told apart, and what is
below stays JSON text. Skipping a value costs no allocation, and the text goes on to whoever knows its types.

msgspec checks the grammar of what it skips (so NaN, a byte order mark and trailing text are refused), but
not its UTF-8, it goes some hundreds of levels deep, and of two members with one name it keeps the last. These
three are checked here; the depth only of what is read without knowing its types, for counting brackets takes
longer than all else, and a reader of types goes no deeper than they do. A number beyond the range of a
double, deep inside a member object, is grammatical JSON and left to the reader of that object: it spoils one
resource, not the request.
"""

import re
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate
from typing import Any, cast

import msgspec

from cds_hooks.errors import WHOLE_BODY, BadRequestError, NotJsonError

MAX_DEPTH = 100
"""How many objects and arrays a value that is read without its types may have within one another."""

Member = Mapping[str, bytes] | list[Any] | str | int | float | bool | None
"""A member of a body: an object as the JSON text of its members; an array only as being one."""

_TOO_DEEP = f"expected no more than {MAX_DEPTH} objects and arrays within one another"
_FAR_TOO_DEEP = "expected no more than some hundred objects and arrays within one another"
_USUAL_DEPTH = 16
_MEMBER_DEPTH = 2  # of a member of a member, which stands in two objects

_STRING = re.compile(rb'"[^"]*"')
_CURLY = bytes.maketrans(b"[]", b"{}")
_STEPS = bytes.maketrans(b"{}", b"\x01\xff")  # +1 and -1 as signed bytes
_NEITHER_QUOTE_NOR_BRACKET = bytes(set(range(256)) - set(b'"[]{}'))


class _Name:
    """The name of a member, equal to no other one: a dict keeps members of the same name apart."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


_SPLIT: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
    dict[_Name, dict[_Name, msgspec.Raw] | list[msgspec.Raw] | str | int | float | bool | None],
    dec_hook=lambda _, text: _Name(text),
)
_WHOLE: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def split(body: bytes, known: Collection[str], typed: Collection[str] = ()) -> dict[str, Member]:
    """Return the members of the object `body` that are `known`; raise BadRequestError.

    No name may come twice in the body, nor in an object that is one of its known members. Those that are
    `typed` have a reader that knows their types: they may be nested as deep as this one can skip.
    """
    members = _strictly(_SPLIT, body)
    for name in _repeated(members):
        raise _repeats(name if name in known else WHOLE_BODY)
    kept = {name.text: _member(name.text, member) for name, member in members.items() if name.text in known}
    for name, member in kept.items():
        if isinstance(member, dict) and name not in typed:
            _check_depth(member.values(), name)
    return kept


def document(body: bytes) -> Any:
    """Return the value of a body that is small by nature; raise NotJsonError."""
    decoded = _strictly(_WHOLE, body)
    if _depth(body) > MAX_DEPTH:
        raise NotJsonError(_TOO_DEEP)
    return decoded


def value(text: bytes, path: str) -> Any:
    """Return the value of `text`, which stands at `path` in a body that was split; raise BadRequestError."""
    try:
        return _WHOLE.decode(text)
    except msgspec.ValidationError as error:
        raise BadRequestError("expected numbers within the range of a double", expression=path) from error


def _strictly(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        body.decode()
        decoded = decoder.decode(body)
    except UnicodeDecodeError as error:
        raise NotJsonError("expected UTF-8", diagnostics=f"not UTF-8 (byte {error.start})") from error
    except RecursionError as error:
        raise NotJsonError(_FAR_TOO_DEEP) from error
    except msgspec.ValidationError as error:
        text = "expected a JSON object, its numbers within the range of a double"
        raise NotJsonError(text, diagnostics=str(error)) from error
    except msgspec.DecodeError as error:
        raise NotJsonError("expected JSON as in RFC 8259", diagnostics=str(error)) from error
    return decoded


def _check_depth(texts: Iterable[bytes], path: str) -> None:
    deepest = MAX_DEPTH - _MEMBER_DEPTH
    if any(_depth(text) > deepest for text in texts):
        raise BadRequestError(_TOO_DEEP, expression=path)


def _member(path: str, member: Any) -> Member:
    if isinstance(member, dict):
        for _ in _repeated(member):
            raise _repeats(path)
        return {name.text: bytes(text) for name, text in member.items()}
    return cast(Member, member)


def _repeated(names: Iterable[_Name]) -> list[str]:
    return [text for text, times in Counter(name.text for name in names).items() if times > 1]


def _repeats(path: str) -> BadRequestError:
    return BadRequestError("expected each member of an object once", expression=path)


def _depth(body: bytes) -> int:
    """Return the depth to which objects and arrays are nested in `body`, which is grammatical JSON.

    Cutting away all innermost pairs at once lowers the depth by one and most of the text is gone after a few
    rounds; counting is slower on records but does not get slower with depth, so it does the rest.
    """
    brackets = _brackets(body)
    for cut in range(_USUAL_DEPTH):
        if not brackets:
            return cut
        brackets = brackets.replace(b"{}", b"")
    return _USUAL_DEPTH + max(accumulate(array("b", brackets.translate(_STEPS))), default=0)


def _brackets(body: bytes) -> bytes:
    """Return the brackets of `body` outside its strings, with square ones replaced by curly ones.

    Two quotes side by side may go wherever they stand, for what is left keeps its side of the quotes.
    """
    quotes_and_brackets = _without_escapes(body).translate(_CURLY, delete=_NEITHER_QUOTE_NOR_BRACKET)
    return _STRING.sub(b"", quotes_and_brackets.replace(b'""', b""))


def _without_escapes(body: bytes) -> bytes:
    """Return `body` without backslashes and what they escape; an escaped backslash leaves an empty part."""
    if b"\\" not in body:
        return body
    parts = iter(body.split(b"\\"))
    kept = [next(parts)]
    kept += [part[1:] if part else next(parts, b"") for part in parts]
    return b"".join(kept)
