"""The command about whole populations: screen."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from service.operations.rules import read_rules
from service.population.errors import InputError, ScreenError
from service.population.progress import Progress
from service.settings import read_settings

NOT_WHOLE = 1


class MissingExtraError(Exception):
    """What the command needs is not installed."""


@contextmanager
def needing_parquet() -> Iterator[None]:
    """Raise MissingExtraError where what is imported within needs an extra that is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "pyarrow":
            raise
        raise MissingExtraError(
            "whole populations need the extra `populations`: pip install 'ketamine-cds[populations]', "
            "or in a checkout pip install --require-hashes --requirement requirements-populations.lock"
        ) from None


def run_screen(chosen: argparse.Namespace) -> int:
    """Screen every patient of an export."""
    with needing_parquet():
        from service.population.inputs import find_input
        from service.population.packet import ChartSample
        from service.population.run import ScreenRequest, Shard, screen
        from service.population.strata import read_groups
    if (chosen.sample is None) != (chosen.packet is None):
        raise InputError("--sample and --packet go together: how many charts, and where")
    found = find_input(chosen.input, chosen.output)
    groups = read_groups(chosen.strata) if chosen.strata else {}
    settings = read_settings(os.environ)
    profiles = tuple(dict.fromkeys(chosen.profile or (settings.profile,)))
    days: tuple[date, ...] = tuple(sorted(set(chosen.as_of or (settings.today(),))))
    asked = ScreenRequest(
        found=found,
        groups=groups,
        kept_rows=chosen.keep_rows,
        packet=ChartSample(chosen.sample, chosen.packet) if chosen.packet else None,
        shard=Shard(*(chosen.shard or (1, 1))),
        out=chosen.output,
        knowledge=read_rules(settings),
        profiles=profiles,
        days=days,
        processes=chosen.processes or len(os.sched_getaffinity(0)),
    )
    try:
        answer = screen(asked, Progress(sys.stderr))
    except ScreenError as error:
        print(f"ketamine-cds: {error}", file=sys.stderr)
        return NOT_WHOLE
    print(_told(answer, chosen.output))
    return NOT_WHOLE if answer["failures"] else 0


def _told(answer: Mapping[str, Any], out: Path) -> str:
    lines = answer["lines"]
    failed = sum(answer["failures"].values())
    return "\n".join(
        [
            f"{answer['patients']} patients, from {lines['lines']} lines of {lines['files']} files: {out}",
            f"{lines['listed']} lines belong to no patient: unreadable.parquet",
            *([f"{failed} patients were not assessed, by a fault of ours"] if failed else []),
        ]
    )
