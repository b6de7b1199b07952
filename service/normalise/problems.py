"""Conditions to problems: refuted ones are none, every coding and every kind of date is read."""

from collections.abc import Iterator

from mappings.remarks import Remark, say
from service.clinical.facts import Code, Problem, Unreadable, Wording
from service.clinical.statement import Stance
from service.clinical.when import When
from service.fhir.resources import Condition, Period, Quantity, Range, Row
from service.normalise.codes import codes_of, known, status_of, texts, words
from service.normalise.context import Context, unreadable
from service.normalise.dates import latest, plus, readable, when, within

_CLINICAL = frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"})
_VERIFICATION = frozenset(
    {"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"}
)
_YEAR = 365.25


def problems(context: Context, unread: list[Unreadable]) -> tuple[Problem, ...]:
    """The problems of the record; those dated after the day of evaluation are not known yet."""
    found = (_problem(row, context, unread) for row in context.record.conditions)
    return tuple(p for p in found if p is not None and not context.later(p.dated))


def _problem(row: Row[Condition], context: Context, unread: list[Unreadable]) -> Problem | None:
    condition = row.resource
    verification = status_of(condition.verification_status, _VERIFICATION)
    if verification in ("refuted", "entered-in-error"):
        return None
    codes, text = codes_of(condition.code), words(condition.code)
    if _says_nothing_listed(codes, context):
        return None
    if not text and not any(known(codes)):
        unread.append(unreadable(row.label, say(Remark.NO_CODE)))
        return None
    groups, wordings = groups_of(codes, context), context.wordings(condition.code)
    listed = bool(groups) or is_listed(codes, context)
    for field in _no_dates(condition):
        unread.append(unreadable(row.label, say(Remark.NOT_A_DATE, field=field)))
    abated, abatement = _abatement(condition, context)
    return Problem(
        reference=row.label,
        codes=codes,
        groups=groups,
        text=text,
        wordings=wordings,
        unlisted=not listed,
        status=status_of(condition.clinical_status, _CLINICAL),
        verification=verification or ("provisional" if listed and _only_suspected(wordings) else ""),
        onset=_onset(condition, context),
        recorded=when(condition.recorded_date) or context.encounter_date(condition.encounter),
        abated=abated,
        abatement=abatement,
        stage="; ".join(text for stage in condition.stage for text in texts(stage.summary)),
        at_visit=_at_visit(condition, context),
    )


def groups_of(codes: tuple[Code, ...], context: Context) -> frozenset[str]:
    """Return the SNOMED CT groups of the table that the codes belong to."""
    groups: frozenset[str] = frozenset()
    for code in codes:
        if code.system == "snomed":
            groups |= context.vocabulary.snomed_groups(code.code)
    return groups


def _says_nothing_listed(codes: tuple[Code, ...], context: Context) -> bool:
    """Whether the entry says that there is no problem to list."""
    none = context.tables.measurements.no_problem.codes
    return any(code.system in ("snomed", "") and code.code in none for code in codes)


def _at_visit(condition: Condition, context: Context) -> bool:
    """Whether it is a diagnosis of a visit only; an entry without a category is one of the problem list."""
    said = {coding.code.strip().lower() for each in condition.category for coding in each.coding}
    said |= {text.lower().replace(" ", "-") for each in condition.category for text in texts(each)}
    visits = said & set(context.tables.visits.categories)
    listed = said & set(context.tables.visits.listed)
    return bool(visits) and not listed


def is_listed(codes: tuple[Code, ...], context: Context) -> bool:
    """Tell whether a table names one of the ICD-10 codes."""
    listed = context.tables.listed.prefixes
    return any(code.system == "icd10" and code.code.replace(".", "").startswith(listed) for code in codes)


def _only_suspected(wordings: tuple[Wording, ...]) -> bool:
    """Whether the entry's own words, the first, suspect what they name and affirm nothing."""
    stances = frozenset(wordings[0].says.named) if wordings else frozenset()
    return Stance.SUSPECTED in stances and Stance.AFFIRMED not in stances


def _no_dates(condition: Condition) -> Iterator[str]:
    if not readable(condition.onset_date_time):
        yield "onsetDateTime"
    if not readable(condition.recorded_date):
        yield "recordedDate"
    if not readable(condition.abatement_date_time):
        yield "abatementDateTime"


def _onset(condition: Condition, context: Context) -> When | None:
    return (
        when(condition.onset_date_time)
        or within(condition.onset_period)
        or _at_age(condition.onset_age, condition.onset_age, context)
        or _at_ages(condition.onset_range, context)
        or when(condition.onset_string)
    )


def _abatement(condition: Condition, context: Context) -> tuple[bool, When | None]:
    """Whether it has ended, and when; an end that lies ahead is none yet."""
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


def _end_of(period: Period | None) -> When | None:
    return latest(period) or within(period)


def _at_ages(ages: Range | None, context: Context) -> When | None:
    return _at_age(ages.low, ages.high or ages.low, context) if ages else None


def _at_age(low: Quantity | None, high: Quantity | None, context: Context) -> When | None:
    """The days on which the patient had an age in years; None if it is given in another unit."""
    if low is None or low.value is None or context.born is None:
        return None
    if (low.code or low.unit or "a").lower() not in ("a", "year", "years", "yr", "yrs", "y"):
        return None
    oldest = high.value if high is not None and high.value is not None else low.value
    if not 0 <= low.value <= oldest <= 130:
        return None
    first, last = plus(context.born, int(low.value * _YEAR)), plus(context.born, int((oldest + 1) * _YEAR))
    return When(first.first, last.last) if first and last else None
