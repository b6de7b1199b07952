"""The data sent with a call or read afterwards, and the words for it in decision records."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.clinical.facts import FetchFailure
from service.fhir.bundles import BundleContents, following_page
from service.fhir.completeness import is_failure
from service.fhir.prefetch import Asked


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """The answers by prefetch key, sent and read together, each list with all its pages as one.

    Medications that were read stand under their `Type/id`. `failed` are the keys that were asked for in
    vain, `failures` the types of which, though asked for, nothing or only a part came. `completeness` says of
    each key of `asked` how its data came: "sent", "empty", "error", "first-page", "not-sent", "fetched",
    "fetched-partly" or "failed:<reason>".
    """

    asked: Asked
    replies: Mapping[str, BundleContents] = field(repr=False)
    failed: frozenset[str] = frozenset()
    failures: Mapping[str, FetchFailure] = field(default_factory=dict)
    completeness: Mapping[str, str]


def sent_as(reply: BundleContents) -> str:
    """Return how the data of a key arrived that the caller sent."""
    if is_failure(reply):
        return "error"
    if following_page(reply) is not None:
        return "first-page"
    return "sent" if reply.sent or reply.inner else "empty"


def as_sent(sent: Mapping[str, BundleContents], asked: Asked, otherwise: str = "not-sent") -> Fetched:
    """Return the data of a call where nothing can be fetched.

    `otherwise` is the word for keys that were not sent.
    """
    words = {key: sent_as(sent[key]) if key in sent else otherwise for key in asked.templates}
    return Fetched(asked=asked, replies=sent, completeness=words)
