"""The command that holds the results of a screening against a hand-scored key."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from mappings.knowledge import Knowledge
from service.cli.population import needing_parquet
from service.operations.rules import read_rules
from service.settings import read_settings
from service.validation.agreement import AgreementReport, agreement
from service.validation.errors import KeyFileError
from service.validation.key import read_key
from service.validation.report import told, write_report


def run(chosen: argparse.Namespace) -> None:
    """Write the report, and say what it comes to."""
    with needing_parquet():
        from service.validation.results import read_results
    settings = read_settings(os.environ)
    key = read_key(chosen.key, _antidepressants(read_rules(settings)))
    report = agreement(key, read_results(chosen.results, key.scored), settings.today())
    if not report.patients:
        raise KeyFileError(
            f"{chosen.key}: expected patients and days of {chosen.results}, found none of them there"
        )
    write_report(report, chosen.output)
    print(_summary(report, chosen.output))


def _antidepressants(knowledge: Knowledge) -> Callable[[str], str | None]:
    """Return what tells which antidepressant a name means."""

    def ingredient(name: str) -> str | None:
        if name in knowledge.drugs.drugs:
            return name
        product = knowledge.terminology.named(name)
        found = [one for one in product.ingredients if one in knowledge.drugs.drugs] if product else []
        return found[0] if len(found) == 1 else None

    return ingredient


def _summary(report: AgreementReport, folder: Path) -> str:
    lines = [
        f"{report.patients} patients: {folder}",
        f"conclusion: kappa {told(report.conclusion)}",
        f"trials: kappa {told(report.trials)}",
        f"{len(report.disagreements)} disagreements",
    ]
    if report.not_found:
        lines.append(f"{len(report.not_found)} scored patients are not in the results")
    return "\n".join(lines)
