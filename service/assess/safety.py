"""Suicide risk on record: what calls for a safety assessment, and what lowers it.

SAFE-1 and SAFE-2 rest on recent answers and diagnoses, SAFE-3 on older ones that no negative screen followed.
A complete negative C-SSRS screener on the same day or later lowers what it can (SAFE-DOWN): SAFE-2 and SAFE-3
become information, SAFE-1 that rests on PHQ-9 item 9 alone becomes SAFE-2. A later item 9 of 0 lowers
neither SAFE-1 nor SAFE-2.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from mappings.gaps import GapId
from mappings.safety import SafetyTable, TriggerId
from service.assess.recency import may_be_within, surely_within
from service.assess.risk_answers import RiskAnswers, answer_signs
from service.assess.risk_entries import entry_signs, not_placed
from service.assess.screens import negative_screens
from service.assess.signs import Sign
from service.clinical.assessment import Gap, SafetyTrigger
from service.clinical.facts import Completeness, LostAnswer, PatientFacts


class Safety(Struct, frozen=True, kw_only=True, gc=False):
    """The active triggers, the most urgent first; those lowered to information; the gap."""

    triggers: tuple[SafetyTrigger, ...]
    lowered: tuple[SafetyTrigger, ...]
    gap: Gap | None

    @property
    def evidence(self) -> frozenset[str]:
        """The references behind the active triggers."""
        return frozenset(reference for trigger in self.triggers for reference in trigger.evidence)


def asked_on(facts: PatientFacts, table: SafetyTable, as_of: date) -> RiskAnswers:
    """Return the answers of the record with the negative screens among them."""
    screens = negative_screens(facts.answers, facts.lost_answers, table)
    return RiskAnswers(answers=facts.answers, screens=screens, table=table, as_of=as_of)


def safety(facts: PatientFacts, table: SafetyTable, as_of: date) -> Safety:
    """Return the triggers that the facts raise on `as_of`, and what lowers them."""
    asked = asked_on(facts, table, as_of)
    signs = _settled((*answer_signs(asked), *entry_signs(facts, asked)), table)
    standing = [sign for sign in signs if not sign.lowered_by]
    return Safety(
        triggers=_triggers(standing, table),
        lowered=_triggers([_lowered(sign, table) for sign in signs if sign.lowered_by], table),
        gap=_gap(facts, table, as_of),
    )


def _settled(signs: Sequence[Sign], table: SafetyTable) -> tuple[Sign, ...]:
    """Return the signs; where all of SAFE-1 are lowered, answers disagree and they become SAFE-2."""
    stands = any(sign.trigger == TriggerId.NOW and not sign.lowered_by for sign in signs)
    return tuple(
        sign
        if sign.trigger != TriggerId.NOW or not sign.lowered_by
        else Sign(
            trigger=TriggerId.NOW if stands else TriggerId.TODAY,
            text=table.text.disagree.format(finding=sign.text, lowered_by=sign.lowered_by),
            reference=sign.reference,
            screened=True,
        )
        for sign in signs
    )


def _triggers(signs: Sequence[Sign], table: SafetyTable) -> tuple[SafetyTrigger, ...]:
    return tuple(
        SafetyTrigger(
            id=row.id,
            text="; ".join(dict.fromkeys(sign.text for sign in own)),
            evidence=tuple(dict.fromkeys(sign.reference for sign in own)),
            screened=any(sign.screened for sign in own),
        )
        for row in table.trigger
        if (own := [sign for sign in signs if sign.trigger == row.id])
    )


def _lowered(sign: Sign, table: SafetyTable) -> Sign:
    return replace(sign, text=table.text.lowered.format(finding=sign.text, lowered_by=sign.lowered_by))


# ------------------------------------------------------------------ unknown


def _gap(facts: PatientFacts, table: SafetyTable, as_of: date) -> Gap | None:
    """Return the gap: undated entries, unusable answers, or no answer at all."""
    entries = not_placed(facts, table)
    sentences = (
        [f"{table.text.undated_unknown} {' '.join(f'{entry}.' for entry in entries)}"] if entries else []
    )
    sentences += _lost(facts.lost_answers, table, as_of)
    if not sentences and not any(
        surely_within(answer.when, table.days.known, as_of) for answer in facts.answers
    ):
        sentences = [f"{table.text.unknown}{_note(facts, table)}"]
    return Gap(id=GapId.RISK, blocking=False, text=" ".join(sentences)) if sentences else None


def _lost(lost: Iterable[LostAnswer], table: SafetyTable, as_of: date) -> list[str]:
    """Return sentences on the recent answers that could not be used, the latest first."""
    recent = [
        answer
        for answer in lost
        if answer.when is None or may_be_within(answer.when, table.days.rescreen, as_of)
    ]
    ordered = sorted(recent, key=lambda answer: answer.when.last if answer.when else as_of, reverse=True)
    sentences = tuple(dict.fromkeys(_sentence(answer, table) for answer in ordered))
    more = len(sentences) - table.words.shown
    return [*sentences[: table.words.shown], *([table.text.more_lost.format(count=more)] if more > 0 else [])]


def _sentence(lost_answer: LostAnswer, table: SafetyTable) -> str:
    name = lost_answer.name[:_LONGEST]
    if lost_answer.value is not None:
        return table.text.positive_undated.format(name=name, value=lost_answer.value)
    if lost_answer.when is None:
        return table.text.unread_undated.format(name=name)
    return table.text.unread.format(name=name, day=lost_answer.when)


_LONGEST = 80  # characters of a question in the record's own words


def _note(facts: PatientFacts, table: SafetyTable) -> str:
    notes = {
        Completeness.NOT_RETRIEVABLE: f" {table.text.not_retrievable}",
        Completeness.FIRST_PAGE: f" {table.text.first_page}",
        Completeness.PARTLY: f" {table.text.partly}",
    }
    return notes.get(facts.list_state("Observation"), "")
