"""The picture of policies and the JSON tell the same: which course counts for which policy."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec import structs

from service.answer.read import read_document
from service.assess import assess
from service.assess.criteria import read_criteria
from service.clinical.assessment import TrialStatus
from service.clinical.criteria import ReadPolicy
from service.picture import policies_svg
from service.picture.lane_layout import LOOKS
from service.picture.policy_layout import policies_sheet
from service.picture.sheet import Box, Hover, TextLine
from service.render.criteria import criteria_document
from service.web.sandbox.setups import read_patients
from tests.picture.records import KNOWLEDGE

DAY = date(2026, 11, 2)
PATIENTS = ("case-01", "case-06", "case-13", "case-27")
NUMBER = re.compile(r"\d+")


def found(patient: str) -> tuple[ReadPolicy, ...]:
    """Return what the record of a patient of the sandbox shows of every policy."""
    (person,) = [one for one in read_patients() if one.id == patient]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": list(person.entries)}
    facts = read_document(json.dumps(bundle).encode(), KNOWLEDGE, DAY).facts
    made = assess(facts, KNOWLEDGE, "default", DAY)
    return read_criteria(facts, made, KNOWLEDGE, KNOWLEDGE.policies.current)


@pytest.mark.parametrize("patient", PATIENTS)
def test_every_course_is_drawn_as_the_policy_counts_it(patient: str) -> None:
    """A box for each course of each policy, filled, hatched or empty by its status."""
    read = found(patient)
    boxes = [one for one in policies_sheet(read, KNOWLEDGE, 1200).shapes if isinstance(one, Box) and one.name]
    drawn = [(int(box.name.split("-")[1]), box.name.split("-", 3)[3]) for box in boxes]
    trials = [
        (at, trial.status.value)
        for at, policy in enumerate(read, 1)
        for trial in {(one.ingredient, one.start, one.end): one for one in policy.trials}.values()
    ]
    assert sorted(drawn) == sorted(trials)
    for box in boxes:
        assert (box.fill, box.edge, box.hatched) == LOOKS[TrialStatus(box.name.split("-", 3)[3])]


@pytest.mark.parametrize("patient", PATIENTS)
def test_words_and_numbers_are_those_of_the_json(patient: str) -> None:
    """Beside each policy the word of its criterion about trials, and the figures by which it counts."""
    read = found(patient)
    lines = [one.text for one in policies_sheet(read, KNOWLEDGE, 1200).shapes if isinstance(one, TextLine)]
    for policy, told in zip(read, criteria_document(read), strict=True):
        at = lines.index(policy.policy.id)
        asked = {row.id for row in policy.policy.criterion if row.trials}
        words = [
            KNOWLEDGE.policies.texts[f"status.{row['status']}"]
            for row in told["criteria"]
            if row["id"] in asked
        ]
        assert lines[at + 2] == (words[0] if asked else "not asked")
        count, days = policy.definition.count, policy.definition.duration.qualifying_days
        known = {str(count.trials_needed), str(count.classes_needed), str(days)}
        assert set(NUMBER.findall(lines[at + 1])) <= known


def test_it_stands_beside_another_picture() -> None:
    """No id of it is one of the timeline, and whoever points at a course learns why it does not count."""
    drawn = policies_svg(found("case-06"), KNOWLEDGE).decode()
    assert 'id="policies-title"' in drawn
    assert "timeline-title" not in drawn
    ids = re.findall(r' id="([^"]+)"', drawn)
    assert len(ids) == len(set(ids))
    reason = KNOWLEDGE.wording.words["shortfall"]["subtherapeutic"]
    assert f"cigna: amitriptyline: not counted ({reason}" in drawn


def test_more_courses_than_have_room_are_counted() -> None:
    """The latest are drawn; of the others the number is told."""
    (policy,) = [one for one in found("case-01") if one.policy.id == "cigna"]
    trial = policy.trials[0]
    many = [structs.replace(trial, start=DAY - timedelta(days=100 * at)) for at in range(40)]
    sheet = policies_sheet([replace(policy, trials=tuple(many))], KNOWLEDGE, 720)
    boxes = [one for one in sheet.shapes if isinstance(one, Box) and one.name]
    assert 3 < len(boxes) < 12
    assert f"Earlier courses that are not drawn: {40 - len(boxes)}" in " ".join(
        one.text for one in sheet.shapes if isinstance(one, TextLine)
    )


def test_hostile_names_stay_words() -> None:
    """Whatever a site calls its policy, the picture holds it as text."""
    (policy,) = [one for one in found("case-01") if one.policy.id == "cigna"]
    named = replace(policy, policy=replace(policy.policy, id='"><script>x</script>'))
    drawn = policies_svg([named], KNOWLEDGE).decode()
    assert "<script" not in drawn
    assert [one for one in policies_sheet([named], KNOWLEDGE, 880).shapes if isinstance(one, Hover)]
