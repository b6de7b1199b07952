"""What browser tests share: a page that stays on the service and has no faults."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.watching import Watch, watched_page


@pytest.fixture
def watch(service: str) -> Watch:
    """What is looked for on `page`; a test adds to `refusals` the paths whose calls it has refused."""
    return Watch(origins={service})


@pytest.fixture
def page(browser: Browser, watch: Watch) -> Iterator[Page]:
    """A page that fails the test on errors in its console or scripts, and on requests to other origins."""
    with watched_page(browser, watch) as opened:
        yield opened
