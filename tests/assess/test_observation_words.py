"""Observations that words alone name: a caution at most, and said to be known by words (R14.3)."""

import pytest

from tests.assess.flag_facts import FLAGS, gaps_of, levels, person, raised, record
from tests.normalise.made import LOINC, SNOMED, Json, concept, observation, quantity, read

CONTRA, CAUTION, INFO = "contraindication", "caution", "info"
BY_WORDS, BY_DISPLAY = FLAGS.words.by_text, FLAGS.words.by_display

PREGNANT = {"valueCodeableConcept": {"text": "Pregnant"}}
CLASS_C = {"valueString": "C"}
HOLD = {"valueString": "190/100"}
LOCAL = "https://clinic.example/codes"


def worded(text: str, value: Json) -> Json:
    """An observation that its text alone names."""
    return observation("") | {"code": {"text": text}} | value


def coded(system: str, code: str, value: Json) -> Json:
    """An observation with one coding and its display."""
    return observation("") | {"code": concept(code, system)} | value


def told(*observations: Json) -> dict[str, tuple[str, str, str]]:
    """Levels on both routes of each flag, and how its finding was recognised."""
    facts = read(*observations)
    known = record(labs=facts.labs, pressures=facts.pressures)
    flags = raised(known)
    manner = {
        name: BY_WORDS if BY_WORDS in flag.text else BY_DISPLAY if BY_DISPLAY in flag.text else "by code"
        for name, flag in flags.items()
    }
    return {name: (str(one), str(other), manner[name]) for name, (one, other) in levels(known).items()}


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        (worded("Pregnancy status", PREGNANT), {"PREG": (CAUTION, CAUTION, BY_WORDS)}),
        (coded(LOINC, "82810-3 Pregnancy status", PREGNANT), {"PREG": (CAUTION, CONTRA, "by code")}),
        (
            coded(LOINC, "82810-3 Gravid?", {"valueString": "pregnant"}),
            {"PREG": (CAUTION, CONTRA, "by code")},
        ),
        (coded(LOCAL, "L1 Pregnancy status", PREGNANT), {"PREG": (CAUTION, CAUTION, BY_WORDS)}),
        (
            worded("Pregnancy status", {"valueCodeableConcept": concept("77386006 Pregnant", SNOMED)}),
            {"PREG": (CAUTION, CONTRA, "by code")},
        ),
        (
            worded("Pregnancy status", {"valueCodeableConcept": concept("10828004 Positive", SNOMED)}),
            {"PREG": (CAUTION, CAUTION, BY_WORDS)},
        ),
        (coded(SNOMED, "99999999 Pregnancy status", PREGNANT), {"PREG": (CAUTION, CONTRA, BY_DISPLAY)}),
        (worded("Urine pregnancy test", {"valueString": "POSITIVE"}), {"PREG": (CAUTION, CAUTION, BY_WORDS)}),
        (worded("beta-hCG", {"valueQuantity": quantity(900)}), {"PREG": (CAUTION, CAUTION, BY_WORDS)}),
        (coded(LOINC, "2106-3 hCG", {"valueString": "positive"}), {"PREG": (CAUTION, CONTRA, "by code")}),
        (worded("Child-Pugh class", CLASS_C), {"HEP-SEV": (CAUTION, CAUTION, BY_WORDS)}),
        (worded("Child-Pugh class", {"valueString": "B"}), {"HEP-MOD": (CAUTION, CAUTION, BY_WORDS)}),
        (coded(SNOMED, "99999999 Child-Pugh class", CLASS_C), {"HEP-SEV": (CAUTION, CONTRA, BY_DISPLAY)}),
        (worded("Blood pressure", HOLD), {"BP-HOLD": (CAUTION, CAUTION, BY_WORDS)}),
        (coded(LOINC, "85354-9 Blood pressure", HOLD), {"BP-HOLD": (CONTRA, CONTRA, "by code")}),
        (worded("BP", {"valueString": "150/101"}), {"BP-HIGH": (CAUTION, CAUTION, BY_WORDS)}),
        (worded("AUDIT-C", {"valueInteger": 9}), {"SUD-SCREEN": (CAUTION, CAUTION, BY_WORDS)}),
        (worded("Urine cocaine", {"valueString": "Positive"}), {"SUD-SCREEN": (CAUTION, CAUTION, BY_WORDS)}),
        (coded(LOINC, "75626-2 AUDIT-C", {"valueInteger": 9}), {"SUD-SCREEN": (CAUTION, CAUTION, "by code")}),
    ],
)
def test_words_alone_are_a_caution_at_most(observed: Json, expected: dict[str, tuple[str, str, str]]) -> None:
    """A code, or the display of a standard one, keeps its level; a text, a local display is a caution."""
    assert told(observed) == expected


