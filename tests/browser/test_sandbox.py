"""The sandbox in a real browser: what a tester chooses, sends and sees."""

import json
import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, ViewportSize, expect

from service.web.sandbox.setups import read_patients
from tests.browser.sandbox import answered, cards, changed, filled, opened, request, response, sent, tab
from tests.browser.watching import LAPTOP, Watch, watched_page

PATIENTS = [patient.id for patient in read_patients()]
TABLET = ViewportSize(width=820, height=1180)
FAULTS = (
    ("", 1, 1, "expected a value"),
    ('{"a": 1,}', 1, 9, "expected the name of a member in double quotes"),
    ('{"a" 1}', 1, 6, "expected a colon"),
    ("[1 2]", 1, 4, "expected a comma or ]"),
    ('{"a": {"b": [1, 2}}', 1, 18, "expected a comma or ]"),
    ('{\n\t"a": tru\n}', 2, 7, "expected a value"),
    ('{"a": "x\ny"}', 1, 7, "expected a string that is closed, on one line"),
    ("{} {}", 1, 4, "expected nothing more"),
    ("{'a': 1}", 1, 2, "expected the name of a member in double quotes"),
    ('[01, "\\x"]', 1, 2, "expected a value"),
    ('{"a": [', 1, 8, "expected a value"),
)
ANNOUNCED = re.compile(r"no card|[0-9]+ cards?, answered", re.IGNORECASE)


def test_every_patient_gives_a_sensible_answer(page: Page, service: str) -> None:
    """Each has a name, an answer, and a card with a detail or the reason why there is none."""
    opened(page, service)
    for patient in PATIENTS:
        if patient != PATIENTS[0]:
            changed(page, "Patient", patient)
        expect(page.locator("#banner strong")).not_to_be_empty()
        expect(page.locator("#figures")).to_contain_text("200")
        if cards(page).count():
            expect(cards(page).first.locator(".detail p").first).not_to_be_empty()
        else:
            expect(page.locator("#cards")).to_contain_text("No card. Nothing said because")


def test_the_whole_way_by_keyboard(page: Page, service: str) -> None:
    """From the skip link to an accepted suggestion, without a mouse; the focus is always to be seen."""
    opened(page, service)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the cards")).to_be_focused()
    _tab_to(page, "#patient")
    _tab_to(page, "[name=hook]:checked")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="order-sign")).to_be_checked()
    _tab_to(page, "#order")
    page.keyboard.type("Esketamine")
    expect(page.get_by_label("Order (with the order hooks)")).to_have_value("esketamine")
    expect(cards(page).first.get_by_role("heading")).to_contain_text("Esketamine order")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(cards(page).first.get_by_role("heading")).to_contain_text("2 failed trials")
    _tab_to(page, "article button")
    page.keyboard.press("Enter")
    expect(cards(page).first.get_by_text("Accepted: Draft a referral")).to_be_visible()
    expect(cards(page).first).to_contain_text("Feedback was sent and kept (200)")
    _tab_to(page, "article summary")
    page.keyboard.press("Enter")
    expect(cards(page).first.locator("details pre")).to_contain_text('"resourceType": "ServiceRequest"')


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there; every stop on the way can be seen."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")


def test_a_changed_fact_changes_the_card(page: Page, service: str) -> None:
    """The page says what the card was before."""
    opened(page, service, patient="case-01", hook="patient-view")
    expect(cards(page).first).to_have_attribute("data-level", "info")
    changed(page, "Blood pressure", "high")
    expect(cards(page).first).to_have_attribute("data-level", "warning")
    expect(page.locator("#before")).to_contain_text("Before: Consider referral")
    changed(page, "Blood pressure", "none")
    expect(cards(page).first.get_by_role("heading")).to_contain_text("blood pressure", ignore_case=True)


def test_cards_are_shown_as_markdown_and_as_plain_text(page: Page, service: str) -> None:
    """Plain text is the detail, character by character."""
    opened(page, service, patient="case-01")
    detail = response(page)["cards"][0]["detail"]
    expect(cards(page).first.locator(".detail strong").first).to_be_visible()
    page.get_by_text("Plain text", exact=True).click()
    assert cards(page).first.locator(".detail pre").text_content() == detail


