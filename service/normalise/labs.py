"""Laboratory values and all other measurements that rules use by concept."""

from mappings.measurements import ConceptId, MeasurementTable
from service.clinical.facts import Lab
from service.clinical.partial_date import PartialDate
from service.normalise.clauses import statement
from service.normalise.context import Context
from service.normalise.meanings import ValuePart
from service.normalise.values import in_words, interpreted, number, unit_of, upper_limit


def lab(label: str, day: PartialDate, part: ValuePart, context: Context) -> Lab:
    """Return a value under its concept: a number with its unit, or words."""
    valued, concept = part.valued, part.meaning.concept
    quantity = valued.value_quantity
    codings = valued.value_codeable_concept.coding if valued.value_codeable_concept else ()
    text = in_words(valued) or (quantity.comparator if quantity else "") or interpreted(valued)
    return Lab(
        reference=label,
        when=day,
        concept=concept,
        value=quantity.value if quantity else number(valued),
        unit=unit_of(quantity),
        upper_limit=upper_limit(valued),
        answer=_class_of(text, context.tables.measurements) if concept == ConceptId.CHILD_PUGH else text,
        code=next((coding.code for coding in codings if coding.code), ""),
        says=statement(text, context.tables.clauses) if text else None,
        manner=part.meaning.manner,
    )


def _class_of(text: str, table: MeasurementTable) -> str:
    alone = text
    for word in table.child_pugh.beside:
        alone = alone.replace(word, "")
    match = table.child_pugh_class.search(alone)
    return match[1] if match else text
