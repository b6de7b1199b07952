"""What the reading of a record remarks, in the words of `remarks.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated

from mappings.placeholders import Sentence, table_of
from mappings.tables import Tables, read_table


class Remark(StrEnum):
    """Why an entry could not be read, or what was taken as it stands."""

    NO_DATE = "no-date"
    NOT_PLACED = "not-placed"
    MAY_BE_VOID = "may-be-void"
    NO_CODE = "no-code"
    SCALE_NOT_TOTAL = "scale-not-total"
    NO_VALUE = "no-value"
    MAY_NOT_BE_DONE = "may-not-be-done"
    NO_DEVICE = "no-device"
    NO_TOTAL = "no-total"
    OTHER_PERSON = "other-person"
    NAME_ONLY = "name-only"
    SINGLE_INGREDIENTS = "single-ingredients"
    SEVERAL_MEDICINES = "several-medicines"
    CODES_DISAGREE = "codes-disagree"
    NAMES_DISAGREE = "names-disagree"
    STRENGTHS_DISAGREE = "strengths-disagree"
    ALSO_DESCRIBED = "also-described"
    MEDICATION_NOT_SENT = "medication-not-sent"
    RESEMBLES = "resembles"
    UNIDENTIFIED_NOT_SENT = "unidentified-not-sent"
    UNIDENTIFIED = "unidentified"
    ANSWER_UNCLEAR = "answer-unclear"
    RISK_UNKNOWN_CODE = "risk-unknown-code"
    NOT_A_DATE = "not-a-date"
    PRESSURE_EMPTY = "pressure-empty"
    PRESSURE_IMPLAUSIBLE = "pressure-implausible"
    PRESSURE_PART = "pressure-part"
    MAY_BE_NO_ORDER = "may-be-no-order"
    MAY_NOT_STAND = "may-not-stand"
    MAY_NOT_BE_HANDED_OVER = "may-not-be-handed-over"
    BY_PREPARATION = "by-preparation"
    MAY_NOT_BE_TAKEN = "may-not-be-taken"
    ONE_POINT = "one-point"
    MAY_NOT_BE_GIVEN = "may-not-be-given"
    BY_VALIDITY = "by-validity"
    BY_ENCOUNTER = "by-encounter"
    ENDS_BEFORE_START = "ends-before-start"
    END_FROM_TEXT = "end-from-text"
    DOSE_FROM_TEXT = "dose-from-text"
    DOSES_DISAGREE = "doses-disagree"
    SCHEDULE_UNCLEAR = "schedule-unclear"
    STEP_WITHOUT_LENGTH = "step-without-length"
    TEXT_UNCLEAR = "text-unclear"
    INSTRUCTIONS_UNCLEAR = "instructions-unclear"
    DOSES_ADDED = "doses-added"
    REASON_UNREADABLE = "reason-unreadable"
    REASON_NOT_SENT = "reason-not-sent"
    NOT_JSON = "not-json"
    NO_PATIENT = "no-patient"
    SEVERAL_PATIENTS = "several-patients"
    LONG_LINE = "long-line"
    REPORTED_ERROR = "reported-error"
    TOO_DEEP = "too-deep"
    NO_TYPE = "no-type"
    NO_ENTRIES = "no-entries"
    TOO_MANY_ENTRIES = "too-many-entries"
    WRONG_TYPE = "wrong-type"
    NESTED_BUNDLE = "nested-bundle"
    NOT_AMONG_DRAFTS = "not-among-drafts"
    EARLIER_VERSION = "earlier-version"
    OTHER_ROUTE = "other-route"
    NO_ENTRY = "no-entry"
    DOSE_AND_TEXT_DISAGREE = "dose-and-text-disagree"
    SUPPLY_TOO_LONG = "supply-too-long"
    SUPPLY_UNLIKELY = "supply-unlikely"
    ORDER_TOO_LONG = "order-too-long"
    COPY_OF_DRAFT = "copy-of-draft"
    OF_STATUS = "of-status"
    OF_VERIFICATION = "of-verification"
    NOT_TO_BE_GIVEN = "not-to-be-given"
    NOT_TO_BE_DONE = "not-to-be-done"
    OF_INTENT = "of-intent"
    CARRIES_OUT = "carries-out"
    LATER = "later"
    BEGINS_LATER = "begins-later"
    NO_RULE = "no-rule"
    NO_RULE_MEDICINE = "no-rule-medicine"
    NOT_USED = "not-used"
    NO_FILL = "no-fill"
    NO_PROBLEM = "no-problem"
    NO_ALLERGY = "no-allergy"
    VALUE_ABSENT = "value-absent"
    PAIRED = "paired"
    OTHER_PATIENT = "other-patient"
    UNITS = "units"
    TIMES_A_DAY = "times-a-day"
    SUPPLY_OF_DAYS = "supply-of-days"
    ENTRY = "entry"
    ENTRY_OF = "entry-of"
    SINGLE_RESOURCE = "single-resource"
    BETWEEN = "between"


PLACEHOLDERS: Mapping[Remark, str] = {
    Remark.NO_TOTAL: "scale",
    Remark.SCALE_NOT_TOTAL: "name",
    Remark.ALSO_DESCRIBED: "medicine",
    Remark.CODES_DISAGREE: "system",
    Remark.RESEMBLES: "name",
    Remark.NOT_A_DATE: "field",
    Remark.PRESSURE_PART: "which",
    Remark.WRONG_TYPE: "path",
    Remark.LONG_LINE: "bytes",
    Remark.OTHER_ROUTE: "route ingredient",
    Remark.DOSE_AND_TEXT_DISAGREE: "structured text",
    Remark.SUPPLY_TOO_LONG: "supply most",
    Remark.SUPPLY_UNLIKELY: "quantity lasts days",
    Remark.ORDER_TOO_LONG: "days repeats total most",
    Remark.OF_STATUS: "status",
    Remark.OF_VERIFICATION: "status",
    Remark.OF_INTENT: "intent",
    Remark.LATER: "as_of",
    Remark.BEGINS_LATER: "as_of",
    Remark.VALUE_ABSENT: "concept",
    Remark.TIMES_A_DAY: "times",
    Remark.SUPPLY_OF_DAYS: "quantity days",
    Remark.ENTRY: "number",
    Remark.BETWEEN: "first last",
    Remark.ENTRY_OF: "number name",
}
"""What a remark is filled with; every other is said as it stands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RemarkTable:
    """`remarks.toml`."""

    version: str
    remark: Annotated[
        Mapping[str, str], table_of((remark, Sentence(PLACEHOLDERS.get(remark, ""))) for remark in Remark)
    ]


def load_remarks(tables: Tables | None = None) -> RemarkTable:
    """Return the table of `remarks.toml`; raise TableError when one is missing or cannot be filled."""
    return read_table("remarks.toml", RemarkTable, tables)


@cache
def _remarks() -> Mapping[str, str]:
    return load_remarks().remark


def say(remark: Remark, **values: object) -> str:
    """Return a remark in words, with its placeholders filled in."""
    return _remarks()[remark].format(**values)
