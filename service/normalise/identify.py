"""Which medicine a resource is about: every coding and every name is tried, and must not contradict.

RxNorm stands above NDC, NDC above the ingredient list of the Medication, that above text. A
contradiction between RxNorm codings, or between names where there is no code, leaves the medicine
unidentified. Where code and text agree on the drug but not on the strength, the strength is unknown.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from msgspec import Struct

from mappings.dosage import DosageTable
from mappings.remarks import Remark, say
from mappings.remembering import remembered
from mappings.terminology import Product
from service.fhir.resources import (
    AnyMedication,
    CodeableConcept,
    Coding,
    Contained,
    Ingredient,
    Medication,
    Ratio,
    Reference,
    find,
)
from service.normalise.codes import code_of, texts
from service.normalise.context import Context, Vocabulary

_CODED = ("rxnorm", "ndc", "snomed")

_LISTED = re.compile(r"\band\b|[,;&+]", re.IGNORECASE)
_LONGEST = 200  # characters of a list of names that are looked at


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Identity:
    """The medicine, or why it is unknown: `fault` is "" for a medicine that no rule uses.

    What is remembered of a medicine hangs on its Identity, of which there is one for each way of naming it.
    """

    product: Product | None = None
    fault: str = ""
    notes: tuple[str, ...] = ()
    name: str = ""

    @property
    def is_of_no_rule(self) -> bool:
        """Tell whether it is a medicine that no rule uses."""
        return self.product is None and not self.fault


class Listed(Struct, frozen=True):
    """An ingredient in the list of a Medication."""

    item: CodeableConcept
    strength: Ratio | None = None


class MedicationNames(Struct, frozen=True):
    """All that a resource says to identify its medicine."""

    codings: tuple[Coding, ...] = ()
    names: tuple[str, ...] = ()
    ingredients: tuple[Listed, ...] = ()
    unresolved: bool = False


def identity_of(resource: AnyMedication, context: Context) -> Identity:
    """Return the identity of the medicine of a resource."""
    if resource.medication_reference is None:
        concept = resource.medication_codeable_concept
        return _of_concept(concept, context.vocabulary, context.tables.dosage)
    return identified(medication_names(resource, context), context.vocabulary, context.tables.dosage)


@remembered
def _of_concept(concept: CodeableConcept | None, vocabulary: Vocabulary, dosage: DosageTable) -> Identity:
    codings = concept.coding if concept else ()
    return identified(MedicationNames(codings=codings, names=texts(concept)), vocabulary, dosage)


def medication_names(resource: AnyMedication, context: Context) -> MedicationNames:
    """Return what the resource and the Medication it refers to say."""
    concept, reference = resource.medication_codeable_concept, resource.medication_reference
    medication = _medication(reference, resource.contained, context)
    code = medication.code if medication else None
    names = (*texts(concept), *texts(code), *((reference.display.strip(),) if reference else ()))
    return MedicationNames(
        codings=(*(concept.coding if concept else ()), *(code.coding if code else ())),
        names=tuple(dict.fromkeys(name for name in names if name)),
        ingredients=tuple(_items(medication, context)) if medication else (),
        unresolved=reference is not None and medication is None,
    )


def forms_of(resource: AnyMedication, context: Context) -> tuple[str, ...]:
    """Return the words for the form of the Medication that a resource refers to."""
    medication = _medication(resource.medication_reference, resource.contained, context)
    return texts(medication.form) if medication else ()


@remembered
def identified(names: MedicationNames, vocabulary: Vocabulary, dosage: DosageTable) -> Identity:
    """Return the one medicine that codes, ingredients and names agree on."""
    named = _named(names.names, vocabulary)
    coded = [_coded(names.codings, system, named.product, vocabulary) for system in _CODED]
    listed = _listed(names.ingredients, vocabulary, dosage)
    name = names.names[0] if names.names else ""
    if coded[0].fault:
        return replace(coded[0], name=name)
    found = [identity for identity in (*coded, listed) if identity.product is not None]
    if found and found[0].product is not None:
        return _confirmed(found[0].product, found, named, name, names.unresolved)
    if named.product is not None or named.fault:
        notes = (say(Remark.NAME_ONLY),) if names.unresolved else ()
        return replace(named, name=name, notes=(*named.notes, *notes))
    return Identity(fault=_why_unknown(names, vocabulary), name=name)


def each_named(names: MedicationNames, context: Context) -> tuple[Identity, ...]:
    """Return each medicine of a list in words ("Prozac and Lexapro"); none unless every part names one."""
    if names.codings or names.ingredients or len(names.names) != 1:
        return ()
    name = names.names[0]
    parts = [part for part in _LISTED.split(name) if part.strip()]
    products = [context.vocabulary.named(part) for part in parts] if len(name) <= _LONGEST else []
    found = {product.ingredients: product for product in products if product is not None}
    return tuple(Identity(product=p, name=name) for p in found.values()) if all(products) else ()


def _medication(
    reference: Reference | None, contained: Sequence[Contained], context: Context
) -> Medication | Contained | None:
    if reference is None or not reference.reference:
        return None
    if reference.reference.startswith("#"):
        wanted = reference.reference[1:]
        return next((c for c in contained if c.id.removeprefix("#") == wanted), None)
    found = find(context.record, reference.reference, "Medication")
    return found if isinstance(found, Medication) else None


def _coded(codings: Iterable[Coding], system: str, named: Product | None, vocabulary: Vocabulary) -> Identity:
    codes = dict.fromkeys(c.code for c in map(code_of, codings) if c.system == system and c.code)
    products = [p for code in codes if (p := vocabulary.product(system, code))]
    agreed = _agreed(products, say(Remark.CODES_DISAGREE, system=system))
    if (
        agreed.fault
        and named is not None
        and all(set(p.ingredients) <= set(named.ingredients) for p in products)
    ):
        return Identity(product=named, notes=(say(Remark.SINGLE_INGREDIENTS),))
    return agreed


def _named(names: Iterable[str], vocabulary: Vocabulary) -> Identity:
    products = [p for name in names if (p := vocabulary.named(name))]
    if not products and any(vocabulary.names_several(name) for name in names):
        return Identity(fault=say(Remark.SEVERAL_MEDICINES))
    return _agreed(products, say(Remark.NAMES_DISAGREE))


def _agreed(products: Sequence[Product], fault: str) -> Identity:
    """Return one medicine from several, else `fault`; a combination agrees with its parts."""
    if not products:
        return Identity()
    widest = max(products, key=lambda p: len(p.ingredients))
    if any(not set(p.ingredients) <= set(widest.ingredients) for p in products):
        return Identity(fault=fault)
    return _merged([p for p in products if p.ingredients == widest.ingredients])


def _merged(products: Sequence[Product]) -> Identity:
    """Return one product from codes of different levels of a medicine."""
    strengths = dict.fromkeys(p.strengths for p in products if p.strengths)
    best = next((p for p in products if p.strengths), products[0])
    best = replace(
        best,
        form=best.form or next((p.form for p in products if p.form), ""),
        route=best.route or next((p.route for p in products if p.route), ""),
        salt=best.salt or next((p.salt for p in products if p.salt), ""),
        never_counts=best.never_counts or next((p.never_counts for p in products if p.never_counts), ""),
    )
    if len(strengths) > 1:
        return Identity(product=replace(best, strengths=(), unit=""), notes=(say(Remark.STRENGTHS_DISAGREE),))
    return Identity(product=best)


def _listed(ingredients: Iterable[Listed], vocabulary: Vocabulary, dosage: DosageTable) -> Identity:
    """Return the medicine that the ingredient list of a Medication describes; fillers in it do not count."""
    parts: list[tuple[Product, float | None, str]] = []
    for listed in ingredients:
        found = identified(MedicationNames(listed.item.coding, texts(listed.item)), vocabulary, dosage)
        if found.product is not None:
            parts.append((found.product, *_strength(listed.strength, dosage)))
    if not parts:
        return Identity()
    parts.sort(key=lambda part: part[0].ingredients)
    known = [mg for _, mg, _ in parts if mg is not None]
    complete = len(known) == len(parts) and len({unit for _, _, unit in parts}) == 1
    first = parts[0][0]
    return Identity(
        product=replace(
            first,
            ingredients=tuple(i for product, _, _ in parts for i in product.ingredients),
            groups=frozenset().union(*(product.groups for product, _, _ in parts)),
            strengths=tuple(known) if complete else (),
            unit=parts[0][2] if complete else "",
        )
    )


def _items(medication: Medication | Contained, context: Context) -> Iterator[Listed]:
    """Return the ingredients of a Medication, with codes of their own or of Medications referred to."""
    for ingredient in medication.ingredient:
        item = _item(ingredient, context)
        if item is not None:
            yield Listed(item, ingredient.strength)


def _item(ingredient: Ingredient, context: Context) -> CodeableConcept | None:
    if ingredient.item_codeable_concept is not None:
        return ingredient.item_codeable_concept
    medication = _medication(ingredient.item_reference, (), context)
    if medication is not None and medication.code is not None:
        return medication.code
    return CodeableConcept(text=ingredient.item_reference.display) if ingredient.item_reference else None


def _strength(ratio: Ratio | None, dosage: DosageTable) -> tuple[float | None, str]:
    """Return the mg in one unit of the product, and that unit."""
    if ratio is None or ratio.numerator is None or ratio.numerator.value is None:
        return None, ""
    amounts = dosage.amounts
    kind, factor = amounts.get((ratio.numerator.code or ratio.numerator.unit).lower(), ("", 0.0))
    per = ratio.denominator
    count = per.value if per is not None and per.value else 1.0
    unit_kind, unit_factor = amounts.get((per.code or per.unit).lower() if per else "", ("", 0.0))
    if kind != "mg" or unit_kind not in ("unit", "mL"):
        return None, ""
    return ratio.numerator.value * factor / (count * unit_factor), "mL" if unit_kind == "mL" else "tablet"


def _confirmed(
    product: Product, found: Sequence[Identity], named: Identity, name: str, unresolved: bool
) -> Identity:
    """Return the coded medicine, checked against everything else the resource says."""
    notes = [note for identity in (*found, named) for note in identity.notes]
    others = [identity.product for identity in (*found[1:], named) if identity.product is not None]
    for other in others:
        if not set(other.ingredients) <= set(product.ingredients):
            notes.append(say(Remark.ALSO_DESCRIBED, medicine=" / ".join(other.ingredients)))
    same = [other for other in others if other.ingredients == product.ingredients]
    merged = _merged([product, *same])
    believed = merged.product or product
    notes += merged.notes
    if unresolved:
        notes.append(say(Remark.MEDICATION_NOT_SENT))
    return Identity(
        product=replace(believed, matched=product.matched), notes=tuple(dict.fromkeys(notes)), name=name
    )


def _why_unknown(names: MedicationNames, vocabulary: Vocabulary) -> str:
    """Return no medicine, with the fault: "" for a well-formed code or name that no rule uses.

    A name that nearly is that of a medicine of the rules is neither taken for it nor passed over. The RxNorm
    tables are complete: another RxNorm code shows that it is another medicine.
    """
    coded = [c.code for c in map(code_of, names.codings) if c.system == "rxnorm" and c.code]
    if not any(code.isdecimal() for code in coded):
        near = next((near for name in names.names if (near := vocabulary.resembled(name))), None)
        if near is not None:
            return say(Remark.RESEMBLES, name=near)
    if names.names or coded:
        return ""
    if names.unresolved:
        return say(Remark.UNIDENTIFIED_NOT_SENT)
    return say(Remark.UNIDENTIFIED)
