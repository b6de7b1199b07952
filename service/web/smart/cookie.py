"""The one cookie of this service: it brings a launch from the EHR's launch to the EHR's answer.

EHRs show apps in frames, where the app is a third party: there a browser keeps a cookie that says
`SameSite=None`, and some only one that is `Partitioned` by the page around it. That other sites may have it
sent is no danger: without the state of the same launch it opens nothing. Over plain http, which is for
trying on one machine, browsers accept neither: the cookie is `Lax`, and frames of other sites do without it.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Request
from werkzeug.wrappers import Response

from service.web.smart.flow import LIFE_SECONDS

R = TypeVar("R", bound=Response)


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowCookie:
    """How the cookie is named and kept; `secure` where browsers reach the service by https."""

    secure: bool

    @property
    def name(self) -> str:
        """With `__Host-` no other host, and no page without TLS, can set it."""
        return "__Host-smart-launch" if self.secure else "smart-launch"

    def set(self, response: Response, value: str) -> None:
        """Have the browser keep `value` for as long as a launch may take."""
        response.set_cookie(self.name, value, max_age=LIFE_SECONDS, **self._kept())

    def forget(self, response: R) -> R:
        """Have the browser delete the cookie."""
        response.delete_cookie(self.name, **self._kept())
        return response

    def value(self, request: Request) -> str:
        """Return the value that the browser sent; "" if it sent no cookie."""
        return request.cookies.get(self.name, "")

    def _kept(self) -> dict[str, Any]:
        same_site = "None" if self.secure else "Lax"
        kept = {"secure": self.secure, "samesite": same_site, "partitioned": self.secure}
        return {"path": "/", "httponly": True, **kept}
