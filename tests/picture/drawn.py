"""Pictures of the tests, and what a reader finds in them."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from mappings.knowledge import Knowledge
from service.answer.read import read_document
from service.assess import assess
from service.clinical.assessment import Assessment
from service.clinical.facts import PatientFacts
from service.picture import timeline_svg
from service.picture.rows import Timeline
from service.picture.timeline import timeline
from service.render.view import View
from tests.picture.records import KNOWLEDGE, PROFILE, RECORDS
from tests.vignettes.build import bundle
from tests.vignettes.cases import all_cases

DAY = date(2026, 11, 2)
SVG = "{http://www.w3.org/2000/svg}"
GOLDEN = Path(__file__).parent / "golden"
VIGNETTES = {case.name: case for case in all_cases() if case.name.startswith("01-published")}
NAMES = (*VIGNETTES, *RECORDS)
KEPT = tuple(VIGNETTES)[:1] + tuple(VIGNETTES)[7:8] + tuple(VIGNETTES)[9:10] + tuple(VIGNETTES)[22:23]
KEPT_WORDS = ("nothing", "unretrieved", "unknowns", "beside", "running", "ancient")


@cache
def facts_of(name: str) -> PatientFacts:
    """The facts of a published vignette or of a record that is hard to draw."""
    if name in RECORDS:
        return RECORDS[name]
    return read_document(json.dumps(bundle(VIGNETTES[name], DAY)).encode(), KNOWLEDGE, DAY).facts


@cache
def assessment_of(name: str) -> Assessment:
    """Its assessment."""
    return assess(facts_of(name), KNOWLEDGE, PROFILE, DAY)


@cache
def svg_of(name: str) -> bytes:
    """Its picture."""
    return timeline_svg(assessment_of(name), facts_of(name), KNOWLEDGE)


def rows_of(name: str, knowledge: Knowledge = KNOWLEDGE) -> Timeline:
    """What it shows."""
    return shown(assessment_of(name), facts_of(name), knowledge)


def view_of(name: str) -> View:
    """The rows that cards and pages show of it."""
    return View(wording=KNOWLEDGE.wording, of=assessment_of(name))


def shown(assessment: Assessment, facts: PatientFacts, knowledge: Knowledge = KNOWLEDGE) -> Timeline:
    """What the picture of an assessment shows."""
    return timeline(View(wording=knowledge.wording, of=assessment), assessment, facts, knowledge)


def root_of(name: str) -> ET.Element:
    """Its picture, read as XML."""
    return ET.fromstring(svg_of(name))


def words(root: ET.Element) -> list[str]:
    """Every line of text that is drawn, in the order of painting."""
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def hovers(root: ET.Element) -> dict[str, str]:
    """What is told to who points at something, by its name."""
    return {
        group.get("id", ""): title.text or ""
        for group in root.iter(f"{SVG}g")
        if (title := group.find(f"{SVG}title")) is not None
    }


def names(root: ET.Element) -> list[str]:
    """The names of what is drawn, in the order of painting."""
    found = [element.get("data-name", "") for element in root.iter()]
    return [name for name in found if name and name not in ("tick", "place")]


def outline(name: str) -> str:
    """Names, words and hover texts of a picture, one a line: what is kept as golden."""
    root = root_of(name)
    told = [f"{key}: {text}" for key, text in hovers(root).items()] if name in KEPT else []
    description = [element.text or "" for element in (root[0], root[1])]
    return "\n".join([*description, "", *names(root), "", *words(root), "", *told]) + "\n"


def golden_file(name: str) -> Path:
    """Where the outline of a picture is kept."""
    return GOLDEN / f"{name.replace('/', '-').replace(' ', '-').replace(':', '')}.txt"


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for kept in (*KEPT, *KEPT_WORDS):
        golden_file(kept).write_text(outline(kept), encoding="utf-8")
