"""The tables that reading a record needs, together."""

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.clauses import ClauseTable, load_clauses
from mappings.diagnoses import load_diagnoses
from mappings.dosage import DosageTable, load_dosage
from mappings.flags import FlagTable, load_flags
from mappings.matching import Codes
from mappings.measurements import MeasurementTable, load_measurements
from mappings.questionnaires import QuestionnaireTable, load_questionnaires
from mappings.reasons import ReasonTable, load_reasons
from mappings.safety import SafetyTable, load_safety
from mappings.severity import Scale, ScaleNames, load_scale_names, load_scales
from mappings.tables import Tables
from mappings.visits import VisitTable, load_visits


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ReadingTables:
    """How reasons, doses, measurements, forms, depression scales and clauses are written in records.

    `listed` are the ICD-10 codes that a table of diagnoses, flags or suicide risk names: an entry with one of
    them is judged by its code, any other entry by its words. `risks` are SNOMED CT groups of suicide risk.
    """

    reasons: ReasonTable
    dosage: DosageTable
    measurements: MeasurementTable
    questionnaires: QuestionnaireTable
    scales: Mapping[str, Scale]
    scale_names: ScaleNames
    clauses: ClauseTable
    visits: VisitTable
    listed: Codes
    risks: frozenset[str]


def load_reading(
    tables: Tables | None = None, flags: FlagTable | None = None, safety: SafetyTable | None = None
) -> ReadingTables:
    """Read the tables, but for `flags` and `safety` where given; raise TableError when one does not fit."""
    flags, safety = flags or load_flags(tables), safety or load_safety(tables)
    return ReadingTables(
        reasons=load_reasons(tables),
        dosage=load_dosage(tables),
        measurements=load_measurements(tables),
        questionnaires=load_questionnaires(tables),
        scales=load_scales(tables),
        scale_names=load_scale_names(tables),
        clauses=load_clauses(tables),
        visits=load_visits(tables),
        listed=_listed(flags, safety, tables),
        risks=_risks(safety),
    )


def _risks(safety: SafetyTable) -> frozenset[str]:
    return frozenset().union(
        *(rule.finding.snomed for rule in (safety.attempt, safety.ideation, safety.at_risk))
    )


def _listed(flags: FlagTable, safety: SafetyTable, tables: Tables | None) -> Codes:
    risk = (safety.attempt, safety.ideation, safety.at_risk, safety.history)
    findings = (flags.watched, *load_diagnoses(tables).values(), *(rule.finding for rule in risk))
    return Codes(tuple(sorted({code for finding in findings for code in finding.codes.prefixes})))
