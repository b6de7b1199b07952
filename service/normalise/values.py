"""Values of observations and answers, in whichever of FHIR's types they come."""

import re
from typing import TypeAlias

from mappings.measurements import MeasurementTable
from mappings.plain import joined, plain
from service.fhir.resources import Answer, Component, Observation, Quantity
from service.normalise.codes import texts

_FIGURE = re.compile(r"\d{1,6}(?:\.\d{1,6})?", re.ASCII)
_MOST_WORDS = 12  # of an answer: no answer of a form has more

Valued: TypeAlias = Observation | Component | Answer


def number(valued: Valued) -> float | None:
    """Return the value as a number: a Quantity, an integer, or a text that is nothing but a number."""
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
    """Return the value of an answer to this kind of question, by code or words, else as a number.

    Words stand above a bare number, for local forms number their answers as they like; where a code and
    words disagree the graver one counts.
    """
    coded = (table.answer_codes.get((question, joined(code))) for code in _codes(valued))
    worded = (_worded(text, question, table) for text in _texts(valued))
    known = [value for value in (*coded, *worded) if value is not None]
    if known:
        return max(known)
    figure = _figure_of(valued)
    return None if figure is None else table.answer_words.get((question, str(figure)))


def _worded(text: str, question: str, table: MeasurementTable) -> int | None:
    """Return the value of words, with or without a number; further words may follow a positive one."""
    tokens = [word for word in plain(text).split()[:_MOST_WORDS] if not word.isdigit()]
    whole = table.answer_words.get((question, "".join(tokens))) if tokens else None
    if whole is not None:
        return whole
    begun = (
        table.answer_words.get((question, "".join(tokens[:end]))) for end in range(len(tokens) - 1, 0, -1)
    )
    return next((value for value in begun if value), None)


def _figure_of(valued: Valued) -> int | None:
    figures = [
        number(valued),
        *(float(t) for t in (*_texts(valued), *_codes(valued)) if _FIGURE.fullmatch(t)),
    ]
    return next((int(figure) for figure in figures if figure is not None and figure in range(100)), None)


def _codes(valued: Valued) -> list[str]:
    if isinstance(valued, Answer):
        return [valued.value_coding.code.strip()] if valued.value_coding else []
    concept = valued.value_codeable_concept
    return [coding.code.strip() for coding in concept.coding] if concept else []


def _texts(valued: Valued) -> list[str]:
    """Return the words of an answer; a local code may be words too ("Several-days")."""
    words = [*_codes(valued), valued.value_string]
    if isinstance(valued, Answer):
        words += [valued.value_coding.display] if valued.value_coding else []
    else:
        words += texts(valued.value_codeable_concept)
    if valued.value_boolean is not None:
        words.append(str(valued.value_boolean))
    return [text.strip() for text in words if text.strip()]


def in_words(valued: Valued) -> str:
    """Return the value as lower-case text: of a coding or a string, or yes and no."""
    if isinstance(valued, Answer):
        coding = valued.value_coding
        concept_words: tuple[str, ...] = (coding.display,) if coding else ()
    else:
        concept_words = texts(valued.value_codeable_concept)
    if valued.value_boolean is not None:
        return "yes" if valued.value_boolean else "no"
    return next((w.strip().lower() for w in (*concept_words, valued.value_string) if w.strip()), "")


def interpreted(valued: Observation | Component) -> str:
    """Return the laboratory's interpretation in lower case: "positive", "high" ..."""
    if not valued.interpretation:
        return ""
    words = (text for concept in valued.interpretation for text in texts(concept))
    coded = (coding.code for concept in valued.interpretation for coding in concept.coding)
    return next((text.strip().lower() for text in (*words, *coded) if text.strip()), "")


def is_empty(valued: Valued) -> bool:
    """Tell whether there is no value at all."""
    return number(valued) is None and not _texts(valued) and not _inexact(valued.value_quantity)


def is_unexplained(valued: Valued) -> bool:
    """Tell whether a value is missing without a reason, and nothing else carries it."""
    if isinstance(valued, Answer) or valued.data_absent_reason is not None:
        return False
    return not isinstance(valued, Observation) or not (valued.component or valued.has_member)


def upper_limit(valued: Observation | Component) -> float | None:
    """Return the laboratory's upper limit, if it is given in the unit of the value."""
    if not valued.reference_range:
        return None
    unit = unit_of(valued.value_quantity)
    highs = [r.high for r in valued.reference_range if r.high is not None]
    return next((h.value for h in highs if h.value is not None and unit_of(h) in ("", unit)), None)


def unit_of(quantity: Quantity | None) -> str:
    """Return the unit of a Quantity, its code before its text."""
    return (quantity.code.strip() or quantity.unit.strip()) if quantity else ""


def _inexact(quantity: Quantity | None) -> bool:
    return quantity is not None and quantity.value is not None
