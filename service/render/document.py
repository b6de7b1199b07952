"""The assessment as a JSON object, for `/assessments` and `ketamine-cds assess --format json`.

It writes the values (`of`) of the rows that cards, report, pages and picture show, uncut; the words are left
to those who show them.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from service.clinical.assessment import Augmentation, Counts, DoseStep, Flag, Gap, Gate, SafetyTrigger, Trial
from service.clinical.facts import SetAside, Unreadable
from service.render.courses import dose_runs
from service.render.kinds import chart_kinds
from service.render.view import View


def document(view: View) -> dict[str, Any]:
    """Return the whole assessment in JSON types."""
    assessment = view.of
    return {
        "assessedOn": assessment.assessed_on.isoformat(),
        "ruleSet": {"profile": assessment.profile, "version": assessment.rule_set_version},
        "subject": assessment.subject,
        "conclusion": assessment.conclusion.value,
        "assessable": assessment.assessable,
        "gate": _statement(view.gate.of) if view.gate else None,
        "safety": [_statement(row.of) for row in view.safety],
        "loweredSafety": [_statement(row.of) for row in view.lowered],
        "counts": _counts(assessment.counts),
        "trials": [_trial(row.of) for row in view.trials],
        "augmentations": [_augmentation(row.of) for row in view.augmentations],
        "flags": [_flag(row.of) for row in view.flags],
        "missing": [_gap(row.of) for row in view.missing],
        "unreadable": [_left_out(row.of) for row in view.unreadable],
        "setAside": [_left_out(row.of) for row in view.set_aside],
        "cards": {"patient-view": [kind.value for kind in chart_kinds(assessment)]},
        "definition": assessment.definition,
        "episode": {
            "start": assessment.episode.start.isoformat(),
            "inferred": assessment.episode.inferred,
            "text": assessment.episode.text,
        },
        "diagnoses": list(assessment.diagnoses),
        "severity": assessment.severity,
        "dataFrom": _day(assessment.data_from),
        "dataTo": _day(assessment.data_to),
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {"id": gap.id, "blocking": gap.blocking, "text": gap.text}


def _left_out(entry: Unreadable | SetAside) -> dict[str, str]:
    return {"reference": entry.reference, "reason": entry.reason}


def _counts(counts: Counts) -> dict[str, int]:
    return {
        "counted": counts.counted,
        "possible": counts.possible,
        "lifetime": counts.lifetime,
        "classes": counts.classes,
        "augmentations": counts.augmentations,
    }


def _statement(said: Gate | SafetyTrigger) -> dict[str, Any]:
    return {"id": said.id, "text": said.text, "evidence": list(said.evidence)}


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "ingredient": trial.ingredient,
        "class": trial.drug_class,
        "start": _day(trial.start),
        "end": _day(trial.end),
        "running": trial.running,
        "coveredDays": trial.covered_days,
        "qualifyingDays": trial.qualifying_days,
        "dailyDose": _dose(trial.daily_mg),
        "minimumDose": _dose(trial.minimum_mg),
        "status": trial.status.value,
        "reason": trial.reason.value if trial.reason else None,
        "shortfalls": [shortfall.value for shortfall in trial.shortfalls],
        "outcome": trial.outcome.value,
        "basis": trial.basis,
        "witnesses": list(trial.witnesses),
        "evidence": list(trial.evidence),
        "notes": list(trial.notes),
        "steps": _steps(trial.steps),
    }


def _steps(steps: Sequence[DoseStep]) -> list[dict[str, Any]]:
    return [
        {"dailyDose": _whole(run.daily_mg), "days": run.days, "from": run.first.isoformat()}
        for run in dose_runs(steps)
    ]


def _augmentation(given: Augmentation) -> dict[str, Any]:
    return {
        "name": given.name,
        "start": _day(given.start),
        "end": _day(given.end),
        "days": given.days,
        "adequate": given.adequate,
        "text": given.text,
        "evidence": list(given.evidence),
    }


def _flag(flag: Flag) -> dict[str, Any]:
    return {
        "id": flag.id,
        "title": flag.title,
        "esketamine": flag.esketamine.value if flag.esketamine else None,
        "ketamine": flag.ketamine.value if flag.ketamine else None,
        "weight": flag.weight.value,
        "hold": {"esketamine": flag.hold.esketamine, "ketamine": flag.hold.ketamine},
        "text": flag.text,
        "evidence": list(flag.evidence),
        "sources": list(flag.sources),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _dose(mg: float | None) -> dict[str, Any] | None:
    if mg is None:
        return None
    return {"value": _whole(mg), "unit": "mg/day"}


def _whole(mg: float | None) -> float | None:
    """Return a number without its decimal point if it is a whole number."""
    return mg if mg is None or mg != int(mg) else int(mg)
