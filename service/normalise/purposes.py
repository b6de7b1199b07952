"""Recorded reasons: the purpose of a medicine, why it was ended, whether it was taken."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from mappings.reasons import PurposeRow, ReasonTable
from mappings.remarks import Remark, say
from service.clinical.facts import Code, Purpose, Reason, StopKind, StopReason
from service.fhir.resources import (
    CodeableConcept,
    Condition,
    Contained,
    Extension,
    Observation,
    Reference,
    find,
)
from service.normalise.codes import all_words, codes_of, texts, words
from service.normalise.context import Context

_RANK = (Purpose.DEPRESSION, Purpose.SMOKING, Purpose.OTHER, Purpose.UNCLEAR, Purpose.NONE)
_LONGEST = 500  # characters of a reason that are looked at


def reasons(
    concepts: Sequence[CodeableConcept],
    references: Sequence[Reference],
    context: Context,
    contained: Sequence[Contained] = (),
) -> tuple[Reason, ...]:
    """Return the reasons of an order, dispense or statement, each as written and as understood."""
    stated = [*concepts, *(referred(reference, context, contained) for reference in references)]
    return tuple(
        Reason(text=_as_written(concept) or say(Remark.REASON_UNREADABLE), purpose=purpose(concept, context))
        for concept in stated
    )


def purpose(concept: CodeableConcept, context: Context) -> Purpose:
    """Return the purpose that one reason gives; depression wins over others named with it."""
    table = context.tables.reasons
    coded = [p for code in codes_of(concept) if (p := _of_code(code, context)) is not None]
    if coded:
        return min(coded, key=_RANK.index)
    return _of_text(texts(concept), table)


def stopped_for(concepts: Iterable[CodeableConcept | None], table: ReasonTable) -> StopReason | None:
    """Return why a medicine was ended, if the record says; two kinds of reasons at once are unclear."""
    stated = [concept for concept in concepts if concept is not None and (concept.coding or concept.text)]
    if not stated:
        return None
    coded = {
        table.by_status[(coding.system.strip(), coding.code.strip())]
        for concept in stated
        for coding in concept.coding
        if (coding.system.strip(), coding.code.strip()) in table.by_status
    }
    joined = " ; ".join(text for concept in stated for text in texts(concept))
    named = {row.kind for row in table.stop if _mentions(joined, row.words, table)}
    kinds = named or coded
    kind = StopKind(next(iter(kinds))) if len(kinds) == 1 else StopKind.UNCLEAR
    return StopReason(text=all_words(stated) or _first_code(stated), kind=kind)


def not_adherent(extensions: Sequence[Extension], context: Context) -> bool:
    """Tell whether the record says that the medicine was not taken as ordered."""
    if not extensions:
        return False
    row = context.tables.reasons.adherence
    codes = {entry.split()[0] for entry in row.snomed}
    for extension in extensions:
        if extension.url == row.extension:
            parts = (extension, *extension.extension)
            concepts = [p.value_codeable_concept for p in parts if p.value_codeable_concept is not None]
            if any(code.code in codes for code in codes_of(*concepts)):
                return True
            if any(holds(text, row.words) for concept in concepts for text in texts(concept)):
                return True
    return False


def referred(reference: Reference, context: Context, contained: Sequence[Contained] = ()) -> CodeableConcept:
    """Return the code of the Condition or Observation that is given as a reason, else its display."""
    if (inside := _inside(reference, contained)) is not None:
        return inside
    for kind in ("Condition", "Observation"):
        found = find(context.record, reference.reference, kind) if reference.reference else None
        if isinstance(found, Condition | Observation) and found.code is not None:
            return found.code
    return CodeableConcept(text=reference.display or say(Remark.REASON_NOT_SENT))


def _inside(reference: Reference, contained: Sequence[Contained]) -> CodeableConcept | None:
    """Return the code of a resource inside the one that refers to it."""
    if not reference.reference.startswith("#"):
        return None
    wanted = reference.reference[1:]
    return next((resource.code for resource in contained if resource.id.removeprefix("#") == wanted), None)


def _as_written(concept: CodeableConcept) -> str:
    return words(concept) or _first_code([concept])


def _first_code(concepts: Iterable[CodeableConcept]) -> str:
    return next((code.code for code in codes_of(*concepts)), "")


def _of_code(code: Code, context: Context) -> Purpose | None:
    """Return the purpose of a code; None for an unknown system or a code in no group."""
    table = context.tables.reasons
    if code.system == "icd10":
        fitting = [prefix for prefix in table.by_icd10 if code.code.startswith(prefix)]
        return Purpose(table.by_icd10[max(fitting, key=len)]) if fitting else Purpose.OTHER
    if code.system == "snomed":
        groups = context.vocabulary.snomed_groups(code.code)
        known = [Purpose(table.by_group[group]) for group in groups if group in table.by_group]
        return min(known, key=_RANK.index) if known else (Purpose.OTHER if groups else None)
    return None


def _of_text(phrases: Sequence[str], table: ReasonTable) -> Purpose:
    found = {Purpose(row.id) for row in table.purpose if any(_is_for(text, row, table) for text in phrases)}
    return min(found, key=_RANK.index) if found else Purpose.UNCLEAR


def _is_for(text: str, row: PurposeRow, table: ReasonTable) -> bool:
    return holds(text, row.words) and not (row.unless and _mentions(text, row.unless, table))


def _mentions(text: str, terms: tuple[str, ...], table: ReasonTable) -> bool:
    """Tell whether a text states one of the terms and does not deny it ("no rash", "mania ruled out")."""
    plain = text[:_LONGEST].lower()
    return any(
        table.denied_before.search(plain[: found.start()]) is None
        and table.denied_after.match(plain[found.end() :]) is None
        for found in _pattern(terms).finditer(plain)
    )


def holds(text: str, terms: tuple[str, ...]) -> bool:
    """Tell whether a text contains one of the terms as whole words."""
    return _pattern(terms).search(text.lower()) is not None


@lru_cache(maxsize=64)
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(term.lower()) for term in sorted(terms, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)")
