"""Holds what made-up patients were meant to come to against what the service says of them."""

from collections.abc import Iterator

from msgspec.json import encode

from service import assess_bundle
from service.clinical.assessment import Assessment, TrialStatus
from service.synth.charts import SyntheticChart
from service.synth.medicines import products
from service.synth.tables import load_population

ROWS = load_population()
ABOUT_TRIALS = {"CLASS-1", "PAIR", "PARTIAL", "ADH-UNK"}
"""Flags that say something of the trials, about which the truth speaks itself."""
_BEST_FIRST = list(TrialStatus)


def bundle(chart: SyntheticChart) -> bytes:
    """The chart as one Bundle, with the Medications that all patients share."""
    resources = [*chart.resources, *(products(ROWS) if chart.truth.dialect == "referenced" else ())]
    return encode(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    )


def disagreements(chart: SyntheticChart) -> Iterator[str]:
    """What the service says otherwise than it was meant."""
    truth, found = chart.truth, assess_bundle(bundle(chart), as_of=ROWS.as_of)
    meant = {
        "conclusion": truth.conclusion,
        "gate": truth.gate,
        "safety": truth.safety,
        "missing": set(truth.missing),
        "trials": {course.ingredient: course.status for course in truth.courses},
        "flags": {
            f.id: (f.esketamine, f.ketamine, "planning" if f.planning else "clinical") for f in truth.flags
        },
        "unreadable": [],
    }
    said = {
        "conclusion": found.conclusion,
        "gate": found.gate.id if found.gate else "",
        "safety": min((trigger.id for trigger in found.safety), default=""),
        "missing": {gap.id for gap in found.missing if gap.blocking},
        "trials": _trials(found),
        "flags": {
            f.id: (f.esketamine or "", f.ketamine or "", f.weight)
            for f in found.flags
            if f.id not in ABOUT_TRIALS
        },
        "unreadable": list(found.unreadable),
    }
    for name, value in meant.items():
        if said[name] != value:
            yield f"{truth.patient} ({truth.dialect}), {name}: meant {value}, said {said[name]}"


def _trials(found: Assessment) -> dict[str, str]:
    """The best trial of each drug."""
    ranked = sorted(found.trials, key=lambda trial: _BEST_FIRST.index(trial.status), reverse=True)
    return {trial.ingredient: trial.status for trial in ranked}
