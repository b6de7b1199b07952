"""What captured calls reveal about an EHR: how it signs, and what it sends, skips and pages."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cds_hooks.bearer import BearerToken, read_token
from cds_hooks.errors import BadRequestError
from cds_hooks.request import HookRequest, read_request, require_whole_leave
from cds_hooks.trust import UnauthorizedError
from service.doctor.captures import Capture
from service.fhir.completeness import MAY_BE_MISSING, MEDICINES
from service.fhir.decode import read_replies
from service.fhir.prefetch import Asked
from service.fhir.received import as_sent

CAME = ("sent", "empty", "first-page")
"""Words for a key by which the EHR has shown that it has the list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One readable call: the state of each requested key, and the keys that nobody asked for."""

    request: HookRequest
    states: Mapping[str, str]
    others: tuple[str, ...]
    whole_leave: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureFindings:
    """Findings from all captures together.

    `refused` says why bodies could not be read. `advertised` are the prefetch keys in the EHR's own copy of
    discovery; None where none was captured.
    """

    asked: Asked
    calls: tuple[Call, ...]
    refused: tuple[str, ...] = ()
    tokens: tuple[BearerToken, ...] = field(default=(), repr=False)
    bad_tokens: int = 0
    unsigned: int = 0
    advertised: frozenset[str] | None = None

    def states(self, key: str) -> Counter[str]:
        """Return the states in which a key came, each with its count."""
        return Counter(call.states[key] for call in self.calls)

    def never(self) -> tuple[str, ...]:
        """Return the requested resource types of which nothing ever came."""
        known = [key for key in self.asked.kinds if self.advertised is None or key in self.advertised]
        kinds = {self.asked.kinds[key] for key in known} if self.calls else set()
        came = {
            self.asked.kinds[key] for call in self.calls for key, word in call.states.items() if word in CAME
        }
        return tuple(sorted(kinds - came))

    def not_offered(self) -> tuple[str, ...]:
        """Return the missing types that an entry may list; at least one list of medicines has to stay."""
        found = [kind for kind in self.never() if kind in MAY_BE_MISSING]
        if set(MEDICINES) <= set(found):
            found = [kind for kind in found if kind not in MEDICINES]
        return tuple(found)

    def templates(self) -> Mapping[str, str | None]:
        """Return templates for an EHR whose data suggest that it searches observations only by category."""
        by_code = [key for key in self.asked.templates if key.startswith("observations")]
        failed = bool(self.calls) and not any(self.states(key)[word] for key in by_code for word in CAME)
        listed = self.advertised is None or any(key in self.advertised for key in by_code)
        by_category = (
            any(self.states("surveys")[word] for word in CAME) if "surveys" in self.asked.kinds else False
        )
        return dict(BY_CATEGORY) if failed and listed and by_category else {}


BY_CATEGORY: Mapping[str, str | None] = {
    "observations": "Observation?patient={{context.patientId}}"
    "&category=vital-signs,survey,laboratory,social-history,exam",
    "surveys": None,
}


def findings(captures: Sequence[Capture], asked: Asked) -> CaptureFindings:
    """Return what `captures` show about an EHR that is `asked` for data."""
    calls: list[Call] = []
    refused: list[str] = []
    for body in (capture.body for capture in captures if capture.body is not None):
        try:
            calls.append(_call(read_request(body), asked))
        except BadRequestError as error:
            refused.append(
                "; ".join(f"{issue.expression or 'the body'}: {issue.text}" for issue in error.issues)
            )
    tokens = [token for capture in captures if (token := _token(capture.authorization))]
    signed = [capture for capture in captures if capture.authorization is not None]
    return CaptureFindings(
        asked=asked,
        calls=tuple(calls),
        refused=tuple(refused),
        tokens=tuple(tokens),
        bad_tokens=len(signed) - len(tokens),
        unsigned=sum(capture.signed and capture.authorization is None for capture in captures),
        advertised=_advertised_keys(
            capture.discovery for capture in captures if capture.discovery is not None
        ),
    )


def lacking_scopes(scope: str, kinds: Iterable[str]) -> tuple[str, ...]:
    """Return the resource types that a SMART scope, of version 1 or 2, gives no leave to read."""
    granted = {name for part in scope.split() if (name := _readable(part))}
    return tuple(sorted(kind for kind in set(kinds) if kind not in granted and "*" not in granted))


def _readable(scope: str) -> str | None:
    """Return the resource type that a scope allows to search, "*" for all."""
    who, _, what = scope.partition("/")
    kind, _, may = what.partition(".")
    may = may.partition("?")[0]
    searches = may in ("read", "*") or (set(may) <= set("cruds") and "s" in may)
    return kind if who in ("patient", "user", "system") and searches else None


def _call(request: HookRequest, asked: Asked) -> Call:
    sent = as_sent(read_replies(request.prefetch), asked)
    try:
        require_whole_leave(request)
        whole = request.authorization is not None
    except BadRequestError:
        whole = False
    others = tuple(sorted(key for key in request.prefetch if key not in asked.templates))
    return Call(request=request, states=sent.completeness, others=others, whole_leave=whole)


def _token(authorization: str | None) -> BearerToken | None:
    try:
        return read_token(authorization)
    except UnauthorizedError:
        return None


def _advertised_keys(documents: Iterable[Mapping[str, Any]]) -> frozenset[str] | None:
    """Return the prefetch keys that the captured copies of discovery list."""
    keys: set[str] = set()
    seen = False
    for document in documents:
        for service in document["services"]:
            seen = True
            prefetch = service.get("prefetch") if isinstance(service, Mapping) else None
            keys.update(prefetch if isinstance(prefetch, Mapping) else ())
    return frozenset(keys) if seen else None
