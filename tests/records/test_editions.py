"""Which tables decided: a version that also tells of an edit under the same version number."""

from pathlib import Path
from shutil import copytree

import pytest

from mappings.card_templates import card_templates
from mappings.knowledge import load_knowledge
from mappings.tables import TABLES, content_digest, rule_files
from mappings.terminology import SHIPPED, load_terminology
from mappings.terminology_tables import FILES


def test_the_rule_set_is_its_version_with_a_digest() -> None:
    """What stands on cards is the version alone; the record also tells which content it had."""
    knowledge = load_knowledge()
    content = [*rule_files(TABLES).values(), *card_templates().values()]
    assert knowledge.rule_set == f"{knowledge.version}+{content_digest(content)}"
    assert load_knowledge().rule_set == knowledge.rule_set


@pytest.mark.parametrize("file", ["drugs.toml", "suppression.toml", "wording.toml", "criteria/default.toml"])
def test_an_edit_of_a_rule_table_is_another_rule_set(file: str, tmp_path: Path) -> None:
    """One byte more in any table of rules, the version left alone, is told apart."""
    copy = tmp_path / "mappings"
    copytree(str(TABLES), copy)
    as_shipped = content_digest(rule_files(copy).values())
    with (copy / file).open("a", encoding="utf-8") as table:
        table.write("\n")
    assert (
        as_shipped == content_digest(rule_files(TABLES).values()) != content_digest(rule_files(copy).values())
    )


def test_a_table_that_is_renamed_or_gone_is_told_apart(tmp_path: Path) -> None:
    """The names of the files count as well as their content."""
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    whole = content_digest([tmp_path / "a.toml", tmp_path / "b.toml"])
    assert content_digest([tmp_path / "b.toml", tmp_path / "a.toml"]) == whole
    assert content_digest([tmp_path / "a.toml"]) != whole
    (tmp_path / "b.toml").rename(tmp_path / "c.toml")
    assert content_digest([tmp_path / "a.toml", tmp_path / "c.toml"]) != whole


@pytest.mark.parametrize("file", FILES)
def test_a_sites_own_tables_are_told_apart(file: str, tmp_path: Path) -> None:
    """A site's folder is never taken for the shipped one, and each of its files counts."""
    copy = tmp_path / "terminology"
    copytree(str(SHIPPED), copy)
    shipped, same = load_terminology().version, load_terminology(copy).version
    table = copy / file
    table.write_text("# edited\n" + table.read_text(encoding="utf-8"), encoding="utf-8")
    assert shipped.replace("shipped+", "site+") == same != load_terminology(copy).version


def test_every_code_table_counts() -> None:
    """There is no table that the version knows nothing of."""
    assert sorted(each.name for each in SHIPPED.iterdir() if each.name.endswith(".csv")) == sorted(FILES)
