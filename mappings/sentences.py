"""Which sentences the cards need, what each may be filled with, and the check of both."""

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from mappings.gaps import NAMED_GAPS
from mappings.gates import GateId

SUMMARY_LENGTH = 139  # a CDS Hooks card summary has fewer than 140 characters
# Characters a summary keeps free for each placeholder.
ROOM = {
    "failed": 30,
    "possible": 11,
    "route": 11,
    "level": 16,
    "finding": 80,
    "drugs": 24,
    "reason": 90,
    "others": 3,
}
ROOM_OF_OTHERS = 30

# section -> sentence -> the placeholders it may use
SENTENCES: Mapping[str, Mapping[str, str]] = {
    "summary": {
        "recommend": "failed drugs",
        "caution": "findings failed",
        "caution_one_route": "findings level route failed",
        "caution_one_route_more": "findings level route others failed",
        "caution_both_routes": "findings",
        "hold_both_routes": "findings failed",
        "after_safety": "failed drugs",
        "after_safety_one_route": "findings level route failed",
        "after_safety_one_route_more": "findings level route others failed",
        "after_safety_findings": "findings failed",
        "treated": "findings",
        "probably_treated": "findings",
        "referred": "findings",
        "insufficient_trials": "failed possible drugs",
        "insufficient_data": "failed drugs gaps",
        "not_assessed": "reason",
        "order_contraindication": "order findings",
        "order_hold": "order findings",
        "order_warning": "order findings",
        "order_info": "order failed drugs",
        "order_info_planning": "order findings failed",
        "order_info_treated": "order",
        "order_info_acute": "order",
    },
    "tried": {
        "full": "drug dose days when outcome",
        "short": "drug when outcome",
        "in_year": "year",
        "in_years": "first last",
        "since": "year",
        "until": "year",
        "undated": "",
    },
    "brief": {
        "recommend": "failed drugs",
        "caution": "findings failed",
        "caution_one_route": "findings level route failed",
        "caution_one_route_more": "findings level route others failed",
        "caution_both_routes": "findings",
        "hold_both_routes": "findings failed",
        "after_safety": "failed drugs",
        "after_safety_one_route": "findings level route failed",
        "after_safety_one_route_more": "findings level route others failed",
        "after_safety_findings": "findings failed",
        "treated": "findings",
        "probably_treated": "findings",
        "referred": "findings",
        "insufficient_trials": "failed possible drugs",
        "insufficient_data": "failed drugs gaps",
        "not_assessed": "reason",
    },
    "nothing": {"said": "reason", "not_supported": "counted possible"},
    "list": {
        "item": "name reason",
        "hold": "name",
        "more": "names count",
        "none": "",
        "failed": "count",
        "failed_one": "",
        "failed_none": "",
        "failed_inferred": "count inferred",
        "failed_one_inferred": "",
        "possible": "count",
        "few_trials": "count possible",
        "second_referral": "",
        "way_unstudied": "",
        "way_injected": "",
        "safety": "",
    },
    "order": {"pressure": "systolic diastolic day"},
    "ledger": {
        "dose": "dose minimum",
        "dose_unknown": "minimum",
        "step": "dose days",
        "step_unknown": "days",
        "days": "qualifying covered",
        "days_unknown": "",
        "dates": "start end",
        "running": "start end",
        "running_open": "start",
        "started": "start",
        "ended": "end",
        "dates_unknown": "",
    },
    "flags": {"both": "level", "level": "route level"},
    "gaps": {
        "entries_of": "count total kind reasons",
        "entries": "count kind reasons",
        "entry": "reason",
        "no_evidence": "",
    },
    "basis": {
        "diagnoses": "names",
        "episode": "text",
        "severity": "text",
        "dates": "start end day profile version",
        "dates_unknown": "day profile version",
        "estimate": "",
        "questions": "",
    },
    "site": {"not_offered": "issuer lists", "templates": "issuer keys", "silent": "issuer hooks"},
    "view": {
        "link": "",
        "title": "",
        "none": "counted possible",
        "gate": "text",
        "unnamed": "",
        "kept": "",
        "definition": "text",
        "safety": "",
        "no_trials": "",
        "no_flags": "",
        "no_gaps": "",
        "whole": "names",
        "lists": "",
        "timeline": "",
        "criteria": "",
        "criteria_open": "",
        "criterion": "",
    },
    "launch": {
        "title": "",
        "again": "",
        "incomplete": "",
        "unknown-ehr": "",
        "unreachable-ehr": "",
        "unfit-ehr": "",
        "expired": "",
        "mismatch": "",
        "denied": "",
        "token-refused": "",
        "no-patient": "",
        "unread": "",
        "other-patient": "",
        "busy": "",
        "failed": "",
    },
    "suggestion": {
        "label": "",
        "label_after_safety": "",
        "action": "",
        "later": "",
        "later_action": "",
        "task": "",
    },
    "configuration": {"description": "topic"},
    "report": {
        "title": "day profile version",
        "subject": "subject",
        "conclusion": "conclusion",
        "gate": "id text",
        "counts": "counted possible lifetime classes augmentations",
        "safety": "",
        "lowered": "",
        "trials": "",
        "augmentations": "",
        "flags": "",
        "missing": "",
        "unreadable": "",
        "set_aside": "",
        "basis": "",
        "nothing": "",
        "blocking": "",
        "open": "",
    },
    "picture": {
        "heading": "counted possible",
        "about": "day profile version",
        "described": "first last heading conclusion courses",
        "course": "drug dates status",
        "no_trial": "",
        "hover": "drug dates dose days status outcome basis witnesses evidence",
        "no_basis": "",
        "hover_score": "scale total day reference",
        "hover_pressure": "systolic diastolic day reference",
        "hover_beside": "name dates text evidence",
        "status": "status reasons",
        "assessed": "day",
        "episode": "start",
        "episode_inferred": "start",
        "episode_inexact": "start latest",
        "scores": "",
        "antidepressants": "",
        "beside": "",
        "pressures": "",
        "findings": "",
        "asked": "",
        "missing": "",
        "days": "qualifying covered needed",
        "days_unknown": "needed",
        "minimum": "minimum",
        "dose": "dose",
        "dose_unknown": "",
        "undispensed": "",
        "running": "",
        "score_latest": "total day",
        "score_none": "",
        "score_old": "days",
        "score_unread": "day",
        "score_unread_undated": "",
        "score_referral": "value",
        "score_moderate": "value",
        "score_remission": "value",
        "pressure_latest": "systolic diastolic day",
        "pressure_none": "",
        "pressure_old": "days",
        "pressure_hold": "systolic diastolic",
        "pressure_high": "systolic diastolic",
        "list": "list state",
        "unreadable": "count",
        "flag": "title level",
        "no_flag": "",
        "planning": "names",
        "info": "names",
        "question": "drug dates questions",
        "gap": "name ask",
        "needed": "text",
        "open": "text",
        "earlier": "count",
        "later": "count",
        "more": "count names",
        "key_qualifying": "",
        "key_minimum": "",
        "key_threshold": "",
        "key_used": "",
        "key_undated": "",
        "key_left_out": "",
        "key_no_supply": "",
        "key_unknown": "",
        "unknown": "",
    },
    "check": {
        "read": "day counts",
        "no_entries": "",
        "draft_order": "order about",
        "loose": "",
        "other_types": "",
        "strength": "strengths unit",
        "dose": "mg",
        "dose_unknown": "",
        "dose_for": "dose days",
        "doses": "first then",
        "as_needed": "doses",
        "days": "days",
        "by_patient": "source",
        "pressure": "systolic diastolic",
        "upper_limit": "value limit",
        "no_value": "",
        "unknown": "",
        "not_stated": "",
        "day_unknown": "",
        "yes": "",
        "active": "",
        "not_active": "",
        "no_known_allergy": "",
        "other_person": "",
        "flag": "id esketamine ketamine",
    },
    "codes": {
        "unknown": "",
        "ten_digits": "",
        "by_words": "",
        "counts_from": "ingredient drug_class mg",
        "never_counts": "ingredient drug_class why",
    },
    "page": {
        "title": "",
        "picture": "",
        "trials": "",
        "drug": "",
        "dates": "",
        "dose": "",
        "days": "",
        "verdict": "",
        "outcome": "",
        "evidence": "",
        "what": "",
        "text": "",
    },
}

