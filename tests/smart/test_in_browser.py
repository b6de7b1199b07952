"""The app in a real browser: from the EHR's launch to the page, on the screen, in a frame, and on paper."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_axe import faults
from tests.browser.watching import Watch, watched_page
from tests.smart.ehr import Answer, Ehr

MARKUP = "<img src=x onerror=document.title='planted'><b class=planted>"
PAGE_OF_A_PDF = re.compile(rb"/Type\s*/Page\b(?!s)")


@pytest.fixture
def watch(app_url: str, hospital: Ehr) -> Watch:
    """The three origins that a launch goes through."""
    return Watch(origins={app_url, hospital.fhir, hospital.auth})


@pytest.fixture
def page(browser: Browser, watch: Watch) -> Iterator[Page]:
    """A page that stays on them."""
    with watched_page(browser, watch) as opened:
        yield opened


def test_a_launch_shows_the_evidence(page: Page, hospital: Ehr, app_url: str) -> None:
    """Timeline, ledger, flags and gaps, without a script."""
    page.goto(hospital.launch(app_url))
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Evidence for a ketamine or esketamine referral"
    )
    conclusion = page.get_by_role("region", name="The record supports considering a referral")
    expect(conclusion).to_contain_text("2 failed trials")
    trials = page.get_by_role("table").first
    expect(trials).to_contain_text("venlafaxine")
    assert trials.get_by_role("row").count() == 3
    expect(page.locator("figure svg").first).to_be_visible()
    expect(page.get_by_role("heading", name="What the record does not tell")).to_be_visible()
    assert hospital.faults == []
    assert page.locator("script").count() == 0
    assert page.context.cookies() == []


def test_it_needs_no_script(browser: Browser, hospital: Ehr, app_url: str) -> None:
    """Nor does any part of the launch."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(hospital.launch(app_url))
    expect(page.get_by_role("table").first).to_contain_text("sertraline")
    context.close()


def test_by_keyboard(page: Page, hospital: Ehr, app_url: str) -> None:
    """The first stop leads to the conclusion; the picture and wide tables can be scrolled."""
    page.goto(hospital.launch(app_url))
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the conclusion")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_id("conclusion")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class("timeline")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("aria-label", "Table of trials")


def test_loaded_again_it_says_what_to_do(page: Page, hospital: Ehr, app_url: str, watch: Watch) -> None:
    """There is nothing left to show it from."""
    page.goto(hospital.launch(app_url))
    watch.refusals.add("/smart/callback")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("The evidence view could not be opened")
    expect(page.get_by_text("shown already")).to_be_visible()


def test_two_launches_at_once(page: Page, hospital: Ehr, app_url: str, watch: Watch) -> None:
    """The later one counts; the earlier one never shows the wrong patient."""
    hospital.instead["/auth/authorize"] = lambda: Answer(body=b"<title>log in</title>", media="text/html")
    page.goto(hospital.launch(app_url))
    first = page.url
    hospital.instead.clear()
    another = page.context.new_page()
    another.goto(hospital.launch(app_url))
    watch.refusals.add("/smart/callback")
    page.goto(first)
    expect(page.locator("code")).to_have_text("expired")


def test_in_a_frame_of_the_ehr(page: Page, hospital: Ehr, app_url: str) -> None:
    """Where most EHRs show apps."""
    hospital.framed = hospital.launch(app_url)
    page.goto(f"{hospital.fhir}/chart")
    inside = page.frame_locator("iframe")
    expect(inside.get_by_role("table").first).to_contain_text("sertraline")


def test_not_in_a_frame_of_anybody_else(browser: Browser, hospital: Ehr, app_url: str) -> None:
    """The authorization server is another origin than the FHIR server, and not on the list."""
    context = browser.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    hospital.framed = hospital.launch(app_url)
    page.goto(f"{hospital.auth}/chart")
    page.wait_for_timeout(1500)
    assert any("frame-ancestors" in text for text in refused)
    context.close()