def test_an_overridden_card_is_not_shown_again(page: Page, service: str) -> None:
    """Not to the same user on the same facts, which the page says; to another user it is."""
    opened(page, service, patient="case-15")
    expect(page.locator("#figures")).to_contain_text(
        re.compile(r"In the service\s*[0-9]")
    )  # its record is written
    card = cards(page).first
    card.get_by_label("Reason to override").select_option(label="Not what the patient wants")
    card.get_by_role("button", name="Override").click()
    expect(card).to_contain_text("Overridden: Not what the patient wants. Feedback was sent and kept (200).")
    card.get_by_role("button", name="Send the same call again").click()
    expect(page.locator("#cards")).to_contain_text("Not shown again: recommend")
    expect(cards(page)).to_have_count(0)
    page.get_by_role("button", name="Be another user").click()
    expect(cards(page)).to_have_count(1)


def test_an_ignored_card_sends_nothing(page: Page, service: str) -> None:
    """It says so, and can be shown again."""
    opened(page, service, patient="case-01")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(urlsplit(one.url).path))
    cards(page).first.get_by_role("button", name="Ignore").click()
    expect(cards(page).first.locator(".detail")).to_be_hidden()
    cards(page).first.get_by_role("button", name="Show it").click()
    expect(cards(page).first.locator(".detail")).to_be_visible()
    assert not [path for path in asked if path.endswith("feedback")]


def test_what_was_sent_and_what_the_record_says(page: Page, service: str) -> None:
    """Each prefetch key with its state in the request and in the record; times and the request id."""
    opened(page, service, patient="case-01", sent="partly")
    rows = page.locator("#keys tr")
    expect(rows).to_have_count(15)
    expect(rows.filter(has_text="observations").first).to_contain_text("null")
    expect(rows.filter(has_text="procedures")).to_contain_text("missing")
    expect(rows.filter(has_text="procedures")).to_contain_text("not sent, not fetched")
    expect(rows.filter(has_text="conditions")).to_contain_text("used as sent")
    expect(page.locator("#figures")).to_contain_text(re.compile(r"In the service\s*[0-9.]+ ms"))
    expect(page.locator("#figures")).to_contain_text(re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}"))


def test_a_link_brings_back_the_set_up(page: Page, service: str) -> None:
    """It holds ids and nothing else; unknown ids in it are passed over."""
    opened(page, service)
    changed(page, "Patient", "case-28")
    changed(page, "Pregnancy", "no")
    address = page.get_by_label("Link to this set-up").input_value()
    assert urlsplit(address).fragment == "patient=case-28&hook=patient-view&pregnancy=no"
    assert urlsplit(page.url).fragment == urlsplit(address).fragment
    asked = request(page)["prefetch"]
    page.goto("about:blank")
    opened(page, service, **dict(part.split("=") for part in urlsplit(address).fragment.split("&")))
    assert request(page)["prefetch"] == asked
    page.goto("about:blank")
    opened(page, service, patient="<b>nobody</b>", hook="none", other="x")
    expect(page.get_by_label("Patient", exact=True)).to_have_value(PATIENTS[0])


def test_another_link_starts_from_the_record(page: Page, service: str) -> None:
    """What the new link does not name is as recorded, though the page stays open."""
    opened(page, service, patient="case-01", pressure="high")
    page.goto(f"{service}/sandbox#patient=case-02")
    expect(page.locator("#banner strong")).to_have_text("Ash, Ben")
    expect(page.get_by_label("Blood pressure", exact=True)).to_have_value("")


def test_links_of_cards_lead_to_the_web(page: Page, service: str) -> None:
    """In a tab of their own; a SMART app is named, for only an EHR can launch it."""
    links = [
        {"label": "Guide", "url": "https://example.org/guide", "type": "absolute"},
        {"label": "Evidence", "url": "https://example.org/launch", "type": "smart"},
    ]

    def with_links(route: Route) -> None:
        answer = route.fetch()
        found = answer.json()
        found["cards"][0]["links"] = links
        route.fulfill(response=answer, json=found)

    page.route("**/cds-services/ketamine-referral-patient-view", with_links)
    opened(page, service, patient="case-01")
    expect(cards(page).first.get_by_role("link", name="Guide")).to_have_attribute(
        "rel", "noopener noreferrer"
    )
    expect(cards(page).first.locator(".links")).to_contain_text("Evidence (a SMART app: an EHR launches it)")
    expect(cards(page).first.get_by_role("link", name="Evidence")).to_have_count(0)


