"""No page, in any state, has a fault that axe-core knows of: contrast, names, roles, structure, targets."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.sandbox import cards, filled, opened, tab
from tests.browser.watching import LAPTOP, Watch, watched_page

AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
PHONE = ViewportSize(width=320, height=640)
POLICIES = ["basis/criteria", "basis/criteria/qualchoice"]
PAGES = ["", "health", "basis", "basis/minimum-doses", "basis/document", *POLICIES, "docs", "no-such-page"]
LONG = {"basis/document", "docs"}
OF_PAGES = "basis/document"  # its parts are those of the pages of rules, on which contrast is looked at
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FOUND = """async ([runOnly, contrast]) => {
  const rules = { "color-contrast": { enabled: contrast } };
  const { violations } = await axe.run(document, { runOnly, rules, resultTypes: ["violations"] });
  const places = (nodes) => nodes.map((one) => one.html).join(" | ").slice(0, 400);
  return violations.map(({ id, nodes }) => `${id}: ${places(nodes)}`);
}"""


def faults(page: Page, *, contrast: bool = True) -> list[str]:
    """Return what axe-core finds on a page as it stands, with or without what takes most of its time."""
    assert AXE.is_file(), "`npm ci` has not been run in tests/browser/axe"
    page.evaluate(AXE.read_text(encoding="utf-8"))  # within the page's policy, which lets no script in
    found: list[str] = page.evaluate(FOUND, [RULES, contrast])
    return found


def _plain(page: Page) -> None:
    page.get_by_text("Plain text", exact=True).click()


def _accepted(page: Page) -> None:
    cards(page).first.get_by_role("button", name="Draft a referral").click()
    cards(page).first.locator("summary").click()


def _overridden(page: Page) -> None:
    cards(page).first.get_by_role("button", name="Override").click()
    expect(cards(page).first).to_contain_text("Overridden")


def _compared(page: Page) -> None:
    page.get_by_label("Score", exact=True).select_option("none")
    page.locator("#before summary").click()


def _faulty(page: Page) -> None:
    filled(page, '{"hook": }')
    page.get_by_role("button", name="Send this body").click()
    expect(page.locator("#body-error")).to_contain_text("Line 1")


def _refused(page: Page) -> None:
    filled(page, '{"hook": "patient-view"}')
    page.get_by_role("button", name="Send this body").click()
    expect(page.locator("#refusal")).to_contain_text("Refused")


def _drawn(page: Page) -> None:
    expect(page.locator("#picture svg")).to_be_visible(timeout=20_000)


def _compared_policies(page: Page) -> None:
    tab(page, "Policies")
    expect(page.get_by_role("region", name="Policies side by side")).to_be_visible()
    page.get_by_role("button", name="All", exact=True).click()


STATES: dict[str, Callable[[Page], None]] = {
    "plain": _plain,
    "accepted": _accepted,
    "overridden": _overridden,
    "compared": _compared,
    "faulty": _faulty,
    "refused": _refused,
    "drawn": _drawn,
    "policies": _compared_policies,
    "call": lambda page: tab(page, "Call"),
    "request": lambda page: tab(page, "Request"),
    "response": lambda page: tab(page, "Response"),
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_fault(browser: Browser, service: str, path: str) -> None:
    """On a laptop in the light, and on a telephone in the dark; long pages in the latter alone."""
    watch = Watch(origins={service}, refusals={f"/{path}"})
    sizes = ((PHONE, True),) if path in LONG else ((LAPTOP, False), (PHONE, True))
    for size, dark in sizes:
        with watched_page(browser, watch, viewport=size, dark=dark) as page:
            page.goto(f"{service}/{path}")
            assert faults(page, contrast=path != OF_PAGES) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize("state", STATES)
def test_the_sandbox_has_no_fault_in_any_state(browser: Browser, service: str, state: str) -> None:
    """Whatever a tester has done in it, on a laptop in the dark or on a telephone in the light, in turns."""
    watch = Watch(origins={service}, refusals={"/cds-services/ketamine-referral-patient-view"})
    size, dark = ((LAPTOP, True), (PHONE, False))[list(STATES).index(state) % 2]
    with watched_page(browser, watch, viewport=size, dark=dark) as page:
        opened(page, service, patient="case-01", hook="patient-view")
        STATES[state](page)
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize(
    "setup", ["patient=case-26", "patient=case-02", "patient=case-24&hook=order-sign&order=esketamine"]
)
def test_every_kind_of_card_has_no_fault(browser: Browser, service: str, setup: str) -> None:
    """Suicide risk, no card, a critical order."""
    with watched_page(browser, Watch(origins={service})) as page:
        opened(page, service, **dict(part.split("=") for part in setup.split("&")))
        assert faults(page) == []
