"""The basis pages tell what the tables hold: every figure, every row, and nothing else."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mappings.basis_check import check_basis
from mappings.filling import fill, plain
from mappings.tables import TableError
from service.web.basis.figures import figure_table
from service.web.basis.page import BasisTable, Page
from tests.basis.reading import KNOWLEDGE, LIBRARY, cell, numbers, remade, shown_figures, texts, told
from tests.render.situations import GOLDEN

PAGES = list(LIBRARY.pages.values())
EVERYTHING = "\n".join(map(told, PAGES))
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.id)

TABLES = ("drugs", "augmentations", "diagnoses", "scales", "flags", "safety", "gates", "orders", "reading")
ELSEWHERE = ("reading.scales", "safety.words")
"""The same rows as `scales` and `flags.words`."""


def test_every_threshold_is_on_a_page() -> None:
    """Each number of the tables stands in a table that shows its place, or in a sentence that names it."""
    logic = " ".join(sentence for rule in KNOWLEDGE.basis.rule for sentence in rule.logic)
    shown = [(figure.of, _cells(figure_table(figure, KNOWLEDGE))) for figure in shown_figures(KNOWLEDGE)]
    missing = [
        path
        for name in TABLES
        for path, value in numbers(getattr(KNOWLEDGE, name), name)
        if not path.startswith((*ELSEWHERE, "flags.flag."))
        and f"{{{path}}}" not in logic
        and not any(path.startswith(f"{place}.") and plain(value) in cells for place, cells in shown)
    ]
    assert missing == []


def test_every_window_of_a_flag_is_on_its_page() -> None:
    """The days of a flag's rules stand in its logic and in its tables."""
    for row in KNOWLEDGE.flags.flag:
        page = LIBRARY.pages[f"flag-{row.id.lower()}"]
        cells = set[str]().union(*map(_cells, page.tables))
        windows = [*(rule.days for rule in row.condition), *(rule.days for rule in row.medicine)]
        for days in filter(None, windows):
            assert f"{days} days" in " ".join(page.logic)
            assert str(days) in cells


def _cells(table: BasisTable) -> set[str]:
    return {entry for row in table.rows for cell in row.cells for entry in cell}


def test_each_definition_stands_beside_the_others() -> None:
    """Every figure of every definition of resistance is on the page that compares them."""
    page = LIBRARY.pages["treatment-resistance"]
    for name, criteria in KNOWLEDGE.criteria.items():
        for path, value in numbers(criteria):
            column = page.tables[0].columns.index(name)
            found = {row.cells[column] for table in page.tables[:7] for row in table.rows}
            assert (f"{value:.10g}",) in found, path


def test_a_changed_dose_changes_the_page() -> None:
    """The dose on the page is the one by which trials are judged."""
    drug = KNOWLEDGE.drugs.drugs["sertraline"]
    changed = replace(drug, dose=(replace(drug.dose[0], minimum_mg=77.5),))
    drugs = replace(KNOWLEDGE.drugs, drugs={**KNOWLEDGE.drugs.drugs, "sertraline": changed})
    page = remade(replace(KNOWLEDGE, drugs=drugs)).pages["minimum-doses"]
    assert cell(page, "Antidepressants, mg a day", "sertraline", 2) == ("77.5",)


def test_a_changed_threshold_changes_sentence_and_table() -> None:
    """A figure in a sentence and the same figure in a table come from one place."""
    pressure = replace(KNOWLEDGE.flags.pressure, hold_systolic=177)
    flags = replace(KNOWLEDGE.flags, pressure=pressure)
    page = remade(replace(KNOWLEDGE, flags=flags)).pages["flag-bp-hold"]
    assert "from 177 mmHg systolic" in " ".join(page.logic)
    assert cell(page, "Blood pressure, mmHg", "hold: systolic from", 1) == ("177",)


def test_the_sentences_are_about_the_definition_in_use() -> None:
    """A site that runs another definition reads its figures."""
    logic = " ".join(remade(KNOWLEDGE, "strict-payer").pages["adequate-trial"].logic)
    assert "56 qualifying days" in logic
    assert "42 qualifying days" in " ".join(LIBRARY.pages["adequate-trial"].logic)


def test_every_flag_has_a_page() -> None:
    """A flag's page tells its levels, what raises it, and what is said when nothing is found."""
    for row in KNOWLEDGE.flags.flag:
        page = LIBRARY.pages[f"flag-{row.id.lower()}"]
        assert fill(row.missing, KNOWLEDGE.places("default")) in " ".join(page.logic)
        for code in (name for rule in row.condition for name in rule.codes.names):
            assert code in told(page)


def test_a_page_names_the_rules_that_its_rows_follow() -> None:
    """A row that names its rule leads to the words of the rule, by title; one without text is left out."""
    first, *others = KNOWLEDGE.flags.flag
    flags = replace(KNOWLEDGE.flags, flag=(replace(first, rule="R14.1"), *others))
    rules = {name: replace(rule, text="") for name, rule in KNOWLEDGE.rules.items()}
    rules["R14.1"] = replace(rules["R14.1"], title="Codes first", text="One line\nand more.\n\nA second.")
    changed = remade(replace(KNOWLEDGE, flags=flags, rules=rules))
    page = changed.pages[f"flag-{first.id.lower()}"]
    assert [(rule.id, rule.title) for rule in page.rules] == [("r14-1", "Codes first")]
    assert [rule.text for rule in changed.index.rules] == [("One line and more.", "A second.")]


