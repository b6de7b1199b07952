"""Edits of the tables: what the service relies on cannot go, and what would do nothing cannot come."""

import copy
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path, PurePath
from typing import Any

import pytest

from mappings.criteria import load_criteria
from mappings.dated import tables_as_of
from mappings.drug_words import load_drug_words
from mappings.drugs import load_drugs
from mappings.findings import load_findings
from mappings.flags import load_flags
from mappings.gaps import NAMED_GAPS, GapId
from mappings.knowledge import load_knowledge
from mappings.policies import load_policies
from mappings.reasons import load_reasons
from mappings.severity import load_scales
from mappings.suppression import load_suppression
from mappings.systems import load_systems
from mappings.tables import TABLES, TableError, Tables, rule_tables
from mappings.terminology import load_terminology
from mappings.wording import load_wording
from tests.tables import edited, without

TERMINOLOGY = load_terminology()


def refused(tables: Tables) -> str:
    """Return the one line with which the start refuses `tables`."""
    with pytest.raises(TableError) as error:
        load_knowledge(TERMINOLOGY, tables)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("file", "rows", "name", "said"),
    [
        ("flags.toml", "gap", "BP-UNK", "flags.toml: gap: expected a row BP-UNK"),
        ("flags.toml", "flag", "THYR", "flags.toml: flag: expected a row THYR"),
        ("flags.toml", "flag", "PREG", "flags.toml: flag: expected a row PREG"),
        ("flags.toml", "flag", "AGE65", "flags.toml: flag: kind age: expected one row; found none"),
        ("flags.toml", "flag", "BP-HIGH", "flags.toml: flag: "),
        ("flags.toml", "circumstance", "csf-shunt", "not in this table: ['csf-shunt']"),
        ("gates.toml", "gate", "GATE-AGE", "gates.toml: gate: expected a row GATE-AGE"),
        ("safety.toml", "trigger", "SAFE-3", "safety.toml: trigger: expected a row SAFE-3"),
        ("wording.toml", "trigger", "SAFE-2", "wording.toml: trigger: expected a row SAFE-2"),
        ("diagnoses.toml", "group", "depression-remission", "diagnoses.toml: group: "),
        ("basis.toml", "flag_kind", "age", "basis.toml: flag_kind: expected one row for each of"),
        ("basis.toml", "input", "liver", "liver: no such input"),
        ("sources.toml", "source", "cssrs-screener-triage", "cssrs-screener-triage: not in sources.toml"),
        ("severity.toml", "scale", "PHQ-9", "PHQ-9"),
    ],
)
def test_a_row_that_something_relies_on_cannot_be_deleted(file: str, rows: str, name: str, said: str) -> None:
    """A row that the code names, or another row refers to, stops the start when it is gone or renamed."""
    assert said in refused(without(file, rows, name))


@pytest.mark.parametrize(
    ("file", "written", "instead", "said"),
    [
        ("flags.toml", 'id = "BP-UNK"', 'id = "BP-UNKNOWN"', "gap > row 1 (BP-UNKNOWN) > id: Must be one of"),
        ("flags.toml", 'id = "THYR"', 'id = "THYROID"', "flag: expected a row THYR"),
        ("flags.toml", 'id = "CI-AVM"\n', 'id = "CI-AVM"\nkind = "trials"\n', "kind trials: expected"),
        ("flags.toml", 'id = "CI-AVM"\n', 'id = "CI-AVM"\nkind = "severity"\n', "kind severity: expected"),
        ("flags.toml", 'id = "CI-AVM"\n', 'id = "CI-AVM"\nkind = "age"\n', "kind age: expected one row"),
        ("flags.toml", 'kind = "age"', 'kind = "aged"', "(AGE65) > kind: Must be one of"),
        ("flags.toml", 'kind = "age"\n', "", "AGE65: expected a kind or rows that raise it"),
        (
            "flags.toml",
            'snomed = ["avm"]',
            'snomed = ["avms"]',
            "(CI-AVM) > condition > row 1 > snomed: avms:",
        ),
        (
            "flags.toml",
            'groups = ["opioid"]',
            'groups = ["opioids"]',
            "groups: opioids: expected the name of",
        ),
        (
            "flags.toml",
            'thyroid_lab = "tsh"',
            'thyroid_lab = "thyrotropin"',
            "flags.toml: screening > thyroid_lab",
        ),
        (
            "orders.toml",
            'trigger = "SAFE-1"',
            'trigger = "SAFE-9"',
            "orders.toml: overdose > trigger: SAFE-9:",
        ),
        ("orders.toml", '"ect", "rtms"', '"ect", "rtmss"', "orders.toml: depression > concepts: rtmss:"),
        ("safety.toml", 'id = "SAFE-1"', 'id = "SAFE-0"', "trigger > row 1 (SAFE-0) > id: Must be one of"),
        (
            "safety.toml",
            'risk = "cssrs-risk"',
            'risk = "cssrs-risks"',
            "safety.toml: cssrs > risk: cssrs-risks:",
        ),
        ("gates.toml", 'id = "GATE-DX"', 'id = "GATE-DIAGNOSIS"', "(GATE-DIAGNOSIS) > id: Must be one of"),
        ("gates.toml", '"esketamine_drug"', '"esketamine_drugs"', "treatment_concepts: esketamine_drugs:"),
        (
            "drugs.toml",
            'ingredient = "citalopram"',
            'ingredient = "citalopran"',
            "citalopran: expected the name",
        ),
        ("severity.toml", 'concept = "phq9_total"', 'concept = "phq9"', "(PHQ-9) > concept: phq9: expected"),
        ("augmentations.toml", 'level_lab = "lithium_level"\n', "", "expected together with"),
    ],
)
def test_a_name_that_stands_for_nothing_is_refused(file: str, written: str, instead: str, said: str) -> None:
    """A reference to nothing, or a name under which no code works, stops the start at its place."""
    message = refused(edited(file, written, instead))
    assert message.startswith(f"{file}: ")
    assert said in message