def component(code: Json, value: float) -> Json:
    """A component with a pressure."""
    return {"code": code, "valueQuantity": quantity(value, "mm[Hg]")}


@pytest.mark.parametrize(
    ("whole", "systolic", "level"),
    [
        ({"text": "Blood pressure"}, {"text": "Systolic blood pressure"}, CAUTION),
        (concept("85354-9", LOINC), {"text": "Systolic blood pressure"}, CONTRA),
        ({"text": "Blood pressure"}, concept("8480-6", LOINC), CONTRA),
    ],
)
def test_one_code_of_a_panel_is_enough(whole: Json, systolic: Json, level: str) -> None:
    """A blood pressure is known by the code of the panel or of a component."""
    parts = [component(systolic, 190), component({"text": "Diastolic blood pressure"}, 100)]
    found = told(observation("") | {"code": whole, "component": parts})
    assert found["BP-HOLD"][:2] == (level, level)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("yes", (CAUTION, CONTRA)),
        ("pregnant, 12 weeks", (CAUTION, CONTRA)),
        ("possibly pregnant", (INFO, INFO)),
        ("no", None),
        ("not pregnant", None),
        ("unknown", None),
        ("denies being pregnant", None),
        ("mother pregnant", None),
        ("no information", None),
    ],
)
def test_what_the_answer_says_of_pregnancy(said: str, expected: tuple[str, str] | None) -> None:
    """An answer is read like any text: affirmed, suspected, denied, another's."""
    assert (
        levels(record(labs=read(coded(LOINC, "82810-3", {"valueString": said})).labs)).get("PREG") == expected
    )


POSITIVE = {"interpretation": [{"coding": [{"code": "POS", "display": "Positive"}]}]}
BY_CODE_ALONE = {"interpretation": [{"coding": [{"code": "POS"}]}]}
NEGATIVE = {"interpretation": [{"coding": [{"code": "NEG"}]}]}


@pytest.mark.parametrize(
    ("code", "value", "flags"),
    [
        ("3397-7", POSITIVE, ["SUD-SCREEN"]),
        ("3397-7", BY_CODE_ALONE, ["SUD-SCREEN"]),
        ("3397-7", NEGATIVE, []),
        ("2106-3", BY_CODE_ALONE, ["PREG"]),
        ("2106-3", NEGATIVE, []),
    ],
)
def test_an_interpretation_alone_is_a_result(code: str, value: Json, flags: list[str]) -> None:
    """A laboratory may tell a result by its interpretation, in words or by its code."""
    found = read(coded(LOINC, code, value))
    assert (list(levels(record(labs=found.labs))), found.unreadable) == (flags, ())


@pytest.mark.parametrize(("answer", "pregnant"), [(True, True), (False, False)])
def test_a_yes_or_no_answers_whether_pregnant(answer: bool, pregnant: bool) -> None:
    """A boolean is an answer, under the code of the status and of a test."""
    for code in ("82810-3", "2106-3"):
        labs = read(coded(LOINC, code, {"valueBoolean": answer})).labs
        assert ("PREG" in levels(record(labs=labs))) is pregnant


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        ("possibly pregnant", True),
        ("unknown", True),
        ("no information", True),
        ("pregnant", False),
        ("not pregnant", False),
        ("no", False),
    ],
)
def test_only_what_is_said_settles_the_question(said: str, unknown: bool) -> None:
    """A suspicion or an empty answer leaves the pregnancy status unknown."""
    status = observation("") | {"code": {"text": "Pregnancy status"}, "effectiveDateTime": "2026-10-28"}
    labs = read(status | {"valueString": said}).labs
    assert ("PREG-UNK" in gaps_of(record(person=person(31), labs=labs))) is unknown
