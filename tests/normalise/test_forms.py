"""Questionnaire responses in the manner of many systems: answers about suicide risk are found in all."""

from typing import Any

import pytest

from service.clinical.facts import PatientFacts
from tests.normalise.made import LOINC, SNOMED, Json, concept, observation, read, reasons

PHQ9 = ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8")
TEXTS = (
    "Little interest or pleasure in doing things?",
    "Feeling down, depressed, or hopeless",
    "Trouble falling or staying asleep, or sleeping too much",
    "Feeling tired or having little energy",
    "Poor appetite or overeating",
    "Feeling bad about yourself - or that you are a failure or have let yourself or your family down",
    "Trouble concentrating on things, such as reading the newspaper or watching television",
    "Moving or speaking so slowly that other people could have noticed?",
    "Thoughts that you would be better off dead, or of hurting yourself in some way",
)
SCREENER = (
    "Have you wished you were dead or wished you could go to sleep and not wake up?",
    "Have you actually had any thoughts about killing yourself?",
    "Have you been thinking about how you might do this?",
    "Have you had these thoughts and had some intention of acting on them?",
    "Have you started to work out or worked out the details of how to kill yourself?",
    "Have you ever done anything, started to do anything, or prepared to do anything to end your life?",
)
HALF = {"valueCoding": {"system": LOINC, "code": "LA6570-1", "display": "More than half the days"}}
DAILY = {"valueCoding": {"system": LOINC, "code": "LA6571-9", "display": "Nearly every day"}}


def item(link: str, *answers: Json, text: str = "", items: tuple[Json, ...] = ()) -> Json:
    """A question or a group."""
    made: Json = {"linkId": link}
    made |= {"text": text} if text else {}
    made |= {"answer": list(answers)} if answers else {}
    return made | ({"item": list(items)} if items else {})


def response(*items: Json, **members: Any) -> Json:
    """A completed form of the day."""
    made = {
        "resourceType": "QuestionnaireResponse",
        "id": "q",
        "status": "completed",
        "authored": "2026-10-20",
    }
    return made | {"subject": {"reference": "Patient/p"}, "item": list(items)} | members


def given(found: PatientFacts) -> list[tuple[str, int]]:
    """The answers about suicide risk."""
    return sorted((one.question, one.value) for one in found.answers)


def lost(found: PatientFacts) -> list[tuple[str, int | None]]:
    """The answers that settle nothing."""
    return [(one.question, one.value) for one in found.lost_answers]


def nine(links: Any, texts: Any = ("",) * 9, half: Json = HALF, last: Json = DAILY) -> tuple[Json, ...]:
    """A PHQ-9 with eight answers of 2 and a last one of 3."""
    answers = [half] * 8 + [last]
    return tuple(item(link, one, text=text) for link, one, text in zip(links, answers, texts, strict=True))


def local(display: str, code: str = "x") -> Json:
    """An answer of a site's own code system."""
    return {"valueCoding": {"system": "http://site.example/answers", "code": code, "display": display}}


SDC = "http://hl7.org/fhir/uv/sdc/Questionnaire/questionnaire-sdc-profile-example-PHQ9|3.0.0"
GROUP = "Over the last two weeks, how often have you been bothered by any of the following problems?"

