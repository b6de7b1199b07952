"""The pictures of README: a card, a timeline, and a tour of half a minute through the sandbox.

They are taken in the sandbox of a running service, whose patients are made up:

    make pictures
"""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.apng import animated
from tests.browser.sandbox import cards, changed, opened, tab
from tests.browser.watching import chromium
from tests.served import running

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = ViewportSize(width=1360, height=760)
SHORT, LONG = 2500, 4500  # ms


def _drawn(page: Page) -> None:
    expect(page.locator("#picture svg")).to_be_visible(timeout=20_000)


def _card_and_timeline(page: Page, service: str) -> None:
    """Write the card of the plain case, and its timeline."""
    opened(page, service, patient="case-01", hook="patient-view")
    _drawn(page)
    cards(page).first.screenshot(path=FOLDER / "card.png")
    page.locator("#picture svg").screenshot(path=FOLDER / "timeline.png")


def _first_card(page: Page, service: str) -> None:
    opened(page, service, patient="case-01", hook="patient-view")
    _drawn(page)


def _changed_fact(page: Page, service: str) -> None:
    changed(page, "Score", "none")
    page.locator("#before summary").click()
    _drawn(page)


def _order(page: Page, service: str) -> None:
    opened(page, service, patient="case-24", hook="order-sign", order="esketamine")
    expect(cards(page).first.get_by_role("heading")).to_contain_text("contraindication")
    _drawn(page)


def _accepted(page: Page, service: str) -> None:
    tab(page, "Timeline")
    _first_card(page, service)
    expect(page.locator("#banner strong")).to_have_text("Alder, Adam")
    cards(page).first.get_by_role("button", name="Draft a referral").click()
    expect(cards(page).first).to_contain_text("Feedback was sent")
    _drawn(page)


def _signed(page: Page, service: str) -> None:
    cards(page).first.get_by_role("button", name="Sign this referral").click()
    expect(cards(page).first.get_by_role("heading")).to_contain_text("Referral for esketamine/ketamine")
    _drawn(page)


def _suicide_risk(page: Page, service: str) -> None:
    opened(page, service, patient="case-26", hook="patient-view")
    expect(cards(page)).to_have_count(2)
    _drawn(page)


STEPS: tuple[tuple[Callable[[Page, str], None], int], ...] = (
    (_first_card, LONG),
    (_changed_fact, LONG),
    (_order, LONG),
    (lambda page, _: tab(page, "Call"), SHORT),
    (lambda page, _: tab(page, "Request"), SHORT),
    (_accepted, LONG),
    (_signed, LONG),
    (_suicide_risk, LONG),
)


def _tour(page: Page, service: str) -> bytes:
    """Return the tour: what each step leads to, for so many milliseconds."""
    frames = []
    for step, shown in STEPS:
        step(page, service)
        frames.append((page.screenshot(), shown))
    return animated(frames)


def main() -> None:
    """Take the pictures anew."""
    FOLDER.mkdir(exist_ok=True)
    with running({"KETAMINE_CDS_MODE": "development"}) as service, chromium() as browser:
        plain = browser.new_page(viewport=ViewportSize(width=1600, height=1200))
        _card_and_timeline(plain, service.url)
        page = browser.new_page(viewport=SIZE)
        (FOLDER / "tour.png").write_bytes(_tour(page, service.url))


if __name__ == "__main__":
    main()
