"""One query and its pages, as they come."""

from collections.abc import Callable

from msgspec.structs import replace

from service.fetch.http_client import Failure, OutboundError
from service.fetch.server import following
from service.fhir.bundles import BundleContents, following_page, joined, kind_of, shortened
from service.fhir.completeness import is_failure
from service.fhir.decode import kind_of_json, read_reply

MOST_PAGES = 50
"""Of one list: at 20 to 100 entries a page, as servers make them, more than can be read in seconds."""

Get = Callable[[str], bytes]
"""Reads an address; raises OutboundError."""


class PagedQuery:
    """One query: pages are added by the thread that reads it, another may look at any time.

    `url` is where the answer begins, `base` the server it is on, `asked` the type of the answer and `kind`
    that of the resources in it. Where the caller `sent` the first page, reading goes on from there.
    """

    def __init__(
        self, name: str, *, url: str, base: str, asked: str, kind: str, sent: BundleContents | None = None
    ) -> None:
        self._name, self._url, self._base = name, url, base
        self._asked, self._kind = asked, kind
        self._pages: list[BundleContents] = [] if sent is None else [sent]
        self._failure: Failure | None = None

    def read(self, get: Get) -> None:
        """Read as far as the links lead, and keep the failure that stops it, if any."""
        done: set[str] = set()
        try:
            while (url := self._next()) is not None:
                if url in done or len(self._pages) >= MOST_PAGES:
                    raise OutboundError(Failure.TOO_LARGE)
                done.add(url)
                self._pages.append(self._page(get(url)))
        except OutboundError as error:
            self._failure = error.reason

    def result(self) -> tuple[BundleContents | None, str]:
        """Return the pages so far as one answer, and its state in the words of decision records.

        An incomplete answer says so itself, by a link to the next page.
        """
        pages = tuple(self._pages)
        reply = joined(pages) if pages else None
        if reply is None:
            return None, f"failed:{self._failure or Failure.TIMEOUT}"
        if is_failure(reply):  # a number of resources, and none of them
            return None, f"failed:{Failure.UNREADABLE}"
        if following_page(reply) is None:
            return reply, "fetched"
        return reply, "fetched-partly"

    def _next(self) -> str | None:
        """Return the address to read next, None at the end; raise OutboundError if it is not allowed."""
        if not self._pages:
            return self._url
        written = following_page(self._pages[-1])
        return None if written is None else following(written, self._base)

    def _page(self, raw: bytes) -> BundleContents:
        """Return the page in `raw`; raise OutboundError if it is not what was asked for."""
        if kind_of_json(raw) != self._asked:
            raise OutboundError(Failure.UNREADABLE)
        number = len(self._pages) + 1
        name = shortened(self._name)
        page = read_reply(raw, name if number == 1 else f"{name}, page {number}")
        kinds = {kind_of(received.resource) for received in page.sent if not received.included}
        if is_failure(replace(page, total=0)) or (kinds and self._kind not in kinds):
            raise OutboundError(Failure.UNREADABLE)
        return page