SHAPES: dict[str, Json] = {
    "US Core: LOINC link ids": response(*nine([f"/{code}" for code in PHQ9])),
    "LHC-Forms: below the panel's link id": response(
        item("/44249-1", items=nine([f"/44249-1/{code}" for code in PHQ9]))
    ),
    "LHC-Forms: answers without a system": response(
        *nine(
            [f"/{code}" for code in PHQ9],
            half={"valueCoding": {"code": "LA6570-1"}},
            last={"valueCoding": {"code": "LA6571-9"}},
        )
    ),
    "SDC example: own link ids in a group, own answer codes": response(
        item(
            "H1",
            items=(
                item(
                    "H1/T1",
                    text=GROUP,
                    items=nine(
                        [f"H1/T1/Q{n}" for n in range(1, 10)],
                        TEXTS,
                        local("More than half the days", "More than half the days"),
                        local("Nearly every day", "Nearly every day"),
                    ),
                ),
            ),
        ),
        questionnaire=SDC,
    ),
    "address and number": response(
        *nine([f"qst-phq9-q0{n}" for n in range(1, 10)]),
        questionnaire="https://x.example/Questionnaire/phq-9",
    ),
    "address and number from nought": response(
        *nine([f"q{n}" for n in range(9)]), questionnaire="Questionnaire/PHQ9"
    ),
    "address and place": response(
        *nine(["a", "b", "c", "d", "e", "f", "g", "h", "i"]), questionnaire="#patient-health-questionnaire-9"
    ),
    "link ids that name the form": response(*nine([f"PHQ-9.{n}" for n in range(1, 10)])),
    "a group that names the form, beside another form": response(
        item("g1", text="GAD-7", items=tuple(item(f"g1.{n}", HALF) for n in range(1, 8))),
        item("g2", text="PHQ-9", items=nine([f"g2.{n}" for n in range(1, 10)])),
    ),
    "below an answer": response(
        item("/44249-1", {"valueBoolean": True, "item": list(nine([f"/{code}" for code in PHQ9]))})
    ),
    "strings": response(
        *nine(
            [f"f{n}" for n in "abcdefghi"],
            TEXTS,
            {"valueString": "More than half the days"},
            {"valueString": "Nearly every day"},
        )
    ),
    "strings with their numbers": response(
        *nine(
            [f"f{n}" for n in "abcdefghi"],
            TEXTS,
            {"valueString": "2 - More than half the days"},
            {"valueString": "Nearly every day (3)"},
        )
    ),
    "integers": response(
        *nine([str(n) for n in range(1, 10)], TEXTS, {"valueInteger": 2}, {"valueInteger": 3})
    ),
    "decimals": response(
        *nine([str(n) for n in range(1, 10)], TEXTS, {"valueDecimal": 2.0}, {"valueDecimal": 3.0})
    ),
    "quantities": response(
        *nine(
            [str(n) for n in range(1, 10)],
            TEXTS,
            {"valueQuantity": {"value": 2, "unit": "{score}"}},
            {"valueQuantity": {"value": 3, "unit": "{score}"}},
        )
    ),
    "answers numbered from one, with their words": response(
        *nine(
            [str(n) for n in range(1, 10)],
            TEXTS,
            local("More than half the days", "3"),
            local("Nearly every day", "4"),
        )
    ),
    "a definition that names the item": response(
        *(
            item(f"x{code}", one) | {"definition": f"http://loinc.org/vs/{code}"}
            for code, one in zip(PHQ9, [HALF] * 8 + [DAILY], strict=True)
        )
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_item_9_and_the_total_are_read_whatever_the_form(shape: str) -> None:
    """Item 9 of 3, and the total of 19 from the nine items."""
    found = read(SHAPES[shape])
    assert given(found) == [("phq9-item9", 3)]
    assert [(score.scale, score.total) for score in found.scores] == [("PHQ-9", 19)]
    assert lost(found) == []


@pytest.mark.parametrize(
    ("text", "answered", "value"),
    [
        (
            "9. Thoughts that you would be better off dead or of hurting yourself in some way?",
            "Several days",
            1,
        ),
        ("Gedanken, dass Sie lieber tot wären oder sich Leid zufügen möchten", "Überhaupt nicht", 0),
        ("Gedanken, dass Sie lieber tot wären", "An einzelnen Tagen", 1),
        ("Pensamientos de que estaría mejor muerto(a) o de lastimarse", "Más de la mitad de los días", 2),
        ("Penser qu’il vaudrait mieux mourir", "Presque tous les jours", 3),
        ("De gedachte dat u beter dood zou kunnen zijn", "Verschillende dagen", 1),
        ("Pensare che sarebbe meglio morire o farsi del male", "Quasi ogni giorno", 3),
        ("Pensar que seria melhor estar morto(a)", "Vários dias", 1),
        ("PHQ-9 item 9", "Not at all", 0),
    ],
)
def test_item_9_in_other_languages(text: str, answered: str, value: int) -> None:
    """By the words of the question and of the answer, in a form and as an Observation."""
    form = response(item("x", {"valueString": answered}, text=text))
    assert given(read(form)) == [("phq9-item9", value)]
    single = observation("", code={"text": text}, valueCodeableConcept={"text": answered})
    assert given(read(single)) == [("phq9-item9", value)]


@pytest.mark.parametrize(
    "answers",
    [
        {"valueString": "Yes"},
        {"valueBoolean": True},
        {"valueCoding": {"system": LOINC, "code": "LA33-6"}},
        {"valueCoding": {"system": SNOMED, "code": "373066001"}},
        {"valueString": "yes, last week"},
        {"valueInteger": 1},
    ],
)
def test_the_screener_by_its_words(answers: Json) -> None:
    """Six questions with link ids of their own, and yes in every manner."""
    form = response(*(item(str(n), answers, text=text) for n, text in enumerate(SCREENER, start=1)))
    expected = [(f"cssrs-{n}", 1) for n in range(1, 6)] + [("cssrs-lifetime", 1)]
    assert given(read(form)) == expected


@pytest.mark.parametrize(
    "where",
    [
        (
            item("6", {"valueBoolean": True}, text=SCREENER[5]),
            item("6b", {"valueBoolean": True}, text="If yes, was this within the past three months?"),
        ),
        (
            item(
                "6",
                {
                    "valueBoolean": True,
                    "item": [item("6a", {"valueBoolean": True}, text="In the past 3 months?")],
                },
                text=SCREENER[5],
            ),
        ),
        (
            item(
                "6",
                text=SCREENER[5],
                items=(
                    item("6a", {"valueBoolean": True}, text="Lifetime"),
                    item("6b", {"valueBoolean": True}, text="Past 3 months"),
                ),
            ),
        ),
    ],
)
def test_the_past_three_months_belong_to_item_6(where: tuple[Json, ...]) -> None:
    """Behind it, below its answer, or as one of two columns."""
    assert given(read(response(*where))) == [("cssrs-3-months", 1), ("cssrs-lifetime", 1)]


def test_three_months_of_something_else_are_no_item_6() -> None:
    """A question about alcohol in the past three months follows another question."""
    form = response(
        item("6", {"valueBoolean": False}, text=SCREENER[5]),
        item("7", {"valueString": "weekly"}, text="How often do you drink?"),
        item("8", {"valueBoolean": True}, text="More than usual in the past 3 months?"),
    )
    assert given(read(form)) == [("cssrs-lifetime", 0)]


def test_the_screener_by_name_and_number() -> None:
    """Without texts the address names the form, and the link ids number the items that were asked."""
    no = {"valueBoolean": False}
    form = response(
        item("q1", no), item("q2", no), item("q6", no), questionnaire="http://x/Questionnaire/C-SSRS"
    )
    assert given(read(form)) == [("cssrs-1", 0), ("cssrs-2", 0), ("cssrs-lifetime", 0)]


@pytest.mark.parametrize("status", ["in-progress", "stopped", "amended", "completed", "", "unknown"])
def test_a_positive_answer_counts_whatever_the_status(status: str) -> None:
    """A form that was begun tells what was answered; its total is not one yet."""
    found = read(response(item("/44260-8", DAILY), status=status))
    assert given(found) == [("phq9-item9", 3)]


@pytest.mark.parametrize(("status", "read_as"), [("in-progress", []), ("completed", [("phq9-item9", 0)])])
def test_an_answer_of_no_needs_a_finished_form(status: str, read_as: list[tuple[str, int]]) -> None:
    """What is not finished clears nobody."""
    assert given(read(response(item("/44260-8", {"valueInteger": 0}), status=status))) == read_as


@pytest.mark.parametrize("status", ["registered", "cancelled", "unknown", "preliminary", ""])
def test_a_positive_observation_counts_whatever_the_status(status: str) -> None:
    """Only what was entered in error does not."""
    assert given(read(observation("44260-8", valueInteger=2, status=status))) == [("phq9-item9", 2)]
    assert given(read(observation("44260-8", valueInteger=2, status="entered-in-error"))) == []


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (response(item("/44260-8", {"valueString": "see scanned form"})), [("phq9-item9", None)]),
        (response(item("/44260-8", {"valueInteger": 7})), [("phq9-item9", None)]),
        (response(item("/44260-8", DAILY), authored=""), [("phq9-item9", 3)]),
        (response(item("/44260-8", {"valueInteger": 0}), authored=""), []),
        (observation("44260-8", valueString="patient tearful"), [("phq9-item9", None)]),
        (observation("93246-7", valueString="maybe"), [("cssrs-1", None)]),
        (observation("44260-8", valueInteger=2, effectiveDateTime=""), [("phq9-item9", 2)]),
        (observation("", code={"text": "MADRS 10: suicidal thoughts"}, valueInteger=4), [("", None)]),
        (observation("", code={"text": "Suicide risk screen"}, valueString="Denies"), []),
        (observation("", code={"text": "Family history of suicide"}, valueString="Yes"), []),
        (response(item("x", {"valueString": "Yes"}, text="Any thoughts of self-harm today?")), [("", None)]),
        (response(item("suicidal-thoughts", {"valueBoolean": True})), [("", None)]),
        (response(item("suicidal-thoughts", {"valueBoolean": False})), []),
        (response(*nine("abcdefghi")), [("phq9-item9", None)]),
        (response(*nine("abcdefghi", last={"valueInteger": 0})), []),
        (
            response(item("a", DAILY), item("b", DAILY), questionnaire="Questionnaire/phq9"),
            [("phq9-item9", None)],
        ),
    ],
)
def test_what_cannot_be_used_is_named(sent: Json, expected: list[tuple[str, int | None]]) -> None:
    """What looks like an answer about suicide is not passed over; one that denies it asks for nothing."""
    found = read(sent)
    assert (given(found), lost(found)) == ([], expected)


