"""All rule tables together, and the check that they fit each other."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from pathlib import PurePath
from typing import Any

from mappings.augmentations import AugmentationTable, load_augmentations
from mappings.basis import Basis, load_basis
from mappings.basis_check import check_basis
from mappings.card_templates import card_templates, check_templates
from mappings.criteria import Criteria, check_doses, load_criteria
from mappings.diagnoses import DiagnosisGroup, load_diagnoses
from mappings.drug_words import load_drug_words
from mappings.drugs import DrugTable, load_drugs
from mappings.finding_lookup import FindingLookup, finding_lookup
from mappings.findings import Findings, load_findings
from mappings.flags import FlagTable, load_flags
from mappings.gates import GateTable, load_gates
from mappings.measurements import ConceptId
from mappings.members import (
    CONDITION_GROUP,
    DIAGNOSIS,
    DRUG_GROUP,
    FLAG,
    INGREDIENT,
    MEASUREMENT,
    PROCEDURE,
    TRIGGER,
)
from mappings.orders import OrderTable, load_orders
from mappings.policies import SITE, PolicyTable, check_policies, load_policies
from mappings.prefetch import PrefetchTable, load_prefetch, observation_codes
from mappings.reading import ReadingTables, load_reading
from mappings.references import check_references
from mappings.remarks import load_remarks
from mappings.rules import Rule, check_rules, load_rules
from mappings.safety import SafetyTable, load_safety
from mappings.severity import Scale, load_scales
from mappings.shipped import missing_rows
from mappings.sources import SourceRow, check_citations, load_sources
from mappings.suppression import SuppressionTable, load_suppression
from mappings.systems import load_systems
from mappings.tables import TABLES, TableError, Tables, content_digest, rule_files, rule_tables
from mappings.terminology import GroupId, Terminology, load_terminology
from mappings.wording import Wording, load_wording

VERSION = re.compile(r"[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,4}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Knowledge:
    """Everything that a clinician may change, as one immutable value.

    `version` names the rule set; `rule_set` is the version with a digest of the tables, so that a table
    that was edited under the same version is told apart. `missing` are rows of the shipped tables that are
    not there. `lookup` finds what an entry of a problem list may mean.
    """

    version: str
    rule_set: str
    terminology: Terminology
    reading: ReadingTables
    drugs: DrugTable
    criteria: Mapping[str, Criteria]
    augmentations: AugmentationTable
    diagnoses: Mapping[str, DiagnosisGroup]
    scales: Mapping[str, Scale]
    flags: FlagTable
    safety: SafetyTable
    gates: GateTable
    orders: OrderTable
    policies: PolicyTable
    suppression: SuppressionTable
    prefetch: PrefetchTable
    findings: Findings
    wording: Wording
    basis: Basis
    sources: Mapping[str, SourceRow]
    rules: Mapping[str, Rule]
    missing: tuple[str, ...]
    lookup: FindingLookup

    def places(self, profile: str) -> Mapping[str, Any]:
        """Return the places that a sentence of the basis pages may name.

        The tables, and the definition in use as `profile`.
        """
        tables = {member.name: getattr(self, member.name) for member in fields(self)}
        return {**tables, "profile": self.criteria[profile]}


def load_knowledge(terminology: Terminology | None = None, tables: Tables | None = None) -> Knowledge:
    """Read every table; raise TableError, naming file, row and field, when one cannot be used.

    `terminology` stands in place of the shipped code tables, `tables` in place of the shipped rule tables.
    """
    tables = rule_tables() if tables is None else tables
    sources, rules = load_sources(tables), load_rules(tables)
    version = _newest({file: table for file, table in tables.items() if not file.startswith(SITE)})
    codes = terminology or load_terminology()
    flags, safety = load_flags(tables), load_safety(tables)
    reading, diagnoses = load_reading(tables, flags, safety), load_diagnoses(tables)
    knowledge = Knowledge(
        version=version,
        rule_set=f"{version}+{content_digest([*rule_files(TABLES).values(), *card_templates().values()])}",
        terminology=codes,
        reading=reading,
        drugs=load_drugs(tables),
        criteria=load_criteria(tables),
        augmentations=load_augmentations(tables),
        diagnoses=diagnoses,
        scales=load_scales(tables),
        flags=flags,
        safety=safety,
        gates=load_gates(tables),
        orders=load_orders(tables),
        policies=load_policies(tables),
        suppression=load_suppression(tables),
        prefetch=load_prefetch(observation_codes(codes.concepts, tables), tables),
        findings=load_findings(tables),
        wording=load_wording(tables),
        basis=load_basis(tables),
        sources=sources,
        rules=rules,
        missing=missing_rows(tables),
        lookup=finding_lookup(flags, safety, diagnoses, reading.visits),
    )
    check_templates()
    check_rules(tables, rules)
    check_references(_by_file(knowledge), _names(knowledge))
    _check_asked_for(_names(knowledge))
    check_doses(knowledge.criteria, knowledge.drugs)
    _check_antidepressants(knowledge)
    check_policies(knowledge.policies, knowledge.criteria, knowledge.scales, knowledge.drugs)
    load_systems(tables)
    load_remarks(tables)
    load_drug_words(tables)
    check_citations(tables, sources)
    check_basis(knowledge.basis, version, {name: knowledge.places(name) for name in knowledge.criteria})
    return knowledge


def _check_asked_for(names: Mapping[str, AbstractSet[str]]) -> None:
    """Raise TableError if a measurement or a group that the service asks for by name is missing."""
    groups = names[DRUG_GROUP] | names[CONDITION_GROUP]
    for file, asked, known in (
        ("loinc.csv", ConceptId, names[MEASUREMENT]),
        ("the code tables", GroupId, groups),
    ):
        if missing := [name for name in asked if name not in known]:
            raise TableError(f"{file}: expected a row of {missing[0]}: the service asks for it by its name")


def _check_antidepressants(knowledge: Knowledge) -> None:
    """Raise TableError unless the antidepressants by name are those that have a dose, combinations apart."""
    groups, dosed = knowledge.terminology.groups, knowledge.drugs.drugs.keys()
    for ingredient, own in groups.items():
        if GroupId.ANTIDEPRESSANT in own and ingredient not in dosed:
            raise TableError(
                f"drugs.toml: expected a row of {ingredient}, an antidepressant of ingredients.csv"
            )
        if GroupId.ANTIDEPRESSANT not in own and ingredient in dosed:
            raise TableError(f"ingredients.csv: {ingredient}: expected the group {GroupId.ANTIDEPRESSANT}")


def _by_file(knowledge: Knowledge) -> dict[str, Any]:
    """Return the tables that name rows of other tables, by file name."""
    reading = knowledge.reading
    return {
        "drugs.toml": knowledge.drugs,
        "augmentations.toml": knowledge.augmentations,
        "diagnoses.toml": knowledge.diagnoses,
        "severity.toml": knowledge.scales,
        "flags.toml": knowledge.flags,
        "safety.toml": knowledge.safety,
        "gates.toml": knowledge.gates,
        "orders.toml": knowledge.orders,
        "policies": knowledge.policies,
        "reasons.toml": reading.reasons,
        "dosage.toml": reading.dosage,
        "measurements.toml": reading.measurements,
        "suppression.toml": knowledge.suppression,
        "wording.toml": knowledge.wording,
        "basis.toml": knowledge.basis,
    }


def _names(knowledge: Knowledge) -> Mapping[str, AbstractSet[str]]:
    """Return the names that tables may use for rows of other tables, by kind."""
    terms = knowledge.terminology
    measured = {*terms.concepts.values(), *(row.concept for row in knowledge.reading.measurements.text)}
    return {
        CONDITION_GROUP: frozenset[str]().union(*terms.conditions.values()),
        DRUG_GROUP: frozenset[str]().union(*terms.groups.values()),
        INGREDIENT: {*terms.groups, *(row.name for row in knowledge.reading.dosage.combination)},
        # `urine_drug_screen` also stands for `urine_drug_screen:opiate`
        MEASUREMENT: measured | {concept.partition(":")[0] for concept in measured},
        PROCEDURE: frozenset[str]().union(
            *terms.procedures.values(), knowledge.orders.depression.without_codes
        ),
        TRIGGER: {row.id for row in knowledge.safety.trigger},
        FLAG: {row.id for row in knowledge.flags.flag},
        DIAGNOSIS: knowledge.diagnoses.keys(),
    }


def _newest(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the version of the newest table, which is that of the rule set."""
    return max((_version(file, table) for file, table in tables.items()), key=_in_order)


def _version(file: str, table: Mapping[str, Any]) -> str:
    version = table.get("version")
    if not isinstance(version, str) or not VERSION.fullmatch(version):
        raise TableError(f"{PurePath(file).name}: version: expected year.month.number, such as 2026.11.0")
    return version


def _in_order(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