# table of words -> the names it has to translate
WORDS: Mapping[str, str] = {
    "topic": "safety recommend caution insufficient-data order-check not-assessed",
    "status": "counted possible not-counted",
    "shortfall": "P-IND P-EPI P-DOSE P-DUR P-ADH P-OUT P-HX too-short subtherapeutic responded above-cut-off "
    "intolerance combined-step same-ingredient as-needed never-counts outside-episode in-progress",
    "failed": "failed-documented failed-inferred partial",
    "nothing": "no-order other-order empty-order no-trigger other-patient referral-at-hand overridden silent",
    "doubt": "P-IND P-EPI P-DOSE P-DUR P-ADH P-OUT P-HX",
    "settles": "P-IND P-EPI P-DOSE P-DUR P-ADH P-OUT P-HX",
    "outcome": "failed-documented failed-inferred partial responded intolerance unknown",
    "witness": "dispense administration statement order",
    "level": "contraindication hold hold-within-label caution info nothing",
    "conclusion": "recommend caution insufficient-data none not-assessed",
    "list": "Patient Condition MedicationRequest MedicationDispense MedicationStatement "
    "MedicationAdministration Observation QuestionnaireResponse AllergyIntolerance Procedure "
    "DeviceUseStatement Encounter ServiceRequest",
    "list_state": "first-page-only in-part not-retrievable not-offered no-complete-answer",
    "route": "esketamine ketamine ketamine-otherwise both",
    "gap": " ".join(NAMED_GAPS),
    "ask": " ".join(NAMED_GAPS),
    "gate": " ".join(gate for gate in GateId if gate is not GateId.AGE),  # told in the patient's own terms
    "order": "esketamine ketamine both none",
    "order_about": "unrelated overdose empty antidepressant unreadable depression unreadable-agent agent",
    "referral_order": "esketamine ketamine both none",
    "not_assessed": "other-patient patient-not-retrievable medications-not-retrievable "
    "nothing-retrievable unreadable too-long internal-failure call-mismatch",
    "entry": "Patient Condition MedicationRequest MedicationDispense MedicationStatement "
    "MedicationAdministration Medication Observation AllergyIntolerance Procedure ServiceRequest "
    "DeviceUseStatement QuestionnaireResponse other",
}

