"""How values of measurements, scores and answers are written: `measurements.toml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from mappings.plain import joined
from mappings.tables import Reviewed, Tables, read_table


class ConceptId(StrEnum):
    """Measurements that the service asks for by name; the tables alone declare every other."""

    BP_SYSTOLIC = "bp_systolic"
    BP_SYSTOLIC_MEAN = "bp_systolic_mean"
    BP_DIASTOLIC = "bp_diastolic"
    BP_DIASTOLIC_MEAN = "bp_diastolic_mean"
    BP_PANEL = "bp_panel"
    BP_PANEL_MEAN = "bp_panel_mean"
    PHQ9_ITEM_1 = "phq9_item1"
    PHQ9_ITEM_2 = "phq9_item2"
    PHQ9_ITEM_3 = "phq9_item3"
    PHQ9_ITEM_4 = "phq9_item4"
    PHQ9_ITEM_5 = "phq9_item5"
    PHQ9_ITEM_6 = "phq9_item6"
    PHQ9_ITEM_7 = "phq9_item7"
    PHQ9_ITEM_8 = "phq9_item8"
    PHQ9_ITEM_9 = "phq9-item9"
    CHILD_PUGH = "child_pugh"


PHQ9_ITEMS = frozenset(concept for concept in ConceptId if concept.startswith("phq9"))


@dataclass(frozen=True, kw_only=True, slots=True)
class PlausibleRange:
    """What is plausible, both ends included."""

    lowest: float
    highest: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PressureRow(Reviewed):
    """How a blood pressure is written."""

    units: tuple[str, ...]
    systolic: PlausibleRange
    diastolic: PlausibleRange


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerRow(Reviewed):
    """One answer of one kind of question, by code and in words, and its value."""

    question: str
    value: int
    codes: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TextRow(Reviewed):
    """A measurement known by its whole text, or by words its text contains."""

    concept: str
    words: tuple[str, ...]
    contains: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SnomedRow(Reviewed):
    """SNOMED CT codes, each followed by its name, of a measurement that most senders code in LOINC."""

    concept: str
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NoProblem(Reviewed):
    """Entries of the problem list that say that there is no problem: code -> name."""

    codes: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class NoAllergy(Reviewed):
    """How an entry of the allergy list says that none is known, or that nobody asked; codes with names.

    `denied` is the sentence about an entry that denies an allergy.
    """

    none_known: tuple[str, ...]
    none_codes: Mapping[str, str]
    nothing_said: tuple[str, ...]
    nothing_begins: tuple[str, ...]
    nothing_codes: Mapping[str, str]
    denied: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Reactions(Reviewed):
    """Names of allergic reactions that a record gives by code alone: SNOMED CT code -> words."""

    names: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stays(Reviewed):
    """By what a stay in a ward or an emergency department is known: encounter classes, categories."""

    classes: tuple[str, ...]
    categories: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChildPugh(Reviewed):
    """How a class of liver impairment is written: its letters, and words that stand beside them."""

    classes: tuple[str, ...]
    beside: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AgeUnits(Reviewed):
    """By which units an age is given in years."""

    years: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MeasurementTable:
    """`measurements.toml`."""

    version: str
    pressure: PressureRow
    answer: tuple[AnswerRow, ...]
    text: tuple[TextRow, ...]
    snomed: tuple[SnomedRow, ...]
    no_problem: NoProblem
    allergy: NoAllergy
    reaction: Reactions
    stay: Stays
    child_pugh: ChildPugh
    age: AgeUnits

    @cached_property
    def pressure_units(self) -> frozenset[str]:
        """Units of blood pressure in lower case."""
        return frozenset(unit.lower() for unit in self.pressure.units)

    @cached_property
    def both_pressures(self) -> re.Pattern[str]:
        """Two values in one text: "120/80 mmHg"."""
        units = "|".join(map(re.escape, self.pressure.units))
        return re.compile(rf"\s*(\d{{2,3}})\s*/\s*(\d{{2,3}})\s*(?:{units})?\s*", re.IGNORECASE)

    @cached_property
    def child_pugh_class(self) -> re.Pattern[str]:
        """The letter of a class."""
        return re.compile(rf"\b({'|'.join(map(re.escape, self.child_pugh.classes))})\b")

    @cached_property
    def snomed_concepts(self) -> Mapping[str, str]:
        """The measurement that each SNOMED CT code names."""
        return {code.partition(" ")[0]: row.concept for row in self.snomed for code in row.codes}

    @cached_property
    def answer_codes(self) -> Mapping[tuple[str, str], int]:
        """Value by kind of question and answer code, joined as `joined` does."""
        return {(r.question, joined(c.split()[0])): r.value for r in self.answer for c in r.codes}

    @cached_property
    def answer_words(self) -> Mapping[tuple[str, str], int]:
        """Value by kind of question and the words of an answer, as `joined` makes them."""
        return {(r.question, joined(word)): r.value for r in self.answer for word in r.words}

    def concept(self, text: str) -> str | None:
        """Return the measurement that a text names as a whole, or by words in it."""
        plain = " ".join(text.lower().split())
        named = (r.concept for r in self.text if plain in r.words or any(w in plain for w in r.contains))
        return next(named, None)


def load_measurements(tables: Tables | None = None) -> MeasurementTable:
    """Return `measurements.toml`."""
    return read_table("measurements.toml", MeasurementTable, tables)
