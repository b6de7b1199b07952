"""What the code of an Observation or of a component stands for: by its codings, else by its words."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from mappings.questionnaires import FormRow
from service.fhir.resources import CodeableConcept, Component, Observation
from service.normalise.codes import code_of, texts
from service.normalise.context import Context


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """The measurements that a code stands for, the form that it names, and what else its words speak of."""

    concepts: tuple[str, ...] = ()
    form: FormRow | None = None
    of_a_form: bool = False
    about_risk: bool = False
    names_scale: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A value of an Observation with the meaning of its code: its own, or one of its components."""

    meaning: Meaning
    valued: Observation | Component

    @property
    def concepts(self) -> tuple[str, ...]:
        """Everything that its code stands for."""
        return self.meaning.concepts

    @property
    def concept(self) -> str:
        """The first thing its code stands for, "" for nothing known."""
        return self.meaning.concepts[0] if self.meaning.concepts else ""


@dataclass(slots=True)
class Meanings:
    """The meanings of the codes of one record, each worked out once: records repeat their codes."""

    context: Context
    known: dict[tuple[CodeableConcept | None, str], Meaning] = field(default_factory=dict)

    def parts(self, observation: Observation) -> tuple[Part, ...]:
        """Return the Observation's own value and its components; a form named above counts below."""
        whole = self._of(observation.code, None)
        below = ((self._of(one.code, whole.form), one) for one in observation.component)
        return (Part(meaning=whole, valued=observation), *(Part(meaning=m, valued=one) for m, one in below))

    def _of(self, code: CodeableConcept | None, form: FormRow | None) -> Meaning:
        key = (code, form.id if form else "")
        if key not in self.known:
            self.known[key] = _meaning(code, form, self.context)
        return self.known[key]


def _meaning(code: CodeableConcept | None, form: FormRow | None, context: Context) -> Meaning:
    if code is None:
        return Meaning()
    table, said = context.tables.questionnaires, texts(code)
    concepts = _concepts(code, form, context)
    form_of_it = table.form_of(*_names(code))
    return Meaning(
        concepts=concepts,
        form=form_of_it,
        of_a_form=form_of_it is not None and form_of_it.panel in concepts,
        about_risk=table.about_risk(*said),
        names_scale=any(map(context.tables.scale_names.names_scale, said)),
    )


def _concepts(code: CodeableConcept, form: FormRow | None, context: Context) -> tuple[str, ...]:
    """The measurements that all codings stand for; by text only where no coding is known."""
    codes = [code_of(coding) for coding in code.coding]
    known = dict.fromkeys(concept for one in codes if (concept := _coded(one.system, one.code, context)))
    return tuple(known) or tuple(dict.fromkeys(_by_text(code, form, context)))


def _coded(system: str, code: str, context: Context) -> str | None:
    if system == "loinc":
        return context.vocabulary.concept(code)
    if system != "snomed":
        return None
    scales = (f"scale:{one.id}" for one in context.tables.scales.values() if code in one.snomed_codes)
    return next(scales, None) or context.tables.measurements.snomed_concepts.get(code)


def _names(code: CodeableConcept) -> tuple[str, ...]:
    """All that a code is called, its codes included: a local one may be a name ("PHQ9Q9")."""
    return (*texts(code), *(coding.code for coding in code.coding))


def _by_text(code: CodeableConcept, form: FormRow | None, context: Context) -> Iterator[str]:
    table, said = context.tables.questionnaires, texts(code)
    asked_for = [table.question_of(text) for text in said]
    asked_for += [table.numbered(text) for text in _names(code)]
    asked_for += [table.numbered(f"{form.names[0]} {text}") for text in _names(code)] if form else []
    yield from (question for question in asked_for if question)
    for text in said:
        scale = context.tables.scale_names.total_of(text)
        if scale is not None:
            yield f"scale:{scale}"
        concept = context.tables.measurements.concept(text) or context.vocabulary.concept_named(text)
        if concept is not None:
            yield concept
