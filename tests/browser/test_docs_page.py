"""The API documentation in a real browser."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.answers import SETUPS


def test_the_page_leads_to_an_operation_and_its_schema(page: Page, service: str) -> None:
    """From the contents to an operation, and from there to the schema of its body."""
    page.goto(f"{service}/docs")
    page.get_by_role("navigation", name="On this page").get_by_role(
        "link", name="Cards about the chart that was opened"
    ).click()
    expect(page.locator("#patientView")).to_be_in_viewport()
    page.locator("#patientView").get_by_role("link", name="PatientViewRequest").click()
    expect(page.locator("#schema-PatientViewRequest")).to_be_in_viewport()


def test_an_example_unfolds_by_keyboard(page: Page, service: str) -> None:
    """An example opens with the return key and shows the whole body."""
    page.goto(f"{service}/docs")
    example = page.locator("#patientView details").first
    example.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(example.locator("pre")).to_contain_text('"hook": "patient-view"')


def test_the_page_needs_no_script(browser: Browser, service: str) -> None:
    """With scripts turned off every operation is there."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{service}/docs")
    expect(page.locator("#assess .method")).to_have_text("POST")
    context.close()


@pytest.mark.parametrize("told", [told for told, _ in SETUPS.values()])
def test_an_answer_is_sent_in_the_sandbox(page: Page, service: str, told: str) -> None:
    """Beside each example answer a link opens the sandbox with the call that gets it, as of today."""
    page.goto(f"{service}/docs")
    example = page.locator("#orderSign details").filter(has_text=told)
    example.locator("summary").click()
    (card,) = json.loads(example.locator("pre").inner_text())["cards"]
    example.get_by_role("link", name="Send in the sandbox").click()
    shown = page.locator("#cards article")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text(card["summary"])
    expect(page.locator("#status")).to_contain_text(re.compile("^1 card"))
