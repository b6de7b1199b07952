"""What was captured of an EHR: a call or its body, discovery, a token, or a HAR file.

A file may hold one of them or, as JSON, several: in a list, or one on each line. Nothing in it is trusted;
anything else in it is reported.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"(?:^|\s|\")(?:authorization:\s*)?(?:bearer\s+)?([\w-]+\.[\w-]+\.[\w-]+)(?=$|\s|\")", re.I
)
_RAW = re.compile(r"(?P<method>GET|POST) (?P<url>\S+) HTTP/[\d.]+\r?\n")


class CaptureError(Exception):
    """A file holds nothing that was captured; the message says what was expected."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """One exchange. `body` is that of a call, `discovery` the EHR's copy of it; either may be absent.

    `url` may be a path alone, as it stands in HTTP.
    """

    url: str | None = None
    authorization: str | None = field(default=None, repr=False)
    signed: bool = False
    body: bytes | None = field(default=None, repr=False)
    discovery: Mapping[str, Any] | None = None


def read_captures(content: bytes) -> tuple[Capture, ...]:
    """Return the captures in a file; raise CaptureError if it holds none."""
    text = content.decode("utf-8", "replace").lstrip("\ufeff")
    if _RAW.match(text):
        return (_raw(text),)
    try:
        found = tuple(_captures(_parsed(text)))
    except (ValueError, RecursionError):
        found = tuple(_tokens(text))
    if not found:
        raise CaptureError(
            "expected the body of a call, a call with `headers` and `body`, discovery, a HAR file, or a token"
        )
    return found


def _parsed(text: str) -> Any:
    """Return the value of a JSON text, or a list of those on its lines; raise ValueError."""
    try:
        return json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def token_of(content: bytes) -> Capture:
    """Return the first capture of a file that has a token; raise CaptureError."""
    for capture in read_captures(content):
        if capture.authorization is not None:
            return capture
    raise CaptureError("expected a token, or a captured call with an Authorization header")


def _captures(value: Any) -> Iterator[Capture]:
    match value:
        case list():
            for each in value:
                yield from _captures(each)
        case {"log": {"entries": list(entries)}}:
            for entry in entries:
                yield from _of_har(entry)
        case {"services": list()}:
            yield Capture(discovery=value)
        case {"hook": _}:
            yield Capture(body=_bytes(value))
        case dict():
            yield from _exchange(value)
        case str():
            yield from _tokens(value)


def _exchange(value: Mapping[str, Any]) -> Iterator[Capture]:
    match value:
        case {"request": {"hook": _} as body}:
            yield _with_headers(value, body)
        case {"request": dict(request)}:
            yield _with_headers(request, request.get("body"))
        case {"body": body}:
            yield _with_headers(value, body)


def _with_headers(exchange: Mapping[str, Any], body: Any) -> Capture:
    headers = _headers(exchange.get("headers"))
    return Capture(
        url=_text(exchange.get("url")),
        authorization=headers.get("authorization"),
        signed="headers" in exchange,
        body=_bytes(body),
    )


def _of_har(entry: Any) -> Iterator[Capture]:
    match entry:
        case {"request": {"url": str(url), "postData": {"text": str(text)}} as request} if (
            "/cds-services" in url
        ):
            headers = _headers(request.get("headers"))
            yield Capture(
                url=url, authorization=headers.get("authorization"), signed=True, body=text.encode()
            )
        case {"request": {"url": str(url)} as request, "response": {"content": {"text": str(text)}}}:
            if url.rstrip("/").endswith("/cds-services"):
                headers = _headers(request.get("headers"))
                yield Capture(
                    url=url,
                    authorization=headers.get("authorization"),
                    signed=True,
                    discovery=_object(text),
                )


def _raw(text: str) -> Capture:
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    return Capture(
        url=first.split(" ")[1],
        authorization=headers.get("authorization"),
        signed=True,
        body=body.encode() if body.strip() else None,
    )


def _tokens(text: str) -> Iterator[Capture]:
    for found in _TOKEN.finditer(text):
        yield Capture(authorization=f"Bearer {found[1]}", signed=True)


def _headers(headers: Any) -> dict[str, str]:
    """Return headers by lower-case name, given as an object or, as in HAR, as a list."""
    if isinstance(headers, list):
        headers = {
            header["name"]: header["value"]
            for header in headers
            if isinstance(header, dict) and {"name", "value"} <= header.keys()
        }
    if not isinstance(headers, dict):
        return {}
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _object(text: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _bytes(body: Any) -> bytes | None:
    if isinstance(body, str):
        return body.encode()
    return json.dumps(body).encode() if isinstance(body, dict) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
