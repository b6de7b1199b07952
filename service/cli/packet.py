"""The command that writes what a payer's reviewer asks for."""

import argparse
import json
import os
from pathlib import Path

from service.answer.read import read_document
from service.assess import assess
from service.assess.criteria import read_criteria
from service.cli.arguments import as_json
from service.cli.criteria import policies
from service.cli.files import read, understood
from service.cli.patient import as_of_day, rules
from service.paper.packet import packet_paper
from service.render.packet import identity_of, packet
from service.settings import read_settings


def run(chosen: argparse.Namespace) -> None:
    """Write form, filled form and evidence for each policy that was asked for, and name the files."""
    settings = read_settings(os.environ)
    knowledge, as_of = rules(chosen, settings), as_of_day(chosen, settings)
    ids, raw = policies(chosen, knowledge), read(chosen.file)
    facts = understood(chosen.file, raw, lambda content: read_document(content, knowledge, as_of)).facts
    assessment = assess(facts, knowledge, settings.profile, as_of)
    folder = Path(chosen.output)
    folder.mkdir(parents=True, exist_ok=True)
    who = identity_of(json.loads(raw), assessment.subject)
    for one in read_criteria(facts, assessment, knowledge, ids):
        made = packet(one, facts, assessment, knowledge, record=json.loads(raw), base=settings.public_url)
        parts = {"questionnaire": made.questionnaire, "response": made.response, "evidence": made.evidence}
        for name, part in parts.items():
            file = folder / f"{one.policy.id}-{name}.json"
            file.write_text(f"{as_json(part)}\n", encoding="utf-8")
            print(file)
        paper = folder / f"{one.policy.id}-packet.pdf"
        paper.write_bytes(packet_paper([one], facts, assessment, knowledge, who))
        print(paper)
