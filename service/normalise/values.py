"""Values of observations and answers, in whichever of FHIR's types they come."""

import re
from typing import TypeAlias

from mappings.measurements import MeasurementTable
from service.fhir.resources import Answer, Component, Observation, Quantity
from service.normalise.codes import texts

_FIGURE = re.compile(r"\d{1,6}(?:\.\d{1,6})?", re.ASCII)

Valued: TypeAlias = Observation | Component | Answer


def number(valued: Valued) -> float | None:
    """The value as a number: a Quantity, an integer, or a text that is nothing but a number."""
    quantity = valued.value_quantity
    if quantity is not None:
        return None if quantity.comparator else quantity.value
    if valued.value_integer is not None:
        return valued.value_integer
    if isinstance(valued, Answer) and valued.value_decimal is not None:
        return valued.value_decimal
    figure = _FIGURE.fullmatch(valued.value_string.strip())
    return float(figure[0]) if figure else None


def answer(valued: Valued, question: str, table: MeasurementTable) -> int | None:
    """The value of an answer of this kind of question: by code, by words, or as a number."""
    known = (table.answers.get((question, said)) for said in _said(valued))
    return next((value for value in known if value is not None), None)


def in_words(valued: Valued) -> str:
    """The value as text in lower case: what a coding or a string says, or yes and no."""
    if isinstance(valued, Answer):
        coding = valued.value_coding
        concept_words: tuple[str, ...] = (coding.display,) if coding else ()
    else:
        concept_words = texts(valued.value_codeable_concept)
    if valued.value_boolean is not None:
        return "yes" if valued.value_boolean else "no"
    return next((w.strip().lower() for w in (*concept_words, valued.value_string) if w.strip()), "")


def interpreted(valued: Observation | Component) -> str:
    """What the laboratory says of the value, in lower case: "positive", "high" ..."""
    return next((text.lower() for concept in valued.interpretation for text in texts(concept)), "")


def is_empty(valued: Valued) -> bool:
    """No value at all, as with a reason for its absence: nothing to read and nothing lost."""
    return number(valued) is None and not _said(valued) and not _inexact(valued.value_quantity)


def is_unexplained(valued: Valued) -> bool:
    """Whether a missing value is missing without a reason, and nothing else carries it."""
    if isinstance(valued, Answer) or valued.data_absent_reason is not None:
        return False
    return not isinstance(valued, Observation) or not (valued.component or valued.has_member)


def upper_limit(valued: Observation | Component) -> float | None:
    """The laboratory's upper limit, if it is given in the unit of the value."""
    unit = unit_of(valued.value_quantity)
    highs = [r.high for r in valued.reference_range if r.high is not None]
    return next((h.value for h in highs if h.value is not None and unit_of(h) in ("", unit)), None)


def unit_of(quantity: Quantity | None) -> str:
    """The unit of a Quantity, its code before its text."""
    return (quantity.code.strip() or quantity.unit.strip()) if quantity else ""


def _inexact(quantity: Quantity | None) -> bool:
    return quantity is not None and quantity.value is not None


def _said(valued: Valued) -> list[str]:
    """All ways in which an answer is given, in lower case."""
    said: list[str] = []
    if isinstance(valued, Answer):
        said += [valued.value_coding.code, valued.value_coding.display] if valued.value_coding else []
    elif valued.value_codeable_concept is not None:
        said += [coding.code for coding in valued.value_codeable_concept.coding]
        said += texts(valued.value_codeable_concept)
    if valued.value_boolean is not None:
        said.append(str(valued.value_boolean))
    said.append(valued.value_string)
    figure = number(valued)
    if figure is not None and figure in range(100):
        said.append(str(int(figure)))
    return [word.strip().lower() for word in said if word.strip()]
