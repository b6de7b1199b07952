"""Reading of the source tables and writing of the shipped ones."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

Row = dict[str, str]

SOURCE_NAMES = {
    "RxNorm-Prescribable-2025-10-06": "rxnorm-2025-10",
    "RxNorm": "rxnorm-2025-10",
    "CDC-opioid-cds-r4": "cdc-2025-09",
    "VSAC-eCQM": "ecqm-2026",
    "canvas-sdk-valuesets": "canvas-2026",
    "OHDSI-PhenotypeLibrary": "ohdsi-2026-04",
    "CPIC-drug-list": "cpic",
    "UK-PRIMIS-list": "primis-2025-05",
    "HL7-IG-examples": "hl7",
    "MHRN NDC list": "mhrn-2025-03",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One shipped table: its file, the lines of provenance it opens with, its columns and rows."""

    file: str
    notice: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a csv table; lines that open with # are notes."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def write_rows(path: Path, table: Table) -> None:
    """Write the table with its notice, Unix line ends and no trailing blanks."""
    with path.open("w", encoding="utf-8", newline="") as target:
        target.writelines(f"# {line}\n" for line in table.notice)
        writer = csv.DictWriter(target, table.columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(table.rows)


def source_tags(text: str) -> str:
    """Shorten the source column to the tags that NOTICE.md explains, in the order given."""
    names = (re.sub(r"\s*\(.*", "", part).strip() for part in text.split(";"))
    return " ".join(dict.fromkeys(SOURCE_NAMES.get(name, name.replace(" ", "-")) for name in names if name))