def test_an_edited_request_has_no_link(page: Page, service: str) -> None:
    """It may be about a real person: nothing of it gets into an address."""
    opened(page, service, patient="case-01")
    filled(page, json.dumps(request(page)).replace("Alder", "Somebody"))
    assert page.get_by_label("Link to this set-up").input_value() == ""
    assert urlsplit(page.url).fragment == ""
    page.get_by_role("button", name="Send this body").click()
    expect(page.locator("#banner strong")).to_have_text("Somebody, Adam")
    page.get_by_role("button", name="Back to the set-up").click()
    expect(page.locator("#banner strong")).to_have_text("Alder, Adam")


def test_a_fault_in_json_is_found(page: Page, service: str) -> None:
    """Line and column are said, the place is selected, and nothing is sent."""
    opened(page, service)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    body = '{\n  "hook": "patient-view",\n  "context": }\n}'
    filled(page, body)
    page.get_by_role("button", name="Send this body").click()
    expect(page.locator("#body-error")).to_contain_text("Line 3, column 14")
    expect(page.locator("#status")).to_contain_text("Not sent: Line 3, column 14")
    expect(cards(page)).to_have_count(0)
    expect(page.locator("#banner")).to_be_empty()
    expect(page.get_by_label("Body (JSON)")).to_be_focused()
    expect(page.get_by_label("Body (JSON)")).to_have_attribute("aria-invalid", "true")
    assert page.evaluate("document.getElementById('body').selectionStart") == body.index("}")
    assert not [one for one in asked if one.endswith("patient-view")]


def test_where_json_breaks_off(page: Page, service: str) -> None:
    """The same place and the same words in every browser."""
    opened(page, service)
    for text, *expected in FAULTS:
        found = page.evaluate("async text => (await import('/static/sandbox/json.js')).jsonFault(text)", text)
        assert [found["line"], found["column"], found["message"]] == expected, text


def test_a_refused_call_says_where_it_is_wrong(page: Page, service: str, watch: Watch) -> None:
    """The status and the path of each member at fault, as the OperationOutcome names them."""
    path = "/cds-services/ketamine-referral-patient-view"
    watch.refusals.add(path)
    opened(page, service)
    sent(page, '{"hook": "patient-view"}')
    expect(page.locator("#refusal")).to_contain_text("Refused with 400.")
    expect(page.locator("#refusal")).to_contain_text("hookInstance")
    expect(cards(page)).to_have_count(0)


def test_a_call_without_data_is_refused(page: Page, service: str, watch: Watch) -> None:
    """Nothing prefetched and no server to read: 412, and the page says what is missing."""
    watch.refusals.add("/cds-services/ketamine-referral-patient-view")
    opened(page, service, patient="case-01", sent="nothing")
    expect(page.locator("#refusal")).to_contain_text("Refused with 412.")
    expect(page.locator("#keys tr").filter(has_text="patient").first).to_contain_text("missing")


def _bundle(name: str) -> str:
    """The record of the first patient as a Bundle, under another name."""
    entries = [{"resource": resource} for resource in read_patients()[0].resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).replace(
        "Alder", name
    )


def test_a_bundle_becomes_a_call(page: Page, service: str) -> None:
    """Of the hook that is chosen, with the order; and of another one as soon as that is chosen."""
    opened(page, service, patient="case-24")
    sent(page, _bundle("Own"))
    expect(page.locator("#banner strong")).to_have_text("Own, Adam")
    expect(cards(page).first.get_by_role("heading")).to_contain_text("Consider referral")
    assert request(page)["hook"] == "patient-view"
    assert urlsplit(page.url).fragment == ""
    page.get_by_text("order-sign", exact=True).click()
    expect(cards(page).first.get_by_role("heading")).to_contain_text("Sertraline 100 mg, 90 days")
    expect(page.locator("#banner strong")).to_have_text("Own, Adam")
    expect(page.locator("#evidence")).to_contain_text("Assessment: recommend", timeout=20_000)
    changed(page, "Patient", "case-24")
    expect(page.locator("#own")).to_have_count(0)
    expect(page.locator("#banner strong")).not_to_have_text("Own, Adam")


