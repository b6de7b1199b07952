"""Cards: which ones exist, what they look like on the wire, and that both sides judge alike."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from marshmallow import ValidationError

from cds_hooks.cards import LONGEST_SUMMARY, Action, Card, Coding, Link, Source, hollow, response
from cds_hooks.response import ResponseSchema
from tests.cds_hooks.example import BOOSTER_DUE, NOT_CHECKED

SUGGESTION = BOOSTER_DUE.suggestions[0]
CREATE, DELETE = SUGGESTION.actions
ABSOLUTE, SMART = BOOSTER_DUE.links
OTHER_UUID = "0b0c9a5e-52a7-4bb0-9b4e-0a6a35c1a009"
ORDER = {"resourceType": "ServiceRequest", "id": "1", "status": "draft"}

ON_THE_WIRE: dict[str, Any] = {
    "uuid": "0b0c9a5e-52a7-4bb0-9b4e-0a6a35c1a001",
    "summary": "Tetanus booster is due: no shot on record",
    "detail": "No **tetanus** shot was received in `shots`.",
    "indicator": "warning",
    "source": {
        "label": "Example immunization schedule",
        "url": "https://schedule.example/tetanus",
        "icon": "https://schedule.example/icon.png",
        "topic": {"system": "https://schedule.example/topics", "code": "tetanus"},
    },
    "suggestions": [
        {
            "uuid": "0b0c9a5e-52a7-4bb0-9b4e-0a6a35c1a002",
            "label": "Draft the order of a booster",
            "isRecommended": True,
            "actions": [
                {
                    "type": "create",
                    "description": "Draft the order of a booster",
                    "resource": {"resourceType": "ServiceRequest", "status": "draft", "intent": "order"},
                },
                {
                    "type": "delete",
                    "description": "Remove the order of wound care alone",
                    "resourceId": "ServiceRequest/wound-care",
                },
            ],
        }
    ],
    "selectionBehavior": "at-most-one",
    "overrideReasons": [
        {"system": "https://schedule.example/reasons", "code": "elsewhere", "display": "Given elsewhere"}
    ],
    "links": [
        {"label": "The schedule", "url": "https://schedule.example/tetanus", "type": "absolute"},
        {
            "label": "Plan the series",
            "url": "https://schedule.example/launch",
            "type": "smart",
            "appContext": "tetanus",
            "autolaunchable": False,
        },
    ],
}


def faults(body: Mapping[str, Any]) -> dict[str, list[str]]:
    """What the schema of responses has against `body`."""
    return ResponseSchema().validate(body)


class TestOnTheWire:
    """R-01, R-03 and C: what a client gets."""

    def test_a_card_with_everything(self) -> None:
        """Every attribute has its name and place in the standard."""
        assert response([BOOSTER_DUE]) == {"cards": [ON_THE_WIRE]}

    def test_a_card_with_the_least(self) -> None:
        """What a card does not have is left out."""
        assert set(response([NOT_CHECKED])["cards"][0]) == {"uuid", "summary", "indicator", "source"}

    def test_no_cards(self) -> None:
        """R-01: nothing to say is an empty list."""
        assert response([]) == {"cards": []}

    @pytest.mark.parametrize("cards", [[], [NOT_CHECKED], [BOOSTER_DUE], [BOOSTER_DUE, NOT_CHECKED]])
    def test_the_schema_finds_no_fault(self, cards: list[Card]) -> None:
        """Cards that exist make a response that the closed schema accepts, with nothing empty in it."""
        assert faults(response(cards)) == {}
        assert not any(hollow(card.to_json()) for card in cards)

    def test_uuids_are_not_shared(self) -> None:
        """C-08: feedback names a card by its uuid, so no two cards of an answer share one."""
        with pytest.raises(ValueError, match="uuid of its own"):
            response([NOT_CHECKED, replace(BOOSTER_DUE, uuid=NOT_CHECKED.uuid)])


class TestSummary:
    """C-01: one sentence of fewer than 140 characters."""

    def test_the_longest(self) -> None:
        """A summary may have 139 characters and no more."""
        assert replace(NOT_CHECKED, summary="é" * LONGEST_SUMMARY).to_json()["summary"] == "é" * 139
        with pytest.raises(ValueError, match="139"):
            replace(NOT_CHECKED, summary="é" * 140)

    @pytest.mark.parametrize(
        "summary", ["", "  ", "two\nlines", "two\r\nlines", "line and end\n", "two\u2028lines"]
    )
    def test_it_is_one_line(self, summary: str) -> None:
        """An empty summary, or one of several lines, makes no card."""
        with pytest.raises(ValueError, match="summary"):
            replace(NOT_CHECKED, summary=summary)


class TestCardsThatDoNotExist:
    """C-02 to C-13, S and K: what would break the standard cannot be made."""

    @pytest.mark.parametrize("uuid", ["", "1", OTHER_UUID.upper(), OTHER_UUID.replace("-", "")])
    def test_uuids_are_in_lower_case(self, uuid: str) -> None:
        """C-08: cards and suggestions have a lower-case hyphenated uuid."""
        with pytest.raises(ValueError, match="uuid"):
            replace(NOT_CHECKED, uuid=uuid)
        with pytest.raises(ValueError, match="uuid"):
            replace(SUGGESTION, uuid=uuid)

    @pytest.mark.parametrize("indicator", ["", "success", "hard-stop", "Info"])
    def test_indicators(self, indicator: Any) -> None:
        """C-02: an indicator is one of three."""
        with pytest.raises(ValueError, match="indicator"):
            replace(NOT_CHECKED, indicator=indicator)

    def test_sources(self) -> None:
        """C-03 and C-04: a source has a label, and its addresses are absolute."""
        with pytest.raises(ValueError, match="label"):
            Source(label=" ")
        for address in ("", "/about", "javascript:alert(1)", "ehr.example"):
            with pytest.raises(ValueError, match="web addresses"):
                Source(label="x", url=address)
            with pytest.raises(ValueError, match="web addresses"):
                Source(label="x", icon=address)

    def test_codings(self) -> None:
        """C-12: a coding has system and code."""
        with pytest.raises(ValueError, match="coding"):
            Coding(system="", code="x")
        with pytest.raises(ValueError, match="coding"):
            Coding(system="x", code="")

    def test_override_reasons(self) -> None:
        """C-10: an override reason has a display."""
        with pytest.raises(ValueError, match="display"):
            replace(NOT_CHECKED, override_reasons=[Coding(system="x", code="y")])

    @pytest.mark.parametrize("behavior", [None, "all", ""])
    def test_suggestions_say_how_many_apply(self, behavior: Any) -> None:
        """C-09: with suggestions comes a selection behaviour that clients know."""
        with pytest.raises(ValueError, match=r"selectionBehavior|how many"):
            replace(BOOSTER_DUE, selection_behavior=behavior)

    def test_recommended_suggestions(self) -> None:
        """S-03: two suggestions are recommended only where both may be accepted."""
        both = [SUGGESTION, replace(SUGGESTION, uuid=OTHER_UUID)]
        assert len(replace(BOOSTER_DUE, suggestions=both, selection_behavior="any").suggestions) == 2
        with pytest.raises(ValueError, match="recommended"):
            replace(BOOSTER_DUE, suggestions=both)

    def test_suggestions_and_links_have_labels(self) -> None:
        """S-01 and K-01: a label is what the user reads."""
        with pytest.raises(ValueError, match="label"):
            replace(SUGGESTION, label="")
        with pytest.raises(ValueError, match="label"):
            replace(ABSOLUTE, label="")

    @pytest.mark.parametrize(
        ("kind", "members"),
        [
            ("create", {}),
            ("create", {"resource": {}}),
            ("create", {"resource": {"status": "draft"}}),
            ("create", {"resource": {"resourceType": "ServiceRequest", "note": []}}),
            ("create", {"resource": {"resourceType": "ServiceRequest", "code": {"text": None}}}),
            ("create", {"resource": ORDER, "resource_id": "ServiceRequest/1"}),
            ("update", {"resource_id": "ServiceRequest/1"}),
            ("delete", {}),
            ("delete", {"resource_id": "1"}),
            ("delete", {"resource_id": "https://ehr.example/ServiceRequest/1"}),
            ("delete", {"resource_id": "ServiceRequest/1", "resource": ORDER}),
            ("replace", {"resource": ORDER}),
        ],
    )
    def test_actions(self, kind: Any, members: dict[str, Any]) -> None:
        """S-05 to S-07: an action has the resource, or the reference, that its type needs, and no other."""
        with pytest.raises(ValueError, match="action"):
            Action(type=kind, description="x", **members)

    def test_actions_are_described(self) -> None:
        """S-05: an action has a description."""
        with pytest.raises(ValueError, match="description"):
            replace(CREATE, description="")

    def test_links(self) -> None:
        """K-01 and K-02: a link is absolute or smart, with a web address; only apps get a context."""
        with pytest.raises(ValueError, match="type of a link"):
            Link(label="x", url="https://schedule.example", type="page")  # type: ignore[arg-type]  # the test
        with pytest.raises(ValueError, match="web address"):
            replace(ABSOLUTE, url="schedule.example")
        with pytest.raises(ValueError, match="appContext"):
            replace(ABSOLUTE, app_context="x")


class TestSchema:
    """C-13 and W: a response that any closed validator would refuse has faults."""

    @pytest.mark.parametrize(
        "change",
        [
            {"extra": 1},
            {"uuid": OTHER_UUID.upper()},
            {"summary": "x" * 140},
            {"summary": ""},
            {"summary": "two\nlines"},
            {"detail": ""},
            {"detail": None},
            {"indicator": "success"},
            {"source": {}},
            {"source": {"label": "x", "url": None}},
            {"source": {"label": "x", "url": "about"}},
            {"source": {"label": "x", "topic": {"code": "x"}}},
            {"suggestions": []},
            {"selectionBehavior": "all"},
            {"suggestions": [{"uuid": OTHER_UUID, "label": "x", "actions": []}]},
            {"suggestions": [{"uuid": OTHER_UUID, "label": "x", "isRecommended": "yes"}]},
            {"suggestions": [{"uuid": OTHER_UUID, "label": "x", "actionSelectionBehavior": "any"}]},
            {"suggestions": [{"uuid": ON_THE_WIRE["uuid"], "label": "x"}]},
            {
                "suggestions": [
                    {"uuid": OTHER_UUID, "label": "x", "isRecommended": True},
                    {"uuid": NOT_CHECKED.uuid, "label": "y", "isRecommended": True},
                ]
            },
            {"overrideReasons": [{"code": "x", "system": "y"}]},
            {"links": [{"label": "x", "url": "https://a.example", "type": "absolute", "appContext": "y"}]},
            {"links": [{"label": "x", "url": "https://a.example"}]},
        ],
    )
    def test_faults_of_a_card(self, change: dict[str, Any]) -> None:
        """Each departure from the standard is found."""
        assert faults({"cards": [ON_THE_WIRE | change]})

    @pytest.mark.parametrize(
        "change",
        [
            {"type": "remove"},
            {"description": ""},
            {"resource": None},
            {"resource": {"status": "draft"}},
            {"resource": {"resourceType": "ServiceRequest", "note": [None]}},
            {"resourceId": "ServiceRequest/1"},
        ],
    )
    def test_faults_of_an_action(self, change: dict[str, Any]) -> None:
        """S-05 to S-07: each departure of an action is found."""
        suggestion = {"uuid": OTHER_UUID, "label": "x", "actions": [CREATE.to_json() | change]}
        assert faults({"cards": [ON_THE_WIRE | {"suggestions": [suggestion]}]})

    @pytest.mark.parametrize("name", ["uuid", "summary", "indicator", "source", "selectionBehavior"])
    def test_what_a_card_needs(self, name: str) -> None:
        """A card that lacks what the standard requires has a fault."""
        assert faults({"cards": [{key: value for key, value in ON_THE_WIRE.items() if key != name}]})

    @pytest.mark.parametrize("body", [{}, {"cards": None}, {"cards": [], "systemActions": []}])
    def test_faults_of_a_response(self, body: dict[str, Any]) -> None:
        """R-01 and R-02: an answer has cards, and nothing that was not agreed upon."""
        with pytest.raises(ValidationError):
            ResponseSchema().load(body)
