"""Suicide risk that a record states as an Observation by a SNOMED CT code, and not as a problem."""

from service.clinical.facts import Problem
from service.clinical.when import When
from service.fhir.resources import Observation, Row
from service.normalise.codes import codes_of, texts, words
from service.normalise.context import Context
from service.normalise.problems import groups_of
from service.normalise.values import in_words, is_empty, is_unexplained


def observed_risk(row: Row[Observation], day: When | None, context: Context) -> Problem | None:
    """Return what the Observation states of suicide risk, as the finding of one day; None for nothing.

    Either its value is such a finding, or its code is, and its value says that it is present.
    """
    observation, table = row.resource, context.tables
    value = observation.value_codeable_concept
    named = next(
        (one for one in (value, observation.code) if groups_of(codes_of(one), context) & table.risks), None
    )
    if named is None or (named is not value and not _present(observation, context)):
        return None
    return Problem(
        reference=row.label,
        codes=codes_of(named),
        groups=groups_of(codes_of(named), context) & table.risks,
        text=words(named) or next(iter(texts(observation.code)), ""),
        wordings=context.wordings(named),
        recorded=day,
        at_visit=True,
    )


def _present(observation: Observation, context: Context) -> bool:
    """Whether what the code names is stated: without any value, or by a value that affirms it."""
    if is_empty(observation):
        return is_unexplained(observation)
    return in_words(observation).strip(" .") in context.tables.questionnaires.risk.affirmed_by
