"""Cross-origin calls, so that browser-based clients can reach every path: a layer around a WSGI application.

It is outside of the application because a refusal or a failure needs its headers as much as an answer does,
and because a preflight, which carries no token, must not meet authentication.
"""

from collections.abc import Collection, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

ANY_ORIGIN = "*"

_ALLOWED = [
    ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type"),  # `*` would not cover Authorization
    ("Access-Control-Max-Age", "600"),
]
_EXPOSED = [("Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate, X-Nothing-Said, X-Request-Id")]


def with_cors(app: WSGIApplication, origins: Collection[str]) -> WSGIApplication:
    """Return `app`, open to pages of `origins`, each as browsers write it (`https://ehr.example`), or `*`."""

    def shared(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        added = _headers(environ.get("HTTP_ORIGIN"), origins)
        if _is_preflight(environ):
            start_response("204 No Content", added + _ALLOWED)
            return []

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            return start_response(status, headers + added + _EXPOSED, *failure)

        return app(environ, start)

    return shared


def _headers(origin: str | None, origins: Collection[str]) -> list[tuple[str, str]]:
    """Return the headers that name the allowed origin and tell caches that the answer depends on it."""
    if ANY_ORIGIN in origins:
        return [("Access-Control-Allow-Origin", ANY_ORIGIN)]
    if origin is not None and origin in origins:
        return [("Vary", "Origin"), ("Access-Control-Allow-Origin", origin)]
    return [("Vary", "Origin")]


def _is_preflight(environ: WSGIEnvironment) -> bool:
    return (
        environ["REQUEST_METHOD"] == "OPTIONS"
        and "HTTP_ORIGIN" in environ
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    )
