"""What `assess --criteria` tells beside the assessment."""

import argparse

from mappings.knowledge import Knowledge
from service.assess.criteria import read_criteria
from service.cli.arguments import as_json
from service.cli.commands import PICTURES
from service.clinical.assessment import Assessment
from service.clinical.facts import PatientFacts
from service.render.criteria import criteria_document, criteria_report
from service.render.document import document
from service.render.report import text_report


class CriteriaError(Exception):
    """Criteria were asked for of a policy that is not there, or in a form that does not tell them."""


def with_criteria(
    chosen: argparse.Namespace, assessment: Assessment, facts: PatientFacts, knowledge: Knowledge
) -> str:
    """Return the assessment as text or JSON, with the criteria of the policies that were asked for."""
    found = read_criteria(facts, assessment, knowledge, _tellable(chosen, knowledge))
    if chosen.format == "json":
        return as_json({**document(assessment), "criteria": criteria_document(found)})
    report = text_report(assessment, knowledge.wording)
    return f"{report}\n\n{criteria_report(found, knowledge.policies)}"


def _tellable(chosen: argparse.Namespace, knowledge: Knowledge) -> tuple[str, ...]:
    if chosen.format in PICTURES:
        raise CriteriaError("--criteria: expected --format text or json")
    return policies(chosen, knowledge)


def policies(chosen: argparse.Namespace, knowledge: Knowledge) -> tuple[str, ...]:
    """Return the ids of the policies that were asked for; raise CriteriaError for others."""
    try:
        return knowledge.policies.chosen(chosen.criteria)
    except ValueError as error:
        raise CriteriaError(f"--criteria: {error}") from error
