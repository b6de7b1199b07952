"""Records, cards and feedback for tests: each function makes a plain one, changed as the test says."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from cds_hooks.feedback import Feedback, GivenReason
from service.records.record import DecisionRecord, ShownCard

NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
OFFERED = {(SYSTEM, "patient-refuses"), (SYSTEM, "cds-not-applicable")}
_RECORD = DecisionRecord(
    id="",
    at=NOW,
    service="ketamine-referral-patient-view",
    hook="patient-view",
    outcome="answered",
    status=200,
    issuer=None,
    tenant=None,
    patient_key="a" * 64,
    user_key="b" * 64,
    key_id="c" * 8,
    software="0.1.0",
    rule_set="2026-03-01+abc",
    terminology="2026-03-01+def",
    profile="default",
    time_zone="Europe/Vienna",
    evaluated_on=date(2026, 3, 2),
    input_digest="d" * 64,
    assessment_digest="e" * 64,
    verdict={"conclusion": "supported", "counts": {"counted": 2, "possible": 0}, "gate": None},
    completeness={"patient": "sent", "conditions": "failed:timeout"},
    timings_ms={"assess": 1.25, "total": 20.0},
    cards=(),
)


def card(**changes: Any) -> ShownCard:
    """Make a card that was shown."""
    plain = ShownCard(uuid=str(uuid4()), topic="decision", indicator="info", suggestions=(str(uuid4()),))
    return replace(plain, **changes)


def record(*cards: ShownCard, **changes: Any) -> DecisionRecord:
    """Make the record of a call that was answered with `cards`."""
    return replace(_RECORD, **{"id": str(uuid4()), "cards": cards, **changes})


def overridden(card_uuid: str, code: str | None = None, **changes: Any) -> Feedback:
    """Make the report that a card was overridden, perhaps for a reason that cards offer."""
    reason = GivenReason(code=code, system=SYSTEM, display=None) if code else None
    plain = Feedback(
        card=card_uuid, outcome="overridden", at=NOW, accepted_suggestions=(), reason=reason, comment=None
    )
    return replace(plain, **changes)


def accepted(card_uuid: str, **changes: Any) -> Feedback:
    """Make the report that a suggestion of a card was accepted."""
    return overridden(card_uuid, outcome="accepted", accepted_suggestions=(str(uuid4()),), **changes)
