"""SNOMED CT identifiers under our own group names, from the condition table of the source folder.

The groups of the source come from value sets and display keywords, too coarse for the rules:
`snomed_groups.csv` splits them by the meaning of each name. No name is shipped, only identifiers (licence).
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from mappings.rebuild.tables import source_tags
from mappings.renewal.tables import Row, Table, read_rows

HERE = Path(__file__).parent
NOTICE = (
    "SNOMED CT identifiers grouped under names of this project; no SNOMED CT descriptions are included.",
    "Use of SNOMED CT needs a licence: see NOTICE.md. Not yet reviewed by a clinician.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Split:
    """One row of `snomed_groups.csv`: which names of a source group belong to which of our groups."""

    source_group: str
    name_has: re.Pattern[str]
    unless: re.Pattern[str] | None
    groups: tuple[str, ...]

    def fits(self, source_group: str, name: str) -> bool:
        """Tell whether a concept of `source_group` with this name in lower case belongs to its groups."""
        if not fnmatchcase(source_group, self.source_group) or not self.name_has.search(name):
            return False
        return not (self.unless and self.unless.search(name))


def condition_codes(source: Path) -> Table:
    """Return identifiers that rows of `snomed_groups.csv` take up, and those of `snomed_additions.csv`."""
    groups: dict[str, set[str]] = defaultdict(set)
    sources: dict[str, str] = {}
    splits = tuple(_splits())
    for row in read_rows(source / "snomed_conditions.csv"):
        name = re.sub(r"\s*\([a-z ]+\)$", "", row["display"].strip()).lower()
        for split in splits:
            if split.fits(row["group"], name):
                groups[row["code"]].update(split.groups)
                sources[row["code"]] = source_tags(row["source"])
    for row in read_rows(HERE / "snomed_additions.csv"):
        groups[row["code"]].update(row["groups"].split("|"))
        sources.setdefault(row["code"], row["source"])
    rows = tuple(_rows(groups, sources))
    return Table(file="snomed_conditions.csv", notice=NOTICE, columns=("code", "groups", "source"), rows=rows)


def _splits() -> Iterable[Split]:
    for row in read_rows(HERE / "snomed_groups.csv"):
        yield Split(
            source_group=row["source_group"],
            name_has=re.compile(row["name_has"]),
            unless=re.compile(row["unless"]) if row["unless"] else None,
            groups=tuple(row["groups"].split("|")),
        )


def _rows(groups: dict[str, set[str]], sources: dict[str, str]) -> Iterable[Row]:
    for code in sorted(groups, key=int):
        yield {"code": code, "groups": "|".join(sorted(groups[code])), "source": sources[code]}
