"""Flags that come from the trials and from the severity now (clinical rule 5, last rows)."""

from collections.abc import Mapping, Sequence

from mappings.drugs import DrugTable
from mappings.findings import Findings
from mappings.flags import FlagId, FlagTable
from mappings.severity import Scale
from service.assess.flags.hits import flag, hit
from service.assess.severity import Band, band
from service.clinical.assessment import Flag, Outcome, Trial, TrialStatus
from service.clinical.facts import Score, SourceKind


def severity_flags(
    latest: Score | None, scales: Mapping[str, Scale], table: FlagTable, findings: Findings
) -> tuple[Flag, ...]:
    """Return SEV-MOD when the latest score shows moderate severity only."""
    if latest is None or band(latest, scales) is not Band.MODERATE:
        return ()
    values = {"scale": latest.scale, "score": f"{latest.total:g}", "day": latest.when}
    return (_raised(FlagId.SEV_MOD, table, findings, (latest.reference,), values),)


def trial_flags(
    trials: Sequence[Trial], drugs: DrugTable, needed: int, table: FlagTable, findings: Findings
) -> tuple[Flag, ...]:
    """Return the flags that qualify the counted trials."""
    counted = [trial for trial in trials if trial.status is TrialStatus.COUNTED]
    names = {trial.ingredient for trial in counted}
    pairs = [
        findings.say("flag.pair", first=pair.ingredients[0], second=pair.ingredients[1])
        for pair in drugs.pairs
        if names.issuperset(pair.ingredients)
    ]
    classes = {trial.drug_class for trial in counted}
    partial = [trial for trial in counted if trial.outcome is Outcome.PARTIAL]
    ordered = [trial for trial in counted if not _handed_over(trial)]
    raised: list[tuple[FlagId, list[Trial], dict[str, object]]] = []
    if len(counted) >= needed and len(classes) == 1:
        raised.append((FlagId.CLASS_1, counted, {"drug_class": min(classes)}))
    if pairs:
        raised.append((FlagId.PAIR, counted, {"pair": "; ".join(pairs)}))
    if partial:
        raised.append((FlagId.PARTIAL, partial, {"drugs": _names(partial)}))
    if ordered:
        raised.append((FlagId.ADH_UNK, ordered, {"drugs": _names(ordered)}))
    return tuple(_raised(name, table, findings, _evidence(shown), values) for name, shown, values in raised)


def _handed_over(trial: Trial) -> bool:
    return not {SourceKind.DISPENSE, SourceKind.ADMINISTRATION}.isdisjoint(trial.witnesses)


def _names(trials: Sequence[Trial]) -> str:
    return ", ".join(trial.ingredient for trial in trials)


def _evidence(trials: Sequence[Trial]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reference for trial in trials for reference in trial.evidence))


def _raised(
    name: FlagId,
    table: FlagTable,
    findings: Findings,
    evidence: tuple[str, ...],
    values: dict[str, object],
) -> Flag:
    row = table.row(name)
    return flag(row, (hit(row, findings.say(f"flag.{name}", **values), *evidence),), table.words)
