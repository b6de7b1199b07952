"""The prefetch templates bring what rules read, from a server that honours every parameter of theirs."""

import json
import re
from dataclasses import replace

import pytest

from mappings.prefetch import PrefetchTable, load_prefetch, observation_codes
from mappings.tables import rule_tables
from service.fhir.completeness import LISTS
from service.fhir.prefetch import usual
from tests.hooks.chart import (
    CHART,
    FOR_DEPRESSION,
    SPRAY,
    SUBJECT,
    TERMS,
    Json,
    ago,
    blood_pressure,
    call,
    condition,
    drug,
    item_9,
    observation,
    patient,
)
from tests.hooks.ehr import cards, knowledge
from tests.hooks.honouring import answered

KNOWLEDGE = knowledge()
TEMPLATES = usual(KNOWLEDGE.prefetch).templates
CODES = sorted(KNOWLEDGE.terminology.concepts)
CATEGORIES = {
    "none": (),
    "social-history": ("social-history",),
    "survey": ("survey",),
    "exam": ("exam",),
    "laboratory": ("laboratory",),
    "vital-signs": ("vital-signs",),
    "several": ("exam", "vital-signs"),
    "its own": ("smartdata",),
}
WOMAN = patient(gender="female", birthDate="1990-03-02")


def categorised(resource: Json, category: str) -> Json:
    """The resource as one sender files it."""
    named = [
        {"coding": [{"system": f"{TERMS}/observation-category", "code": code}]}
        for code in CATEGORIES[category]
    ]
    return resource | ({"category": named} if named else {})


def brought(*record: Json) -> set[str]:
    """The ids of resources that come with a call."""
    values = answered(TEMPLATES, record).values()
    entries = [entry for value in values if value for entry in value.get("entry", ())]
    return {entry["resource"]["id"] for entry in entries}


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_code_that_a_rule_reads_comes(category: str) -> None:
    """However a sender files an observation, and however old it is."""
    record = [categorised(observation(f"{code} x", 5000), category) for code in CODES]
    assert brought(*record) == {one["id"] for one in record}


def test_every_code_that_a_table_writes_is_asked_for() -> None:
    """Of SNOMED CT too, wherever a row of the tables about answers and scores names it."""
    written = {
        found
        for name in ("measurements.toml", "severity.toml", "safety.toml", "questionnaires.toml")
        for rows in (value for key, value in rule_tables()[name].items() if key != "answer")
        for found in re.findall(r'"(\d{6,18}|\d{1,6}-\d) ', json.dumps(rows, default=str))
    }
    assert written | set(CODES) == set(KNOWLEDGE.prefetch.codes)


def test_a_code_that_is_added_to_a_table_is_asked_for() -> None:
    """Nobody has to think of the templates."""
    concepts = {**KNOWLEDGE.terminology.concepts, "99999-9": "a new one"}
    rows = {"measurements.toml": {"coded": [{"codes": ["720433000 PHQ-9 score", "LA6568-5 Not at all"]}]}}
    codes = observation_codes(concepts, rows)
    assert {"99999-9", "720433000"} <= set(codes)
    assert "LA6568-5" not in codes
    assert codes == observation_codes(concepts, rows | {"safety.toml": {"answer": ["373067005 No"]}})


def test_an_answer_under_an_unknown_code_comes_by_its_category() -> None:
    """So that one about suicide risk is named, which no list of codes could bring."""
    strange = observation("local-7 Columbia suicide screen", 3)
    assert brought(categorised(strange, "survey")) == {strange["id"]}
    assert brought(categorised(strange, "none")) == set()


def test_every_list_is_asked_for_whole() -> None:
    """Of all but observations everything comes, whatever its status, its age or its category."""
    assert {template.split("?")[0].split("/")[0] for template in TEMPLATES.values()} == LISTS
    for template in TEMPLATES.values():
        kind, _, query = template.partition("?")
        names = {part.partition("=")[0] for part in query.split("&") if part}
        assert kind in ("Observation", "Encounter") or names <= {"patient", "_sort"}


