"""Whatever single field is taken out of a record: nothing unknown reads as met, no flag falls silent."""

import copy
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from mappings.knowledge import load_knowledge
from service.answer.read import assess_document
from service.render.document import document
from service.render.view import View
from tests.corpus.answers import better, counted, evidence, explained, lost, raised, unknown
from tests.vignettes.build import bundle
from tests.vignettes.cases import Case, all_cases
from tests.vignettes.fhir import Dialect

Json = dict[str, Any]
Path = tuple[str | int, ...]
"""Names of members and numbers of items, from the Bundle down."""

DAY = date(2026, 11, 2)
KNOWLEDGE = load_knowledge()
PUBLISHED = [case for case in all_cases() if case.name.startswith("01-published")]
SAMPLED = 3  # one in so many kinds of field is deleted from one vignette; the others from the next ones
# Clinical rule 2.2: an order without a reason, for a patient with depression, is for the depression.
ASSUMED = "reasonCode"


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case.name)
def test_a_complete_record_is_read_as_a_whole(case: Case) -> None:
    """Nothing in a complete record is unreadable, and it is assessed, however it is written."""
    for dialect in Dialect:
        answer = assessed(bundle(case, DAY, dialect))
        assert (answer["unreadable"], answer["assessable"]) == ([], True), dialect


@pytest.mark.parametrize(
    ("number", "case"), [*enumerate(PUBLISHED)], ids=lambda one: getattr(one, "name", "")
)
def test_a_deleted_field_is_not_taken_for_good_news(number: int, case: Case) -> None:
    """Without any one field, at any depth, the answer is no better and no flag is silent, or it says why."""
    dialect = tuple(Dialect)[number % len(Dialect)]
    record = bundle(case, DAY, dialect)
    before = assessed(record)
    for path in sampled(record, before, number):
        broken = [*complaints(before, assessed(without(path, record)), record, path)]
        assert not broken, f"{dialect.value}, without {path}: {broken}"


def complaints(before: Json, after: Json, record: Json, path: Path) -> Iterator[str]:
    """What the answer after a deletion says too much or too little of."""
    if is_named(before, after, record, path) or ASSUMED in path[-2:]:
        return
    yield from (f"{flag} is lost" for flag in lost(before, after) if not explained(before, after, flag))
    yield from (f"{ingredient} counts now" for ingredient in counted(after) - counted(before))
    if better(before, after):
        yield f"{after['conclusion']} in place of {before['conclusion']}"


def is_named(before: Json, after: Json, record: Json, path: Path) -> bool:
    """Whether the entry from which something was deleted is named as not readable, or its list."""
    number = int(path[1])
    places = {reference_of(record, number), f"entry {number + 1}", "LIST-PATIENT"}
    return not places.isdisjoint(unknown(after) - unknown(before))


def assessed(record: Json) -> Json:
    """What the pipeline answers, as its JSON document."""
    found = assess_document(json.dumps(record).encode(), KNOWLEDGE, profile="default", as_of=DAY)
    answer: Json = json.loads(json.dumps(document(View(wording=KNOWLEDGE.wording, of=found))))
    return answer


def sampled(record: Json, answer: Json, number: int) -> list[Path]:
    """Every field of what the flags rest on; of the rest one field of each kind, one in SAMPLED kinds."""
    kinds: dict[tuple[str, ...], list[Path]] = defaultdict(list)
    rested_on = {reference for flag in raised(answer) for reference in evidence(answer, flag)}
    weighty: list[Path] = []
    for entry, held in enumerate(record["entry"]):
        for path in fields(held["resource"], ("entry", entry, "resource")):
            names = [step for step in path[3:] if isinstance(step, str)]
            kinds[(held["resource"]["resourceType"], *names)].append(path)
            weighty += [path] if reference_of(record, entry) in rested_on else []
    chosen = [kind for place, kind in enumerate(kinds.values()) if place % SAMPLED == number // 3 % SAMPLED]
    return list(dict.fromkeys([*weighty, *(paths[number % len(paths)] for paths in chosen)]))


def fields(element: Any, above: Path) -> Iterator[Path]:
    """The paths of all members and items of an element, however deep."""
    members = element.items() if isinstance(element, dict) else enumerate(element)
    for step, value in members:
        yield (*above, step)
        if isinstance(value, dict | list):
            yield from fields(value, (*above, step))


def without(path: Path, record: Json) -> Json:
    """The record without one field."""
    changed = copy.deepcopy(record)
    element: Any = changed
    for step in path[:-1]:
        element = element[step]
    del element[path[-1]]
    return changed


def reference_of(record: Json, number: int) -> str:
    """The reference of an entry's resource."""
    resource = record["entry"][number]["resource"]
    return f"{resource['resourceType']}/{resource['id']}"
