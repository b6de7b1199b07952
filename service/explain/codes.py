"""What the tables know of a code or a name: the answer of `ketamine-cds codes`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from mappings import drug_text, ndc
from mappings import terminology_tables as tables
from mappings.knowledge import Knowledge
from mappings.links import RowLink, links, rules_naming, rules_of_icd, rules_of_text
from mappings.product import Product
from mappings.systems import SystemId, systems
from service.assess.trials.doses import DoseContext, limits
from service.clinical.facts import Code
from service.fhir.resources import Coding
from service.normalise.codes import code_of
from service.render.context import say_plain

Match = dict[str, str | list[str]]

SYSTEMS: tuple[str, ...] = (
    *(SystemId.RXNORM, SystemId.NDC, SystemId.SNOMED, SystemId.ICD10),
    *(SystemId.LOINC, SystemId.ICD10PCS, SystemId.HCPCS, SystemId.CPT),
)
WRITTEN_IN_SEVERAL_WAYS = (SystemId.ICD10, SystemId.SNOMED)
_ICD10 = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?", re.IGNORECASE)
_TEN_DIGITS = re.compile(r"\d{10}", re.ASCII)
_NOBODY = DoseContext(age=None, egfr=None, child_pugh="", cyp2d6_inhibitor="", poor_metaboliser=False)
_PROCEDURES = ("snomed", "icd10pcs", "hcpcs", "cpt")


@dataclass(frozen=True, slots=True)
class LookedUp:
    """A code or name that was asked for, and everything that the tables know under it."""

    asked: str
    found: tuple[Match, ...]


class UnknownSystemError(Exception):
    """The system before `|` is unknown to the tables; the message is one line."""


def look_up(asked: Sequence[str], knowledge: Knowledge) -> tuple[LookedUp, ...]:
    """Return the entries of the tables for each code or name; `system|code` searches that system only."""
    found = links(knowledge)
    return tuple(LookedUp(name, tuple(_matches(name, knowledge, found))) for name in asked)


def _uri(system: str) -> str:
    """Return the URI of a system whose codes have several spellings, for normalising them; else ""."""
    return systems().system[system].uri if system in WRITTEN_IN_SEVERAL_WAYS else ""


def _matches(asked: str, knowledge: Knowledge, rules: tuple[RowLink, ...]) -> Iterator[Match]:
    stated, bar, code = asked.rpartition("|")
    systems: Sequence[str] = (_system(stated),) if bar else SYSTEMS
    for system in systems:
        plain = code_of(Coding(system=_uri(system), code=code))
        yield from _coded(Code(system=system, code=plain.code), knowledge, rules)
    if not bar:
        yield from _named(asked, knowledge, rules)
    if _TEN_DIGITS.fullmatch(code.strip()):
        yield {
            "kind": "not identified",
            "why": knowledge.wording.sentence("codes.ten_digits"),
        }


def _system(stated: str) -> str:
    """Return the system that has this short name or URI."""
    name = stated.strip().lower()
    system = name if name in SYSTEMS else code_of(Coding(system=stated)).system
    if system not in SYSTEMS:
        raise UnknownSystemError(f"expected one of {', '.join(SYSTEMS)} or a URI of one before |")
    return system


def _coded(code: Code, knowledge: Knowledge, rules: tuple[RowLink, ...]) -> Iterator[Match]:
    terminology, head = knowledge.terminology, {"system": code.system, "code": code.code}
    product = (
        terminology.product(code.system, code.code) if code.system in ("rxnorm", "ndc", "snomed") else None
    )
    if product is not None:
        yield {
            "kind": "medicine",
            **head,
            **medicine(product, knowledge, rules),
            **_origin(product, knowledge),
        }
    groups = sorted(terminology.snomed_groups(code.code)) if code.system == "snomed" else []
    if groups:
        source = _source("snomed_conditions.csv", tables.CONDITION_COLUMNS, code.code, knowledge)
        yield {
            "kind": "condition",
            **head,
            "groups": groups,
            "rules": [*rules_naming(groups, rules)],
            **source,
        }
    if code.system == "icd10" and _ICD10.fullmatch(code.code):
        yield from _diagnosis(code, rules)
    concept = terminology.concept(code.code) if code.system == "loinc" else None
    if concept:
        source = _source("loinc.csv", tables.CONCEPT_COLUMNS, code.code, knowledge)
        named = [*rules_naming([concept], rules)]
        yield {"kind": "measurement", **head, "concept": concept, "rules": named, **source}
    if code.system in _PROCEDURES:
        yield from _treatment(code, knowledge, rules)


def _diagnosis(code: Code, rules: tuple[RowLink, ...]) -> Iterator[Match]:
    plain = code.code.replace(".", "")
    fitting = rules_of_icd(plain, rules)
    names = [name for link in rules if link.has_code(plain) and (name := link.codes.name_of(plain))]
    if fitting:
        name = max(names, key=len, default="")
        yield {
            "kind": "condition",
            "system": code.system,
            "code": code.code,
            "name": name,
            "rules": [*fitting],
        }


def _treatment(code: Code, knowledge: Knowledge, rules: tuple[RowLink, ...]) -> Iterator[Match]:
    concepts = sorted(knowledge.terminology.interventions(code.system, code.code))
    if concepts:
        named = [*rules_naming(concepts, rules)]
        head = {"kind": "treatment", "system": code.system, "code": code.code}
        yield {**head, "concepts": concepts, "rules": named}


def _named(text: str, knowledge: Knowledge, rules: tuple[RowLink, ...]) -> Iterator[Match]:
    terminology = knowledge.terminology
    product = terminology.named(text)
    if product is not None:
        yield {"kind": "medicine", **medicine(product, knowledge, rules), **_name_origin(text, knowledge)}
    elif terminology.names_several(text):
        yield {"kind": "several medicines", "ingredients": [*terminology.allergens(text)]}
    elif near := terminology.resembled(text):
        yield {"kind": "not identified", "resembles": near}
    fitting = rules_of_text(text, rules)
    if fitting:
        yield {"kind": knowledge.wording.sentence("codes.by_words"), "rules": [*fitting]}


def medicine(product: Product, knowledge: Knowledge, rules: tuple[RowLink, ...]) -> Match:
    """Return everything that the tables know of a product."""
    classes = [*_classes(product, knowledge)]
    facts: Match = {
        "name": product.name,
        "ingredients": [*product.ingredients],
        "identifiedBy": product.matched,
        "strength": strength(product, knowledge.wording.sentences["check"]),
        "form": product.form,
        "route": product.route,
        "salt": product.salt,
        "brand": product.brand,
        "class": classes,
        "neverCounts": product.never_counts,
        "groups": sorted(product.groups),
        "rules": [*rules_naming({*product.ingredients, *product.groups}, rules)],
    }
    return {key: value for key, value in facts.items() if value}


def strength(product: Product, words: Mapping[str, str]) -> str:
    """Return the strength in words: `100 mg a tablet`; "" when the code or name states none."""
    if not product.strengths:
        return ""
    stated = " + ".join(f"{mg:g} mg" for mg in product.strengths)
    return words["strength"].format(strengths=stated, unit=product.unit) if product.unit else stated


def _classes(product: Product, knowledge: Knowledge) -> Iterator[str]:
    """Yield the class of each antidepressant in the product and the dose from which a day of use counts."""
    say = partial(say_plain, knowledge.wording)
    for ingredient in product.ingredients:
        drug = knowledge.drugs.drugs.get(ingredient)
        if drug is None:
            continue
        named = {"ingredient": ingredient, "drug_class": drug.drug_class}
        if drug.never_counts:
            yield say("codes.never_counts", **named, why=drug.never_counts)
        else:
            minimum = limits(drug, product, _NOBODY, knowledge.criteria["default"]).minimum
            yield say("codes.counts_from", **named, mg=f"{minimum:g}")


def _origin(product: Product, knowledge: Knowledge) -> Match:
    """Return level and source of a code of the product table, or of the product of a package code."""
    terminology = knowledge.terminology
    if product.matched == "ndc":
        codes = ndc.codes_of(terminology.packages, product.code) or ndc.codes_of(
            terminology.packages, product.code[: ndc.PRODUCT_DIGITS]
        )
        sources = dict.fromkeys(terminology.products[code][-1] for code in codes)
        return {"rxnorm": [*codes], "source": [*sources]}
    row = terminology.products.get(product.code)
    if row is not None and row[2] == "|".join(product.ingredients):
        return {"level": row[1], "source": row[-1]}
    return _source("snomed_drugs.csv", tables.SUBSTANCE_COLUMNS, product.code, knowledge)


def _source(file: str, columns: tuple[str, ...], code: str, knowledge: Knowledge) -> Match:
    rows = tables.rows(knowledge.terminology.folder, file, columns)
    return {"source": next((row[-1] for row in rows if row[0] == code), "")}


def _name_origin(text: str, knowledge: Knowledge) -> Match:
    """Return the source that confirms the longest name in the text."""
    folder, words = knowledge.terminology.folder, drug_text.words(text)
    named = [
        (drug_text.words(name), row[-1])
        for file, columns in (
            ("names.csv", tables.NAME_COLUMNS),
            ("ingredients.csv", tables.INGREDIENT_COLUMNS),
        )
        for row in tables.rows(folder, file, columns)
        for name in (row[0], *(tables.split(row[2]) if file == "ingredients.csv" else ()))
    ]
    held = [(name, source) for name, source in named if drug_text.named_in(words, {name[0]: [(name, name)]})]
    return {"source": max(held, key=lambda pair: len(pair[0]))[1]} if held else {}
