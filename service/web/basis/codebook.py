"""The terminology tables turned round: from what a rule names to the codes that mean it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from mappings import terminology_tables as tables
from mappings.terminology import Terminology
from service.web.basis.page import BasisCode

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Codebook:
    """Codes by the concept, ingredient, drug group or condition group that they mean.

    `procedures` are codes with the system in place of the name, `groups` the ingredients of a drug group.
    """

    measurements: Mapping[str, tuple[BasisCode, ...]]
    ingredients: Mapping[str, tuple[BasisCode, ...]]
    procedures: Mapping[str, tuple[BasisCode, ...]]
    conditions: Mapping[str, tuple[BasisCode, ...]]
    groups: Mapping[str, tuple[str, ...]]


def codebook(terminology: Terminology) -> Codebook:
    """Return the codes of the tables that the service runs with."""
    measured = tables.rows(terminology.folder, "loinc.csv", tables.CONCEPT_COLUMNS)
    return Codebook(
        measurements=_by(
            (concept, BasisCode(code=code, name=name or concept)) for code, concept, name, _ in measured
        ),
        ingredients=_by(
            (row[2], BasisCode(code=row[0], name=row[10]))
            for row in terminology.products.values()
            if row[1] == "IN"
        ),
        procedures=_by(
            (concept, BasisCode(code=code, name=system))
            for (system, code), concepts in terminology.procedures.items()
            for concept in concepts
        ),
        conditions=_by(
            (group, BasisCode(code=code, name=group))
            for code, groups in terminology.conditions.items()
            for group in groups
        ),
        groups=_by((group, name) for name, groups in terminology.groups.items() for group in groups),
    )


def _by(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}
