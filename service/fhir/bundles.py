"""One answer of a server, or one Bundle of a caller: which resources it holds and what it says of itself."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from mappings.remarks import Remark, say
from service.clinical.facts import Unreadable
from service.fhir.resources import AnyResource, Bundle, Entry, Link, OperationOutcome, Resource

_DEEPEST = 1  # a Bundle of search results may hold Bundles, no more


class ReceivedResource(Struct, frozen=True, gc=False):
    """A resource, its place, and whether it was only included with the requested ones.

    It is entry `number` of the Bundle `name`, or, as number 0, what `name` says.
    """

    resource: Resource
    name: str
    number: int = 0
    url: str = ""
    included: bool = False

    @property
    def place(self) -> str:
        """Its place, in words."""
        return place_of(self.number, self.name) if self.number else self.name


class BundleContents(Struct, frozen=True, kw_only=True, gc=False):
    """The contents of one answer. `listed`: it can stand for a list (a Bundle, a resource, or null).

    `total` is the number of resources that the sender reports.
    """

    listed: bool
    total: float = 0
    sent: tuple[ReceivedResource, ...] = ()
    outcomes: tuple[OperationOutcome, ...] = ()
    links: tuple[Link, ...] = ()
    inner: tuple["BundleContents", ...] = ()
    set_aside: tuple[Unreadable, ...] = ()


def collected(
    pieces: Iterable[ReceivedResource | OperationOutcome | BundleContents | None],
    links: tuple[Link, ...],
    total: float | None,
) -> BundleContents:
    """Return the contents of a Bundle with these pieces."""
    sent: list[ReceivedResource] = []
    outcomes: list[OperationOutcome] = []
    inner: list[BundleContents] = []
    for piece in pieces:
        if isinstance(piece, ReceivedResource):
            sent.append(piece)
        elif isinstance(piece, OperationOutcome):
            outcomes.append(piece)
        elif piece is not None:
            inner.append(piece)
    return BundleContents(
        listed=True,
        total=total or 0,
        sent=tuple(sent),
        outcomes=tuple(outcomes),
        inner=tuple(inner),
        links=links,
    )


def of_bundle(bundle: Bundle, name: str, depth: int = 0) -> BundleContents:
    """Return the Reply of a well-formed Bundle."""
    if depth > _DEEPEST:
        return unusable(f"Bundle ({name})", say(Remark.NESTED_BUNDLE))
    pieces = (of_entry(entry, name, number, depth) for number, entry in enumerate(bundle.entry, start=1))
    return collected(pieces, bundle.link, bundle.total)


def of_entry(
    entry: Entry, name: str, number: int, depth: int
) -> ReceivedResource | OperationOutcome | BundleContents | None:
    """Return the contents of a well-formed entry, number `number` of the Bundle `name`.

    An inner Bundle is an answer of its own.
    """
    resource = entry.resource
    if resource is None or isinstance(resource, OperationOutcome):
        return resource
    if isinstance(resource, Bundle):
        return of_bundle(resource, place_of(number, name), depth + 1)
    included = entry.search is not None and entry.search.mode == "include"
    return ReceivedResource(resource, name, number, entry.full_url, included)


def of_resource(resource: Resource, name: str) -> BundleContents:
    """Return the Reply of one resource where a Bundle was expected."""
    if isinstance(resource, OperationOutcome):
        return BundleContents(listed=False, outcomes=(resource,))
    return BundleContents(
        listed=True, sent=(ReceivedResource(resource, name or say(Remark.SINGLE_RESOURCE)),)
    )


def unusable(reference: str, reason: str) -> BundleContents:
    """Return the Reply of something unusable."""
    return BundleContents(listed=False, set_aside=(Unreadable(reference=reference, reason=reason),))


def place_of(number: int, name: str) -> str:
    """Return the place of a resource, in words."""
    return say(Remark.ENTRY_OF, number=number, name=name) if name else say(Remark.ENTRY, number=number)


KINDS: dict[type, str] = {kind: str(kind.__struct_config__.tag) for kind in AnyResource.__args__}
"""The FHIR resource type of each of our types."""


def kind_of(resource: Resource) -> str:
    """Return the FHIR resource type."""
    return KINDS[type(resource)]


def label(kind: str, identity: str, place: str, url: str) -> str:
    """Return `Type/id`, from the fullUrl when the resource carries no id, else its type and its place."""
    if identity:
        return f"{kind}/{identity}"
    parts = url.split("/")
    return f"{kind}/{parts[-1]}" if parts[-2:-1] == [kind] else f"{kind} ({place})"


def shortened(key: str) -> str:
    """Return a prefetch key, which a client chooses freely, shortened for a sentence."""
    return key if len(key) <= 40 else key[:39] + "…"


def flat(replies: Iterable[BundleContents]) -> Iterator[BundleContents]:
    """Yield the replies and those inside them."""
    for reply in replies:
        yield reply
        yield from flat(reply.inner)


def following_page(reply: BundleContents) -> str | None:
    """Return the address of the next page, None at the end of the list."""
    return next((link.url for link in reply.links if link.relation == "next"), None)


def joined(pages: Sequence[BundleContents]) -> BundleContents:
    """Return the pages of one list as one, with the next page of the last."""
    if len(pages) == 1:
        return pages[0]
    return BundleContents(
        listed=all(page.listed for page in pages),
        total=max(page.total for page in pages),
        sent=tuple(received for page in pages for received in page.sent),
        outcomes=tuple(outcome for page in pages for outcome in page.outcomes),
        links=pages[-1].links,
        inner=tuple(inner for page in pages for inner in page.inner),
        set_aside=tuple(broken for page in pages for broken in page.set_aside),
    )