@pytest.mark.parametrize(
    ("read", "file", "written", "instead", "said"),
    [
        (
            load_drugs,
            "drugs.toml",
            "minimum_mg = 20\n",
            "minimum_mg = 20\npossible_mg = 21\n",
            "possible_mg:",
        ),
        (load_drugs, "drugs.toml", "maximum_mg = 40\n", "maximum_mg = 19\n", "maximum_mg:"),
        (
            load_flags,
            "flags.toml",
            "[pressure]",
            '[[flag.condition]]\nwhen = "active"\n[pressure]',
            "codes, snomed or text",
        ),
        (
            load_flags,
            "flags.toml",
            "[pressure]\ndays = 90",
            "[pressure]\ndays = 0",
            "pressure > days: Must be",
        ),
        (load_scales, "severity.toml", 'names = ["phq', 'names = ["PHQ', "written so it is never found"),
        (load_scales, "severity.toml", "highest = 27", "highest = 14", "referral, highest to rise"),
        (
            load_reasons,
            "reasons.toml",
            '"ineffective", ',
            '"ineffective", "Side effects", ',
            "stop: stands for two kinds of end: side effects",
        ),
        (
            load_systems,
            "systems.toml",
            "uris = [\n",
            'uris = [\n"snomed.info/sct/",\n',
            "address of two systems",
        ),
        (
            load_criteria,
            "criteria/default.toml",
            'id = "default"',
            'id = "acme"',
            "expected the name of the file",
        ),
        (load_drug_words, "drug_text.toml", '"xl"', '"XL"', "written so it is never found"),
        (load_flags, "flags.toml", 'snomed = ["avm"]', 'snomed = "avm"', "snomed: not a list of names"),
        (
            load_flags,
            "flags.toml",
            'when = "active-or-ended"\ndays = 365\n',
            'when = "active-or-ended"\n',
            "days: needs a number",
        ),
        (
            load_flags,
            "flags.toml",
            '[[order_reason]]\nflag = "BIPOLAR"',
            '[[order_reason]]\nflag = "BIPOLARS"',
            "flags.toml: order_reason: not in this table: ['BIPOLARS']",
        ),
        (
            load_suppression,
            "suppression.toml",
            '"insufficient-data"]',
            '"advice"]',
            "expected a kind of card among caution, insufficient-data, recommend",
        ),
        (
            load_policies,
            "policies/labels.toml",
            "diagnosis = { major = true }\n",
            "",
            "> id: expected exactly one of",
        ),
        (
            load_policies,
            "policies/payers.toml",
            'treatment = { procedures = ["psychotherapy"] }',
            "treatment = { count = 1 }",
            "> drugs: expected an ingredient",
        ),
        (load_wording, "wording.toml", 'text = "The US', 'text = "{label} The US', "'label'; allowed: none"),
    ],
)
def test_a_row_that_could_never_fit_is_refused(
    read: Callable[[Tables], object], file: str, written: str, instead: str, said: str
) -> None:
    """What is out of order, finds nothing or means two things is a mistake, told in one line."""
    with pytest.raises(TableError) as error:
        read(edited(file, written, instead))
    assert str(error.value).startswith(f"{PurePath(file).name}: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("examplamine,antidepressant,Exampral,made up", "drugs.toml: expected a row of examplamine"),
        ("sertraline,antidepressant,Exampral,made up", "ingredients.csv: sertraline: listed twice"),
        ("examplamine,opioid,Zoloft,made up", "ingredients.csv: examplamine: Zoloft is a name of sertraline"),
    ],
)
def test_a_drug_of_the_code_tables_has_its_own_names_and_its_dose(
    tmp_path: Path, row: str, said: str
) -> None:
    """An antidepressant without a dose, a second row and a name of another drug are refused."""
    folder = tmp_path / "terminology"
    shutil.copytree(str(TABLES / "terminology"), folder)
    with (folder / "ingredients.csv").open("a", encoding="utf-8") as end:
        end.write(f"{row}\n")
    with pytest.raises(TableError) as error:
        load_knowledge(load_terminology(folder))
    assert str(error.value).startswith(said)


