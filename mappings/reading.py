"""The tables that reading a record needs, together."""

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.dosage import DosageTable, load_dosage
from mappings.measurements import MeasurementTable, load_measurements
from mappings.reasons import ReasonTable, load_reasons
from mappings.severity import Scale, load_scales


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingTables:
    """How reasons, doses, measurements and depression scales are written in records."""

    reasons: ReasonTable
    dosage: DosageTable
    measurements: MeasurementTable
    scales: Mapping[str, Scale]


def load_reading() -> ReadingTables:
    """Read the tables; raises TableError when one does not fit its schema."""
    return ReadingTables(
        reasons=load_reasons(), dosage=load_dosage(), measurements=load_measurements(), scales=load_scales()
    )
