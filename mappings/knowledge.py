"""All rule tables together, and the check that they fit each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mappings.augmentations import AugmentationTable, load_augmentations
from mappings.criteria import Criteria, load_criteria
from mappings.diagnoses import DiagnosisGroup, load_diagnoses
from mappings.drugs import DrugTable, load_drugs
from mappings.findings import Findings, load_findings
from mappings.flags import FlagTable, load_flags
from mappings.gates import GateTable, load_gates
from mappings.orders import OrderTable, load_orders
from mappings.reading import ReadingTables, load_reading
from mappings.safety import SafetyTable, load_safety
from mappings.severity import Scale, load_scales
from mappings.terminology import Terminology, load_terminology
from mappings.wording import Wording, load_wording


@dataclass(frozen=True, kw_only=True, slots=True)
class Knowledge:
    """Everything that a clinician may change, as one immutable value. `version` names the rule set."""

    version: str
    terminology: Terminology
    reading: ReadingTables
    drugs: DrugTable
    criteria: Mapping[str, Criteria]
    augmentations: AugmentationTable
    diagnoses: dict[str, DiagnosisGroup]
    scales: dict[str, Scale]
    flags: FlagTable
    safety: SafetyTable
    gates: GateTable
    orders: OrderTable
    findings: Findings
    wording: Wording


def load_knowledge() -> Knowledge:
    """Read every table; raise TableError, naming file, row and field, when one cannot be used."""
    drugs, criteria = load_drugs(), load_criteria()
    flags, safety = load_flags(), load_safety()
    return Knowledge(
        version=_newest(
            [drugs.version, flags.version, safety.version, *(c.version for c in criteria.values())]
        ),
        terminology=load_terminology(),
        reading=load_reading(),
        drugs=drugs,
        criteria=criteria,
        augmentations=load_augmentations(),
        diagnoses=load_diagnoses(),
        scales=load_scales(),
        flags=flags,
        safety=safety,
        gates=load_gates(),
        orders=load_orders(),
        findings=load_findings(),
        wording=load_wording(),
    )


def _newest(versions: Iterable[str]) -> str:
    """The rule set is as new as its newest table (year.month.number)."""
    return max(versions, key=lambda version: tuple(int(part) for part in version.split(".")))