def test_a_bundle_of_nobody_is_refused(page: Page, service: str, watch: Watch) -> None:
    """What was shown before is gone, and the reason stands in its place."""
    watch.refusals.add("/sandbox/request")
    opened(page, service, patient="case-01")
    filled(page, json.dumps({"resourceType": "Bundle", "entry": []}))
    page.get_by_role("button", name="Send this body").click()
    expect(page.locator("#refusal")).to_contain_text("Bundle.entry: expected exactly one Patient")
    expect(cards(page)).to_have_count(0)


def test_a_file_is_opened_and_sent(page: Page, service: str) -> None:
    """A captured request is sent as it is."""
    opened(page, service, patient="case-01")
    captured = json.dumps(request(page)).replace("Alder", "Captured")
    file = FilePayload(name="call.json", mimeType="application/json", buffer=captured.encode())
    page.get_by_label("Own data").set_input_files(file)
    expect(page.locator("#banner strong")).to_have_text("Captured, Adam")


DROP = """([text, name]) => {
    const carried = new DataTransfer();
    carried.items.add(new File([text], name, { type: "application/json" }));
    const drop = new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true });
    document.querySelector("h1").dispatchEvent(drop);
}"""


def test_a_file_is_dropped_anywhere(page: Page, service: str) -> None:
    """A Bundle is sent; what is no JSON is named with line and column, and nothing of the last call stays."""
    opened(page, service, patient="case-01")
    page.evaluate(DROP, [_bundle("Dropped"), "record.json"])
    expect(page.locator("#banner strong")).to_have_text("Dropped, Adam")
    expect(page.get_by_label("Patient", exact=True)).to_have_value("own")
    page.evaluate(DROP, ["# A heading", "README.md"])
    expect(page.locator("#body-error")).to_have_text("README.md: Line 1, column 1: expected a value")
    expect(cards(page)).to_have_count(0)
    expect(page.locator("#evidence")).to_be_empty()


def test_the_referral_is_signed(page: Page, service: str) -> None:
    """After it was accepted, and checked like any order."""
    opened(page, service, patient="case-01")
    cards(page).first.get_by_role("button", name="Draft a referral").click()
    cards(page).first.get_by_role("button", name="Sign this referral").click()
    expect(cards(page).first.get_by_role("heading")).to_contain_text("Referral for esketamine/ketamine")
    signed = request(page)
    assert signed["hook"] == "order-sign"
    assert signed["context"]["draftOrders"]["entry"][0]["resource"]["resourceType"] == "ServiceRequest"


def test_back_leads_to_the_set_up_before(page: Page, service: str) -> None:
    """As on every page, and forward again."""
    opened(page, service, patient="case-01")
    changed(page, "Patient", "case-24")
    changed(page, "Score", "none")
    page.go_back()
    expect(page.get_by_label("Score", exact=True)).to_have_value("")
    page.go_back()
    expect(page.locator("#banner strong")).to_have_text("Alder, Adam")
    page.go_forward()
    expect(page.get_by_label("Patient", exact=True)).to_have_value("case-24")


def test_what_changed_on_the_card_is_told(page: Page, service: str) -> None:
    """Line by line: what is gone and what is new."""
    opened(page, service, patient="case-01", hook="patient-view")
    changed(page, "Score", "none")
    page.locator("#before summary").click()
    expect(page.locator("#before del").first).to_contain_text("Consider referral")
    expect(page.locator("#before ins").first).to_contain_text("cannot be judged yet")
    changed(page, "Score", "")
    changed(page, "Patient", "case-02")
    expect(page.locator("#before")).to_be_hidden()


