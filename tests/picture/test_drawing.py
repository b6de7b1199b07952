"""The picture as a document: well-formed, named, harmless, the same every time, nothing over another."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from service.picture import theme, timeline_file, timeline_png, timeline_svg
from service.picture.layout import NARROWEST, WIDEST, WIDTH, laid_out
from service.picture.letters import text_width
from service.picture.sheet import SMALL, Colour, Sheet, TextLine
from service.picture.svg import LIGHT
from tests.browser.test_style import contrast
from tests.picture import letters, pixels
from tests.picture.drawn import (
    GOLDEN,
    KEPT,
    KEPT_WORDS,
    NAMES,
    assessment_of,
    facts_of,
    golden_file,
    hovers,
    names,
    outline,
    root_of,
    rows_of,
    svg_of,
    view_of,
    words,
)
from tests.picture.records import HOSTILE, KNOWLEDGE

each_picture = pytest.mark.parametrize("name", NAMES)
LARGEST = 400_000  # bytes of an SVG
TALLEST = 6000.0


def sheet_of(name: str) -> Sheet:
    """The shapes of a picture."""
    return laid_out(rows_of(name))


@each_picture
def test_a_picture_is_one_image_with_name_and_description(name: str) -> None:
    """Those who do not see it are told what it is and, in sentences, what it shows."""
    root = root_of(name)
    assert (root.get("role"), root[0].tag[-5:], root[1].tag[-4:]) == ("img", "title", "desc")
    assert root.get("aria-labelledby") == root[0].get("id")
    assert all(row.drug in (root[1].text or "") for row in view_of(name).ledger[:30])


@each_picture
def test_a_picture_asks_for_nothing_and_runs_nothing(name: str) -> None:
    """No script, no style, no event, no link, no foreign content, no reference at all."""
    for element in root_of(name).iter():
        assert element.tag.split("}")[1] not in {"script", "style", "image", "a", "foreignObject", "metadata"}
        for attribute, value in element.attrib.items():
            assert not attribute.lower().startswith(("on", "style"))
            assert "url(" not in value
            assert not attribute.endswith("href")
    assert b"http" not in svg_of(name).replace(b'"http://www.w3.org/2000/svg"', b"")


@each_picture
def test_a_picture_is_bounded(name: str) -> None:
    """However much is on record, the picture stays one that a page can hold."""
    root = root_of(name)
    assert root.get("width") == f"{WIDTH:g}"
    assert float(root.get("height", "")) < TALLEST
    assert len(svg_of(name)) < LARGEST


@each_picture
def test_no_words_touch_others_or_leave_the_picture(name: str) -> None:
    """Every line of text, measured in the widest usual font, has its place for itself."""
    _check_places(sheet_of(name))


def _check_places(sheet: Sheet) -> None:
    boxes = sorted(_box(one) for one in sheet.shapes if isinstance(one, TextLine) and one.text)
    for left, right, top, bottom, text in boxes:
        assert left >= 0, text
        assert right <= sheet.width, text
        assert top >= 0, text
        assert bottom <= sheet.height, text
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = one[1] <= other[0] or one[3] <= other[2] or other[3] <= one[2]
            assert apart, (one[4], other[4])


def _box(one: TextLine) -> tuple[float, float, float, float, str]:
    width = text_width(one.text, one.size, one.bold)
    left = one.x - width if one.align == "right" else one.x
    return left, left + width, one.y - 0.75 * one.size, one.y + 0.1 * one.size, one.text


@each_picture
def test_a_picture_is_drawn_as_wide_as_it_is_shown(name: str) -> None:
    """At every width nothing lies over another, and no letter is smaller."""
    for width in (NARROWEST, WIDEST):
        sheet = laid_out(rows_of(name), width)
        assert sheet.width == width
        _check_places(sheet)
        assert min(each.size for each in sheet.shapes if isinstance(each, TextLine)) == SMALL


def test_on_paper_letters_are_never_below_seven_points() -> None:
    """A4 between margins of 12 mm is 703 pixels wide, a pixel three quarters of a point."""
    assert SMALL * 703 / WIDTH * 0.75 >= 7


@each_picture
def test_only_words_of_the_tables_are_drawn(name: str) -> None:
    """Text of the record is told in hover texts and the table, never drawn, so no font is ever lacking."""
    assert all(text.isascii() for one in words(root_of(name)) for text in [one.replace("…", "")])


def test_hostile_text_is_text() -> None:
    """Markup, formulas, turned text and broken characters of a record are shown as they are, made visible."""
    told = " ".join(hovers(root_of("hostile")).values())
    assert "</title><script>alert(1)</script>&\"'$x^2$ evil" in told
    assert b"<script" not in svg_of("hostile")
    assert not {"\u202e", "\x00", "\ud800"} & set(told)
    assert HOSTILE.strip("W")[-5:] in told


@pytest.mark.parametrize("name", [*KEPT, *KEPT_WORDS])
def test_a_picture_is_the_kept_one(name: str) -> None:
    """Lanes, words and hover texts are those that were kept (`python -m tests.picture.drawn`)."""
    assert outline(name) == golden_file(name).read_text(encoding="utf-8")


def test_every_kept_picture_belongs_to_a_record() -> None:
    """No kept outline is left over."""
    assert set(GOLDEN.iterdir()) == {golden_file(name) for name in (*KEPT, *KEPT_WORDS)}


def test_the_same_assessment_gives_the_same_bytes() -> None:
    """Pictures can be compared and cached: drawn again, or by several threads at once, nothing differs."""
    facts, assessment = facts_of("unknowns"), assessment_of("unknowns")

    def draw(_: int) -> tuple[bytes, bytes]:
        given = (assessment, facts, KNOWLEDGE)
        return timeline_svg(*given), timeline_png(*given)

    with ThreadPoolExecutor(3) as threads:
        drawn = list(threads.map(draw, range(3)))
    assert all(one == other for one, other in pairwise(drawn))
    assert drawn[0][0] == svg_of("unknowns")


@pytest.mark.parametrize("name", ["beside", "hostile"])
def test_png_is_the_same_picture(name: str) -> None:
    """The PNG has two dots for each unit of the SVG, is as large on paper, and is opaque."""
    root = root_of(name)
    drawn = pixels.read(timeline_png(assessment_of(name), facts_of(name), KNOWLEDGE))
    size = (2 * float(root.get("width", "")), 2 * float(root.get("height", "")))
    assert all(abs(dots - units) <= 1 for dots, units in zip(drawn[:2], size, strict=True))
    assert drawn.dpi == 192
    assert drawn.at(drawn.width // 2, 10) == (255, 255, 255, 255)
    assert drawn.dark(32, 30, 600, 64) > 1500  # the heading, in letters
    assert drawn.at(20, 20) == (255, 255, 255, 255)


@pytest.mark.parametrize("weight", letters.WEIGHTS)
def test_the_table_of_widths_is_that_of_the_font(weight: str) -> None:
    """Words are measured in the font that is shipped (`python -m tests.picture.letters FOLDER`)."""
    kept = json.loads((letters.FONTS / "widths.json").read_bytes())[weight]
    assert kept == letters.widths()[weight]
    assert text_width("Ab…", 10, bold=weight == "bold") == pytest.approx(
        10 * sum(kept[each] for each in "Ab…")
    )


@pytest.mark.parametrize("weight", letters.WEIGHTS)
def test_what_a_pdf_says_of_the_font_is_that_of_the_font(weight: str) -> None:
    """Measures and glyphs are those of the font that is shipped."""
    kept = json.loads((letters.FONTS / "embedding.json").read_bytes())[weight]
    assert kept == letters.embedding()[weight]


def test_the_font_is_licensed() -> None:
    """The licence travels with the fonts, and every letter of the tables is in them."""
    assert "Bitstream Vera" in (letters.FONTS / "LICENSE").read_text(encoding="utf-8")
    known = set(letters.widths()["regular"])
    wording = KNOWLEDGE.wording
    told = "".join(
        text
        for table in (wording.words, wording.sentences)
        for row in table.values()
        for text in row.values()
    )
    assert set(told) - {"\n"} <= known


def test_a_picture_that_stands_alone_brings_its_style() -> None:
    """The file is the picture of the pages with the style sheet of the dark in it, and nothing else."""
    alone = timeline_file(assessment_of("beside"), facts_of("beside"), KNOWLEDGE).decode()
    assert alone.replace(f"<style>{theme()}</style>\n", "") == svg_of("beside").decode()


@pytest.mark.parametrize("kind", ["fill", "stroke"])
def test_every_colour_has_a_value_in_the_dark_and_where_colours_are_forced(kind: str) -> None:
    """The style sheet names each use of a colour in both; forced ones are those of the system."""
    dark, forced = theme().split("@media (forced-colors: active)")
    for colour in Colour:
        rule = re.compile(rf"\.{kind}-{colour}(?:, [^{{]+)? {{ {kind}: (\S+); }}")
        assert re.fullmatch("#[0-9a-f]{6}", _value(rule, dark))
        assert _value(rule, forced) in {"Canvas", "CanvasText", "GrayText", "Highlight"}


def _value(rule: re.Pattern[str], style: str) -> str:
    found = rule.search(style)
    assert found, rule.pattern
    return found[1]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_and_bars_can_be_told_from_the_paper(dark: bool) -> None:
    """Words have a contrast of at least 4.5 (WCAG 2.2, 1.4.3), lines that say something of 3 (1.4.11)."""
    values = dict(re.findall(r"fill-([a-z]+) { fill: (#[0-9a-f]{6}); }", theme())) if dark else LIGHT
    for ground in (Colour.PAPER, Colour.SHADE):
        for colour in (Colour.INK, Colour.SOFT, Colour.COUNTED, Colour.POSSIBLE):
            assert contrast(values[colour], values[ground]) >= 4.5
        for colour in (Colour.THRESHOLD, Colour.BESIDE):
            assert contrast(values[colour], values[ground]) >= 3


@each_picture
def test_every_course_of_a_lane_can_be_pointed_at(name: str) -> None:
    """Each course that is drawn has a bar or a dotted line, and a hover text of its own."""
    root = root_of(name)
    told = {key.removeprefix("timeline-") for key in hovers(root) if key.startswith("timeline-trial-")}
    assert len(told) == len({key for key in told if key.count("-") == 2})
    drawn = {"-".join(key.split("-")[:3]) for key in names(root) if key.startswith("trial-")}
    assert told == drawn


def test_hooks_do_not_pay_for_the_picture() -> None:
    """The rasteriser is loaded with the first PNG, not with the service."""
    code = "import sys, service.app, service.cli, service.picture; print('resvg_py' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("False\n", 0)
