"""The basis pages in a real browser: readable in both sizes, light, dark, on paper, and without script."""

from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.watching import LAPTOP, Watch, watched_page

TABLET = ViewportSize(width=820, height=1180)
SHOWN = ["basis", "basis/safety", "basis/minimum-doses", "basis/flag-preg"]

CONTRAST = """() => {
  const light = (c) => { const s = c / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; };
  const rgb = (text) => text.match(/[0-9.]+/g).map(Number);
  const of = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const ground = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const found = rgb(getComputedStyle(one).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const node of document.querySelectorAll("main *, header *, footer *, nav *")) {
    if (![...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim())) continue;
    const [a, b] = [of(rgb(getComputedStyle(node).color)), of(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${node.tagName} ${node.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(faint)];
}"""


@pytest.mark.parametrize("path", [*SHOWN, "docs"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, TABLET], ids=["laptop", "tablet"])
def test_a_page_is_readable(
    browser: Browser, service: str, watch: Watch, path: str, dark: bool, size: ViewportSize
) -> None:
    """Text stands out from its ground, and the page is never wider than the window."""
    with watched_page(browser, watch, viewport=size, dark=dark) as page:
        page.goto(f"{service}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.evaluate(CONTRAST) == []
        expect(page.locator("h1")).to_have_count(1)
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map((one) => +one.tagName[1])")
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_pages_are_read_by_keyboard(page: Page, service: str) -> None:
    """The first stop of the tab key leads past the navigation; a rule is opened with the return key."""
    page.goto(f"{service}/basis")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.get_by_role("link", name="Gates", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gates")


def test_a_source_in_a_table_leads_to_its_citation(page: Page, service: str) -> None:
    """From a row to the publication behind it is one step on the same page."""
    page.goto(f"{service}/basis/minimum-doses")
    page.get_by_role("link", name="canmat-2023").first.click()
    expect(page).to_have_url(f"{service}/basis/minimum-doses#source-canmat-2023")
    expect(page.locator("#source-canmat-2023")).to_be_in_viewport()


def test_what_is_folded_is_told_on_paper(page: Page, service: str) -> None:
    """A printed page shows the codes that are folded on the screen."""
    page.goto(f"{service}/basis/safety")
    code = page.locator("details.codes li").first
    expect(code).to_be_hidden()
    page.emulate_media(media="print")
    assert page.evaluate("(one) => one.getBoundingClientRect().height > 0", code.element_handle())
    assert len(page.pdf()) > 10_000


def test_the_pages_need_no_script(browser: Browser, service: str) -> None:
    """With scripts turned off the page says the same."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{service}/basis/recommend")
    expect(page.get_by_role("heading", level=1)).to_have_text("Card: referral to be considered")
    expect(page.locator("dl.attributes > div")).to_have_count(13)
    context.close()
