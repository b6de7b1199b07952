"""The one guarded way out: how FHIR servers, key sets of callers and token endpoints are spoken to.

Which addresses may be read is the caller's to say, from an exact list. Here is what holds for all of them:
TLS (but for this machine during development), a peer that may be spoken to (`address_guard`), no proxy from
the environment, no redirect, no cookie, one deadline and one limit of size.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cached_property, partial
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3 import Timeout
from urllib3.exceptions import HTTPError, ProtocolError, SSLError, TimeoutError

from service.fetch.address_guard import CheckedAdapter, ForbiddenPeerError, is_forbidden, is_loopback

CONNECTIONS = 64  # as many as threads may read at a time, so that none is opened and thrown away
PAUSE = 0.1  # seconds, before a server that is busy is asked again and did not say when
_CHUNK = 65_536
# What urllib3 and urllib.parse read alike: no user's name, no fragment, no backslash, no text but ASCII.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
    r"(?:[/?][!$-\[\]^_a-z|~]*)?"
)
_UPWARDS = re.compile(  # leads to another folder, for some servers with parameters in between
    r"(?:^|/)(?:\.|%2e){1,2}(?:[/;]|%3b|$)|%2f|%5c", re.IGNORECASE
)
_JSON = re.compile(r"\s*(?:application|text)/(?:[!-~]+\+)?(?:json|json\+fhir)\s*(?:;.*)?", re.IGNORECASE)

# Its warnings hold addresses, and so the ids of patients; what fails is told by OutboundError.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


class Failure(StrEnum):
    """Why something could not be read: a closed set of words, for records, counts and logs."""

    NOT_ALLOWED = "not-allowed"
    ADDRESS = "address"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    REDIRECT = "redirect"
    UNAUTHORIZED = "status-401"
    FORBIDDEN = "status-403"
    NOT_FOUND = "status-404"
    BUSY = "status-429"
    UNAVAILABLE = "status-503"
    REFUSED = "status-4xx"
    BROKEN = "status-5xx"
    TOO_LARGE = "too-large"
    MEDIA = "media"
    UNREADABLE = "unreadable"
    """What came is cut off, wrongly packed, or not what was asked for."""


_BY_STATUS = {
    401: Failure.UNAUTHORIZED,
    403: Failure.FORBIDDEN,
    404: Failure.NOT_FOUND,
    410: Failure.NOT_FOUND,
    429: Failure.BUSY,
    503: Failure.UNAVAILABLE,
}
_ASK_AGAIN = (Failure.BUSY, Failure.UNAVAILABLE)


class OutboundError(Exception):
    """Something could not be read. It says why, and holds no address, token or text of another party."""

    def __init__(self, reason: Failure, *, again_after: float | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.again_after = again_after  # seconds after which to ask once more; None: do not


class _Session(requests.Session):
    """A session that keeps nothing and goes nowhere by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # callers share the session
        self.headers = requests.structures.CaseInsensitiveDict(
            {"User-Agent": "ketamine-cds", "Accept-Encoding": "gzip"}
        )
        self.mount("https://", CheckedAdapter(CONNECTIONS, CONNECTIONS))
        self.mount("http://", CheckedAdapter(CONNECTIONS, CONNECTIONS))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return None: requests would read the whole body of a redirect that it is not to follow."""
        return None


class Outbound:
    """Reads JSON over HTTP, from any number of threads; one of it serves a whole process.

    `allow_http_loopback` allows http to this machine, for development.
    """

    def __init__(self, *, allow_http_loopback: bool = False) -> None:
        self._allow_http_loopback = allow_http_loopback

    def get(
        self,
        url: str,
        *,
        deadline: float,
        max_bytes: int,
        accept: str,
        token: str | None = None,
        traceparent: str | None = None,
    ) -> bytes:
        """Return the body that `url` has at status 200; raise OutboundError.

        `deadline` is a time of `time.monotonic()`; looking up a name is the one thing that may outlive it.
        `max_bytes` limits the body unpacked. `token` goes to this address only, `traceparent` says to which
        trace the request belongs. A server that is busy, or that hangs up without an answer, is asked once
        more if the deadline allows it.
        """
        self.check(url)
        headers = {"Accept": accept} | ({"Authorization": f"Bearer {token}"} if token else {})
        headers |= {"traceparent": traceparent} if traceparent else {}
        asked = partial(self._session.get, url, headers=headers)
        try:
            return _once(asked, deadline, max_bytes)
        except OutboundError as error:
            pause = error.again_after
            if pause is None or time.monotonic() + pause >= deadline:
                raise
        time.sleep(pause)
        return _once(asked, deadline, max_bytes)

    def post_form(
        self, url: str, form: Mapping[str, str], *, deadline: float, max_bytes: int, accept: str
    ) -> bytes:
        """Return the body that answers `form` at status 200; raise OutboundError.

        Guarded like `get`, but sent once: what a form holds may be good for a single use.
        """
        self.check(url)
        asked = partial(self._session.post, url, data=form, headers={"Accept": accept})
        return _once(asked, deadline, max_bytes)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    @cached_property
    def _session(self) -> _Session:
        """Return the session, made at first use: a worker must not share its parent's connections."""
        return _Session()

    def check(self, url: str) -> None:
        """Raise OutboundError unless `url` itself is allowed."""
        found = _URL.fullmatch(url)
        if not found or not 0 < int(found["port"] or 443) < 65_536:
            raise OutboundError(Failure.NOT_ALLOWED)
        parts = urlsplit(url)
        if _UPWARDS.search(parts.path):
            raise OutboundError(Failure.NOT_ALLOWED)
        host = str(parts.hostname)
        address = _literal(host)
        if address and is_forbidden(address):
            raise OutboundError(Failure.ADDRESS)
        here = host == "localhost" or (address is not None and is_loopback(address))
        if found["scheme"] == "http" and not (here and self._allow_http_loopback):
            raise OutboundError(Failure.NOT_ALLOWED)