def test_words_stand_above_the_number_of_a_local_code() -> None:
    """A site may number "not at all" 1."""
    assert given(read(response(item("/44260-8", local("Not at all", "1"))))) == [("phq9-item9", 0)]


def test_the_graver_of_code_and_words_counts() -> None:
    """They disagree: the answer may be the graver one."""
    answered = {"valueCoding": {"system": LOINC, "code": "LA6568-5", "display": "Nearly every day"}}
    assert given(read(response(item("/44260-8", answered)))) == [("phq9-item9", 3)]


@pytest.mark.parametrize(
    ("code", "value", "scale"),
    [
        (concept("44249-1", LOINC), 24, "PHQ-9"),
        (concept("720433000", SNOMED), 24, "PHQ-9"),
        ({"text": "PHQ-9"}, 24, "PHQ-9"),
        ({"text": "Patient Health Questionnaire-9 score"}, 24, "PHQ-9"),
        ({"text": "MADRS"}, 31, "MADRS"),
        ({"text": "Montgomery-Åsberg Depression Rating Scale, total score"}, 31, "MADRS"),
        ({"text": "QIDS-SR16"}, 18, "QIDS-SR16"),
        ({"text": "HAM-D 17 total"}, 22, "HAM-D17"),
        ({"text": "Hamilton Rating Scale for Depression"}, 22, "HAM-D17"),
    ],
)
def test_totals_by_panel_and_by_name(code: Json, value: int, scale: str) -> None:
    """A plausible number under the name of a scale is its total."""
    found = read(observation("", code=code, valueInteger=value))
    assert [(score.scale, score.total) for score in found.scores] == [(scale, value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [("BDI-II", 30), ("HAM-D6 total", 12), ("PHQ-9 score", 40), ("MADRS baseline visit", 31)],
)
def test_a_total_that_is_not_read_is_named(text: str, value: int) -> None:
    """Another scale, another version of one, an impossible number, or words that nobody knows."""
    found = read(observation("", code={"text": text}, valueInteger=value))
    assert found.scores == ()
    assert len(reasons(found)) == 1


@pytest.mark.parametrize("text", ["MADRS item 3: inner tension", "PHQ-9 difficulty question"])
def test_an_item_of_a_scale_is_no_total(text: str) -> None:
    """It is passed over as any other measurement."""
    found = read(observation("", code={"text": text}, valueInteger=3))
    assert (found.scores, found.unreadable) == ((), ())


def test_a_form_of_many_items_is_read_in_one_go() -> None:
    """Thousands of items, and groups a hundred deep, are read like any other."""
    deep = item("/44260-8", DAILY)
    for level in range(100):
        deep = item(f"g{level}", items=(deep,))
    found = read(response(*(item(str(n), {"valueString": "x"}, text="Colour?") for n in range(5000)), deep))
    assert given(found) == [("phq9-item9", 3)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("High risk, see note", [("", None)]), ("Negative", []), ("", [])],
)
def test_a_value_under_the_code_of_the_screener_itself(
    value: str, expected: list[tuple[str, int | None]]
) -> None:
    """It tells something of the risk that no item says; what denies it is listed only."""
    assert lost(read(observation("93373-9", valueString=value))) == expected


def test_components_are_items_of_the_form_above_them() -> None:
    """The panel names the form, the components only their number."""
    parts = [{"code": {"text": f"Item {n}"}, "valueInteger": 2} for n in range(1, 10)]
    found = read(observation("", code={"text": "PHQ-9"}, component=parts))
    assert given(found) == [("phq9-item9", 2)]
    assert [score.total for score in found.scores] == [18]
