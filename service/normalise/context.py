"""The context that every reader of resources needs."""

from datetime import date
from typing import Protocol

from msgspec import Struct

from mappings.clauses import ClauseTable
from mappings.reading import ReadingTables
from mappings.remembering import remembered
from mappings.terminology import Product
from service.clinical.facts import EntryText
from service.clinical.partial_date import PartialDate
from service.clinical.statement import Stance
from service.fhir.resources import CodeableConcept, Encounter, Record, Reference, find
from service.normalise.clauses import statement
from service.normalise.codes import code_of, texts
from service.normalise.dates import earliest, within

_NOT_DENIED = frozenset(Stance) - {Stance.DENIED, Stance.ANOTHER}


class Vocabulary(Protocol):
    """The meanings of codes and names; `mappings.terminology.Terminology` is one."""

    def product(self, system: str, code: str) -> Product | None:
        """Return the medicine of a code."""

    def named(self, text: str) -> Product | None:
        """Return the one medicine that a text names."""

    def names_several(self, text: str) -> bool:
        """Tell whether a text names unrelated medicines."""

    def own_words(self, ingredients: tuple[str, ...]) -> frozenset[str]:
        """Return the words by which a medicine of these ingredients is named."""

    def resembled(self, text: str) -> str | None:
        """Return the name of a medicine that a text misspells."""

    def allergen(self, system: str, code: str) -> tuple[str, ...]:
        """Return the ingredients of a coded allergen."""

    def allergens(self, text: str) -> tuple[str, ...]:
        """Return every ingredient that a text names."""

    def snomed_groups(self, code: str) -> frozenset[str]:
        """Return the condition groups of a SNOMED CT code."""

    def concept(self, loinc: str) -> str | None:
        """Return the measurement of a LOINC code."""

    def concept_named(self, text: str) -> str | None:
        """Return the measurement of a LOINC name."""

    def interventions(self, system: str, code: str) -> frozenset[str]:
        """Return the treatments and referrals of a code."""


class Context(Struct, frozen=True, kw_only=True, gc=False):
    """The record being read, the tables, and the day; `born` dates conditions that are given by age."""

    record: Record
    vocabulary: Vocabulary
    tables: ReadingTables
    as_of: date
    born: PartialDate | None = None

    def later(self, when: PartialDate | None) -> bool:
        """Tell whether a date surely lies after the day of evaluation, and so is not known yet."""
        return when is not None and when.first > self.as_of

    def encounter_date(self, reference: Reference | None) -> PartialDate | None:
        """Return when the encounter began that a resource refers to, if it was sent."""
        if reference is None or not reference.reference:
            return None
        encounter = find(self.record, reference.reference, "Encounter")
        return earliest(encounter.period) if isinstance(encounter, Encounter) else None

    def wordings(self, concept: CodeableConcept | None) -> tuple[EntryText, ...]:
        """Return the text of a concept and its displays, each once."""
        return wordings(concept, self.tables.clauses) if concept is not None else ()

    def affirmed(self, text: str) -> str:
        """Return a text about treatments without what it denies or says of another person."""
        return statement(text, self.tables.clauses, of_treatments=True).only(_NOT_DENIED) if text else ""

    def in_stay(self, reference: Reference | None) -> bool:
        """Tell whether a resource refers to an inpatient or emergency encounter that was sent."""
        if reference is None or not reference.reference:
            return False
        encounter = find(self.record, reference.reference, "Encounter")
        return isinstance(encounter, Encounter) and self._is_stay(encounter)

    def names_stay(self, category: CodeableConcept | None) -> bool:
        """Tell whether a category names an inpatient or emergency stay."""
        words = [] if category is None else [*(coding.code for coding in category.coding), *texts(category)]
        return any(word.strip().lower() in self.tables.measurements.stay.categories for word in words)

    def stays(self) -> tuple[PartialDate, ...]:
        """Return the days of every inpatient or emergency encounter that was sent."""
        periods = (row.resource.period for row in self.record.encounters if self._is_stay(row.resource))
        return tuple(days for period in periods if (days := within(period)) is not None)

    def _is_stay(self, encounter: Encounter) -> bool:
        kind = encounter.class_
        return kind is not None and kind.code.strip().upper() in self.tables.measurements.stay.classes


@remembered
def wordings(concept: CodeableConcept, table: ClauseTable) -> tuple[EntryText, ...]:
    """Return the text of a concept and its displays, each once, with their statements."""
    displays = {coding.display.strip(): code_of(coding).system for coding in reversed(concept.coding)}
    return tuple(
        EntryText(text=text, says=statement(text, table), system=system)
        for text, system in ((concept.text.strip(), ""), *displays.items())
        if text
    )