def test_patients_are_found_by_what_they_show(page: Page, service: str) -> None:
    """By words of the title, the purpose and the card; the chosen one says what it is for."""
    opened(page, service, patient="case-01")
    expect(page.locator("#purpose")).to_contain_text("the plain case")
    expect(page.locator("#purpose")).to_contain_text("a card on a referral to consider")
    page.get_by_label("Find a patient").fill("suicide risk")
    expect(page.locator("#filter-said")).to_have_text(f"1 of {len(PATIENTS)} patients")
    changed(page, "Patient", "case-26")
    expect(page.locator("#purpose")).to_contain_text("a card on suicide risk, then findings to weigh")
    page.get_by_label("Find a patient").fill("")
    expect(page.locator("#patient option")).to_have_count(len(PATIENTS))


def test_the_call_is_copied_for_a_terminal(page: Page, service: str) -> None:
    """As a command that sends the same body to the same service."""
    opened(page, service, patient="case-01", hook="order-sign", order="esketamine")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab(page, "Request")
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator("#edited")).to_contain_text("Copied")
    command = page.evaluate("navigator.clipboard.readText()")
    assert f"'{service}/cds-services/ketamine-referral-order-sign'" in command
    body = command.partition("\n")[2].rpartition("\nEND_OF_CALL")[0]
    assert json.loads(body) == request(page)


def test_what_a_request_lacks_is_listed(page: Page, service: str) -> None:
    """Each key with how it is lacking, and their number on the tab."""
    opened(page, service, patient="case-01", sent="partly")
    expect(page.locator("#lack-count")).to_contain_text("lacking")
    tab(page, "Call")
    expect(page.locator("#lacks li").filter(has_text="procedures")).to_contain_text("not sent")
    expect(page.locator("#lacks li").filter(has_text="observations").first).to_contain_text("null")
    changed(page, "Sent data", "")
    expect(page.locator("#lacks")).to_contain_text("This request lacks nothing")