FACTS = (
    "acute-suicidality-label",
    "zero-is-no-clearance",
    "approval",
    "way-unstudied",
    "way-injected",
    "esketamine-rems",
    "esketamine-observation",
    "common-effects",
)


class Sentence(fields.String):
    """A template whose {placeholders} are plain names out of `allowed`; a summary also has to fit."""

    def __init__(self, allowed: str, *, summary: bool = False) -> None:
        super().__init__(required=True, validate=validate.Length(min=1))
        self.allowed = frozenset(allowed.split())
        self.summary = summary

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        sentence = str(super()._deserialize(value, *args, **kwargs))
        used = _placeholders(sentence)
        if foreign := sorted(set(used) - self.allowed):
            expected = ", ".join(sorted(self.allowed)) or "none"
            raise ValidationError(f"unknown placeholder {foreign[0]!r}; allowed: {expected}")
        if self.summary:
            _check_room(sentence, used)
        return sentence


def _placeholders(sentence: str) -> list[str]:
    try:
        parts = list(Formatter().parse(sentence))
    except ValueError as error:
        raise ValidationError(f"braces do not match: {error}") from error
    if any(spec or conversion for _, _, spec, conversion in parts):
        raise ValidationError("a placeholder is a plain name in braces, without ':' or '!'")
    return [name for _, name, _, _ in parts if name is not None]


def _check_room(sentence: str, used: list[str]) -> None:
    words = sum(len(text) for text, _, _, _ in Formatter().parse(sentence))
    longest = SUMMARY_LENGTH - sum(ROOM.get(name, ROOM_OF_OTHERS) for name in used)
    if words > longest:
        raise ValidationError(
            f"{words} characters beside the placeholders; at most {longest} leave room for them"
        )


def table_of(entries: Iterable[tuple[str, fields.Field[Any]]]) -> fields.Nested:
    """Return a field for a table that holds exactly these entries."""
    return fields.Nested(Schema.from_dict(dict(entries))(), required=True)


def sentences_table() -> fields.Nested:
    """Return the field for `[sentences]`: each section with each of its sentences."""
    return table_of(
        (
            section,
            table_of(
                (name, Sentence(allowed, summary=section == "summary")) for name, allowed in rows.items()
            ),
        )
        for section, rows in SENTENCES.items()
    )


def words_table() -> fields.Nested:
    """Return the field for `[words]`: each table with a word for each of its names."""
    return table_of(
        (table, table_of((name, Sentence("")) for name in names.split())) for table, names in WORDS.items()
    )
