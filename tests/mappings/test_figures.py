"""A figure stands once: sentences take it from the row that states it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from mappings.filling import fill
from mappings.flags import load_flags
from mappings.knowledge import load_knowledge
from mappings.tables import TableError, rule_tables
from tests.tables import edited

TABLES = rule_tables()
ELSEWHERE = ("sources.toml", "rules.toml")
"""Citations, and the rules in plain words, which tell every boundary."""
NUMBER = re.compile(r"(?<![\w./-])\d+(?:\.\d+)?(?![\w-]|\.\d)")
NAMES = re.compile(
    r"\{[^}]*\}|items? \d|label \d[\d.]*|ASRA \d+|section \d+|rule \d[\d.]*|CFR \d+|\d{4}-\d\d-\d\d|PHQ 9"
    r"|\d+ hours?|\d{1,2} [A-Z][a-z]+ \d{4}"
)
NO_FIGURES = frozenset(
    {
        "1 day",  # one reading's worth of days
        "10 mg is titration",
        "37.5 mg is titration; no automatic label cap",
        "20 mg is titration",
        "the 3 and 6 mg tablets for insomnia never count",
        "25 to 100 mg at night is a hypnotic dose",
        "the label caps the XL tablet at 150 mg every other day in moderate to severe hepatic impairment",
        "mg of dextromethorphan; a tablet holds {.dose.1.possible_mg} mg with 105 mg bupropion; "
        "the label changed in 2026: check the indication",
        "mg per 24 hours; oral and orally disintegrating selegiline never count",
    }
)
"""Sentences whose numbers are no figure of a row, though one is the same."""


def sentences(value: Any) -> Iterator[str]:
    """Yield every sentence below `value`; lists hold codes and words to look for, or paragraphs.

    What is quoted of others is theirs.
    """
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("codes", "except", "checked_by", "sources", "version", "quote"):
                yield from sentences(inner)
    elif isinstance(value, list):
        yield from (text for row in value if isinstance(row, dict) for text in sentences(row))
    elif isinstance(value, str) and " " in value:
        yield value


def figures(value: Any) -> Iterator[str]:
    """Yield every figure below `value` as a sentence could write it."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from figures(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{value:g}"
        if 0 < value < 1:
            yield f"{value * 100:g}"
        elif value >= 28:
            yield from (f"{value / 7:g}", f"{value * 12 / 365:g}")


@pytest.mark.parametrize("file", sorted(set(TABLES) - set(ELSEWHERE)))
def test_no_sentence_repeats_a_figure_of_a_row(file: str) -> None:
    """A number in a sentence that a row of the same table states too is written as its place in braces."""
    stated = frozenset(figures(TABLES[file])) | frozenset(figures(TABLES["gates.toml"]))
    repeated = [
        sentence
        for sentence in sentences(TABLES[file])
        if sentence not in NO_FIGURES and not stated.isdisjoint(NUMBER.findall(NAMES.sub("", sentence)))
    ]
    assert repeated == []


def test_another_figure_is_told_in_its_sentences() -> None:
    """A definition, a flag and a gap say the figure by which they are judged."""
    changed = edited("flags.toml", "[pressure]\ndays = 90", "[pressure]\ndays = 120")
    gap = next(row for row in load_flags(changed).gap if row.id == "BP-UNK")
    assert gap.text.startswith("No complete blood pressure in 120 days;")
    weeks = edited("flags.toml", 'when = "recent"\ndays = 42', 'when = "recent"\ndays = 45')
    title = load_flags(weeks).row("CI-CVEVENT").title
    assert title == "Cardiovascular event within 45 days"
    longer = edited("criteria/default.toml", "qualifying_days = 42", "qualifying_days = 56")
    definition = load_knowledge(tables=longer).criteria["default"].definition
    assert definition.startswith("At least 2 different antidepressants, each taken for at least 56 days")


def test_a_figure_that_stands_nowhere_stops_the_start() -> None:
    """A place in braces that no table has is told with its file."""
    with pytest.raises(
        TableError,
        match=r"flags\.toml: flag > BP-HOLD > missing: \{flags\.pressure\.pulse\}: expected a figure",
    ):
        load_flags(edited("flags.toml", "{flags.pressure.days} days", "{flags.pressure.pulse} days"))


def test_a_share_is_told_in_per_cent() -> None:
    """Without what a binary fraction adds to it."""
    assert fill("at least {rule.share:percent}", {"rule": {"share": 0.145}}) == "at least 14.5 %"
