"""All rule tables together, and the check that they fit each other."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources.abc import Traversable
from typing import Any

from mappings.augmentations import AugmentationTable, load_augmentations
from mappings.basis import Basis, load_basis
from mappings.basis_check import check_basis
from mappings.criteria import Criteria, load_criteria
from mappings.diagnoses import DiagnosisGroup, load_diagnoses
from mappings.drugs import DrugTable, load_drugs
from mappings.findings import Findings, load_findings
from mappings.firing import FiringTable, load_firing
from mappings.flags import FlagTable, load_flags
from mappings.gates import GateTable, load_gates
from mappings.orders import OrderTable, load_orders
from mappings.reading import ReadingTables, load_reading
from mappings.rules import Rule, check_rules, load_rules
from mappings.safety import SafetyTable, load_safety
from mappings.severity import Scale, load_scales
from mappings.sources import Source, check_citations, load_sources
from mappings.tables import TABLES, TableError, content_digest, parsed
from mappings.terminology import Terminology, load_terminology
from mappings.wording import Wording, load_wording

VERSION = re.compile(r"[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,4}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Knowledge:
    """Everything that a clinician may change, as one immutable value.

    `version` names the rule set; `rule_set` is the version with a digest of the tables, so that a table
    that was edited under the same version is told apart.
    """

    version: str
    rule_set: str
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
    firing: FiringTable
    findings: Findings
    wording: Wording
    basis: Basis
    sources: Mapping[str, Source]
    rules: Mapping[str, Rule]

    def places(self, profile: str) -> Mapping[str, Any]:
        """What a sentence of the basis pages may name: the tables, and the definition in use as `profile`."""
        tables = {member.name: getattr(self, member.name) for member in fields(self)}
        return {**tables, "profile": self.criteria[profile]}


def load_knowledge(terminology: Terminology | None = None) -> Knowledge:
    """Read every table; raise TableError, naming file, row and field, when one cannot be used.

    `terminology` stands in place of the shipped code tables.
    """
    tables = rule_tables()
    sources, rules = load_sources(), load_rules()
    version = _newest(tables)
    knowledge = Knowledge(
        version=version,
        rule_set=f"{version}+{content_digest(_rule_files(TABLES))}",
        terminology=terminology or load_terminology(),
        reading=load_reading(),
        drugs=load_drugs(),
        criteria=load_criteria(),
        augmentations=load_augmentations(),
        diagnoses=load_diagnoses(),
        scales=load_scales(),
        flags=load_flags(),
        safety=load_safety(),
        gates=load_gates(),
        orders=load_orders(),
        firing=load_firing(),
        findings=load_findings(),
        wording=load_wording(),
        basis=load_basis(),
        sources=sources,
        rules=rules,
    )
    check_rules(tables, rules)
    check_citations(tables, sources)
    check_basis(knowledge.basis, version, {name: knowledge.places(name) for name in knowledge.criteria})
    return knowledge


def rule_tables(folder: Traversable = TABLES) -> dict[str, dict[str, Any]]:
    """Return each table of rules as it stands, by the name of its file."""
    return {file.name: parsed(file) for file in _rule_files(folder)}


def _rule_files(folder: Traversable) -> list[Traversable]:
    files = [*folder.iterdir(), *(folder / "criteria").iterdir()]
    return [file for file in files if file.name.endswith(".toml")]


def _newest(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """The rule set is as new as its newest table."""
    return max((_version(file, table) for file, table in tables.items()), key=_in_order)


def _version(file: str, table: Mapping[str, Any]) -> str:
    version = table.get("version")
    if not isinstance(version, str) or not VERSION.fullmatch(version):
        raise TableError(f"{file}: version: expected year.month.number, such as 2026.11.0")
    return version


def _in_order(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
