"""The services that a server offers, and the discovery document that says so."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cds_hooks.cards import Card
from cds_hooks.contexts import HOOKS, tokens
from cds_hooks.prefetch import check_template
from cds_hooks.request import HookRequest
from cds_hooks.trust import CdsClient

HOOK_VERSION = "1.0"
"""Of each hook that is spoken here, as its published definition states it."""

_PATH_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*")


class CallOutcome(StrEnum):
    """The outcome of a call; a card may tell the user of any outcome except `answered`."""

    ANSWERED = "answered"
    STOPPED = "stopped"
    FAILED = "failed"
    REFUSED = "refused"


class StoppedError(Exception):
    """A service gave up a call on purpose, because it cost too much or its caller has hung up."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The cards that answer a call, most urgent first, and the application's own account of the call.

    `nothing` says in one line why there is no card; it is for testers.
    """

    cards: Sequence[Card]
    trace: object = None
    nothing: str = ""


Handler = Callable[[HookRequest, CdsClient], Reply]
"""What answers a call; it may raise a CallerError."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """A service as discovery describes it. `prefetch` has the queries by the key under which data come.

    They may be `dated` for a client that fills in days, as CDS Hooks 3 has it.
    """

    id: str
    hook: str
    title: str
    description: str
    prefetch: Mapping[str, str]
    usage_requirements: str | None = None
    version: str | None = None
    extension: Mapping[str, Any] = field(default_factory=dict)
    dated: bool = False

    def __post_init__(self) -> None:
        if not _PATH_SEGMENT.fullmatch(self.id):
            raise ValueError(f"service {self.id!r}: expected an id that is safe as one segment of a URL path")
        if self.hook not in HOOKS:
            raise ValueError(f"service {self.id}: expected a hook among {', '.join(HOOKS)}")
        for text in (self.title, self.description, self.usage_requirements, *self.prefetch):
            if text is not None and not text.strip():
                raise ValueError(f"service {self.id}: expected no empty text")
        for template in self.prefetch.values():
            check_template(template, tokens(self.hook), dated=self.dated)

    def to_json(self) -> dict[str, Any]:
        """Return the entry of discovery."""
        members = {
            "id": self.id,
            "hook": self.hook,
            "title": self.title,
            "description": self.description,
            "usageRequirements": self.usage_requirements,
            "version": self.version,
            "hookVersion": HOOK_VERSION,
            "prefetch": dict(self.prefetch),
            "extension": dict(self.extension),
        }
        return {name: value for name, value in members.items() if value}


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferedService:
    """A service and what answers its calls.

    `described` is how discovery tells it to a caller, if not to all the same. By `shared_id`, which several
    services of different hooks may have, it is called as well.
    """

    service: Service
    handler: Handler
    described: Callable[[Service, CdsClient], Service] | None = None
    shared_id: str | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The ids by which it may be called."""
        return frozenset({self.service.id, self.shared_id or self.service.id})

    def for_client(self, caller: CdsClient) -> Service:
        """Return the service as discovery describes it to a caller."""
        return self.described(self.service, caller) if self.described else self.service


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """One call and what became of it. `request` is None if its body could not be read; `seconds` it took."""

    service: Service
    caller: CdsClient
    body: bytes = field(repr=False)
    request: HookRequest | None
    outcome: CallOutcome
    status: int
    cards: Sequence[Card]
    trace: object
    seconds: float


def discovery(services: Sequence[Service]) -> dict[str, Any]:
    """Return the body of `GET /cds-services`.

    Raise ValueError if two services of one hook have the same id.
    """
    ids = [(service.id, service.hook) for service in services]
    if len(set(ids)) < len(ids):
        raise ValueError("expected every service of a hook to have an id of its own")
    return {"services": [service.to_json() for service in services]}
