"""The flag and safety tables: complete, well-formed, and refused with the place of an error otherwise."""

import re

import pytest

from mappings.flags import FlagTable, load_flags
from mappings.matching import ICD10, Finding
from mappings.safety import load_safety
from mappings.tables import TABLES, TableError
from tests.tables import edited

FLAGS = load_flags()


def findings(table: FlagTable) -> list[Finding]:
    """Every place of the two tables that names codes."""
    named: list[Finding] = [rule for row in table.flag for rule in row.condition]
    rule = table.pregnancy
    named += [rule.pregnant, rule.ended, rule.not_pregnant, rule.pre_eclampsia, rule.pre_eclampsia_after]
    return [*named, *table.circumstance, load_safety().attempt.finding, load_safety().ideation.finding]


def test_every_code_is_well_formed_and_named() -> None:
    """No code stands in the tables that is malformed or lacks its name."""
    for finding in findings(FLAGS):
        for prefix, name in zip(finding.codes.prefixes, finding.codes.names, strict=True):
            dotted = prefix if len(prefix) == 3 else f"{prefix[:3]}.{prefix[3:]}"
            assert ICD10.match(dotted), prefix
            assert len(name) > 2, prefix


def test_exceptions_are_longer_codes_of_the_same_rule() -> None:
    """An exception that no code of its rule covers would be a mistake."""
    for finding in findings(FLAGS):
        for code in finding.exceptions.prefixes:
            assert code.startswith(finding.codes.prefixes), code


def test_groups_exist_in_the_terminology_tables() -> None:
    """Every SNOMED CT group and drug group that a rule names has members."""
    conditions = (TABLES / "terminology" / "snomed_conditions.csv").read_text(encoding="utf-8")
    drugs = (TABLES / "terminology" / "ingredients.csv").read_text(encoding="utf-8")
    use = FLAGS.substance_use
    snomed = set().union(*(one.snomed for one in findings(FLAGS)), *(one.snomed for one in use.substance))
    snomed |= {*use.active_snomed, *use.remission_snomed, *use.lasting_snomed}
    groups = set().union(*(one.groups for row in FLAGS.flag for one in row.medicine))
    assert snomed - set(re.split(r"[|,\n]", conditions)) == set()
    assert groups - set(re.split(r"[|,\n]", drugs)) == set()


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        ('"I71 Aortic aneurysm and dissection"', '"I71"', "CI-ANEUR"),
        ('"I71 Aortic aneurysm and dissection"', '"71.1 Aortic aneurysm"', "CI-ANEUR"),
        ('when = "any-time"', 'when = "sometimes"', "CI-ANEUR"),
        ('esketamine = "contraindication"', 'esketamine = "severe"', "CI-ANEUR"),
        ('given = ["csf-shunt"]', 'given = ["csf-shunts"]', "csf-shunts"),
        ("hold_systolic = 180", "hold_systolic = 180\nhold_pulse = 120", "hold_pulse"),
        ('text = "{findings}. Repair', 'text = "{finding}. Repair', "CI-ANEUR"),
        ("days = 42\n", "", "CI-CVEVENT"),
    ],
)
def test_a_row_that_does_not_fit_is_named(written: str, instead: str, said: str) -> None:
    """A table with an error is refused, and the message names file and row or member."""
    with pytest.raises(TableError, match=rf"flags\.toml.*{said}"):
        load_flags(edited("flags.toml", written, instead))
