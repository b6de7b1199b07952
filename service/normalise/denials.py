"""Reports and orders that say that the medicine was not used (R14.45)."""

import re
from collections.abc import Iterator, Sequence

from mappings.reasons import Denial
from service.clinical.facts import SourceKind
from service.clinical.statement import Stance
from service.fhir.resources import (
    AnyMedication,
    CodeableConcept,
    MedicationRequest,
    MedicationStatement,
    Note,
)
from service.normalise.clauses import statement
from service.normalise.codes import texts
from service.normalise.context import Context
from service.normalise.identify import Identity, medication_names
from service.normalise.purposes import holds
from service.normalise.uses import MedicineUse

_LONGEST = 500  # characters of a text that are looked at
_CLAUSE = re.compile(r"[.;,!:()\n—–]| - ")
_WORD = re.compile(r"[\w'-]+")


def denied(resource: AnyMedication, use: MedicineUse, identity: Identity, context: Context) -> bool:
    """Tell whether a report says that the medicine was not used, or an order that it never was."""
    row = context.tables.reasons.denial
    own = context.vocabulary.own_words(identity.product.ingredients) if identity.product else frozenset()
    beside = tuple(text for text in _beside(resource) if not _of_another(text, identity, context))
    if any(_never_used(clause, own, row) for text in beside for clause in _CLAUSE.split(text)):
        return True
    if use.stated.source is not SourceKind.STATEMENT:
        return False
    names = medication_names(resource, context).names
    phrases = (*names, *(dosage.text for dosage in use.stated.dosage))
    if use.start is None and any(_only(text, row.whole) for text in beside):
        return True
    return _denies(phrases, row) or any(_denies_drug(name, own, row, context) for name in names)


def _beside(resource: AnyMedication) -> Iterator[str]:
    """Yield the texts beside the medicine: notes, and reasons for its status."""
    concepts: tuple[CodeableConcept | None, ...] = ()
    notes: tuple[Note, ...] = ()
    if isinstance(resource, MedicationRequest):
        concepts, notes = (resource.status_reason,), resource.note
    elif isinstance(resource, MedicationStatement):
        concepts, notes = resource.status_reason, resource.note
    phrases = (*(text for concept in concepts for text in texts(concept)), *(note.text for note in notes))
    yield from (text.lower() for text in phrases if len(text) <= _LONGEST)


def _of_another(text: str, identity: Identity, context: Context) -> bool:
    """Tell whether a text speaks of other medicines alone."""
    own = identity.product.ingredients if identity.product else ()
    named = context.vocabulary.allergens(text)
    return bool(named) and frozenset(own).isdisjoint(named)


def _never_used(clause: str, own: frozenset[str], row: Denial) -> bool:
    """Tell whether a clause only denies use: "never took it", not "never took it with food"."""
    for phrase in row.never:
        if phrase not in clause:  # as nearly always, of some sixty
            continue
        before, found, after = f" {clause} ".partition(f" {phrase} ")
        rest = [word for word in _WORD.findall(after) if word not in row.objects and word not in own]
        if found and (not rest or rest[0] in row.because) and not holds(before, row.exceptions):
            return True
    return False


def _only(text: str, phrases: frozenset[str]) -> bool:
    return " ".join(_WORD.findall(text)) in phrases


def _denies(phrases: Sequence[str], row: Denial) -> bool:
    return any(
        holds(text, row.words) and not holds(text, row.exceptions)
        for text in phrases
        if len(text) <= _LONGEST
    )


def _denies_drug(name: str, own: frozenset[str], row: Denial, context: Context) -> bool:
    """Tell whether a name says that the drug is not taken, or is taken by another person."""
    if len(name) > _LONGEST:
        return False
    says = statement(name, context.tables.clauses)
    words = list(_WORD.finditer(says.text))
    places = [place for place, word in enumerate(words) if word.group() in own]
    if places and all(says.stance_at(words[place].start()) is Stance.ANOTHER for place in places):
        return True
    return any(_denied_at(place, [word.group() for word in words], row) for place in places)


def _denied_at(place: int, words: list[str], row: Denial) -> bool:
    """Tell whether the words right before a drug deny it, and none after it says since when."""
    before = " ".join(words[max(place - row.reach, 0) : place])
    return any(before == phrase or before.endswith(f" {phrase}") for phrase in row.before_drug) and (
        row.used_since.isdisjoint(words[place + 1 :])
    )
