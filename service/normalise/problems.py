"""Conditions to problems: refuted ones are left out; every coding and kind of date is read."""

from collections.abc import Iterator

from msgspec import Struct

from mappings.reading import ReadingTables
from mappings.remarks import Remark
from mappings.remembering import remembered
from service.clinical.facts import Code, EntryText, Ignored, Problem
from service.clinical.partial_date import PartialDate
from service.clinical.statement import Stance
from service.fhir.resources import CodeableConcept, Condition, Period, Quantity, Range, Row
from service.normalise.codes import codes_of, known, status_of, texts, words
from service.normalise.context import Context, Vocabulary, wordings
from service.normalise.dates import latest, plus, readable, when, within
from service.normalise.outcomes import Outcome, later, unreadable

_CLINICAL = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
_VERIFICATION = frozenset(
    {"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"}
)
_YEAR = 365.25


def problems(context: Context) -> Iterator[Outcome]:
    """Yield the problems of the record; those dated after the day of evaluation are not known yet."""
    for row in context.record.conditions:
        yield from _problem(row, context)


def _problem(row: Row[Condition], context: Context) -> Iterator[Outcome]:
    condition = row.resource
    verification = status_of(condition.verification_status, _VERIFICATION)
    if verification in ("refuted", "entered-in-error"):
        yield Ignored(reference=row.label, remark=Remark.OF_VERIFICATION, values={"status": verification})
        return
    meant = _meant(condition.code, context.vocabulary, context.tables)
    if meant.no_problem:
        yield Ignored(reference=row.label, remark=Remark.NO_PROBLEM)
        return
    if meant.nameless:
        yield unreadable(row.label, Remark.NO_CODE)
        return
    for field in _no_dates(condition):
        yield unreadable(row.label, Remark.NOT_A_DATE, field=field)
    problem = _read(row, verification, meant, context)
    yield later(row.label, context.as_of) if context.later(problem.dated) else problem


def _read(row: Row[Condition], verification: str, meant: "_Meant", context: Context) -> Problem:
    condition = row.resource
    abated, abatement = _abatement(condition, context)
    return Problem(
        reference=row.label,
        codes=meant.codes,
        groups=meant.groups,
        text=meant.text,
        wordings=meant.wordings,
        unlisted=not meant.listed,
        status=status_of(condition.clinical_status, _CLINICAL),
        verification=verification or ("provisional" if meant.suspected else ""),
        onset=_onset(condition, context),
        recorded=when(condition.recorded_date) or context.encounter_date(condition.encounter),
        abated=abated,
        abatement=abatement,
        stage="; ".join(text for stage in condition.stage for text in texts(stage.summary)),
        at_visit=_at_visit(condition.category, context.tables),
    )


class _Meant(Struct, frozen=True, kw_only=True, gc=False):
    """The meaning of the code of a Condition; `suspected`: its own words only suspect a listed code."""

    codes: tuple[Code, ...]
    groups: frozenset[str]
    text: str
    wordings: tuple[EntryText, ...]
    listed: bool
    suspected: bool
    no_problem: bool
    nameless: bool


@remembered
def _meant(code: CodeableConcept | None, vocabulary: Vocabulary, tables: ReadingTables) -> _Meant:
    codes, text = codes_of(code), words(code)
    groups = groups_of(codes, vocabulary)
    own_words = wordings(code, tables.clauses) if code is not None else ()
    listed = bool(groups) or is_listed(codes, tables)
    return _Meant(
        codes=codes,
        groups=groups,
        text=text,
        wordings=own_words,
        listed=listed,
        suspected=listed and _only_suspected(own_words),
        no_problem=_says_nothing_listed(codes, tables),
        nameless=not text and not any(known(codes)),
    )


def groups_of(codes: tuple[Code, ...], vocabulary: Vocabulary) -> frozenset[str]:
    """Return the SNOMED CT groups of the table that the codes belong to."""
    groups: frozenset[str] = frozenset()
    for code in codes:
        if code.system == "snomed":
            groups |= vocabulary.snomed_groups(code.code)
    return groups


def _says_nothing_listed(codes: tuple[Code, ...], tables: ReadingTables) -> bool:
    """Tell whether the entry says that there is no problem to list."""
    none = tables.measurements.no_problem.codes
    return any(code.system in ("snomed", "") and code.code in none for code in codes)


@remembered
def _at_visit(category: tuple[CodeableConcept, ...], tables: ReadingTables) -> bool:
    """Tell whether it is a diagnosis of a visit only.

    An entry without a category is one of the problem list.
    """
    categories = {coding.code.strip().lower() for each in category for coding in each.coding}
    categories |= {text.lower().replace(" ", "-") for each in category for text in texts(each)}
    visits = categories & set(tables.visits.categories)
    listed = categories & set(tables.visits.listed)
    return bool(visits) and not listed


def is_listed(codes: tuple[Code, ...], tables: ReadingTables) -> bool:
    """Tell whether a table names one of the ICD-10 codes."""
    listed = tables.listed.prefixes
    return any(code.system == "icd10" and code.code.replace(".", "").startswith(listed) for code in codes)


def _only_suspected(wordings: tuple[EntryText, ...]) -> bool:
    """Tell whether the entry's own words, the first, only suspect what they name."""
    stances = frozenset(wordings[0].says.named) if wordings else frozenset()
    return Stance.SUSPECTED in stances and Stance.AFFIRMED not in stances


def _no_dates(condition: Condition) -> Iterator[str]:
    if not readable(condition.onset_date_time):
        yield "onsetDateTime"
    if not readable(condition.recorded_date):
        yield "recordedDate"
    if not readable(condition.abatement_date_time):
        yield "abatementDateTime"


def _onset(condition: Condition, context: Context) -> PartialDate | None:
    return (
        when(condition.onset_date_time)
        or within(condition.onset_period)
        or _at_age(condition.onset_age, condition.onset_age, context)
        or _at_ages(condition.onset_range, context)
        or when(condition.onset_string)
    )


def _abatement(condition: Condition, context: Context) -> tuple[bool, PartialDate | None]:
    """Return whether it has ended, and when; a future end does not count yet."""
    ended = (
        when(condition.abatement_date_time)
        or _end_of(condition.abatement_period)
        or _at_age(condition.abatement_age, condition.abatement_age, context)
        or _at_ages(condition.abatement_range, context)
        or when(condition.abatement_string)
    )
    if context.later(ended):
        return False, None
    stated = (
        condition.abatement_date_time.strip(),
        condition.abatement_period,
        condition.abatement_age,
        condition.abatement_range,
        condition.abatement_string.strip(),
        condition.abatement_boolean,
    )
    return any(stated), ended


def _end_of(period: Period | None) -> PartialDate | None:
    return latest(period) or within(period)


def _at_ages(ages: Range | None, context: Context) -> PartialDate | None:
    return _at_age(ages.low, ages.high or ages.low, context) if ages else None


def _at_age(low: Quantity | None, high: Quantity | None, context: Context) -> PartialDate | None:
    """Return the days on which the patient had an age in years; None if it is given in another unit."""
    if low is None or low.value is None or context.born is None:
        return None
    unit = (low.code or low.unit).lower()
    if unit and unit not in context.tables.measurements.age.years:
        return None
    oldest = high.value if high is not None and high.value is not None else low.value
    if not 0 <= low.value <= oldest <= 130:
        return None
    first, last = plus(context.born, int(low.value * _YEAR)), plus(context.born, int((oldest + 1) * _YEAR))
    return PartialDate(first.first, last.last) if first and last else None
