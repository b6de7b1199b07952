"""The columns of the files that a screening writes; docs/populations.md lists them from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ColumnType(StrEnum):
    """The types of columns."""

    TEXT = "text"
    TEXTS = "list of texts"
    NUMBER = "whole number"
    AMOUNT = "number"
    DAY = "day"
    YES_NO = "yes or no"


@dataclass(frozen=True, kw_only=True, slots=True)
class OutputColumn:
    """One column. `judged`: there is one for each definition of resistance, where several are asked for."""

    name: str
    kind: ColumnType
    about: str
    judged: bool = False


def _of(name: str, kind: ColumnType, about: str, *, judged: bool = False) -> OutputColumn:
    return OutputColumn(name=name, kind=kind, about=about, judged=judged)


PATIENTS = (
    _of("patient", ColumnType.TEXT, "the patient's reference, `Patient/` and the id of the export"),
    _of("as_of", ColumnType.DAY, "the day on which the record was judged"),
    _of("rule_set", ColumnType.TEXT, "version and digest of the rule tables"),
    _of("not_assessed", ColumnType.TEXT, "empty, or why there is no assessment: `too-large` or `failed`"),
    _of("sex", ColumnType.TEXT, "`Patient.gender`, as written"),
    _of(
        "age",
        ColumnType.NUMBER,
        "completed years on the day, by the latest birth date it allows",
    ),
    _of("conclusion", ColumnType.TEXT, "`recommend`, `caution`, `insufficient-data` or `none`", judged=True),
    _of(
        "assessable",
        ColumnType.YES_NO,
        "whether what an assessment needs at least was there",
        judged=True,
    ),
    _of("gate", ColumnType.TEXT, "the gate that is closed, empty if none is", judged=True),
    _of("counted", ColumnType.NUMBER, "failed adequate trials in the current episode", judged=True),
    _of("possible", ColumnType.NUMBER, "trials that may be such", judged=True),
    _of("lifetime", ColumnType.NUMBER, "distinct ingredients ever counted", judged=True),
    _of("classes", ColumnType.NUMBER, "drug classes among the counted", judged=True),
    _of("augmentations", ColumnType.NUMBER, "drugs and treatments added to an antidepressant", judged=True),
    _of("enough_trials", ColumnType.YES_NO, "whether the counted trials meet the definition", judged=True),
    _of("cards", ColumnType.TEXTS, "the kinds of card that opening the chart on that day shows", judged=True),
    _of("gaps", ColumnType.TEXTS, "what the record leaves open", judged=True),
    _of(
        "blocking_gaps",
        ColumnType.TEXTS,
        "those of the gaps that stand in the way of a recommendation",
        judged=True,
    ),
    _of("esketamine_contraindications", ColumnType.TEXTS, "flags of that level on the route", judged=True),
    _of("esketamine_cautions", ColumnType.TEXTS, "flags of that level on the route", judged=True),
    _of("ketamine_contraindications", ColumnType.TEXTS, "flags of that level on the route", judged=True),
    _of("ketamine_cautions", ColumnType.TEXTS, "flags of that level on the route", judged=True),
    _of(
        "planning_flags",
        ColumnType.TEXTS,
        "flags that decide nothing and are listed for the treating clinic",
        judged=True,
    ),
    _of("safety", ColumnType.TEXTS, "triggers of the safety card", judged=True),
    _of("severity_scale", ColumnType.TEXT, "the scale of the current score", judged=True),
    _of("severity_score", ColumnType.AMOUNT, "its total", judged=True),
    _of("severity_band", ColumnType.TEXT, "its band", judged=True),
    _of(
        "resources",
        ColumnType.NUMBER,
        "resources of the patient that were read, those of `recorded_later` left out",
    ),
    _of(
        "recorded_later",
        ColumnType.NUMBER,
        "resources recorded after the day, which were not looked at",
    ),
    _of("undated", ColumnType.NUMBER, "resources without any day, which were looked at"),
    _of("unreadable", ColumnType.NUMBER, "rows of the patient in `unreadable.parquet`"),
    _of("lists_not_complete", ColumnType.TEXTS, "types of resource that did not come, or not in full"),
    _of(
        "unknown_medicines",
        ColumnType.TEXTS,
        "names of medicines without a table row or a RxNorm code",
    ),
    _of("data_from", ColumnType.DAY, "the first day that anything on record bears"),
    _of("data_to", ColumnType.DAY, "the last one"),
)

TRIALS = (
    _of("patient", ColumnType.TEXT, "as in `patients.parquet`"),
    _of("as_of", ColumnType.DAY, "as in `patients.parquet`"),
    _of("profile", ColumnType.TEXT, "the definition of resistance by which it was judged"),
    _of("ingredient", ColumnType.TEXT, "the antidepressant"),
    _of("drug_class", ColumnType.TEXT, "its class"),
    _of("start", ColumnType.DAY, "first day"),
    _of("end", ColumnType.DAY, "last day, empty if unknown"),
    _of("running", ColumnType.YES_NO, "whether it still runs"),
    _of("covered_days", ColumnType.NUMBER, "days covered by supply"),
    _of("qualifying_days", ColumnType.NUMBER, "days at the minimum dose or above"),
    _of("daily_mg", ColumnType.AMOUNT, "the daily dose in mg, empty if unknown"),
    _of("minimum_mg", ColumnType.AMOUNT, "the dose in mg from which a day qualifies"),
    _of("status", ColumnType.TEXT, "`counted`, `possible` or `not-counted`"),
    _of("reason", ColumnType.TEXT, "the first reason why it is not counted, empty if it is"),
    _of("shortfalls", ColumnType.TEXTS, "all such reasons"),
    _of("outcome", ColumnType.TEXT, "how it ended"),
    _of("evidence", ColumnType.TEXTS, "references of the resources that it rests on"),
)

UNREADABLE = (
    _of("patient", ColumnType.TEXT, "as in `patients.parquet`, empty if the line names nobody"),
    _of("reference", ColumnType.TEXT, "`Type/id`, or the place of what has no id"),
    _of("reason", ColumnType.TEXT, "why it cannot be read, or what of it cannot"),
    _of("file", ColumnType.TEXT, "the file of the input"),
    _of(
        "byte",
        ColumnType.NUMBER,
        "the byte of the unpacked file at which its line begins, from 0",
    ),
)


def names(columns: Sequence[OutputColumn], profiles: Sequence[str]) -> Sequence[tuple[str, ColumnType]]:
    """Return name and type of each column of a file: a judged one for each of several definitions."""
    return [
        (named(column, profile, profiles), column.kind)
        for column in columns
        for profile in (profiles if column.judged else profiles[:1])
    ]


def named(column: OutputColumn, profile: str, profiles: Sequence[str]) -> str:
    """Return the name of a column: `conclusion`, or of several definitions `conclusion_strict_payer`."""
    return (
        f"{column.name}_{profile.replace('-', '_')}" if column.judged and len(profiles) > 1 else column.name
    )
