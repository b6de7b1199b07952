"""RxNorm release files (RRF): lines of fields that each end with |, read one by one as they are large."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mappings.tables import TableError

SOURCE = "RXNORM"  # of the full release only NLM's own content is public domain; no other atoms are read
LINES_A_STEP = 1_000_000
_DAY = re.compile(r"(?:^|_)(\d{6})F?$")

Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A release file, how many fields its lines have, and the places of those that are read."""

    name: str
    fields: int
    read: tuple[int, ...]


CONCEPTS = File(name="RXNCONSO.RRF", fields=18, read=(0, 11, 12, 14, 16))  # RXCUI SAB TTY STR SUPPRESS
RELATIONS = File(name="RXNREL.RRF", fields=16, read=(0, 4, 7, 10))  # RXCUI1 RXCUI2 RELA SAB
ATTRIBUTES = File(name="RXNSAT.RRF", fields=13, read=(0, 8, 9, 10, 11))  # RXCUI ATN SAB ATV SUPPRESS
SOURCES = File(name="RXNSAB.RRF", fields=25, read=(2, 3, 6))  # VSAB RSAB SVER


def folder_of(given: Path) -> Path:
    """Return the folder with the release files.

    The given one, or `rrf` in it; raise TableError without them.
    """
    for folder in (given, given / "rrf"):
        if (folder / CONCEPTS.name).is_file():
            missing = [f.name for f in (RELATIONS, ATTRIBUTES) if not (folder / f.name).is_file()]
            if missing:
                raise TableError(f"{folder}: {' and '.join(missing)} missing")
            return folder
    raise TableError(f"{given}: no RxNorm release here: {CONCEPTS.name} missing")


def lines(folder: Path, file: File, report: Report) -> Iterator[Sequence[str]]:
    """Yield the wanted fields of each line; raise TableError when a line is not one of this file."""
    with (folder / file.name).open(encoding="utf-8", newline="\n") as opened:
        try:
            for number, line in enumerate(opened, start=1):
                fields = line.rstrip("\r\n").split("|")
                if len(fields) != file.fields + 1:
                    raise TableError(
                        f"{file.name}: line {number}: {file.fields} fields expected, {len(fields) - 1} found"
                    )
                yield [fields[place] for place in file.read]
                if number % LINES_A_STEP == 0:
                    report(f"{file.name}: {number:,} lines")
        except UnicodeDecodeError as error:
            raise TableError(f"{file.name}: not UTF-8 text") from error


def release_day(folder: Path) -> str:
    """Return the day of the release as YYYY-MM-DD, "" when the files do not say it."""
    if not (folder / SOURCES.name).is_file():
        return ""
    for version, source, stated in lines(folder, SOURCES, lambda _: None):
        day = _DAY.search(stated) or _DAY.search(version)
        if source == SOURCE and day:
            return f"20{day[1][:2]}-{day[1][2:4]}-{day[1][4:]}"
    return ""
