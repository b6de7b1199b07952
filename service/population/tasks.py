"""Reading an export: in tasks of bounded size, each of which can be done anywhere and more than once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from mappings.remarks import Remark, say
from service.population.errors import InputError
from service.population.files import write
from service.population.inputs import ExportFile
from service.population.lines import LONGEST_LINE, is_packed, read_lines, read_whole
from service.population.reading import Fate, ReadLine, listed, read_line
from service.population.rows import encoded, reading_version
from service.population.spill import SpilledRow, SpillFile, SpillWriter, partition_of

_TASK_BYTES = 128 * 1024 * 1024
_LEAST_BYTES = 4 * 1024 * 1024  # below that a task costs more than it reads
_TASKS = 16  # so many at least, where there is enough to read, so that processes end together
_PARTITION_BYTES = 128 * 1024 * 1024
_PARTITIONS = 64  # at least: what a killed run loses is the one in work
_UNPACKED = 8  # times larger than its packed file, about


class FileSpan(msgspec.Struct, frozen=True):
    """A file, or the lines of it that begin in a range of bytes."""

    path: str
    whole: bool
    first: int = 0
    end: int | None = None


class Task(msgspec.Struct, frozen=True):
    """What is read in one go; its id changes with the files, their size and date, and how they are read."""

    id: str
    spans: tuple[FileSpan, ...]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What became of every line of a task, and the parts in which its rows stand.

    `lines` counts those of each file that are not blank, a Bundle as one; each is one of `of_patients`,
    `of_all`, `listed` or, by its type, `ignored`. `rows` counts the narrow rows of each partition; `kinds`
    are the types that are read.
    """

    lines: dict[str, int]
    blank: int
    of_patients: int
    rows: dict[int, int]
    of_all: int
    listed: int
    ignored: dict[str, int]
    kinds: frozenset[str]
    parts: tuple[SpillFile, ...]


class Plan(msgspec.Struct, frozen=True):
    """All tasks of an input, and into how many partitions they part its patients."""

    tasks: tuple[Task, ...]
    partitions: int

    @property
    def of_all(self) -> int:
        """The partition of what belongs to no single patient."""
        return self.partitions

    @property
    def listed(self) -> int:
        """The partition of what belongs to nobody."""
        return self.partitions + 1


def plan(sources: Sequence[ExportFile]) -> Plan:
    """Return the tasks that read these files, whatever the number of processes."""
    packed = {source.path: is_packed(source.path) for source in sources}
    size = sum(source.size * (_UNPACKED if packed[source.path] else 1) for source in sources)
    partitions = max(_PARTITIONS, -(-size // _PARTITION_BYTES))
    limit = max(_LEAST_BYTES, min(_TASK_BYTES, size // _TASKS))
    tasks: list[Task] = []
    held: list[tuple[ExportFile, FileSpan]] = []
    weight = 0
    for source in sources:
        for span, cost in _spans(source, limit, packed=packed[source.path]):
            if held and weight + cost > limit:
                tasks.append(_task(held, partitions))
                held, weight = [], 0
            held.append((source, span))
            weight += cost
    if held:
        tasks.append(_task(held, partitions))
    return Plan(tuple(tasks), partitions)


def _spans(source: ExportFile, limit: int, *, packed: bool) -> Iterator[tuple[FileSpan, int]]:
    path = str(source.path)
    if packed or source.whole:
        yield FileSpan(path, source.whole), source.size * (_UNPACKED if packed else 1)
        return
    for first in range(0, source.size, limit):
        end = min(first + limit, source.size)
        yield FileSpan(path, False, first, end), end - first


def _task(held: Sequence[tuple[ExportFile, FileSpan]], partitions: int) -> Task:
    digest = sha256(f"{reading_version()} {partitions}".encode())
    for source, span in held:
        digest.update(repr((span, source.size, source.changed_ns)).encode())
    return Task(digest.hexdigest()[:24], tuple(span for _, span in held))


def done(task: Task, folder: Path) -> Account | None:
    """Return the account of a task that has been done; None if it has not, or not to its end."""
    try:
        account = msgspec.json.decode(_mark(task, folder).read_bytes(), type=Account)
    except (OSError, msgspec.DecodeError):
        return None
    return account if all((folder / part.name).exists() for part in account.parts) else None


def _mark(task: Task, folder: Path) -> Path:
    return folder / f"{task.id}.json"


def read_task(task: Task, partitions: int, folder: Path) -> Account:
    """Read what a task names, write its rows and at last its account, which marks it as done."""
    counts: Counter[str] = Counter()
    rows: Counter[int] = Counter()
    lines: dict[str, int] = {}
    ignored: Counter[str] = Counter()
    kinds: set[str] = set()
    spill = SpillWriter(folder, task.id)
    target = Plan((), partitions)
    for span in task.spans:
        lines[span.path] = lines.get(span.path, 0)
        name = Path(span.path).name
        for byte, raw in _values(span):
            if raw is not None and not raw.strip():
                counts["blank"] += 1
                continue
            lines[span.path] += 1
            read = _read(raw, f"{name}, byte {byte}" if not span.whole else name)
            _count(read, counts, ignored, kinds)
            partition = _partition(read, target)
            rows[partition] += len(read.rows)
            for row in read.rows:
                spill.add(partition, read.owner, SpilledRow(span.path, byte, encoded(row)))
    spill.flush()
    account = Account(
        lines=lines,
        blank=counts["blank"],
        of_patients=counts[Fate.OF_PATIENT.name],
        rows=dict(rows),
        of_all=counts[Fate.OF_ALL.name],
        listed=counts[Fate.LISTED.name],
        ignored=dict(ignored),
        kinds=frozenset(kinds),
        parts=tuple(spill.parts),
    )
    write(_mark(task, folder), msgspec.json.encode(account))
    return account


def _values(span: FileSpan) -> Iterator[tuple[int, bytes | None]]:
    if span.whole:
        return iter([(0, read_whole(Path(span.path)))])
    return read_lines(Path(span.path), span.first, span.end)


def _read(raw: bytes | None, place: str) -> ReadLine:
    if raw is None:
        return listed(place, say(Remark.LONG_LINE, bytes=LONGEST_LINE))
    return read_line(raw, place)


def _count(read: ReadLine, counts: Counter[str], ignored: Counter[str], kinds: set[str]) -> None:
    if read.fate is Fate.IGNORED:
        ignored[read.kind] += 1
        return
    counts[read.fate.name] += 1
    if read.kind and read.fate is not Fate.LISTED:
        kinds.add(read.kind)


def _partition(read: ReadLine, target: Plan) -> int:
    match read.fate:
        case Fate.OF_PATIENT:
            return partition_of(read.owner, target.partitions)
        case Fate.OF_ALL:
            return target.of_all
        case _:
            return target.listed


def check_counts(sources: Sequence[ExportFile], accounts: Sequence[Account]) -> None:
    """Raise InputError where a file has fewer lines than its manifest says: it was cut off."""
    lines: Counter[str] = Counter()
    for account in accounts:
        lines.update(account.lines)
    for source in sources:
        found = lines[str(source.path)]
        if source.expected is not None and found < source.expected:
            raise InputError(f"{source.path}: has {found} resources, its manifest says {source.expected}")
