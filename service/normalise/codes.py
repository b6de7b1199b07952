"""Codings as systems write them, to the few code systems that the tables speak of."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from service.clinical.facts import Code
from service.fhir.resources import CodeableConcept, Coding

_SYSTEMS = {
    "urn:oid:2.16.840.1.113883.6.90": "icd10",
    "urn:oid:2.16.840.1.113883.6.3": "icd10",
    "urn:oid:2.16.840.1.113883.6.135": "icd10",
    "urn:oid:2.16.840.1.113883.6.94": "icd10",
    "id.who.int/icd/release/11/mms": "icd11",
    "id.who.int/icd/release/11": "icd11",
    "id.who.int/icd/entity": "icd11",
    "hl7.org/fhir/sid/icd-11": "icd11",
    "snomed.info/sct": "snomed",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "hl7.org/fhir/sid/ndc": "ndc",
    "urn:oid:2.16.840.1.113883.6.69": "ndc",
    "www.cms.gov/medicare/coding/icd10": "icd10pcs",
    "hl7.org/fhir/sid/icd-10-pcs": "icd10pcs",
    "urn:oid:2.16.840.1.113883.6.4": "icd10pcs",
    "www.cms.gov/medicare/coding/hcpcsreleasecodesets": "hcpcs",
    "www.cms.gov/medicare/coding/medhcpcsgeninfo": "hcpcs",
    "terminology.hl7.org/codesystem/hcpcs": "hcpcs",
    "terminology.hl7.org/codesystem/hcpcs-level-ii": "hcpcs",
    "hl7.org/fhir/sid/hcpcs": "hcpcs",
    "hcpcs": "hcpcs",
    "urn:oid:2.16.840.1.113883.6.285": "hcpcs",
    "urn:oid:2.16.840.1.113883.6.14": "hcpcs",
    "www.whocc.no/atc": "atc",
    "fhir.de/codesystem/bfarm/atc": "atc",
    "urn:oid:2.16.840.1.113883.6.73": "atc",
    "www.ama-assn.org/go/cpt": "cpt",
    "urn:oid:2.16.840.1.113883.6.12": "cpt",
}

_STARTS = {"snomed.info/sct/": "snomed", "id.who.int/icd/release/11/": "icd11"}
# The national editions of ICD-10 for diagnoses; the procedure codes of the same name are another system.
_ICD10_EDITION = re.compile(
    r"(?:^|[/:.])icd-?10(?:-?(?:cm|gm|am|ca|uk|nl|se|fr|who|ch|at|be|dk|th|vn|ee|fi|no))?$"
)


@lru_cache(maxsize=256)
def system_name(uri: str) -> str:
    """Our short name of a code system, "" for one that no table speaks of.

    http and https, a trailing slash, capitals, a SNOMED CT edition behind the address and the national
    editions of ICD-10 are all one.
    """
    plain = uri.strip().lower().rstrip("/").removeprefix("https://").removeprefix("http://")
    if plain in _SYSTEMS:
        return _SYSTEMS[plain]
    if _ICD10_EDITION.search(plain):
        return "icd10"
    return next((name for start, name in _STARTS.items() if plain.startswith(start)), "")


def code_of(coding: Coding) -> Code:
    """A coding in our words; ICD-10 in capitals with its dot and without dagger or asterisk."""
    system = system_name(coding.system)
    code = coding.code.strip()
    if system == "icd10":
        code = code.upper().rstrip("*+†!#.-")
        code = code if "." in code or len(code) <= 3 else f"{code[:3]}.{code[3:]}"
    elif system == "snomed":
        code = code.split("|")[0].strip()
    return Code(system=system, code=code)


def codes_of(*concepts: CodeableConcept | None) -> tuple[Code, ...]:
    """All codings that carry a code, in any system."""
    found = (code_of(coding) for concept in concepts if concept for coding in concept.coding)
    return tuple(dict.fromkeys(code for code in found if code.code))


def known(codes: Iterable[Code]) -> Iterator[Code]:
    """Those of a code system that the tables speak of."""
    return (code for code in codes if code.system)


def words(*concepts: CodeableConcept | None) -> str:
    """The first words that say what a concept is: its text, else a display."""
    return next((text for concept in concepts for text in texts(concept)), "")


def texts(concept: CodeableConcept | None) -> tuple[str, ...]:
    """All that a concept says in words, its own text first, each once."""
    if concept is None:
        return ()
    said = (concept.text.strip(), *(coding.display.strip() for coding in concept.coding))
    return tuple(dict.fromkeys(text for text in said if text))


def all_words(concepts: Iterable[CodeableConcept | None]) -> str:
    """Everything that several concepts say in words, for searching in."""
    return "; ".join(dict.fromkeys(text for concept in concepts for text in texts(concept)))


def status_of(concept: CodeableConcept | None, allowed: frozenset[str]) -> str:
    """The status code among `allowed` that a coding or the text states; "" when there is none."""
    if concept is None:
        return ""
    said = [coding.code.strip().lower() for coding in concept.coding]
    said += [text.lower().replace(" ", "-") for text in texts(concept)]
    return next((status for status in said if status in allowed), "")