def _once(ask: Callable[..., requests.Response], deadline: float, max_bytes: int) -> bytes:
    left = deadline - time.monotonic()
    if left <= 0:
        raise OutboundError(Failure.TIMEOUT)
    within: Any = Timeout(total=left)  # connecting and reading together; the adapter's types leave it out
    try:
        with closing(ask(timeout=within, stream=True, allow_redirects=False)) as response:
            return _body(response, max_bytes)
    except (requests.RequestException, HTTPError, ForbiddenPeerError, OSError, ValueError) as error:
        failed = _outbound_error(error)
    raise failed  # outside of the handler, so that it does not carry along what names the address


def _body(response: requests.Response, max_bytes: int) -> bytes:
    _require_json(response)
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > max_bytes:
        raise OutboundError(Failure.TOO_LARGE)
    body = bytearray()
    for chunk in response.raw.stream(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > max_bytes:
            raise OutboundError(Failure.TOO_LARGE)
    return bytes(body)


def _require_json(response: requests.Response) -> None:
    status = response.status_code
    if status != requests.codes.ok:
        failure = _BY_STATUS.get(status) or _by_class(status)
        raise OutboundError(failure, again_after=_pause(response.headers) if failure in _ASK_AGAIN else None)
    if not _JSON.fullmatch(response.headers.get("Content-Type", "")):
        raise OutboundError(Failure.MEDIA)


def _by_class(status: int) -> Failure:
    match status // 100:
        case 3:
            return Failure.REDIRECT
        case 4:
            return Failure.REFUSED
        case 5:
            return Failure.BROKEN
        case _:
            return Failure.UNREADABLE


def _pause(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds the server asks to wait; None if unknown.

    A date is held against the server's own clock, so that ours need not be right.
    """
    wanted = headers.get("Retry-After", "").strip()
    if not wanted:
        return PAUSE
    if wanted.isdecimal():
        return max(float(wanted), PAUSE) if len(wanted) < 10 else None
    try:
        then, now = parsedate_to_datetime(wanted), parsedate_to_datetime(headers.get("Date", ""))
        return max((then - now).total_seconds(), PAUSE)
    except (ValueError, TypeError, OverflowError):
        return None


def _outbound_error(error: Exception) -> OutboundError:
    """Return the OutboundError for an error of the libraries."""
    match error:
        case ForbiddenPeerError():
            return OutboundError(Failure.ADDRESS)
        case requests.Timeout() | TimeoutError():
            return OutboundError(Failure.TIMEOUT)
        case requests.exceptions.SSLError() | SSLError():
            return OutboundError(Failure.TLS)
        case requests.exceptions.InvalidURL():
            return OutboundError(Failure.NOT_ALLOWED)
        case requests.ConnectionError():
            return OutboundError(Failure.CONNECT, again_after=0 if _hung_up(error) else None)
        case _:
            return OutboundError(Failure.UNREADABLE)


def _hung_up(error: requests.ConnectionError) -> bool:
    """Tell whether the server closed the connection before it answered, as with one that was idle."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, ProtocolError) and any(isinstance(arg, ConnectionError) for arg in cause.args)


def _literal(host: str) -> str | None:
    try:
        return str(ip_address(host))
    except ValueError:
        return None
