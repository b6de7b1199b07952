"""What a caller can do wrong, as exceptions; the web layer turns each into a status and an OperationOutcome.

    CallerError
    ├── BadRequestError       400  the body is not what was asked for
    │   ├── NotJsonError      400  it cannot even be read as JSON
    │   └── MismatchError     400  its only fault: it is of another hook known here, or has no orders
    ├── UnknownServiceError   404  no service has this id
    ├── LateBodyError         408  the body did not come whole in time
    ├── MissingDataError      412  data without which there is no answer did not come and cannot be had
    ├── BodyTooLargeError     413  more bytes than this server reads
    ├── MediaTypeError        415  the body is declared as something else than the JSON that is read here
    ├── TooCostlyError        422  the body takes longer to read than it may
    ├── TooManyCallsError     429  the caller has to wait before it calls again
    └── UnavailableError      503  what was sent could not be kept; the same is welcome later

UnauthorizedError (401) stands with the tokens that it refuses, in `cds_hooks.trust`. An application adds its
own below CallerError: a status, a FHIR issue code, and the text when raised.
Texts say what was expected and where, and never repeat what came: that may be about a patient.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Self

from cds_hooks.outcome import Issue

WHOLE_BODY = "$this"
"""The path of the body itself."""


class CallerError(Exception):
    """The caller has to change the request; nothing is wrong with the record or with this service."""

    status: ClassVar[int]
    code: ClassVar[str]
    headers: Mapping[str, str] = MappingProxyType({})
    trace: object = None  # the application's own account of the call that it refuses, as in `Reply`

    def __init__(self, text: str, *, expression: str | None = None, diagnostics: str | None = None) -> None:
        super().__init__(text)
        self.issues: Sequence[Issue] = (
            Issue(code=self.code, text=text, expression=expression, diagnostics=diagnostics),
        )

    def __str__(self) -> str:
        return "; ".join(map(str, self.issues))


class BadRequestError(CallerError):
    """The body is not what was asked for: `expression` is the path of the member in it."""

    status = 400
    code = "value"

    @classmethod
    def of(cls, issues: Sequence[Issue]) -> Self:
        """Return the refusal of a body in which several members are wrong."""
        error = cls("several members are wrong")
        error.issues = issues
        return error


class NotJsonError(BadRequestError):
    """The body cannot be read as JSON."""

    code = "structure"

    def __init__(self, text: str, *, diagnostics: str | None = None) -> None:
        super().__init__(text, expression=WHOLE_BODY, diagnostics=diagnostics)


class MismatchError(BadRequestError):
    """The call does not fit its service: it is of another hook that is offered here, or has no orders.

    Nothing else is wrong with it, so that an application may answer it with a card that says so.
    """


class UnknownServiceError(CallerError):
    """No service of this server has the id in the address."""

    status = 404
    code = "not-found"


class LateBodyError(CallerError):
    """The body did not arrive completely in the time that the server waits for it."""

    status = 408
    code = "timeout"


class MissingDataError(CallerError):
    """Data that the service cannot do without were not prefetched and cannot be fetched."""

    status = 412
    code = "incomplete"


class BodyTooLargeError(CallerError):
    """The body holds more bytes than this server reads."""

    status = 413
    code = "too-long"


class MediaTypeError(CallerError):
    """The headers declare a body that is not read here."""

    status = 415
    code = "not-supported"


class TooCostlyError(CallerError):
    """The body takes longer to read than it may."""

    status = 422
    code = "too-costly"


class TooManyCallsError(CallerError):
    """The caller calls more often than this server answers; it may call again in `seconds`."""

    status = 429
    code = "throttled"

    def __init__(self, seconds: int) -> None:
        super().__init__("expected fewer calls a minute", expression="http.Retry-After")
        self.headers = {"Retry-After": str(seconds)}


class UnavailableError(CallerError):
    """What was sent is in order, yet it could not be kept: the same is welcome in `seconds`."""

    status = 503
    code = "transient"

    def __init__(self, text: str, seconds: int) -> None:
        super().__init__(text, expression="http.Retry-After")
        self.headers = {"Retry-After": str(seconds)}
