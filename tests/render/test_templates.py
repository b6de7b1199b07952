"""The templates of the cards: checked at start, and filled with exactly what the check says."""

import sys
from pathlib import Path
from shutil import copytree
from types import CodeType

import pytest
from jinja2 import DictLoader, Environment, PackageLoader

from mappings.card_templates import FOLDER, MEMBERS, check_templates
from mappings.tables import TABLES, TableError
from service.render import templates
from service.render.courses import TreatmentRow, TrialRow
from service.render.details import OrderWords
from service.render.fitting import Cut
from service.render.rows import ShownFlag, ShownGap, ShownGate, ShownSetAside, ShownTrigger
from service.render.view import View
from tests.render.situations import SITUATIONS


def changed(tmp_path: Path, file: str, old: str, new: str) -> Path:
    """Return a copy of the templates with one thing changed."""
    folder = tmp_path / FOLDER
    copytree(str(TABLES / FOLDER), folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        (
            "trials.md.j2",
            "trial.drug",
            "trial.drugg",
            "line 6: nothing is called 'drugg'",
        ),
        (
            "footing.md.j2",
            "{{ definition }}",
            "{{ defintion }}",
            "nothing fills 'defintion'",
        ),
        ("decision.md.j2", "{{ failed }}", "{{ order }}", "nothing fills 'order' on the card 'decision'"),
        ("decision.md.j2", "{% if kind", "{% iff kind", "cards/decision.md.j2: line"),
        ("decision.md.j2", "flags.md.j2", "flag.md.j2", "no other template 'flag.md.j2'"),
        ("flags.md.j2", "{# What", '{% include "flags.md.j2" %}{# What', "no other template 'flags.md.j2'"),
        ("order.md.j2", "esketamine-rems", "rems", "no [[fact]] 'rems'"),
        ("order.md.j2", "{{ order.name }}", "{{ range(9) }}", "a template calls nothing"),
    ],
)
def test_a_template_that_cannot_be_filled_stops_the_start(
    tmp_path: Path, file: str, old: str, new: str, complaint: str
) -> None:
    """The error names the file, and the line or the name that nothing fills."""
    with pytest.raises(TableError) as error:
        check_templates(changed(tmp_path, file, old, new))
    assert complaint in str(error.value)


def test_included_templates_are_filled_as_jinja_includes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put into each other before they are compiled, templates give what Jinja's own includes give."""
    plain = templates._ENVIRONMENT.overlay(loader=PackageLoader("mappings", FOLDER))
    once, seen = templates.filled, []

    def both(card: str, **values: object) -> str:
        text = templates._GAPS.sub("\n\n", plain.get_template(f"{card}.md.j2").render(values)).strip()
        assert once(card, **values) == text
        seen.append(card)
        return text

    monkeypatch.setattr("service.render.details.filled", both)
    for situation in SITUATIONS.values():
        situation()
    assert {"decision", "order", "not_assessed", "safety"} <= set(seen)


def test_a_kept_template_counts_for_its_source_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next start takes what was compiled; one changed or spoilt is compiled anew."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    sources = {"a": "one {{ value }}"}

    def said() -> tuple[str, int]:
        compiled: list[str] = []
        kept = templates.KeptTemplates(tmp_path / "kept")
        made = Environment(loader=DictLoader(sources), bytecode_cache=kept, autoescape=True)
        once = made._compile

        def noted(source: str, filename: str) -> CodeType:
            compiled.append(filename)
            return once(source, filename)

        monkeypatch.setattr(made, "_compile", noted)
        return made.get_template("a").render(value=1), len(compiled)

    assert [said(), said()] == [("one 1", 1), ("one 1", 0)]
    sources["a"] = "two {{ value }}"
    assert [said(), said()] == [("two 1", 1), ("two 1", 0)]
    (file,) = (tmp_path / "kept").iterdir()
    file.write_bytes(file.read_bytes()[:-9])
    assert [said(), said()] == [("two 1", 1), ("two 1", 0)]
    file.unlink()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert [said(), said()] == [("two 1", 1), ("two 1", 1)]


def test_a_template_that_is_gone_stops_the_start(tmp_path: Path) -> None:
    """Each kind of card has its template."""
    folder = changed(tmp_path, "note.md.j2", "", "")
    (folder / "note.md.j2").unlink()
    with pytest.raises(TableError, match=r"cards/note\.md\.j2: expected this template"):
        check_templates(folder)


def test_every_member_that_a_template_may_name_exists() -> None:
    """The names after the dot are those of the rows, of a list that is cut, of the counts and of the loop."""
    rows = (
        ShownGate,
        ShownTrigger,
        ShownSetAside,
        ShownFlag,
        ShownGap,
        TrialRow,
        TreatmentRow,
        View,
        OrderWords,
        Cut,
    )
    names = {name for row in rows for name in dir(row)}
    others = {"counted", "possible", "lifetime", "last", "expression"}
    assert names | others >= MEMBERS
