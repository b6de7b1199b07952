"""AllergyIntolerance resources to allergies."""

from service.clinical.facts import Allergy, Unreadable
from service.fhir.resources import AllergyIntolerance, CodeableConcept, Row
from service.normalise.codes import code_of, codes_of, known, status_of, texts, words
from service.normalise.context import Context, unreadable
from service.normalise.dates import when

_CLINICAL = frozenset({"active", "inactive", "resolved"})
_VERIFICATION = frozenset({"unconfirmed", "confirmed", "refuted", "entered-in-error", "presumed"})
_NONE_KNOWN = "no_known_allergy"


def allergies(context: Context, unread: list[Unreadable]) -> tuple[Allergy, ...]:
    """The allergies of the record; "no known allergy" is an entry of its own kind."""
    found = (_allergy(row, context, unread) for row in context.record.allergies)
    return tuple(allergy for allergy in found if allergy is not None)


def _allergy(row: Row[AllergyIntolerance], context: Context, unread: list[Unreadable]) -> Allergy | None:
    entry = row.resource
    verification = status_of(entry.verification_status, _VERIFICATION)
    if verification in ("refuted", "entered-in-error"):
        return None
    noted = when(entry.recorded_date) or when(entry.onset_date_time)
    if context.later(noted):
        return None
    substances = (entry.code, *(reaction.substance for reaction in entry.reaction))
    text = words(*substances)
    if not text and not any(known(codes_of(*substances))):
        unread.append(unreadable(row.label, "no usable code or text"))
        return None
    ingredients = _ingredients(substances, context)
    nothing_said = context.tables.measurements.allergy.nothing_said
    if not ingredients and any(said.lower() in nothing_said for said in texts(entry.code)):
        return None
    return Allergy(
        reference=row.label,
        ingredients=ingredients,
        text=text,
        status=status_of(entry.clinical_status, _CLINICAL),
        verification=verification,
        kind=entry.type.strip().lower(),
        criticality=entry.criticality.strip().lower(),
        reactions=tuple(_reaction(shown, context) for r in entry.reaction for shown in r.manifestation),
        no_known=_none_known(entry.code, context),
    )


def _reaction(shown: CodeableConcept, context: Context) -> str:
    """A reaction in words, its own or those of its code; "" for one that nothing names."""
    names = context.tables.measurements.reaction.names
    coded = (names[c.code] for c in codes_of(shown) if c.system == "snomed" and c.code in names)
    return next(iter(texts(shown)), next(coded, ""))


def _ingredients(substances: tuple[CodeableConcept | None, ...], context: Context) -> tuple[str, ...]:
    """Every ingredient that a coding or, where no coding is known, the text names."""
    vocabulary = context.vocabulary
    named: dict[str, None] = {}
    for concept in substances:
        codes = [code_of(coding) for coding in concept.coding] if concept else []
        coded = [i for code in codes if code.system for i in vocabulary.allergen(code.system, code.code)]
        named |= dict.fromkeys(coded or [i for text in texts(concept) for i in vocabulary.allergens(text)])
    return tuple(named)


def _none_known(concept: CodeableConcept | None, context: Context) -> bool:
    coded = (c.code for c in codes_of(concept) if c.system == "snomed")
    if any(_NONE_KNOWN in context.vocabulary.snomed_groups(code) for code in coded):
        return True
    return any(
        text.lower().startswith(context.tables.measurements.allergy.none_known) for text in texts(concept)
    )
