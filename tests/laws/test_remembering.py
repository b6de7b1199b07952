"""What is remembered of a text is what reading it gives, whoever asks, and no caller makes it grow."""

import pkgutil
import sys
from datetime import date
from typing import Any

import pytest

import service.normalise
from bench.calls import Call, Shapes
from cds_hooks.request import read_request
from mappings import terminology as terms
from mappings.remembering import LONGEST_TEXT, MOST_BYTES, MOST_ENTRIES, remembered
from service.answer.read import brought, read_chart
from service.clinical.facts import PatientFacts
from service.fhir.prefetch import usual
from service.fhir.resources import CodeableConcept, Coding
from service.normalise import facts, sig
from tests.house.test_check import knowledge
from tests.normalise.made import tables, terminology
from tests.normalise.test_sentences import SENTENCES

NAMES = (
    "Effexor XR 150", "sertraline 50 mg oral tablet", "Prozac", "sertralin", "citalopram or escitalopram",
    "chlorpheniramine / phenylephrine", "", "water", "x" * (LONGEST_TEXT + 1),
)  # fmt: skip


@pytest.mark.parametrize("function", ["_named", "_names_several", "_resembled", "_ingredients"])
def test_a_remembered_name_is_a_read_one(function: str) -> None:
    """Asked twice, in any order, a name means what it means to the function that reads it."""
    asked: Any = getattr(terms, function)
    for name in (*NAMES, *reversed(NAMES)):
        assert asked(name, terminology()) == asked.__wrapped__(name, terminology())


def test_a_remembered_sentence_is_a_read_one() -> None:
    """A sentence means the same each time; with other names of the medicine it is another question."""
    read: Any = sig._read
    for names in (frozenset[str](), frozenset({"sertraline"})):
        for _, _, sentence in SENTENCES:
            assert sig.understood(sentence, tables().dosage, names) == read.__wrapped__(
                sentence, tables().dosage, names
            )


def test_no_caller_makes_the_memory_grow() -> None:
    """The number of kept answers has an end, and a long text is read each time."""
    read: list[str] = []

    def length(text: str) -> int:
        read.append(text)
        return len(text)

    asked = remembered(length)
    for number in range(MOST_ENTRIES + 2):
        asked(str(number))
    assert asked("0") == 1  # pushed out by the others: read again
    assert read.count("0") == 2
    asked(str(MOST_ENTRIES + 1))
    assert read.count(str(MOST_ENTRIES + 1)) == 1
    long = "x" * (LONGEST_TEXT + 1)
    assert [asked(long), asked(long)] == [len(long)] * 2
    assert read.count(long) == 2


def test_no_large_entry_is_kept() -> None:
    """A coded entry is remembered by all its texts together; one of more is read each time."""
    read: list[CodeableConcept] = []

    def number(concept: CodeableConcept) -> int:
        read.append(concept)
        return len(concept.coding)

    asked = remembered(number)
    for size, times in ((MOST_BYTES // 10, 1), (MOST_BYTES, 2)):
        read.clear()
        concept = CodeableConcept(coding=(Coding(code="1", display="x" * size),))
        assert [asked(concept), asked(concept)] == [1, 1]
        assert len(read) == times


TODAY = date(2026, 12, 1)
SHAPES = Shapes(TODAY)
MADE = [
    *(shape(120, seed) for shape in (SHAPES.signed, SHAPES.unseen, SHAPES.malformed) for seed in (1, 2)),
    SHAPES.courses(120, number=12),
]


def read_facts(made: Call) -> PatientFacts:
    """Return what the record of a call says."""
    rules, request = knowledge(), read_request(made.body, made.hook)
    chart = read_chart(request, brought(request, usual(rules.prefetch)))
    return facts(chart.record, rules.terminology, rules.reading, TODAY, patient_id=request.patient_id)


def test_a_remembered_record_is_a_read_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records give the same facts in any order, with what was understood kept and with nothing kept."""
    kept = [read_facts(made) for made in MADE]
    again = [read_facts(made) for made in reversed(MADE)]
    names = [name for _, name, _ in pkgutil.iter_modules(service.normalise.__path__, "service.normalise.")]
    plain, shared = 0, remembered(str.title).__code__
    for module in [*(sys.modules[name] for name in names), terms]:
        for name, value in vars(module).copy().items():
            if getattr(value, "__code__", None) is shared:
                monkeypatch.setattr(module, name, value.__wrapped__)
                plain += 1
    assert plain > 10
    assert [read_facts(made) for made in MADE] == kept == again[::-1]
