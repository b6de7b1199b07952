"""Flags that come from the trials and from the severity now (clinical rule 5, last rows)."""

from collections.abc import Mapping, Sequence

from mappings.drugs import DrugTable
from mappings.findings import Findings
from mappings.flags import FlagTable
from mappings.severity import Scale
from service.assess.flags.hits import flag, hit
from service.assess.severity import Band, band
from service.clinical.assessment import Flag, Outcome, Trial, TrialStatus
from service.clinical.facts import Score, Source


def severity_flags(
    latest: Score | None, scales: Mapping[str, Scale], table: FlagTable, findings: Findings
) -> tuple[Flag, ...]:
    """Return SEV-MOD when the latest score shows moderate severity only."""
    if latest is None or band(latest, scales) is not Band.MODERATE:
        return ()
    values = {"scale": latest.scale, "score": f"{latest.total:g}", "day": latest.when}
    return (_raised("SEV-MOD", table, findings, (latest.reference,), values),)


def trial_flags(
    trials: Sequence[Trial], drugs: DrugTable, needed: int, table: FlagTable, findings: Findings
) -> tuple[Flag, ...]:
    """Return what a reader should know about the counted trials."""
    counted = [trial for trial in trials if trial.status is TrialStatus.COUNTED]
    names = {trial.ingredient for trial in counted}
    pairs = [" and ".join(pair.ingredients) for pair in drugs.pairs if names.issuperset(pair.ingredients)]
    classes = {trial.drug_class for trial in counted}
    partial = [trial for trial in counted if trial.outcome is Outcome.PARTIAL]
    ordered = [trial for trial in counted if not _handed_over(trial)]
    raised = []
    if len(counted) >= needed and len(classes) == 1:
        raised.append(_raised("CLASS-1", table, findings, _evidence(counted), {"drug_class": min(classes)}))
    if pairs:
        raised.append(_raised("PAIR", table, findings, _evidence(counted), {"pair": "; ".join(pairs)}))
    if partial:
        raised.append(_raised("PARTIAL", table, findings, _evidence(partial), {"drugs": _names(partial)}))
    if ordered:
        raised.append(_raised("ADH-UNK", table, findings, _evidence(ordered), {"drugs": _names(ordered)}))
    return tuple(raised)


def _handed_over(trial: Trial) -> bool:
    return not {Source.DISPENSE, Source.ADMINISTRATION}.isdisjoint(trial.witnesses)


def _names(trials: Sequence[Trial]) -> str:
    return ", ".join(trial.ingredient for trial in trials)


def _evidence(trials: Sequence[Trial]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reference for trial in trials for reference in trial.evidence))


def _raised(
    flag_id: str, table: FlagTable, findings: Findings, evidence: tuple[str, ...], values: dict[str, object]
) -> Flag:
    row = table.row(flag_id)
    return flag(row, (hit(row, findings.say(f"flag.{flag_id}", **values), *evidence),), table.words)
