"""Headers that every answer carries, whatever made it: a layer around the WSGI application."""

from collections.abc import Collection, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of a page of ours: nothing from elsewhere, and nothing inline."""

_ALWAYS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    (
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
]
_FRAMED_BY_NOBODY = ("X-Frame-Options", "DENY")
_NOBODY = "frame-ancestors 'none'"
_OF_A_PATIENT = [("Cache-Control", "no-store")]
_OVER_TLS = [("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]


def with_security_headers(app: WSGIApplication, *, tls: bool, static: Collection[str]) -> WSGIApplication:
    """Return `app` with headers against sniffing, framing and, except for the paths `static`, caching.

    A header that an answer brings itself stays as it is: a page says what it loads, a file how long it keeps.
    """
    always = [*_ALWAYS, *(_OVER_TLS if tls else [])]

    def secured(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        kept = always if environ.get("PATH_INFO") in static else always + _OF_A_PATIENT

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            own = {name.lower(): value for name, value in headers}
            added = [(name, value) for name, value in kept if name.lower() not in own]
            if _NOBODY in own.get("content-security-policy", _NOBODY):
                added.append(_FRAMED_BY_NOBODY)  # it cannot name who may, as the policy of a page can
            return start_response(status, headers + added, *failure)

        return app(environ, start)

    return secured
