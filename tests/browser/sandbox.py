"""What tests of the sandbox do in it: open a set-up, wait for its answer, read what is shown."""

import json
import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

Json = dict[str, Any]

ANSWERED = re.compile(r"answered in|Refused")


def opened(page: Page, service: str, **setup: str) -> None:
    """Open a set-up by its link, and wait for the answer."""
    fragment = "&".join(f"{name}={value}" for name, value in setup.items())
    page.goto(f"{service}/sandbox#{fragment}")
    answered(page)


def answered(page: Page) -> None:
    """Wait until the answer to the last call is shown, and what the record says of it."""
    expect(page.get_by_role("status").filter(has_text=ANSWERED)).to_be_visible()


def cards(page: Page) -> Locator:
    """The cards."""
    return page.locator("#cards article")


def request(page: Page) -> Json:
    """The request as it stands in the editor."""
    found: Json = json.loads(page.get_by_label("Body (JSON)").input_value())
    return found


def response(page: Page) -> Json:
    """The response as it is shown."""
    found: Json = json.loads(page.locator("#response").inner_text())
    return found


def tab(page: Page, name: str) -> None:
    """Open one of the tabs beside the cards."""
    page.get_by_role("tab", name=name).click()


def filled(page: Page, body: str) -> None:
    """Put a body into the editor."""
    tab(page, "Request")
    page.get_by_label("Body (JSON)").fill(body)


def sent(page: Page, body: str) -> None:
    """Put a body into the editor and send it."""
    filled(page, body)
    with page.expect_response(lambda one: one.request.method == "POST"):
        page.get_by_role("button", name="Send this body").click()
    answered(page)


def changed(page: Page, label: str, choice: str) -> None:
    """Choose something in the set-up, and wait for the answer."""
    with page.expect_response(lambda one: "/cds-services/" in one.url and one.request.method == "POST"):
        page.get_by_label(label, exact=True).select_option(choice)
    answered(page)
