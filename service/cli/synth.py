"""The command that makes up a population."""

import argparse
from pathlib import Path

from service.synth.export import PopulationOrder, write_population


def run(chosen: argparse.Namespace) -> None:
    """Write a population, and say what it came to."""
    folder = Path(chosen.output)
    order = PopulationOrder(
        seed=chosen.seed, patients=chosen.patients, folder=folder, packed=not chosen.plain
    )
    files = write_population(order)
    resources = sum(file.lines for file in files)
    print(f"{folder}: {chosen.patients:,} made-up patients, {resources:,} resources; the truth is in truth/")