def test_markup_in_every_text_shows_as_text(page: Page, hospital: Ehr, app_url: str) -> None:
    """Whatever string of the record it stands in."""
    hospital.resources = [_planted(one) for one in hospital.resources]
    page.goto(hospital.launch(app_url))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator(".planted, img").count() == 0
    assert page.title() == "Evidence for a ketamine or esketamine referral"
    expect(page.locator(".patient")).to_contain_text("<b class=planted>")


def _planted(value: Any, key: str = "") -> Any:
    """The same with markup at the end of every text that is no code, date, id, address or reference."""
    if isinstance(value, dict):
        planted = {name: _planted(inner, name) for name, inner in value.items()}
        if value.get("resourceType") == "Patient":
            planted |= {"name": [{"text": f"Jane {MARKUP}"}], "gender": f"female{MARKUP}"}
            planted["identifier"] = [{"value": f"4711{MARKUP}"}]
        return planted
    if isinstance(value, list):
        return [_planted(inner, key) for inner in value]
    free = key in {"display", "text", "title", "name", "description", "patientInstruction", "unit"}
    return value + MARKUP if isinstance(value, str) and free else value


def test_policies_stand_side_by_side(page: Page, hospital: Ehr, app_url: str) -> None:
    """Criteria as rows, policies as columns, folded away until someone asks, each in words below.

    Opened, it has no fault that axe-core knows of, also on a telephone, where the table scrolls by itself.
    """
    page.goto(hospital.launch(app_url))
    table = page.get_by_role("region", name="Policies side by side")
    expect(table).to_be_hidden()
    page.get_by_text("Policies side by side").click()
    expect(table.get_by_role("columnheader", name="label-us")).to_be_visible()
    expect(table.get_by_role("row", name="Antidepressant trials")).to_contain_text("✓ met")
    expect(page.get_by_role("img", name="Which course counts for which policy")).to_be_visible()
    expect(page.locator("#policy-nice-ta854")).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 640})
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_paper_it_fills_two_pages_at_most(page: Page, hospital: Ehr, app_url: str, tmp_path: Path) -> None:
    """A4 and letter."""
    page.goto(hospital.launch(app_url))
    for size in ("A4", "Letter"):
        printed = page.pdf(format=size, prefer_css_page_size=False, print_background=True)
        assert 1 <= len(PAGE_OF_A_PDF.findall(printed)) <= 2, size


def test_on_paper_no_letter_of_the_picture_is_below_seven_points(
    page: Page, hospital: Ehr, app_url: str
) -> None:
    """A4 between the margins of the style sheet is 703 pixels wide; a pixel is three quarters of a point."""
    page.goto(hospital.launch(app_url))
    page.set_viewport_size({"width": 703, "height": 1000})
    page.emulate_media(media="print")
    picture = page.locator(".timeline svg").first
    shown = picture.evaluate("each => each.getBoundingClientRect().width / each.viewBox.baseVal.width")
    sizes = picture.locator("text").evaluate_all("all => all.map(each => +each.getAttribute('font-size'))")
    assert min(sizes) * shown * 0.75 >= 7


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 820])
def test_nothing_is_wider_than_the_screen(
    browser: Browser, watch: Watch, hospital: Ehr, app_url: str, width: int, dark: bool
) -> None:
    """But for tables, which scroll by themselves."""
    viewport = {"width": width, "height": 800 if width == 1280 else 1180}
    with watched_page(browser, watch, viewport=viewport, dark=dark) as page:  # type: ignore[arg-type]  # a ViewportSize
        page.goto(hospital.launch(app_url))
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_fault_is_readable(page: Page, hospital: Ehr, app_url: str, watch: Watch) -> None:
    """Without a record."""
    hospital.instead["/auth/token"] = lambda: Answer(status=400)
    watch.refusals.add("/smart/callback")
    page.goto(hospital.launch(app_url))
    expect(page.get_by_role("heading", level=1)).to_have_text("The evidence view could not be opened")
    expect(page.locator("code")).to_have_text("token-refused")
