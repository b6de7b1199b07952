"""No text of a record can become anything but text on a card."""

import re
import unicodedata
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from service.clinical.assessment import Assessment
from service.clinical.facts import Unreadable
from service.clinical.order_check import OrderCheck
from service.render import escape
from service.render.cards import decision_cards, order_check_cards
from service.render.escape import markdown, shortened, visible
from service.render.report import text_report
from tests.render.made import (
    ARIPIPRAZOLE,
    BUPROPION_LOW,
    NO_PRESSURE,
    NO_SUICIDE_RISK,
    PREGNANCY,
    SAFE_1,
    SERTRALINE,
    STIMULANT,
    WORDING,
    cautious,
    context,
    order,
)

_READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_ON_A_CARD = {"paragraph", "bullet_list", "list_item", "inline", "text", "strong"}

_FRAGMENTS = [
    *("<script>alert(1)</script>", "<img src=x onerror=y>", "<!--", "]]>", "&lt;", "&#106;", "&"),
    *("[a](javascript:b)", "![a](http://b.c/d.png)", "[a]: http://b.c", "<http://a.b>", "<a@b.c>"),
    *("http://a.b", "HTTPS://a.b", "www.a.b", "a@b.cd", "//a.b", "mailto:a@b.c"),
    *("# ", "===", "---", "***", "> ", "- ", "+ ", "* ", "1. ", "1) ", "    ", "\t"),
    *(
        "`",
        "```",
        "~~~",
        "~~a~~",
        "**a**",
        "__a__",
        "_",
        "*",
        "|",
        "|-|-|",
        "$x$",
        "\\",
        "\\\n",
        "  \n",
        "\n\n",
    ),
    *(
        "\r",
        "\x00",
        "\x1b[31m",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\u2028",
        "\u0085",
        "{0}",
        "{text}",
        "}",
    ),
    *("a", "Zoloft 50 mg", "é", "漢", "²", "1.5", "F33.2", "-"),
]
hostile = st.lists(st.one_of(st.sampled_from(_FRAGMENTS), st.text(max_size=5)), max_size=12).map("".join)


def tokens(text: str) -> list[Token]:
    """Return all tokens that a CommonMark reader finds, those inside of others included."""
    found = _READER.parse(text)
    return found + [inner for token in found for inner in token.children or []]


def filled(text: str) -> Assessment:
    """Return an assessment with `text` in every place that a record can reach."""
    words: dict[str, Any] = {"text": text, "evidence": (text, text)}
    trial: dict[str, Any] = {"basis": text, "witnesses": (text,), "evidence": (text,), "notes": (text, text)}
    return cautious(
        replace(PREGNANCY, title=text, **words),
        replace(STIMULANT, **words),
        subject=text,
        severity=text,
        diagnoses=(text,),
        trials=(replace(SERTRALINE, ingredient=text, **trial), replace(BUPROPION_LOW, **trial)),
        augmentations=(replace(ARIPIPRAZOLE, name=text, **words),),
        safety=(replace(SAFE_1, **words),),
        lowered_safety=(replace(SAFE_1, **words),),
        missing=(replace(NO_PRESSURE, text=text), replace(NO_SUICIDE_RISK, text=text)),
        unreadable=(Unreadable(reference=text, reason=text), Unreadable(reference="Patient/1", reason=text)),
    )


def ordered(text: str) -> OrderCheck:
    """Return an order with `text` in every place that a draft can reach."""
    return order(labels=(text, text), references=(text,), invalid=(text,), others=(text,))


@given(hostile)
def test_text_is_shown_as_its_characters(text: str) -> None:
    """A reader of CommonMark shows what the record says, only addresses are broken up."""
    (inline,) = [token for token in _READER.parse(f"x {markdown(text, 1000)} x") if token.type == "inline"]
    assert inline.children
    assert {token.type for token in inline.children} == {"text"}
    shown = "".join(token.content for token in inline.children).replace(" ", "")
    expected = f"x{visible(text) or '–'}x".replace(" ", "").replace("@", "(at)")
    assert shown == expected


@given(hostile)
def test_text_stays_in_its_item_of_a_list(text: str) -> None:
    """Nothing that a record says opens a list, a heading, a quotation or code where a line begins."""
    types = {
        token.type.removesuffix("_open").removesuffix("_close")
        for token in tokens(f"- {markdown(text, 1000)}")
    }
    assert types <= _ON_A_CARD


@given(hostile)
def test_no_text_of_a_record_changes_the_structure_of_a_card(text: str) -> None:
    """A card holds paragraphs, lists and bold words of the wording table, whatever the record says."""
    cards = (
        *decision_cards(filled(text), context()),
        *order_check_cards(filled(text), ordered(text), context()),
    )
    for card in cards:
        types = {
            token.type.removesuffix("_open").removesuffix("_close") for token in tokens(card.detail or "")
        }
        assert types <= _ON_A_CARD | {"softbreak"}
        assert not set("<>") & set((card.detail or "") + card.summary)


@given(hostile)
def test_no_card_and_no_report_holds_invisible_characters(text: str) -> None:
    """Controls, bidirectional marks and escape sequences of terminals never reach a reader."""
    cards = decision_cards(filled(text), context())
    for shown in (
        text_report(filled(text), WORDING),
        *(card.detail or "" for card in cards),
        *(c.summary for c in cards),
    ):
        unseen = {char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs")}
        assert unseen <= {"\n"}


@given(hostile)
def test_addresses_are_broken_up(text: str) -> None:
    """No renderer that links bare addresses finds one."""
    safe = markdown(text, 1000).lower()
    assert "//" not in safe
    assert "www." not in safe
    assert "@" not in safe


WHERE_IT_STANDS = re.compile(
    r"^\+|=(?==)|(?<==)=|\.(?=[^\W\d])|(?<!\w)-|-(?!\w)|(?P<address>//+|www(?=\.))", re.IGNORECASE
)
"""What is a mark only where it stands, each way written as it is thought."""


@given(st.text("+=.-/wWab1 \u017f\u212a\n"))
def test_the_fast_pattern_finds_what_the_plain_one_finds(text: str) -> None:
    """Marks that depend on their place are found alike by the pattern that begins with their characters."""
    assert [one.span() for one in escape._PLACED.finditer(text)] == [
        one.span() for one in WHERE_IT_STANDS.finditer(text)
    ]


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_a_cut_text_is_never_longer_than_asked(text: str, longest: int) -> None:
    """The cut is marked, and the mark is within the length."""
    cut = shortened(text, longest)
    assert len(cut) <= longest
    assert (cut == text) == (len(text) <= longest) or cut.endswith("…")
