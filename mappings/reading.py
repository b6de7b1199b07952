"""The tables that reading a record needs, together."""

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.dosage import DosageTable, load_dosage
from mappings.measurements import MeasurementTable, load_measurements
from mappings.questionnaires import QuestionnaireTable, load_questionnaires
from mappings.reasons import ReasonTable, load_reasons
from mappings.severity import Scale, ScaleNames, load_scale_names, load_scales
from mappings.tables import Tables


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingTables:
    """How reasons, doses, measurements, questionnaires and depression scales are written in records."""

    reasons: ReasonTable
    dosage: DosageTable
    measurements: MeasurementTable
    questionnaires: QuestionnaireTable
    scales: Mapping[str, Scale]
    scale_names: ScaleNames


def load_reading(tables: Tables | None = None) -> ReadingTables:
    """Read the tables; raises TableError when one does not fit its schema."""
    return ReadingTables(
        reasons=load_reasons(tables),
        dosage=load_dosage(tables),
        measurements=load_measurements(tables),
        questionnaires=load_questionnaires(tables),
        scales=load_scales(tables),
        scale_names=load_scale_names(tables),
    )
