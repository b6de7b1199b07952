"""AllergyIntolerance resources to allergies."""

from collections.abc import Iterator

from msgspec import Struct

from mappings.reading import ReadingTables
from mappings.remarks import Remark
from mappings.remembering import remembered
from mappings.terminology import GroupId
from service.clinical.facts import Allergy, Ignored, SetAside, Unreadable
from service.clinical.statement import Stance, Statement
from service.fhir.resources import AllergyIntolerance, CodeableConcept, Reaction, Row
from service.normalise.clauses import statement
from service.normalise.codes import code_of, codes_of, known, status_of, texts, words
from service.normalise.context import Context, Vocabulary
from service.normalise.dates import when
from service.normalise.outcomes import later, unreadable

_CLINICAL = frozenset({"active", "inactive", "resolved"})
_VERIFICATION = frozenset({"unconfirmed", "confirmed", "refuted", "entered-in-error", "presumed"})
_ALLERGIC = frozenset({Stance.AFFIRMED, Stance.PAST, Stance.SUSPECTED})


def allergies(context: Context) -> Iterator[Allergy | Ignored | Unreadable | SetAside]:
    """Return the allergies of the record; "no known allergy" is an entry of its own kind."""
    return (_allergy(row, context) for row in context.record.allergies)


def _allergy(row: Row[AllergyIntolerance], context: Context) -> Allergy | Ignored | Unreadable | SetAside:
    entry = row.resource
    verification = status_of(entry.verification_status, _VERIFICATION)
    if verification in ("refuted", "entered-in-error"):
        return Ignored(reference=row.label, remark=Remark.OF_VERIFICATION, values={"status": verification})
    noted = when(entry.recorded_date) or when(entry.onset_date_time)
    if context.later(noted):
        return later(row.label, context.as_of)
    named = _named(
        (entry.code, *(reaction.substance for reaction in entry.reaction)), context.vocabulary, context.tables
    )
    if named.nameless:
        return unreadable(row.label, Remark.NO_CODE)
    if not named.ingredients and named.nothing_said:
        return Ignored(reference=row.label, remark=Remark.NO_ALLERGY)
    none_known = not named.ingredients and named.none_known
    if named.denied and not named.ingredients and not none_known:
        aside = context.tables.measurements.allergy.denied.format(text=named.text)
        return SetAside(reference=row.label, reason=aside)
    return Allergy(
        reference=row.label,
        ingredients=named.ingredients,
        text=named.text,
        status=status_of(entry.clinical_status, _CLINICAL),
        verification=_verification(verification, named),
        kind=entry.type.strip().lower(),
        criticality=entry.criticality.strip().lower(),
        reactions=tuple(text for reaction in entry.reaction for text in _reactions(reaction, context.tables)),
        no_known=none_known,
        disagrees=named.coded and named.denied,
    )


def _reactions(reaction: Reaction, tables: ReadingTables) -> tuple[str, ...]:
    """Return the reactions of the entry: its manifestations, else its description."""
    shown = tuple(_reaction(concept, tables) for concept in reaction.manifestation)
    return shown or ((reaction.description,) if reaction.description else ())


@remembered
def _reaction(shown: CodeableConcept, tables: ReadingTables) -> str:
    """Return a reaction in words, its own or those of its code; "" for one that nothing names."""
    names = tables.measurements.reaction.names
    coded = (names[c.code] for c in codes_of(shown) if c.system == "snomed" and c.code in names)
    return next(iter(texts(shown)), next(coded, ""))


class _Named(Struct, frozen=True, kw_only=True, gc=False):
    """The ingredients of an entry: by code or in words, and whether the words deny or only suspect them.

    `nameless`: it has no usable code or text; `nothing_said`, `none_known`: its code or text says so.
    """

    text: str
    ingredients: tuple[str, ...]
    coded: bool
    denied: bool
    suspected: bool
    nameless: bool
    nothing_said: bool
    none_known: bool


@remembered
def _named(
    substances: tuple[CodeableConcept | None, ...], vocabulary: Vocabulary, tables: ReadingTables
) -> _Named:
    """Return every ingredient that a coding or, where no coding is known, the text affirms."""
    coded: dict[str, None] = {}
    worded: dict[str, None] = {}
    statements: list[Statement] = []
    for concept in substances:
        by_code = _by_code(concept, vocabulary)
        own = texts(concept) if not by_code else texts(concept)[:1]
        coded |= dict.fromkeys(by_code)
        read = [statement(text, tables.clauses.of_allergies) for text in own]
        statements += read
        if not by_code:
            affirmed = (wording.only(_ALLERGIC) for wording in read)
            worded |= dict.fromkeys(i for text in affirmed for i in vocabulary.allergens(text))
    stances = {stance for wording in statements for stance in wording.named}
    text = words(*substances)
    return _Named(
        text=text,
        ingredients=tuple(coded | worded),
        coded=bool(coded),
        denied=_denies(statements, stances, tables),
        nameless=not text and not any(known(codes_of(*substances))),
        nothing_said=_nothing_said(substances[0], tables),
        none_known=_none_known(substances[0], vocabulary, tables),
        suspected=Stance.SUSPECTED in stances and stances.isdisjoint({Stance.AFFIRMED, Stance.PAST}),
    )


def _denies(statements: list[Statement], stances: set[Stance], tables: ReadingTables) -> bool:
    """Tell whether the words deny all that they name, or say that no allergy is known."""
    none_known = tables.measurements.allergy.none_known
    denied = bool(stances) and stances.isdisjoint(_ALLERGIC)
    return denied or any(wording.text.strip().startswith(none_known) for wording in statements[:1])


def _verification(stated: str, named: _Named) -> str:
    """Return the verification; an entry that its words only suspect is unconfirmed."""
    return "unconfirmed" if named.suspected and not (named.coded and stated) else stated


def _by_code(concept: CodeableConcept | None, vocabulary: Vocabulary) -> list[str]:
    codes = [code_of(coding) for coding in concept.coding] if concept else []
    return [i for code in codes if code.system for i in vocabulary.allergen(code.system, code.code)]


def _nothing_said(concept: CodeableConcept | None, tables: ReadingTables) -> bool:
    row = tables.measurements.allergy
    return any(
        text.lower() in row.nothing_said or text.lower().startswith(row.nothing_begins)
        for text in texts(concept)
    ) or any(code.code in row.nothing_codes for code in codes_of(concept))


def _none_known(concept: CodeableConcept | None, vocabulary: Vocabulary, tables: ReadingTables) -> bool:
    if any(code.code in tables.measurements.allergy.none_codes for code in codes_of(concept)):
        return True
    coded = (c.code for c in codes_of(concept) if c.system == "snomed")
    if any(GroupId.NO_KNOWN_ALLERGY in vocabulary.snomed_groups(code) for code in coded):
        return True
    return any(text.lower().startswith(tables.measurements.allergy.none_known) for text in texts(concept))