def test_every_row_is_told() -> None:
    """Every drug, scale, trigger, gate, gap, profile and definition has its place."""
    names = [
        *KNOWLEDGE.drugs.drugs,
        *KNOWLEDGE.augmentations.drugs,
        *KNOWLEDGE.scales,
        *KNOWLEDGE.criteria,
        *KNOWLEDGE.diagnoses,
        *KNOWLEDGE.wording.words["gate"],
        *(row.id for row in KNOWLEDGE.safety.trigger),
        *(row.id for row in KNOWLEDGE.flags.gap),
        *(row.id for row in KNOWLEDGE.flags.flag),
    ]
    assert [name for name in names if name not in EVERYTHING] == []


@each_page
def test_nothing_is_blank(page: Page) -> None:
    """The thirteen source attributes, in their order, and every section of the page say something."""
    assert [one.number for one in page.source_attributes] == list(range(1, 14))
    assert all(one.name.strip() and one.text.strip() for one in page.source_attributes)
    assert all(
        (page.title, page.question, page.logic, page.citations, page.limits, page.validation, page.changes)
    )
    assert page.tables or page.inputs
    assert all(list_.codes for one in page.inputs for list_ in one.recognised_by)
    assert all(one.recognised_by for one in page.inputs), [
        one.name for one in page.inputs if not one.recognised_by
    ]
    assert not re.search(r"\{[a-z]", " ".join((*page.logic, *(one.text for one in page.source_attributes))))


@each_page
def test_what_is_cited_is_listed(page: Page) -> None:
    """Each row's sources lead to a citation of the same page, and the first attribute names them all."""
    listed = {one.id for one in page.citations}
    for table in page.tables:
        if table.columns[-1:] == ("Sources",):
            assert listed.issuperset(source for row in table.rows for source in row.cells[-1])
    assert all(one.citation in page.source_attributes[0].text for one in page.citations)


@each_page
def test_codes_have_names(page: Page) -> None:
    """Beside each code stands a name; SNOMED CT, shipped without descriptions, has the name of our group."""
    assert all(code.name for one in page.inputs for codes in one.recognised_by for code in codes.codes)


def test_fdas_criteria_are_answered_one_by_one() -> None:
    """Four criteria, each with an answer, its reasons and its doubts."""
    assert [one.number for one in LIBRARY.index.criteria] == [1, 2, 3, 4]
    assert all(one.asks and one.answer and one.because and one.doubts for one in LIBRARY.index.criteria)
    assert "time-critical" in " ".join(LIBRARY.index.criteria[2].doubts)


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_the_source_of_a_card_leads_to_its_page(path: Path) -> None:
    """`source.url` of every kept card is the page of its topic."""
    for card in json.loads(path.read_text(encoding="utf-8")):
        topic = card["source"]["topic"]["code"]
        assert card["source"]["url"] == f"https://cds.example.org/basis/{topic}"
        assert LIBRARY.pages[topic].kind == "card"


def test_what_is_used_of_a_person_is_said_where_it_is_used() -> None:
    """Sex and date of birth are told by the rules that look at them, and by no other."""
    used = {
        name: {page.id for page in PAGES if page.source_attributes[number - 1].text.startswith("Used")}
        for name, number in (("sex", 10), ("birth date", 11))
    }
    assert {"flag-preg", "data-gaps", "recommend"} <= used["sex"]
    assert {"gates", "minimum-doses", "flag-age65", "data-gaps"} <= used["birth date"]
    assert "flag-ci-aneur" not in used["sex"] | used["birth date"]
    for number in range(5, 10):
        assert all(page.source_attributes[number - 1].text.startswith("Not used") for page in PAGES)


def test_a_sentence_about_a_figure_that_is_gone_stops_the_start() -> None:
    """A place that no table has is refused with the sentence that names it."""
    basis = KNOWLEDGE.basis
    rule = replace(basis.rule[0], logic=("within {safety.days.nowhere} days",))
    wrong = replace(basis, rule=(rule, *basis.rule[1:]))
    with pytest.raises(TableError, match=r"recommend: logic: .*nowhere"):
        check_basis(wrong, KNOWLEDGE.version, {"default": KNOWLEDGE.places("default")})


def test_a_blank_text_stops_the_start() -> None:
    """No source attribute, sentence or answer may say nothing."""
    basis = KNOWLEDGE.basis
    wrong = replace(basis, attribute=(replace(basis.attribute[0], text=" "), *basis.attribute[1:]))
    with pytest.raises(TableError, match="attribute text: expected a text"):
        check_basis(wrong, KNOWLEDGE.version, {"default": KNOWLEDGE.places("default")})


def test_a_version_without_a_change_stops_the_start() -> None:
    """The change log ends with the version of the rules."""
    with pytest.raises(TableError, match="change"):
        check_basis(KNOWLEDGE.basis, "2027.1.0", {"default": KNOWLEDGE.places("default")})


def test_every_text_is_a_text() -> None:
    """A page is made of texts, numbers and days alone, so that both ways of writing it say the same."""
    assert all(isinstance(one, str) for page in PAGES for one in texts(page.logic))


def test_every_member_in_words_is_used() -> None:
    """No word is left over from a member of the tables that is not shown any more."""
    asked = Asked(KNOWLEDGE.basis.words)
    remade(replace(KNOWLEDGE, basis=replace(KNOWLEDGE.basis, words=asked)))
    assert set(asked) - asked.names == set()


class Asked(dict[str, str]):
    """Words that note which of them were asked for."""

    def __init__(self, words: dict[str, str]) -> None:
        super().__init__(words)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return super().__getitem__(name)
