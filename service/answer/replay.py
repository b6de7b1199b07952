"""Replay: does a captured call still give the assessment of its record, and if not, what has changed?

The call is handled like any other, on the day and under the profile of the record, but nothing is fetched
and no card is suppressed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from cds_hooks.errors import CallerError
from cds_hooks.request import read_request
from cds_hooks.service import CallOutcome
from cds_hooks.trust import CdsClient
from mappings.knowledge import Knowledge
from mappings.wording import Wording
from service.access.callers import asked_by_issuer, issuers
from service.access.sites import USUAL
from service.answer.cards import RuleSet
from service.answer.services import CallContext, answer
from service.fetch.server import Refusal
from service.fhir.decode import read_replies
from service.fhir.prefetch import usual
from service.records.digests import assessment_digest, input_digest, key_id
from service.records.record import CallTrace, DecisionRecord, Versions
from service.records.recording import running_versions, verdict
from service.render.view import View
from service.settings import Settings

_ASKED = ("fetched", "failed")  # how the words begin that say that data were asked of the EHR
_NOT_ASKED = frozenset(f"failed:{refusal}" for refusal in Refusal)  # but that was not allowed


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """How a call compares with its record.

    `obstacle` says why it cannot be compared at all, None when it can. `changes` name each other version,
    setting and input; `outcomes` what is another result, None when the assessment was not made again.
    """

    record_id: str
    obstacle: str | None = None
    changes: tuple[str, ...] = ()
    outcomes: tuple[str, ...] | None = None

    @property
    def same(self) -> bool:
        """Whether the same input gave the same assessment under the same versions and settings."""
        return self.obstacle is None and not self.changes and self.outcomes == ()


def replay(
    raw: bytes, record: DecisionRecord, settings: Settings, knowledge: Knowledge, key: bytes
) -> Replayed:
    """Compare the call whose body is `raw` with `record`; versions and settings are those of this process."""
    if obstacle := _obstacle(record):
        return Replayed(record_id=record.id, obstacle=obstacle)
    context = _call_context(record, settings, knowledge, key)
    unlike = tuple(_unlike_input(raw, record, key))
    return Replayed(
        record_id=record.id,
        changes=(*unlike, *_unlike_edition(record, context.versions)),
        outcomes=None
        if unlike
        else tuple(_unlike_outcome(_trace(raw, record, context), record, knowledge.wording, key)),
    )


def replay_text(replayed: Replayed) -> str:
    """Return the comparison as text for people."""
    if replayed.same:
        return f"same assessment (record {replayed.record_id})"
    if replayed.obstacle is not None:
        return f"not replayable: {replayed.obstacle} (record {replayed.record_id})"
    if replayed.outcomes is None:
        told = ["the assessment was not made again"]
    else:
        told = [*replayed.outcomes] or ["the assessment is the same nevertheless"]
    return "\n  ".join([f"not the same (record {replayed.record_id})", *replayed.changes, *told])


def _obstacle(record: DecisionRecord) -> str | None:
    if record.outcome != CallOutcome.ANSWERED:
        fate = "failed" if record.outcome == CallOutcome.FAILED else "was refused"
        return f"the call {fate}, so there is no assessment to compare with"
    if asked := [key for key, state in record.completeness.items() if _was_asked(state)]:
        return f"data were asked of the EHR, and what it answered is not kept: {', '.join(sorted(asked))}"
    return None if record.evaluated_on else "the record has no day of evaluation"


def _was_asked(state: str) -> bool:
    return state.startswith(_ASKED) and state not in _NOT_ASKED


def _unlike_input(raw: bytes, record: DecisionRecord, key: bytes) -> Iterator[str]:
    if key_id(key) != record.key_id:
        yield f"hash key: recorded with {record.key_id}, here {key_id(key)}; inputs cannot be compared"
    elif _digest(raw, record, key) != record.input_digest:
        yield "input: not the body that was recorded"


def _digest(raw: bytes, record: DecisionRecord, key: bytes) -> str | None:
    """Return the digest of a captured call; None if it cannot be read as a call of the recorded hook."""
    try:
        request = read_request(raw, record.hook)
    except CallerError:
        return None
    return input_digest(key, request, read_replies(request.prefetch))


def _unlike_edition(record: DecisionRecord, here: Versions) -> Iterator[str]:
    for name, then, now in (
        ("software", record.software, here.software),
        ("rule set", record.rule_set, here.rule_set),
        ("terminology", record.terminology, here.terminology),
        ("profile", record.profile, here.profile),
        ("time zone", record.time_zone, here.time_zone),
    ):
        if then != now:
            yield f"{name}: recorded with {then}, here {now}"


def _unlike_outcome(
    trace: CallTrace | None, record: DecisionRecord, wording: Wording, key: bytes
) -> Iterator[str]:
    if trace is None:
        yield "assessment: no longer made for this call"
        return
    view = View(wording=wording, of=trace.assessment) if trace.assessment else None
    if (assessment_digest(key, view) if view else None) != record.assessment_digest:
        yield "assessment: not the one that was recorded"
    now = verdict(trace)
    if other := sorted(name for name in {*now, *record.verdict} if now.get(name) != record.verdict.get(name)):
        yield f"verdict: not the one that was recorded in {', '.join(other)}"


def _trace(raw: bytes, record: DecisionRecord, context: CallContext) -> CallTrace | None:
    """Return the trace of the call if answered now; None if it is refused or its profile no longer exists."""
    if record.profile not in context.rules.knowledge.criteria:
        return None
    try:
        reply = answer(read_request(raw, record.hook), CdsClient(), context)
    except CallerError:
        return None
    return cast(CallTrace, reply.trace)


def _call_context(
    record: DecisionRecord, settings: Settings, knowledge: Knowledge, key: bytes
) -> CallContext:
    """Return the context on the day and under the profile of the record, without EHR access or memory."""
    day = record.evaluated_on
    assert day is not None, "a record without it is not replayable"
    asked = asked_by_issuer(issuers(settings), knowledge.prefetch)
    return CallContext(
        rules=RuleSet(
            knowledge=knowledge, profile=record.profile, source_url=f"{settings.public_url}/basis/"
        ),
        versions=running_versions(settings, knowledge),
        today=lambda: day,
        hash_key=key,
        asked=lambda caller: asked.get(record.issuer or "", usual(knowledge.prefetch)),
        complete=lambda request, caller, sent: sent,
        overridden=lambda keys: (),
        site=lambda caller: USUAL,
    )
