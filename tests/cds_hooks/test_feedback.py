"""Feedback: what users did with cards, as clients report it."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from cds_hooks.errors import BadRequestError
from cds_hooks.feedback import MOST_ITEMS, Feedback, GivenReason, read_feedback

CARD = "4e0a3a1e-3283-4575-ab82-028d55fe2719"
SUGGESTION = "e56e1945-20b3-4393-8503-a1a20fd73152"
ACCEPTED = {
    "card": CARD,
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": SUGGESTION}],
    "outcomeTimestamp": "2026-03-02T08:30:00Z",
}
OVERRIDDEN = {
    "card": CARD,
    "outcome": "overridden",
    "overrideReason": {
        "reason": {
            "code": "elsewhere",
            "system": "https://schedule.example/reasons",
            "display": "Given elsewhere",
        },
        "userComment": "Jane Roe had it abroad",
    },
    "outcomeTimestamp": "2026-03-02T09:30:00+01:00",
}
AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def read(*items: Any) -> tuple[Feedback, ...]:
    """The items of a body of feedback."""
    return read_feedback(json.dumps({"feedback": items}).encode())


def test_a_body_reports_so_many_cards_and_no_more() -> None:
    """What is stored for one body is bounded, whether anybody knows the cards or not."""
    assert len(read(*[ACCEPTED] * MOST_ITEMS)) == MOST_ITEMS
    with pytest.raises(BadRequestError, match=f"at most {MOST_ITEMS}"):
        read(*[ACCEPTED] * (MOST_ITEMS + 1))


class TestItems:
    """F-02 to F-05: items of one card or several."""

    def test_accepted_and_overridden(self) -> None:
        """A body may report several cards, and each item is read with all that it says."""
        assert read(ACCEPTED, OVERRIDDEN) == (
            Feedback(
                card=CARD,
                outcome="accepted",
                at=AT,
                accepted_suggestions=(SUGGESTION,),
                reason=None,
                comment=None,
            ),
            Feedback(
                card=CARD,
                outcome="overridden",
                at=AT,
                accepted_suggestions=(),
                reason=GivenReason(
                    code="elsewhere",
                    system="https://schedule.example/reasons",
                    display="Given elsewhere",
                ),
                comment="Jane Roe had it abroad",
            ),
        )

    @pytest.mark.parametrize(
        "written", ["2026-03-02t08:30:00z", "2026-03-02T09:30:00+01:00", "2026-03-02T08:30:00.000Z"]
    )
    def test_times_as_the_standard_writes_them(self, written: str) -> None:
        """RFC 3339 lets `t` and `z` be small."""
        assert read(ACCEPTED | {"outcomeTimestamp": written})[0].at == AT

    def test_leap_second(self) -> None:
        """It is the end of its minute."""
        [item] = read(ACCEPTED | {"outcomeTimestamp": "2016-12-31T23:59:60Z"})
        assert item.at == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)

    def test_repeats(self) -> None:
        """F-06: the same card may be reported twice."""
        assert len(read(ACCEPTED, ACCEPTED)) == 2

    @pytest.mark.parametrize(
        "reason", [{"code": "x"}, {"code": "x", "display": "X"}, {"code": "x", "system": "y"}]
    )
    def test_reasons_of_clients(self, reason: dict[str, str]) -> None:
        """F-08: reasons come without display and without system."""
        [item] = read(OVERRIDDEN | {"overrideReason": {"reason": reason}})
        assert item.reason == GivenReason(
            code="x", system=reason.get("system"), display=reason.get("display")
        )

    @pytest.mark.parametrize("override", [None, {"userComment": "no time"}])
    def test_overriding_needs_no_reason(self, override: Any) -> None:
        """A user who gives no reason has overridden the card all the same."""
        [item] = read(OVERRIDDEN | {"overrideReason": override})
        assert item.reason is None

    def test_comments_are_not_shown(self) -> None:
        """What a log line may hold of feedback does not tell what the user wrote."""
        assert "Jane" not in repr(read(OVERRIDDEN))


class TestRefusals:
    """F-02 to F-05: what is no feedback."""

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"card": None}, "card"),
            ({"card": "1"}, "card"),
            ({"outcome": "ignored"}, "outcome"),
            ({"outcomeTimestamp": "2026-03-02"}, "outcomeTimestamp"),
            ({"outcomeTimestamp": "2026-03-02T08:30:00"}, "outcomeTimestamp"),
            ({"outcomeTimestamp": 5}, "outcomeTimestamp"),
            ({"acceptedSuggestions": []}, "acceptedSuggestions"),
            ({"acceptedSuggestions": None}, "acceptedSuggestions"),
            ({"acceptedSuggestions": [{"id": "1"}]}, "acceptedSuggestions[0].id"),
            ({"acceptedSuggestions": ["1"]}, "acceptedSuggestions[0]"),
            ({"overrideReason": "x"}, "overrideReason"),
            ({"overrideReason": {}}, "overrideReason.reason"),
            ({"overrideReason": {"reason": None, "userComment": None}}, "overrideReason.reason"),
            ({"overrideReason": {"reason": {}}}, "overrideReason.reason.code"),
        ],
    )
    def test_an_item_that_is_wrong(self, change: dict[str, Any], path: str) -> None:
        """The path of the refusal names the item and what is wrong in it."""
        with pytest.raises(BadRequestError) as refused:
            read(OVERRIDDEN, ACCEPTED | change)
        assert [issue.expression for issue in refused.value.issues] == [f"feedback[1].{path}"]

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ({"card": 1}, "a UUID"),
            ({"outcome": 1}, "`accepted` or `overridden`"),
            ({"outcomeTimestamp": 1}, "a date and time with offset"),
            ({"acceptedSuggestions": 1}, "an array"),
            ({"acceptedSuggestions": ["1"]}, "an object"),
            ({"acceptedSuggestions": [{"id": 1}]}, "a UUID"),
            ({"overrideReason": 1}, "an object"),
            ({"overrideReason": {"reason": 1}}, "an object"),
            ({"overrideReason": {"reason": {"code": 1}}}, "a code"),
            ({"overrideReason": {"reason": {"code": "x", "system": 1}}}, "a string"),
            ({"overrideReason": {"reason": {"code": "x", "display": 1}}}, "a string"),
            ({"overrideReason": {"userComment": 1}}, "a string"),
        ],
    )
    def test_a_refusal_says_what_was_expected(self, change: dict[str, Any], expected: str) -> None:
        """Whoever debugs a caller need not look it up."""
        with pytest.raises(BadRequestError) as refused:
            read(ACCEPTED | change)
        assert [issue.text for issue in refused.value.issues] == [f"expected {expected}"]

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (b"[]", "$this"),
            (b"{}", "feedback"),
            (b'{"feedback": []}', "feedback"),
            (b'{"feedback": 1}', "feedback"),
            (b'{"feedback": [1]}', "feedback[0]"),
            (b'{"feedback": [null]}', "feedback[0]"),
        ],
    )
    def test_a_body_that_is_wrong(self, body: bytes, path: str) -> None:
        """A body that holds no items is refused, with what was expected in their place."""
        with pytest.raises(BadRequestError) as refused:
            read_feedback(body)
        (issue,) = refused.value.issues
        assert issue.expression == path
        assert re.fullmatch(r"(missing; )?expected (an object|an array|one item or more, .*)", issue.text)
