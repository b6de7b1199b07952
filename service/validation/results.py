"""Reads what a screening said, from the folder that it wrote."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from service.clinical.assessment import TrialStatus
from service.population.tables import read_rows
from service.validation.agreement import Results
from service.validation.errors import ResultsError
from service.validation.key import CONCLUSION, ScoredPatient, Scoring

PATIENTS, TRIALS, WHOLE = "patients.parquet", "trials.parquet", "account.json"

_BEST_FIRST = tuple(map(str, TrialStatus))
_LISTED = ("esketamine_contraindications", "ketamine_contraindications", "esketamine_cautions",
           "ketamine_cautions", "blocking_gaps", "safety")  # fmt: skip
"""Columns that tell why a conclusion is what it is, beside gate and counts."""


def read_results(folder: Path, scored: Iterable[ScoredPatient]) -> Results:
    """Return what a screening said of some patients; raise ResultsError for another folder."""
    for name in (WHOLE, PATIENTS, TRIALS):
        if not (folder / name).is_file():
            raise ResultsError(f"{folder}: expected the folder of a finished screening, with {name}")
    try:
        return _read(folder, frozenset(scored))
    except (KeyError, ValueError) as error:  # a column that is not there, a file that is no Parquet
        raise ResultsError(f"{folder}: expected Parquet as `screen` writes it") from error


def _read(folder: Path, wanted: frozenset[ScoredPatient]) -> Results:
    said: dict[ScoredPatient, dict[str, Scoring]] = {}
    rule_sets, profiles = set(), set()
    for row in read_rows(folder / PATIENTS):
        if CONCLUSION not in row:
            raise ResultsError(f"{folder}: expected a screening by one definition (--profile), found several")
        if (who := _who(row)) in wanted and row[CONCLUSION]:
            said[who] = {CONCLUSION: Scoring(row[CONCLUSION], _why(row))}
            rule_sets.add(row["rule_set"])
    for row in read_rows(folder / TRIALS):
        if (who := _who(row)) in said:
            profiles.add(row["profile"])
            _keep_best(said[who], row)
    return Results(said, ", ".join(sorted(rule_sets)), ", ".join(sorted(profiles)))


def _who(row: Mapping[str, Any]) -> ScoredPatient:
    return ScoredPatient(row["patient"].removeprefix("Patient/"), row["as_of"])


def _why(row: Mapping[str, Any]) -> str:
    counts = f"{row['counted']} counted, {row['possible']} possible"
    findings = dict.fromkeys(finding for name in _LISTED for finding in row[name])
    return "; ".join(part for part in (row["gate"], counts, ", ".join(findings)) if part)


def _keep_best(items: dict[str, Scoring], row: Mapping[str, Any]) -> None:
    """Keep the trial of a drug that comes nearest to being counted."""
    name, status = row["ingredient"], row["status"]
    if name not in items or _BEST_FIRST.index(status) < _BEST_FIRST.index(items[name].verdict):
        items[name] = Scoring(status, "; ".join(_told(row)))


def _told(row: Mapping[str, Any]) -> Iterator[str]:
    if row["reason"]:
        yield row["reason"]
    yield row["outcome"]
    if row["qualifying_days"] is not None:
        yield f"{row['qualifying_days']} qualifying days"
    if row["daily_mg"] is not None:
        yield f"{row['daily_mg']:g} mg a day"
