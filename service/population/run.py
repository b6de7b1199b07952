"""A screening from its input to its folder: read, part by patient, screen, join, mark as finished."""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from mappings.knowledge import Knowledge
from service.population.accounting import account_of
from service.population.columns import PATIENTS, names
from service.population.errors import InputError, ScreenError
from service.population.files import write
from service.population.inputs import Export
from service.population.packet import ChartSample, sampled, write_packet
from service.population.partitions import Folders, Screened, finished, screen_partition, write_listed
from service.population.patient import Question
from service.population.processes import shared_out
from service.population.shared import Shared, keep_shared
from service.population.spill import SpilledRow, SpillFile, partition_of, spilled
from service.population.strata import Groups
from service.population.summary_files import write_summary
from service.population.tables import FILES, VERSION, joined, read_rows
from service.population.tasks import Account, Plan, check_counts, done, plan, read_task

UNFINISHED = "unfinished"
MARK = "account.json"

Result = TypeVar("Result")
Report = Callable[[str, int, int, int], None]
"""Hears what is done: parts of the work, of how many, and the patients in the last part."""


@dataclass(frozen=True, slots=True)
class Shard:
    """The share of the patients that this run screens: number `number` of `of`."""

    number: int
    of: int

    def holds(self, partition: int) -> bool:
        """Tell whether a partition belongs to the share."""
        return partition % self.of == self.number - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ScreenRequest:
    """What is to be screened, by what, and where the answer goes; `groups` are strata of the site's own.

    `kept_rows` is where the rows that are read stay, for other screenings of the same files.
    """

    found: Export
    out: Path
    knowledge: Knowledge
    profiles: tuple[str, ...]
    days: tuple[date, ...]
    processes: int
    groups: Groups = field(default_factory=dict)
    kept_rows: Path | None = None
    shard: Shard = Shard(1, 1)
    packet: ChartSample | None = None


def screen(asked: ScreenRequest, report: Report) -> Mapping[str, Any]:
    """Screen a population and return its account; a run that was ended before goes on where it stood.

    Raise InputError for what the caller has to mend, ScreenError for what failed here.
    """
    planned = plan(asked.found.sources)
    run = _digest(planned, asked)
    if standing := _standing(asked.out, run):
        return standing
    folders = Folders(asked.kept_rows or asked.out / UNFINISHED / "rows", asked.out / UNFINISHED / run)
    try:
        folders.rows.mkdir(parents=True, exist_ok=True)
        folders.parts.mkdir(parents=True, exist_ok=True)
        accounts = list(_read(planned, folders, asked, report))
        check_counts(asked.found.sources, accounts)
        screened = list(_screen(planned, accounts, folders, asked, report))
        account = account_of(accounts, screened, _rows(accounts, planned, asked), asked.found)
        _join(folders, asked)
        answer = {"run": run, **_about(asked), **account}
        write_summary(asked.out, asked.knowledge, asked.profiles, asked.groups)
        if asked.packet is not None:
            _draw(asked.packet, planned, accounts, folders, asked)
        write(asked.out / MARK, json.dumps(answer, indent=2).encode())
        shutil.rmtree(asked.out / UNFINISHED)
    except OSError as error:
        raise ScreenError(
            f"{error.filename or asked.out}: {error.strerror or error}; the same command goes on from here"
        ) from error
    return answer


def _digest(planned: Plan, asked: ScreenRequest) -> str:
    """Return what tells this screening apart from one of other files, rules, definitions or days."""
    parts = (
        *(task.id for task in planned.tasks),
        *sorted(asked.found.kinds),
        *asked.profiles,
        *map(str, asked.days),
        asked.knowledge.rule_set,
        VERSION,
        repr(sorted(asked.groups.items())),
        repr(asked.shard),
        repr(asked.packet),
    )
    return sha256("\n".join(parts).encode()).hexdigest()[:24]


def _standing(out: Path, run: str) -> Mapping[str, Any] | None:
    """Return the answer that stands in the folder, if it is that of this run."""
    if not (out / MARK).exists():
        return None
    answer: Mapping[str, Any] = json.loads((out / MARK).read_bytes())
    if answer.get("run") != run:
        raise InputError(f"{out}: holds another screening; name another folder")
    return answer


