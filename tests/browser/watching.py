"""A real Chromium, and pages in it that are watched: for faults, and for calls that go elsewhere."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LAPTOP = ViewportSize(width=1280, height=800)
REFUSED = "Failed to load resource"
"""How Chromium's console opens the line about an answer with an error status."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """What went wrong on a page; `refusals` are the paths whose calls the test means to have refused."""

    origins: Collection[str]
    refusals: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        """Note an error or a warning, except a refusal that was meant."""
        meant = message.text.startswith(REFUSED) and urlsplit(message.location["url"]).path in self.refusals
        if message.type in {"error", "warning"} and not meant:
            self.faults.append(f"console: {message.text} ({message.location['url']})")

    def request(self, request: Request) -> None:
        """Note a request that leaves the origins; data: and blob: stay within the page."""
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and f"{parts.scheme}://{parts.netloc}" not in self.origins:
            self.faults.append(f"left its origin: {request.url}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@contextmanager
def watched_page(
    browser: Browser, watch: Watch, *, viewport: ViewportSize = LAPTOP, dark: bool = False
) -> Iterator[Page]:
    """A page of its own context, which fails the test in the end when anything went wrong on it."""
    context = browser.new_context(
        viewport=viewport, color_scheme="dark" if dark else "light", reduced_motion="reduce"
    )
    context.on("console", lambda message: watch.console(message))
    context.on("weberror", lambda error: watch.faults.append(f"page: {error.error}"))
    context.on("request", lambda request: watch.request(request))
    try:
        yield context.new_page()
    finally:
        context.close()
    assert not watch.faults, "\n".join(watch.faults)
