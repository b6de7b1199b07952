"""What is remembered of a text is what reading it gives, whoever asks, and no caller makes it grow."""

from typing import Any

import pytest

from mappings import terminology as terms
from mappings.remembering import LONGEST_TEXT, MOST_ENTRIES, remembered
from service.normalise import sig
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