def _read(planned: Plan, folders: Folders, asked: ScreenRequest, report: Report) -> Iterator[Account]:
    """Yield the accounts of all tasks, of which some may have been done before."""
    work = partial(read_task, partitions=planned.partitions, folder=folders.rows)
    standing = {task.id: done(task, folders.rows) for task in planned.tasks}
    left = [task for task in planned.tasks if standing[task.id] is None]
    yield from (account for account in standing.values() if account is not None)
    yield from _counted(
        "read", len(planned.tasks), shared_out(work, left, asked.processes), len(left), report
    )


def _screen(
    planned: Plan,
    accounts: Sequence[Account],
    folders: Folders,
    asked: ScreenRequest,
    report: Report,
) -> Iterator[Screened]:
    """Yield what each partition gives, of which some may have been screened before."""
    parts = sorted((part for account in accounts for part in account.parts), key=lambda part: part.name)
    kinds = asked.found.kinds.union(*(account.kinds for account in accounts))
    question = Question(knowledge=asked.knowledge, profiles=asked.profiles, days=asked.days, kinds=kinds)
    if not folders.shared.exists():
        keep_shared(folders.shared, spilled(folders.rows, parts, planned.of_all))
    if asked.shard.holds(0):
        write_listed(planned.listed, parts, question, folders)
    partitions = [each for each in _partitions(planned, parts) if asked.shard.holds(each)]
    standing = {partition: finished(partition, folders) for partition in partitions}
    left = [partition for partition in partitions if standing[partition] is None]
    work = partial(screen_partition, parts=parts, question=question, folders=folders)
    yield from (each for each in standing.values() if each is not None)
    results = shared_out(work, left, asked.processes)
    yield from _counted("screened", len(partitions), results, len(left), report)


def _partitions(planned: Plan, parts: Iterable[SpillFile]) -> Sequence[int]:
    held = {partition for part in parts for partition in part.partitions}
    return sorted(held - {planned.of_all, planned.listed})


def _counted(what: str, whole: int, results: Iterator[Result], left: int, report: Report) -> Iterator[Result]:
    """Yield the results, and report each."""
    for number, result in enumerate(results, start=whole - left + 1):
        report(what, number, whole, result.patients if isinstance(result, Screened) else 0)
        yield result


def _draw(
    packet: ChartSample, planned: Plan, accounts: Sequence[Account], folders: Folders, asked: ScreenRequest
) -> None:
    """Draw charts to score, from the rows that this run has read."""
    conclusion, *_ = (name for name in names(PATIENTS, asked.profiles) if name[0].startswith("conclusion"))
    sample = sampled(read_rows(asked.out / "patients.parquet"), packet.size, conclusion[0])
    owners = {row["patient"] for row in sample}
    charts: dict[str, list[SpilledRow]] = {owner: [] for owner in owners}
    parts = [part for account in accounts for part in account.parts]
    for partition in sorted({partition_of(owner, planned.partitions) for owner in owners}):
        for owner, row in spilled(folders.rows, parts, partition):
            if owner in owners:
                charts[owner].append(row)
    shared = Shared(folders.shared)
    whole = {owner: [*rows, *shared.referred(rows)] for owner, rows in charts.items()}
    shared.close()
    write_packet(packet.folder, sample, whole)


def _rows(accounts: Iterable[Account], planned: Plan, asked: ScreenRequest) -> int:
    """Return how many rows of patients this run has to screen."""
    numbers = (item for account in accounts for item in account.rows.items())
    return sum(n for each, n in numbers if each < planned.partitions and asked.shard.holds(each))


def _about(asked: ScreenRequest) -> Mapping[str, Any]:
    return {
        "rule_set": asked.knowledge.rule_set,
        "profiles": list(asked.profiles),
        "days": [str(day) for day in asked.days],
        "shard": f"{asked.shard.number}/{asked.shard.of}",
    }


def _join(folders: Folders, asked: ScreenRequest) -> None:
    """Write the files of the answer from those of the partitions."""
    for name in FILES:
        parts = sorted(folders.parts.glob(f"*-{name}.parquet"))
        joined(parts, asked.out / f"{name}.parquet", name, asked.profiles)