def test_of_visits_only_stays_come() -> None:
    """What was given on a ward is known by them; a chart has hundreds of other visits."""
    visits = [
        {"resourceType": "Encounter", "id": code, "subject": SUBJECT, "class": {"code": code}}
        for code in ("IMP", "EMER", "ACUTE", "NONAC", "OBSENC", "SS", "AMB", "VR", "HH")
    ]
    assert brought(*visits) == {"IMP", "EMER", "ACUTE", "NONAC", "OBSENC", "SS"}


def test_less_comes_than_before() -> None:
    """What no rule reads stays where it is: temperatures, weights of a haemogram, notes of a visit."""
    unread = [
        categorised(observation("8310-5 Body temperature", 3), "vital-signs"),
        categorised(observation("718-7 Hemoglobin", 3), "laboratory"),
        categorised(observation("72166-2 Tobacco smoking status", 3), "social-history"),
    ]
    read = blood_pressure(122, 78, 5)
    assert brought(*unread, read) == {read["id"]}


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_pregnancy_is_known_however_it_is_filed(category: str) -> None:
    """An order for the spray is answered with it."""
    pregnant = observation("82810-3 Pregnancy status", 20, valueCodeableConcept={"text": "Pregnant"})
    record = (WOMAN, *CHART[1:], categorised(pregnant, category))
    body = call("order-sign", answered(TEMPLATES, record), [drug(SPRAY, **FOR_DEPRESSION)])
    assert "pregnan" in cards(body)[0]["summary"].lower()


@pytest.mark.parametrize("category", CATEGORIES)
def test_an_answer_about_suicide_is_known_however_it_is_filed(category: str) -> None:
    """Item 9 of 3 shows the safety card."""
    record = (*CHART, categorised(item_9(3, 2), category))
    shown = cards(call("patient-view", answered(TEMPLATES, record)))
    assert [card["source"]["topic"]["code"] for card in shown][:1] == ["safety"]


def test_old_findings_come_and_count() -> None:
    """An aneurysm of fifteen years ago is no less one."""
    old = condition("I71.40 Abdominal aortic aneurysm, without rupture, unspecified", onsetDateTime=ago(5500))
    body = call("order-sign", answered(TEMPLATES, (*CHART, old)), [drug(SPRAY, **FOR_DEPRESSION)])
    assert cards(body)[0]["indicator"] == "critical"


class TestParts:
    """A template that is too long becomes several."""

    @pytest.mark.parametrize("number", [10, 230, 231, 500, 2000])
    def test_no_part_is_too_long(self, number: int) -> None:
        """All codes are there, each once, and no key is there twice."""
        codes = tuple(f"{one}-{one % 10}" for one in range(90000, 90000 + number))
        made = _asking(codes).templates({})
        parts = [template for key, template in made.items() if key.startswith("observations")]
        assert all(len(template) <= KNOWLEDGE.prefetch.longest for template in made.values())
        asked = [code for part in parts for code in re.search(r"code=([^&]+)", part)[1].split(",")]  # type: ignore[index]
        assert asked == list(codes)
        assert ("observations2" in made) is (len(parts) > 1)

    def test_the_keys_of_parts_are_numbered(self) -> None:
        """The first keeps its name."""
        made = _asking(tuple(f"{one}-1" for one in range(10000, 10600))).templates({})
        assert [key for key in made if key.startswith("observ")] == [
            "observations",
            "observations2",
            "observations3",
        ]

    def test_a_sites_own_template_may_name_the_codes(self) -> None:
        """`combo-code` where a server knows it: panels under local codes come too."""
        own = {"observations": "Observation?patient={{context.patientId}}&combo-code={codes}"}
        made = KNOWLEDGE.prefetch.templates(own)
        panel = blood_pressure(122, 78, 5) | {"code": {"coding": [{"system": "urn:local", "code": "5"}]}}
        assert brought(panel) == set()
        assert any("entry" in value for value in answered(made, [panel]).values() if value)

    def test_a_key_may_be_left_out(self) -> None:
        """And one of its own be added."""
        made = KNOWLEDGE.prefetch.templates({"deviceUses": None, "localScores": "Observation?code=7"})
        assert made.keys() == (TEMPLATES.keys() - {"deviceUses"}) | {"localScores"}


def _asking(codes: tuple[str, ...]) -> PrefetchTable:
    return replace(load_prefetch(()), codes=codes)
