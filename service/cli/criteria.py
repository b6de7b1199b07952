"""What `assess --criteria` tells beside the assessment."""

import argparse
import json

from mappings.knowledge import Knowledge
from service.assess.criteria import read_criteria
from service.cli.arguments import CriteriaError, as_json
from service.clinical.assessment import Assessment
from service.clinical.facts import PatientFacts
from service.paper.packet import packet_paper
from service.picture import evidence_page
from service.render.criteria import criteria_document, criteria_report
from service.render.document import document
from service.render.packet import identity_of
from service.render.report import text_report
from service.render.view import View

FORMATS = ("text", "json", "html", "pdf")


def with_criteria(
    chosen: argparse.Namespace, assessment: Assessment, facts: PatientFacts, knowledge: Knowledge, raw: bytes
) -> str | bytes:
    """Return the assessment as text, JSON or a page, with the criteria of the policies asked for.

    As PDF, return two pages for each policy; `raw` is the record, which names the patient.
    """
    found = read_criteria(facts, assessment, knowledge, _tellable(chosen, knowledge))
    if chosen.format == "pdf":
        who = identity_of(json.loads(raw), assessment.subject)
        return packet_paper(found, facts, assessment, knowledge, who)
    if chosen.format == "html":
        return evidence_page(assessment, facts, knowledge, found).encode()
    if chosen.format == "json":
        view = View(wording=knowledge.wording, of=assessment)
        return as_json({**document(view), "criteria": criteria_document(found)})
    report = text_report(assessment, knowledge.wording)
    return f"{report}\n\n{criteria_report(found, knowledge.policies)}"


def _tellable(chosen: argparse.Namespace, knowledge: Knowledge) -> tuple[str, ...]:
    if chosen.format not in FORMATS:
        raise CriteriaError(f"--criteria: expected --format among {', '.join(FORMATS)}")
    return policies(chosen, knowledge)


def policies(chosen: argparse.Namespace, knowledge: Knowledge) -> tuple[str, ...]:
    """Return the ids of the policies that were asked for; raise CriteriaError for others."""
    try:
        return knowledge.policies.chosen(chosen.criteria)
    except ValueError as error:
        raise CriteriaError(f"--criteria: {error}") from error