def test_tabs_are_led_by_arrow_keys(page: Page, service: str) -> None:
    """One stop for the tab key; arrows, Home and End go along and show the panel."""
    opened(page, service, patient="case-01")
    page.get_by_role("tab", name="Timeline").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel", name="Policies")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator("#response")).to_be_visible()
    expect(page.get_by_role("tab", name="Response")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Timeline")).to_have_attribute("aria-selected", "true")


def test_the_timeline_shows_its_evidence(page: Page, service: str) -> None:
    """The picture comes with its words for screen readers, and with a table of the same trials."""
    opened(page, service, patient="case-01")
    picture = page.locator("#picture svg")
    expect(picture).to_be_visible(timeout=20_000)
    assert "sertraline" in (picture.locator("desc").first.text_content() or "")
    titles = picture.locator("title").all_text_contents()
    assert any("MedicationRequest/" in title for title in titles)
    expect(page.locator("#evidence")).to_contain_text("MedicationDispense/case-1-disp3")


def test_policies_are_compared_side_by_side(page: Page, service: str) -> None:
    """A few at first, any of them by a click, each cell a word; the choice stays for another patient."""
    opened(page, service, patient="case-01")
    tab(page, "Policies")
    table = page.get_by_role("region", name="Policies side by side")
    expect(table.get_by_role("columnheader")).to_have_count(6)
    expect(table.get_by_role("row", name="Antidepressant trials")).to_contain_text("met")
    expect(page.locator("#policies-picture svg")).to_be_visible()
    page.get_by_role("button", name="None", exact=True).click()
    expect(page.locator("#compared")).to_contain_text("No policy is chosen")
    page.get_by_label("qualchoice", exact=True).check()
    expect(table.get_by_role("columnheader", name="qualchoice")).to_be_visible()
    expect(page.locator("#compared")).to_contain_text("Augmentation")
    changed(page, "Patient", "case-15")
    expect(page.get_by_label("qualchoice", exact=True)).to_be_checked()
    expect(table.get_by_role("columnheader")).to_have_count(2)


@pytest.mark.parametrize("wide", [1280, 360])
def test_the_timeline_is_drawn_as_wide_as_its_place(browser: Browser, service: str, wide: int) -> None:
    """It is never shrunk: a narrow place is scrolled, and its hatches are those of the file."""
    watch = Watch(origins={service})
    with watched_page(browser, watch, viewport={"width": wide, "height": 900}, dark=True) as page:
        opened(page, service, patient="case-01")
        picture = page.locator("#picture svg")
        expect(picture).to_be_visible(timeout=20_000)
        place = page.evaluate("document.getElementById('picture').clientWidth")
        assert picture.evaluate("each => each.getBoundingClientRect().width") == max(place, 720)
        assert picture.locator("path[data-name=hatch]").count() >= 2
        ground = picture.locator("rect").first.evaluate("each => getComputedStyle(each).fill")
        assert ground == "rgb(28, 35, 32)"
        assert page.evaluate("document.documentElement.scrollWidth") <= wide


@pytest.mark.parametrize("viewport", [LAPTOP, TABLET], ids=["laptop", "tablet"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_fits_the_screen(browser: Browser, service: str, viewport: ViewportSize, dark: bool) -> None:
    """No part is wider than the page, and no control is smaller than 24 pixels."""
    watch = Watch(origins={service})
    with watched_page(browser, watch, viewport=viewport, dark=dark) as page:
        opened(page, service, patient="case-29", hook="order-sign", order="esketamine")
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        boxes = [one.bounding_box() for one in page.locator("select, button, textarea").all()]
        assert all(box is None or box["height"] >= 24 for box in boxes)


@pytest.mark.parametrize("wide", [1280, 800])
def test_every_hook_is_seen_beside_a_scroll_bar(browser: Browser, service: str, wide: int) -> None:
    """A scroll bar that takes room of the set-up, as in Firefox on Linux, cuts nothing of it off."""
    watch = Watch(origins={service})
    with watched_page(browser, watch, viewport={"width": wide, "height": 900}) as page:
        opened(page, service, patient="case-01")
        cut_off = page.locator("#setup").evaluate(
            "each => { each.style.borderRight = '16px solid'; return each.scrollWidth - each.clientWidth; }"
        )
        assert cut_off == 0


def test_long_words_of_a_card_fit_a_small_phone(browser: Browser, service: str) -> None:
    """At 320 pixels a first line breaks within "esketamine/ketamine" rather than widening the page."""
    watch = Watch(origins={service})
    with watched_page(browser, watch, viewport={"width": 320, "height": 700}) as page:
        opened(page, service, patient="case-26")
        assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_printed_card_begins_where_the_page_does(page: Page, service: str) -> None:
    """A long card may break over pages: it leaves none behind that is empty but for its title."""
    opened(page, service, patient="case-01")
    page.emulate_media(media="print")
    breaks = "each => getComputedStyle(each).breakInside"
    assert page.locator("#cards article").evaluate(breaks) == "auto"


def test_the_page_can_be_read_aloud(page: Page, service: str) -> None:
    """Landmarks, one first heading, a name for every control, and a status that tells the number of cards."""
    opened(page, service, patient="case-26")
    expect(page.get_by_role("status").filter(has_text=ANNOUNCED)).to_be_visible()
    assert page.get_by_role("heading", level=1).count() == 1
    for role in ("banner", "main", "contentinfo", "navigation"):
        assert page.locator(f"role={role}").count() == 1, role
    assert page.get_by_role("form", name="Set-up").is_visible()
    assert page.get_by_role("region", name="What the clinician sees").is_visible()
    for role in ("button", "combobox", "textbox", "radio"):
        for control in page.locator(f"role={role}").all():
            assert _name(control.aria_snapshot()), control.aria_snapshot()


def _name(snapshot: str) -> str:
    """The accessible name in `- button "Send again"`."""
    found = re.search(r'"(.+?)"', snapshot)
    return found[1] if found else ""


def test_nothing_is_sent_twice_for_one_choice(page: Page, service: str) -> None:
    """One choice makes one call of the service."""
    opened(page, service, patient="case-01")
    called: list[str] = []
    page.on("request", lambda one: called.append(one.url) if "/cds-services/" in one.url else None)
    changed(page, "Patient", "case-02")
    answered(page)
    assert len(called) == 1
