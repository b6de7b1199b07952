"""Headers that every answer carries, whatever made it: a layer around the WSGI application."""

from collections.abc import Collection, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_ALWAYS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    (
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    ("X-Frame-Options", "DENY"),
]
_OF_A_PATIENT = [("Cache-Control", "no-store")]
_OVER_TLS = [("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]


def with_security_headers(app: WSGIApplication, *, tls: bool, static: Collection[str]) -> WSGIApplication:
    """`app`, whose answers no browser guesses at, frames, or keeps, except those of the paths `static`."""
    always = [*_ALWAYS, *(_OVER_TLS if tls else [])]

    def secured(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        kept = always if environ.get("PATH_INFO") in static else always + _OF_A_PATIENT

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            return start_response(status, headers + kept, *failure)

        return app(environ, start)

    return secured
