"""The tables that reading a record needs, together."""

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.dosage import DosageTable, load_dosage
from mappings.measurements import MeasurementTable, load_measurements
from mappings.reasons import ReasonTable, load_reasons
from mappings.severity import Scale, load_scales
from mappings.tables import Tables


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingTables:
    """How reasons, doses, measurements and depression scales are written in records."""

    reasons: ReasonTable
    dosage: DosageTable
    measurements: MeasurementTable
    scales: Mapping[str, Scale]


def load_reading(tables: Tables | None = None) -> ReadingTables:
    """Read the tables; raises TableError when one does not fit its schema."""
    return ReadingTables(
        reasons=load_reasons(tables),
        dosage=load_dosage(tables),
        measurements=load_measurements(tables),
        scales=load_scales(tables),
    )
