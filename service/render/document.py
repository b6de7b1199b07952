"""The assessment as a JSON object, for `/assessments` and `ketamine-cds assess --format json`.

It writes the values of the rows that cards, report, pages and picture show (`of` in `service.render.rows`),
in the order of the assessment and uncut; the words are left to those who show them.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from service.clinical.assessment import Assessment, Augmentation, DoseStep, Flag, SafetyTrigger, Trial
from service.render.courses import dose_runs
from service.render.kinds import chart_kinds


def document(assessment: Assessment) -> dict[str, Any]:
    """Return the whole assessment in JSON types."""
    return {
        "assessedOn": assessment.assessed_on.isoformat(),
        "ruleSet": {"profile": assessment.profile, "version": assessment.rule_set_version},
        "subject": assessment.subject,
        "conclusion": assessment.conclusion.value,
        "assessable": assessment.assessable,
        "gate": _gate(assessment),
        "safety": [_trigger(trigger) for trigger in assessment.safety],
        "loweredSafety": [_trigger(trigger) for trigger in assessment.lowered_safety],
        "counts": _counts(assessment),
        "trials": [_trial(trial) for trial in assessment.trials],
        "augmentations": [_augmentation(augmentation) for augmentation in assessment.augmentations],
        "flags": [_flag(flag) for flag in assessment.flags],
        "missing": [{"id": gap.id, "blocking": gap.blocking, "text": gap.text} for gap in assessment.missing],
        "unreadable": [
            {"reference": entry.reference, "reason": entry.reason} for entry in assessment.unreadable
        ],
        "setAside": [
            {"reference": entry.reference, "reason": entry.reason} for entry in assessment.set_aside
        ],
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


def _gate(assessment: Assessment) -> dict[str, Any] | None:
    gate = assessment.gate
    return {"id": gate.id, "text": gate.text, "evidence": list(gate.evidence)} if gate else None


def _counts(assessment: Assessment) -> dict[str, int]:
    counts = assessment.counts
    return {
        "counted": counts.counted,
        "possible": counts.possible,
        "lifetime": counts.lifetime,
        "classes": counts.classes,
        "augmentations": counts.augmentations,
    }


def _trigger(trigger: SafetyTrigger) -> dict[str, Any]:
    return {"id": trigger.id, "text": trigger.text, "evidence": list(trigger.evidence)}


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
