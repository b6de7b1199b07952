"""Text stays text: Markdown is rendered as CommonMark says, and no record becomes part of the page."""

import json
from typing import Any

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Page, expect

from service.web.sandbox.setups import read_patients
from tests.browser.sandbox import Json, cards, opened, request, sent
from tests.browser.watching import Watch

MARKUP = '"><img src=x onerror="window.injected=1"><script>window.injected=1</script><b>bold</b>'
LINK = "[click](javascript:window.injected=1) ![i](https://elsewhere.example/x.png) <svg onload=injected=1>"
SERVICE = "/cds-services/ketamine-referral-patient-view"
KEPT = {
    "resourceType",
    "hook",
    "hookInstance",
    "patientId",
    "userId",
    "encounterId",
    "reference",
    "id",
    "system",
}
TEXTS = {"text", "display", "family", "given", "gender"}

OUTLINE = """html => {
  const outline = node => node.nodeType === Node.TEXT_NODE
    ? node.data
    : `<${node.localName}${node.localName === "a" ? " " + node.getAttribute("href") : ""}>`
      + [...node.childNodes].map(outline).join("") + `</${node.localName}>`;
  const tidy = text => text.replace(/\\s+/g, " ").replace(/> /g, ">").replace(/ </g, "<").trim();
  return tidy([...html].map(outline).join(""));
}"""
OURS = f"""async text => {{
  const {{ rendered }} = await import("/static/sandbox/markdown.js");
  return ({OUTLINE})(rendered(text));
}}"""
THEIRS = f"""html => ({OUTLINE})(new DOMParser().parseFromString(html, "text/html").body.childNodes)"""

SNIPPETS = [
    "plain text\nin two lines",
    "one\n\ntwo",
    "**strong** and *emphasis* and __strong__ and _emphasis_",
    "snake_case_words and 2*3*4",
    "a \\*literal\\* star, a \\[bracket\\] and a back\\\\slash",
    "`code *as is*` and ``a ` tick``",
    "- one\n- two\n  - below\n  - again\n- three",
    "- one\n\n- two, loose",
    "1. first\n2. second",
    "3. third\n4. fourth",
    "before\n- interrupts",
    "- item\n  with a second line\n- next",
    "> quoted\n> more",
    "```\ncode **here**\n```",
    "---",
    "line  \nbreak",
    "line\\\nbreak",
    "[text](https://example.org/a?b=c) and <https://example.org>",
    "&amp; &lt;b&gt; &quot; &#35; &#x22;",
    "<b>raw</b> & <script>alert(1)</script>",
    "**unclosed, and *this too",
    "**strong with *emphasis* inside**",
    "5 < 6 and 7 > 4",
    "trailing backslash \\",
    "- a\n- b\n\nafter",
    "* star\n+ plus",
]


def test_markdown_is_rendered_as_commonmark(page: Page, service: str) -> None:
    """The elements are those that a CommonMark renderer makes which shows HTML as text.

    So it is with snippets of each construct, and with each card that the services really show.
    """
    opened(page, service)
    renderer = MarkdownIt("commonmark", {"html": False})
    for text in (*SNIPPETS, *_details(page, service)):
        assert page.evaluate(OURS, text) == page.evaluate(THEIRS, renderer.render(text))


def _details(page: Page, service: str) -> list[str]:
    """The detail of each card about each patient, on the chart and with an order of esketamine."""
    found = []
    for patient in read_patients():
        for query in ("hook=patient-view", "hook=order-sign&order=esketamine"):
            asked = page.request.get(f"{service}/sandbox/request?patient={patient.id}&{query}").json()
            answer = page.request.post(
                f"{service}/cds-services/ketamine-referral-{asked['hook']}", data=asked
            )
            found += [card["detail"] for card in answer.json()["cards"]]
    assert len(found) > 40
    return found


def test_markup_in_every_text_of_a_patient_shows_as_text(page: Page, service: str) -> None:
    """Names, displays and texts: the patient is still assessed, and the page is as it was."""
    opened(page, service, patient="case-29")
    sent(page, json.dumps(_spoilt(request(page), TEXTS)))
    expect(page.locator("#figures")).to_contain_text("200")
    expect(page.locator("#banner")).to_contain_text(MARKUP)
    expect(cards(page)).not_to_have_count(0)
    page.wait_for_timeout(1500)  # the record, the picture and its table come after the card
    _unharmed(page)


def test_markup_in_every_string_of_a_patient_shows_as_text(page: Page, service: str, watch: Watch) -> None:
    """Codes, dates and states too: whatever the services make of them, the page is as it was."""
    watch.refusals.update({SERVICE, "/sandbox/timeline", "/assessments"})
    opened(page, service, patient="case-28")
    sent(page, json.dumps(_spoilt(request(page), None)))
    expect(page.locator("#banner")).to_contain_text(MARKUP)
    page.wait_for_timeout(1500)
    _unharmed(page)


@pytest.mark.parametrize("view", ["Markdown", "Plain text"])
def test_markup_in_an_answer_shows_as_text(page: Page, service: str, view: str) -> None:
    """Even a card that is nothing but markup, in every member, from a service that has gone wrong."""
    card = {
        "uuid": "3cd8e3f9-4f7b-495c-b0e9-c25b0a8b60fd",
        "summary": MARKUP,
        "detail": f"{MARKUP}\n\n{LINK}",
        "indicator": MARKUP,
        "source": {"label": MARKUP, "url": "javascript:window.injected=1", "topic": {"code": MARKUP}},
        "links": [{"label": MARKUP, "url": "javascript:window.injected=1", "type": "absolute"}],
        "suggestions": [{"uuid": "a", "label": MARKUP, "actions": [{"type": MARKUP, "description": MARKUP}]}],
        "overrideReasons": [{"code": MARKUP, "display": MARKUP}],
    }
    page.route("**/cds-services/*", lambda route: route.fulfill(json={"cards": [card]}))
    opened(page, service, patient="case-01")
    page.get_by_text(view, exact=True).click()
    expect(cards(page).first.get_by_role("heading").first).to_have_text(MARKUP)
    expect(cards(page).first.locator(".detail")).to_contain_text(MARKUP)
    assert page.locator("#cards a").count() == 0
    _unharmed(page)


def _spoilt(value: Any, members: set[str] | None, name: str = "") -> Any:
    """`value` with markup in its strings: those of these members, or all but the ones that make it a call."""
    if isinstance(value, dict):
        return {key: _spoilt(member, members, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_spoilt(entry, members, name) for entry in value]
    spoil = isinstance(value, str) and (name not in KEPT if members is None else name in members)
    return f"{value} {MARKUP} {LINK}" if spoil else value


def _unharmed(page: Page) -> None:
    """No element came from the data, no script ran, no link leads to one."""
    assert page.evaluate("window.injected") is None
    assert page.locator("main :is(img, script, iframe, object, embed, b, [onerror], [onload])").count() == 0
    hrefs: list[str] = page.locator("main a").evaluate_all("all => all.map(one => one.protocol)")
    assert set(hrefs) <= {"http:", "https:"}


def test_what_is_spoilt_is_a_call() -> None:
    """The markup is in many strings, and the request keeps its shape."""
    before: Json = {
        "hook": "patient-view",
        "prefetch": {"patient": {"name": [{"family": "A", "given": ["B"]}]}},
    }
    after = _spoilt(before, TEXTS)
    assert after["hook"] == "patient-view"
    assert MARKUP in after["prefetch"]["patient"]["name"][0]["given"][0]
