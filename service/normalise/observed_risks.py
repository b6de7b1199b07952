"""Suicide risk stated as an Observation with a SNOMED CT code rather than as a problem."""

from mappings.reading import ReadingTables
from mappings.remembering import remembered
from service.clinical.facts import Problem
from service.clinical.partial_date import PartialDate
from service.fhir.resources import CodeableConcept, Observation, Row
from service.normalise.codes import codes_of, texts, words
from service.normalise.context import Context, Vocabulary
from service.normalise.problems import groups_of
from service.normalise.values import in_words, is_empty, is_unexplained


def observed_risk(row: Row[Observation], day: PartialDate | None, context: Context) -> Problem | None:
    """Return the suicide risk that the Observation states, as a finding of one day, or None.

    Either its value is such a finding, or its code is, and its value says that it is present.
    """
    observation, value = row.resource, row.resource.value_codeable_concept
    named = next((concept for concept in (value, observation.code) if risks_of(concept, context)), None)
    if named is None or (named is not value and not _present(observation, context)):
        return None
    return Problem(
        reference=row.label,
        codes=codes_of(named),
        groups=risks_of(named, context),
        text=words(named) or next(iter(texts(observation.code)), ""),
        wordings=context.wordings(named),
        recorded=day,
        at_visit=True,
    )


def risks_of(concept: CodeableConcept | None, context: Context) -> frozenset[str]:
    """Return the groups of suicide risk of a code or value."""
    return _risks(concept, context.vocabulary, context.tables) if concept is not None else frozenset()


@remembered
def _risks(concept: CodeableConcept, vocabulary: Vocabulary, tables: ReadingTables) -> frozenset[str]:
    return groups_of(codes_of(concept), vocabulary) & tables.risks


def _present(observation: Observation, context: Context) -> bool:
    """Tell whether what the code names is stated: without any value, or by a value that affirms it."""
    if is_empty(observation):
        return is_unexplained(observation)
    return in_words(observation).strip(" .") in context.tables.questionnaires.risk.affirmed_by
