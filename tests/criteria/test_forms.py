"""Public prior-authorisation forms, filled from ten charts and held against answers read by hand."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from mappings.knowledge import load_knowledge
from service.answer.read import read_document
from service.assess import assess
from service.assess.criteria import read_criteria
from service.paper.packet import packet_paper
from service.render.packet import identity_of, packet
from tests.criteria.test_paper import HARMFUL, keys_of
from tests.picture.records import HOSTILE
from tests.vignettes.build import bundle
from tests.vignettes.cases import read_cases
from tests.vignettes.fhir import Dialect

Json = dict[str, Any]
HERE = Path(__file__).parent
DAY = date(2026, 11, 2)
KNOWLEDGE = load_knowledge()
POLICY = "mercy-care-az"
SHARE = 0.8
HARM = HOSTILE.replace("\ud800", "")  # half a letter is no JSON
WORDS = frozenset({"text", "display", "description", "title", "unit", "comment"})
WRITTEN: Json = tomllib.loads((HERE / "forms.toml").read_text(encoding="utf-8"))
QUESTIONS: Mapping[str, Json] = {question["id"]: question for question in WRITTEN["question"]}
ASKED = {name for name, question in QUESTIONS.items() if "outside" not in question}
FORMS: list[Json] = WRITTEN["form"]
CHARTS: list[Json] = WRITTEN["chart"]
CASES = {case.title: case for case in read_cases(HERE / "charts.toml")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """The packet of one chart: the filled form as its items in JSON, and the words of the two pages."""

    response: Json
    pages: str
    count: int
    keys: frozenset[str]


def filled(record: Json) -> Filled:
    """Return the packet of a record."""
    facts = read_document(json.dumps(record).encode(), KNOWLEDGE, DAY).facts
    assessment = assess(facts, KNOWLEDGE, "default", DAY)
    found = read_criteria(facts, assessment, KNOWLEDGE, [POLICY])
    made = packet(found[0], facts, assessment, KNOWLEDGE, record=record, base="https://cds.example.org")
    paper = packet_paper(found, facts, assessment, KNOWLEDGE, identity_of(record, assessment.subject))
    reader = PdfReader(BytesIO(paper))
    return Filled(
        response=made.response,
        pages=" ".join(" ".join(page.extract_text().split()) for page in reader.pages),
        count=len(reader.pages),
        keys=frozenset(keys_of(reader)),
    )


PACKETS = {
    chart["title"]: filled(bundle(CASES[chart["title"]], DAY, Dialect(chart.get("dialect", "plain"))))
    for chart in CHARTS
}


def answers(question: Json, response: Json) -> list[str]:
    """Return what the filled form says to a question, "-" for an item that is open."""
    shown = (
        question["shows"].format_map(_Items(row))
        for row in response["item"]
        if row["linkId"] == question["group"]
    )
    told = (text.removesuffix(" (-)") for text in shown)
    return [text for text in told if text != "-" and question.get("only", "") in text]


class _Items(dict[str, str]):
    """The answers of a group by the last part of their link."""

    def __init__(self, group: Json) -> None:
        super().__init__({item["linkId"].split(".")[-1]: _said(item) for item in group["item"]})

    def __missing__(self, _: str) -> str:
        return "-"


def _said(item: Json) -> str:
    return ", ".join(_value(answer) for answer in item["answer"])


def _value(answer: Json) -> str:
    (value,) = (value for name, value in answer.items() if name != "extension")
    if isinstance(value, dict):
        value = value.get("code") if "display" in value else value["value"]
    return f"{value:g}" if isinstance(value, float) else str(value)


def judged(form: Json, chart: Json) -> Iterator[tuple[str, str]]:
    """Yield each question of a form that the chart or the packet answers, and how the packet answers it."""
    for name in form["asks"]:
        if name not in ASKED:
            continue
        given = sorted(answers(QUESTIONS[name], PACKETS[chart["title"]].response))
        expected = sorted(chart.get(name, []))
        if given == expected:
            if expected:
                yield name, "right"
        else:
            yield name, "wrong" if set(given) - set(expected) else "missing"


def test_the_key_is_of_these_forms_and_charts() -> None:
    """At least three forms and ten charts; each question has one home, each chart is one of charts.toml."""
    assert len(FORMS) >= 3
    assert len(CHARTS) == len(CASES) == 10
    assert {chart["title"] for chart in CHARTS} == CASES.keys()
    assert {name for form in FORMS for name in form["asks"]} == QUESTIONS.keys()
    assert all(chart.keys() - {"title", "dialect"} <= ASKED for chart in CHARTS)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["name"])
def test_a_form_is_filled_from_ten_charts(form: Json) -> None:
    """Of what the charts tell at least four fifths is answered, and nothing is answered wrongly."""
    results = [(chart["title"], *one) for chart in CHARTS for one in judged(form, chart)]
    assert not [result for result in results if result[-1] == "wrong"]
    right = sum(result[-1] == "right" for result in results)
    assert right >= SHARE * len(results), [result for result in results if result[-1] == "missing"]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart["title"])
def test_the_pages_say_the_same(chart: Json) -> None:
    """Each word of an answer stands on the two pages too: drugs, doses, days, scores, codes."""
    pages = PACKETS[chart["title"]].pages.replace("-\u200b", "-")
    words = {
        word
        for name in ASKED - {"outcomes", "age"}
        for answer in chart.get(name, [])
        for word in re.findall(r"[\w./-]*\w", answer)
        if word not in ("to", "on")
    }
    assert not {word for word in words if word not in pages}


@pytest.mark.parametrize("title", [chart["title"] for chart in CHARTS[1:8:2]])
def test_no_text_of_a_chart_breaks_out(title: str) -> None:
    """With harmful text in every field of words there are two pages, and each answer is one plain line."""
    record = _with_harm(bundle(CASES[title], DAY))
    made = filled(record)
    texts = list(_texts(made.response))
    assert any("alert" in text for text in texts)
    assert all(text.isprintable() and len(text) <= 1000 for text in texts)
    assert made.count == 2
    assert not HARMFUL & set(made.keys)


def _with_harm(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _with_harm(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_harm(inner, name) for inner in value]
    return f"{value} {HARM}" if name in WORDS else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (inner for inner in value.values() if isinstance(inner, str))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


@pytest.mark.parametrize("criterion", ["prescriber", "doses-tolerated"])
def test_what_is_outside_the_record_is_left_to_the_clinician(criterion: str) -> None:
    """No chart answers who prescribes, or why a dose was the highest that was tolerated."""
    for made in PACKETS.values():
        (criteria,) = (item for item in made.response["item"] if item["linkId"] == "criteria")
        (row,) = (item for item in criteria["item"] if item["linkId"] == f"criteria.{criterion}")
        items = _Items(row)
        assert items["standing"] == "to-document"
        assert items["found"] == items["statement"] == "-"
