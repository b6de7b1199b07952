"""From an answered call to its decision record: codes, counts, keyed digests and times, nothing else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from typing import Any

from cds_hooks.cards import Card
from cds_hooks.request import HookRequest
from cds_hooks.service import Answered, CallOutcome
from mappings.knowledge import Knowledge
from mappings.wording import Wording
from service.clinical.assessment import Assessment
from service.fhir.decode import read_replies
from service.fhir.prefetch import KEY
from service.records.digests import assessment_digest, input_digest, key_id, patient_key, user_key
from service.records.record import CallTrace, DecisionRecord, ShownCard, Versions
from service.render.view import View
from service.settings import Settings


def running_versions(settings: Settings, knowledge: Knowledge) -> Versions:
    """Return the versions and settings that decide in this process."""
    return Versions(
        software=version("ketamine-cds"),
        rule_set=knowledge.rule_set,
        terminology=knowledge.terminology.version,
        profile=settings.profile,
        time_zone=settings.time_zone.key,
    )


def decision_record(
    answered: Answered, *, record_id: str, at: datetime, versions: Versions, key: bytes, wording: Wording
) -> DecisionRecord:
    """Return the record of one call; `record_id` is the `X-Request-Id` of its answer."""
    request, caller = answered.request, answered.caller
    trace = answered.trace if isinstance(answered.trace, CallTrace) else None
    view = View(wording=wording, of=trace.assessment) if trace and trace.assessment else None
    return DecisionRecord(
        id=record_id,
        at=at,
        service=answered.service.id,
        hook=answered.service.hook,
        outcome=answered.outcome.value,
        status=answered.status,
        issuer=caller.issuer,
        tenant=caller.tenant,
        patient_key=patient_key(key, caller, request) if request else None,
        user_key=user_key(key, caller, request) if request else None,
        key_id=key_id(key),
        software=versions.software,
        rule_set=versions.rule_set,
        terminology=versions.terminology,
        profile=versions.profile,
        time_zone=versions.time_zone,
        evaluated_on=trace.evaluated_on if trace else None,
        input_digest=_input_digest(key, request, trace, answered.outcome),
        assessment_digest=assessment_digest(key, view) if view else None,
        verdict=verdict(trace) if trace else {},
        completeness=_of_own_keys(trace.completeness) if trace else {},
        timings_ms=_timings(trace, answered.seconds),
        cards=tuple(_cards(answered.cards, trace)),
    )


def _input_digest(
    key: bytes, request: HookRequest | None, trace: CallTrace | None, outcome: CallOutcome
) -> str | None:
    """Return the digest of the input; None if the call could not be read or was given up."""
    if request is None or outcome is CallOutcome.STOPPED:
        return None
    if trace and trace.input_digest:
        return trace.input_digest
    return input_digest(key, request, trace.sent if trace else read_replies(request.prefetch))


def verdict(trace: CallTrace) -> Mapping[str, Any]:
    """Return the verdict in codes, as JSON.

    Courses with the same verdict are listed once, so that a record stays small whatever was sent.
    """
    orders = {"orders": trace.concern} if trace.concern else {}
    return {**orders, **(_codes(trace.assessment) if trace.assessment else {})}


def _codes(assessment: Assessment) -> dict[str, Any]:
    counts = assessment.counts
    return {
        "conclusion": assessment.conclusion.value,
        "gate": assessment.gate.id if assessment.gate else None,
        "assessable": assessment.assessable,
        "counts": {"counted": counts.counted, "possible": counts.possible, "lifetime": counts.lifetime},
        "trials": _distinct((t.ingredient, t.status, t.reason) for t in assessment.trials),
        "flags": _distinct((flag.id, flag.esketamine, flag.ketamine) for flag in assessment.flags),
        "missing": sorted({gap.id for gap in assessment.missing}),
        "safety": sorted({trigger.id for trigger in assessment.safety}),
        "unreadable": len({entry.reference for entry in assessment.unreadable}),
    }


def _distinct(rows: Iterable[tuple[str | None, ...]]) -> list[list[str | None]]:
    """Return each row once, as a list, because JSON gives lists back."""
    return [list(row) for row in sorted(set(rows), key=lambda row: [part or "" for part in row])]


def _of_own_keys(completeness: Mapping[str, str]) -> dict[str, str]:
    """Return the entries without keys that the client made up: those are its words, not ours."""
    return {key: word for key, word in completeness.items() if KEY.fullmatch(key)}


def _timings(trace: CallTrace | None, seconds: float) -> dict[str, float]:
    spent = dict(trace.timings_ms) if trace else {}
    return {name: round(ms, 3) for name, ms in {**spent, "total": seconds * 1000}.items()}


def _cards(shown: Sequence[Card], trace: CallTrace | None) -> Iterator[ShownCard]:
    keys = trace.suppression_keys if trace else {}
    for card in shown:
        yield _card(card, keys)
    for card in trace.suppressed if trace else ():
        yield replace(_card(card, keys), suppressed=True)
    for card in trace.silent if trace else ():
        yield replace(_card(card, keys), silent=True)


def _card(card: Card, keys: Mapping[str, str]) -> ShownCard:
    return ShownCard(
        uuid=card.uuid,
        topic=card.source.topic.code if card.source.topic else "",
        indicator=card.indicator,
        suppression_key=keys.get(card.uuid),
        suggestions=tuple(suggestion.uuid for suggestion in card.suggestions),
    )
