"""The meaning of the code of an Observation or component, by codings, else by words."""

from collections.abc import Iterator

from msgspec import Struct

from mappings.questionnaires import FormRow
from mappings.reading import ReadingTables
from mappings.remembering import remembered
from mappings.severity import Scale
from service.clinical.facts import Manner
from service.fhir.resources import CodeableConcept, Coding, Component, Observation
from service.normalise.codes import code_of, codes_of, texts
from service.normalise.context import Context, Vocabulary
from service.normalise.problems import groups_of
from service.normalise.totals import scale_of

# The code systems whose displays say as much as a code that the tables lack.
_STANDARD = frozenset({"loinc", "snomed"})


class Meaning(Struct, frozen=True, kw_only=True, gc=False):
    """The measurements that a code means, the form that it names, and what its words mention.

    `concept` is the first of `concepts`, "" for none, and `scale` the depression scale whose total it is;
    `manner` is what they were recognised by.
    `asks_risk`: it is a known question about suicide risk; `speaks_of_risk`: it is, or may be, one.
    `named`: it has a code or words. `passed_over`: whatever its value, it is nothing that a rule looks at.
    """

    concepts: frozenset[str] = frozenset()
    concept: str = ""
    manner: Manner = Manner.CODE
    scale: Scale | None = None
    form: FormRow | None = None
    of_a_form: bool = False
    asks_risk: bool = False
    speaks_of_risk: bool = False
    names_scale: bool = False
    named: bool = False
    passed_over: bool = False


class ValuePart(Struct, frozen=True, gc=False):
    """A value of an Observation with the meaning of its code: its own, or one of its components."""

    meaning: Meaning
    valued: Observation | Component


def parts_of(observation: Observation, whole: Meaning, context: Context) -> tuple[ValuePart, ...]:
    """Return the Observation's own value and its components; a form named above counts below."""
    own = ValuePart(whole, observation)
    if not observation.component:
        return (own,)
    below = (
        ValuePart(meaning(component.code, context, whole.form), component)
        for component in observation.component
    )
    return (own, *below)


def meaning(code: CodeableConcept | None, context: Context, form: FormRow | None = None) -> Meaning:
    """Return the meaning of a code, inside a `form` if it has one."""
    return _meaning(code, form, context.vocabulary, context.tables)


@remembered
def _meaning(
    code: CodeableConcept | None, form: FormRow | None, vocabulary: Vocabulary, tables: ReadingTables
) -> Meaning:
    if code is None:
        return Meaning()
    table, names = tables.questionnaires, texts(code)
    concepts, manner = _concepts(code, form, vocabulary, tables)
    concept = concepts[0] if concepts else ""
    form_of_it = table.form_of(*_names(code))
    about_risk = table.about_risk(*names)
    names_scale = any(map(tables.scale_names.names_scale, names))
    risks = groups_of(codes_of(code), vocabulary) & tables.risks
    named = bool(names) or any(c.system and c.code for c in map(code_of, code.coding))
    of_a_form = form_of_it is not None and form_of_it.panel in concepts
    return Meaning(
        concepts=frozenset(concepts),
        concept=concept,
        manner=manner,
        scale=scale_of(concept, tables),
        form=form_of_it,
        of_a_form=of_a_form,
        asks_risk=concept in table.named,
        speaks_of_risk=concept in table.named or of_a_form or (about_risk and not concepts),
        names_scale=names_scale,
        named=named,
        passed_over=named and not (concepts or of_a_form or about_risk or names_scale or risks),
    )


def _concepts(
    code: CodeableConcept, form: FormRow | None, vocabulary: Vocabulary, tables: ReadingTables
) -> tuple[tuple[str, ...], Manner]:
    """Return the measurements of all codings; by words only where no coding is known.

    The display of a code that the tables lack says as much as the code, if it is one of LOINC or SNOMED CT.
    """
    codes = [code_of(coding) for coding in code.coding]
    known = dict.fromkeys(
        concept for coding in codes if (concept := _coded(coding.system, coding.code, vocabulary, tables))
    )
    if known:
        return tuple(known), Manner.CODE
    named = tuple(dict.fromkeys(_by_text(code, form, vocabulary, tables)))
    standard = CodeableConcept(coding=tuple(filter(_is_standard, code.coding)))
    displayed = bool(named) and named[0] in _by_text(standard, form, vocabulary, tables)
    return named, Manner.DISPLAY if displayed else Manner.WORDS


def _is_standard(coding: Coding) -> bool:
    return bool(coding.code.strip()) and code_of(coding).system in _STANDARD


def _coded(system: str, code: str, vocabulary: Vocabulary, tables: ReadingTables) -> str | None:
    if system == "loinc":
        return vocabulary.concept(code)
    if system != "snomed":
        return None
    scales = (f"scale:{scale.id}" for scale in tables.scales.values() if code in scale.snomed_codes)
    return next(scales, None) or tables.measurements.snomed_concepts.get(code)


def _names(code: CodeableConcept) -> tuple[str, ...]:
    """Return all names of a code, codings included: a local code may be a name ("PHQ9Q9")."""
    return (*texts(code), *(coding.code for coding in code.coding))


def _by_text(
    code: CodeableConcept, form: FormRow | None, vocabulary: Vocabulary, tables: ReadingTables
) -> Iterator[str]:
    table, names = tables.questionnaires, texts(code)
    asked_for = [table.question_of(text) for text in names]
    asked_for += [table.numbered(text) for text in _names(code)]
    asked_for += [table.numbered(f"{form.names[0]} {text}") for text in _names(code)] if form else []
    yield from (question for question in asked_for if question)
    for text in names:
        scale = tables.scale_names.total_of(text)
        if scale is not None:
            yield f"scale:{scale}"
        concept = tables.measurements.concept(text) or vocabulary.concept_named(text)
        if concept is not None:
            yield concept
