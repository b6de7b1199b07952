"""What came with a call and what was read afterwards, and the words for it in decision records."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.clinical.facts import Unread
from service.gather.lists import is_failure
from service.gather.replies import Reply, following_page
from service.outbound import Failure

_NOT_OFFERED = {f"failed:{failure}" for failure in (Failure.FORBIDDEN, Failure.NOT_FOUND, Failure.REFUSED)}
"""The server has no such list, or none for us: it will not have it a moment later either."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """The answers by prefetch key, sent and read together, each list with all its pages as one.

    Medications that were read stand under their `Type/id`. `failed` are the keys that were asked for in
    vain, `unread` the types of which, though asked for, nothing or only a part came. `completeness` says of
    each key of ours how its data came: "sent", "empty", "error", "first-page", "not-sent", "fetched",
    "fetched-partly" or "failed:<reason>".
    """

    replies: Mapping[str, Reply] = field(repr=False)
    failed: frozenset[str] = frozenset()
    unread: Mapping[str, Unread] = field(default_factory=dict)
    completeness: Mapping[str, str]


def sent_as(reply: Reply) -> str:
    """How the data of a key came that the caller sent."""
    if is_failure(reply):
        return "error"
    if following_page(reply) is not None:
        return "first-page"
    return "sent" if reply.sent or reply.inner else "empty"


def unread_as(word: str) -> Unread:
    """Why a list that was asked for did not come whole, by the word of decision records for it."""
    return Unread.NOT_OFFERED if word in _NOT_OFFERED else Unread.INTERRUPTED