def worded() -> Iterator[tuple[Callable[[Tables], object], str, tuple[str, ...], str]]:
    """Yield the place of each sentence, name and advice of a gap, and what reads it at the start."""
    for gap in GapId:
        if gap is not GapId.RISK:
            yield load_findings, "findings.toml", ("gap",), gap
    for gap in NAMED_GAPS:
        yield load_wording, "wording.toml", ("words", "gap"), gap
        yield load_wording, "wording.toml", ("words", "ask"), gap


@pytest.mark.parametrize(("read", "file", "path", "gap"), list(worded()))
def test_a_gap_without_its_words_is_refused(
    read: Callable[[Tables], object], file: str, path: tuple[str, ...], gap: str
) -> None:
    """The sentence, the name and the advice of a gap can neither go nor stand under another name."""
    for instead in ({}, {f"{gap}X": "Unknown."}):
        content = copy.deepcopy(rule_tables()[file])
        words: Any = content
        for step in path:
            words = words[step]
        del words[gap]
        words.update(instead)
        with pytest.raises(TableError, match=f"{file}: {' > '.join((*path, gap))}: "):
            read({**rule_tables(), file: content})


def test_a_dose_of_a_drug_that_is_in_no_row_is_refused() -> None:
    """A definition cannot have a minimum of its own for it."""
    tables = edited("criteria/registration-trial.toml", "\nvilazodone = 40", "\nvilazodon = 40")
    assert refused(tables) == "registration-trial.toml: dose.minimum_mg: vilazodon: not in drugs.toml"


def test_a_gap_that_nothing_tells_is_refused() -> None:
    """A new row of a kind that only code can bring about is no new rule."""
    tables = rule_tables()
    more = {**tables["flags.toml"]["gap"][0], "id": "ECG-UNK"}
    flags = {**tables["flags.toml"], "gap": [*tables["flags.toml"]["gap"], more]}
    assert "(ECG-UNK) > id: Must be one of" in refused({**tables, "flags.toml": flags})


def test_any_other_row_that_is_missing_is_named() -> None:
    """What a site takes out is named with its table, and with the rows around it."""
    tables = without("flags.toml", "flag", "PORPH")
    del tables["flags.toml"]["flag"][0]["condition"]
    aneurysm = "flags.toml flag CI-ANEUR: condition I71 Aortic aneurysm and dissection"
    missing = load_knowledge(TERMINOLOGY, tables).missing
    assert {aneurysm, "flags.toml flag PORPH"} <= set(missing)
    assert all(row.startswith(("flags.toml flag PORPH", aneurysm)) for row in missing)
    assert load_knowledge(TERMINOLOGY).missing == ()


def test_the_rules_of_an_earlier_day_lack_what_holds_since_later() -> None:
    """A row that holds since a later day is left out and named; what cannot be left out refuses."""
    later = edited("flags.toml", 'id = "PORPH"\n', 'id = "PORPH"\nsince = 2027-05-02\n')
    before, after = date(2027, 5, 1), date(2027, 5, 2)
    missing = load_knowledge(TERMINOLOGY, tables_as_of(later, before)).missing
    assert "flags.toml flag PORPH" in missing
    named = load_knowledge(TERMINOLOGY, tables_as_of(later, after)).missing
    assert "flags.toml flag PORPH" not in named
    relied_on = edited("flags.toml", 'id = "THYR"\n', 'id = "THYR"\nsince = 2027-05-02\n')
    assert "expected a row THYR" in refused(tables_as_of(relied_on, before))
    with pytest.raises(TableError, match=r"there are no rules as of 2000-01-01"):
        tables_as_of(rule_tables(), date(2000, 1, 1))
