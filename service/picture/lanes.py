"""Courses by drug, and what was given beside them, as rows of the picture."""

from collections.abc import Sequence
from datetime import date

from mappings.wording import Wording
from service.clinical.assessment import Outcome, TrialStatus
from service.clinical.facts import PatientFacts
from service.picture.rows import Bar, Beside, Days, Lane
from service.render.context import say_plain
from service.render.courses import TreatmentRow, TrialRow, number
from service.render.escape import plain

# What shows that a drug reached the patient.
_HANDED_OVER = frozenset({"dispense", "administration"})
_LONGEST_HOVER = 1500  # characters


def lanes(rows: Sequence[TrialRow], needed: int, wording: Wording) -> tuple[Lane, ...]:
    """Return one lane for each drug, by the start of its first course; without a date at the end.

    `needed` is the number of qualifying days required.
    """
    by_drug: dict[str, list[TrialRow]] = {}
    for row in sorted(rows, key=lambda row: (row.of.start or date.max, row.drug)):
        by_drug.setdefault(row.of.ingredient, []).append(row)
    return tuple(_lane(courses, needed, wording) for courses in by_drug.values())


def _lane(rows: list[TrialRow], needed: int, wording: Wording) -> Lane:
    limits = sorted({step.minimum_mg for row in rows for step in row.of.steps} or {rows[0].of.minimum_mg})
    return Lane(
        name=rows[0].drug,
        drug_class=rows[0].drug_class,
        minimum=say_plain(wording, "picture.minimum", minimum=" / ".join(map(number, limits))),
        bars=tuple(_bar(row, needed, wording) for row in rows),
    )


def _bar(row: TrialRow, needed: int, wording: Wording) -> Bar:
    return Bar(
        row=row,
        doses=_doses(row, wording),
        remarks=_remarks(row, needed, wording),
        hover=_hover(row, wording),
    )


def _remarks(row: TrialRow, needed: int, wording: Wording) -> tuple[str, ...]:
    """Return remarks: days out of those needed, dates that cannot be drawn, whether it was dispensed."""
    trial = row.of
    said = [_days(row, needed, wording)]
    if trial.start is None or trial.end is None:
        said.insert(0, row.dates)
    if trial.outcome is not Outcome.UNKNOWN and trial.status is not TrialStatus.NOT_COUNTED:
        said.append(row.outcome)
    if trial.running:
        said.append(wording.sentence("picture.running"))
    if _HANDED_OVER.isdisjoint(trial.witnesses):
        said.append(wording.sentence("picture.undispensed"))
    return tuple(said)


def _doses(row: TrialRow, wording: Wording) -> str:
    if row.steps or row.of.daily_mg is None:
        return row.steps or wording.sentence("picture.dose_unknown")
    return say_plain(wording, "picture.dose", dose=number(row.of.daily_mg))


def _days(row: TrialRow, needed: int, wording: Wording) -> str:
    covered, qualifying = row.of.covered_days, row.of.qualifying_days
    if covered is None or qualifying is None:
        return say_plain(wording, "picture.days_unknown", needed=needed)
    return say_plain(wording, "picture.days", qualifying=qualifying, covered=covered, needed=needed)


def _hover(row: TrialRow, wording: Wording) -> str:
    reasons = "; ".join(row.reasons)
    said = wording.sentence("picture.hover").format(
        drug=row.drug,
        dates=row.dates,
        dose=row.dose,
        days=row.days,
        status=say_plain(wording, "picture.status", status=row.verdict, reasons=reasons)
        if reasons
        else row.verdict,
        outcome=row.outcome,
        basis=row.basis or wording.sentence("picture.no_basis"),
        witnesses=row.witnesses,
        evidence=_evidence(row.evidence, wording),
    )
    return plain(said, _LONGEST_HOVER)


def _evidence(references: Sequence[str], wording: Wording) -> str:
    """Return the first few resources, each cut to a length that every id fits in."""
    shown = [plain(reference, wording.limits.name) for reference in references[: wording.limits.list]]
    rest = len(references) - len(shown)
    names = ", ".join(shown) or wording.sentence("gaps.no_evidence")
    return wording.sentence("list.more").format(names=names, count=rest) if rest else names


def besides(rows: Sequence[TreatmentRow], facts: PatientFacts, wording: Wording) -> tuple[Beside, ...]:
    """Return one row for each augmentation and procedure, in their own order."""
    days_of = {
        intervention.reference: (intervention.when.first, intervention.when.last)
        for intervention in facts.interventions
        if intervention.when
    }
    return tuple(_beside(row, days_of, wording) for row in rows)


def _beside(row: TreatmentRow, days_of: dict[str, Days], wording: Wording) -> Beside:
    given = row.of
    hover = wording.sentence("picture.hover_beside").format(
        name=row.name, dates=row.dates, text=row.text, evidence=_evidence(row.evidence, wording)
    )
    return Beside(
        row=row,
        marks=() if given.steps else tuple(days_of[each] for each in given.evidence if each in days_of),
        hover=plain(hover, _LONGEST_HOVER),
    )
