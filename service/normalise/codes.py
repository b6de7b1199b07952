"""Codings as systems write them, to the code systems of the tables."""

from collections.abc import Iterable, Iterator

from mappings.remembering import remembered
from mappings.systems import system_name
from service.clinical.facts import Code
from service.fhir.resources import CodeableConcept, Coding


def code_of(coding: Coding) -> Code:
    """Return a normalised code; ICD-10 in capitals with its dot and without dagger or asterisk."""
    system = system_name(coding.system)
    code = coding.code.strip()
    if system == "icd10":
        code = code.upper().rstrip("*+†!#.-")
        code = code if "." in code or len(code) <= 3 else f"{code[:3]}.{code[3:]}"
    elif system == "snomed":
        code = code.split("|")[0].strip()
    return Code(system=system, code=code)


def codes_of(*concepts: CodeableConcept | None) -> tuple[Code, ...]:
    """Return all codings that carry a code, in any system."""
    found = (code_of(coding) for concept in concepts if concept for coding in concept.coding)
    return tuple(dict.fromkeys(code for code in found if code.code))


def known(codes: Iterable[Code]) -> Iterator[Code]:
    """Return the codes of the code systems of the tables."""
    return (code for code in codes if code.system)


def words(*concepts: CodeableConcept | None) -> str:
    """Return the name of a concept: its text, else a display."""
    return next((text for concept in concepts for text in texts(concept)), "")


def texts(concept: CodeableConcept | None) -> tuple[str, ...]:
    """Return all words of a concept, its own text first, each once."""
    if concept is None:
        return ()
    found = (concept.text.strip(), *(coding.display.strip() for coding in concept.coding))
    return tuple(dict.fromkeys(text for text in found if text))


def all_words(concepts: Iterable[CodeableConcept | None]) -> str:
    """Return all words of several concepts, for searching in."""
    return "; ".join(dict.fromkeys(text for concept in concepts for text in texts(concept)))


@remembered
def status_of(concept: CodeableConcept | None, allowed: frozenset[str]) -> str:
    """Return the status code among `allowed` that a coding or the text states; "" when there is none."""
    if concept is None:
        return ""
    found = [coding.code.strip().lower() for coding in concept.coding]
    found += [text.lower().replace(" ", "-") for text in texts(concept)]
    return next((status for status in found if status in allowed), "")
