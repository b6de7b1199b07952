"""Builds the terminology folder of a site: written beside it, read back, then put in place at once."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from mappings import drug_text
from mappings import terminology_tables as columns
from mappings.knowledge import Knowledge
from mappings.links import links
from mappings.renewal import icd10cm, rxnorm, valuesets
from mappings.renewal.changes import report as changes
from mappings.renewal.merge import as_shipped, fed
from mappings.renewal.rrf import Report
from mappings.renewal.tables import Table, write_rows
from mappings.tables import TableError
from mappings.terminology import Terminology, load_terminology

NOTICE = "NOTICE.md"
MARK = "rxnorm.csv"  # a folder that holds it is one of terminology tables


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """The releases on disk that a site has."""

    rxnorm: Path
    icd10cm: Path | None = None
    valuesets: Path | None = None


def build(sources: Sources, target: Path, knowledge: Knowledge, progress: Report) -> list[str]:
    """Write the tables to `target` and return the report; write nothing and raise TableError on failure."""
    _require_free(target)
    shipped = load_terminology()
    titles = icd10cm.read_titles(sources.icd10cm) if sources.icd10cm else {}
    supply = _supply(sources.valuesets, shipped)
    progress("reading RxNorm")
    release = rxnorm.read_release(sources.rxnorm, _our_names(shipped), dict(shipped.groups), progress)
    tables = _tables(release, supply, shipped)
    progress("writing")
    _put(target, tables, shipped.folder)
    progress(f"written to {target}")
    return list(_report(release, tables, supply, titles, shipped, knowledge))


def known_names(shipped: Terminology) -> dict[str, frozenset[str]]:
    """Return what a ValueSet can feed, by table."""
    return {
        "snomed_conditions.csv": frozenset[str]().union(*shipped.conditions.values()),
        "snomed_drugs.csv": frozenset(shipped.groups),
        "loinc.csv": frozenset(shipped.concepts.values()),
        "procedures.csv": frozenset[str]().union(*shipped.procedures.values()),
    }


def known_by_name_only(tables: Sequence[Table], groups: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the drugs that a rule speaks of and no row of the code tables."""
    coded = {
        name
        for table in tables
        if table.file in ("rxnorm.csv", "snomed_drugs.csv")
        for row in table.rows
        for name in row["ingredients"].split("|")
    }
    return sorted(name for name, held in groups.items() if held and name not in coded)


def _require_free(target: Path) -> None:
    """Nothing but an older folder of tables may be replaced."""
    if not target.parent.is_dir():
        raise TableError(f"{target.parent}: no such folder")
    if target.exists() and not (target / MARK).is_file() and not _empty(target):
        raise TableError(f"{target}: exists and is no folder of terminology tables; it is left as it is")


def _empty(target: Path) -> bool:
    return target.is_dir() and not any(target.iterdir())


def _supply(folder: Path | None, shipped: Terminology) -> valuesets.Supply:
    if folder is None:
        return valuesets.Supply()
    return valuesets.read_folder(folder, frozenset[str]().union(*known_names(shipped).values()))


def _our_names(shipped: Terminology) -> dict[tuple[str, ...], str]:
    """Return the ingredient that each name of the ingredient table means, by its words."""
    table = columns.rows(shipped.folder, "ingredients.csv", columns.INGREDIENT_COLUMNS)
    return {
        drug_text.words(name): ingredient
        for ingredient, _, others, _ in table
        for name in (ingredient, *columns.split(others))
    }


def _tables(release: rxnorm.Release, supply: valuesets.Supply, shipped: Terminology) -> list[Table]:
    return [
        as_shipped("ingredients.csv", columns.INGREDIENT_COLUMNS, shipped.folder),
        *rxnorm.tables(release, shipped.folder),
        *fed(supply.codes, known_names(shipped), shipped.folder),
    ]


def _put(target: Path, tables: Sequence[Table], shipped: Traversable) -> None:
    """Write, read back as the service will, and only then replace what is there."""
    made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for table in tables:
            write_rows(made / table.file, table)
        notice = (shipped / NOTICE).read_text(encoding="utf-8")
        (made / NOTICE).write_text(notice, encoding="utf-8")
        made.chmod(0o755)
        load_terminology(made)
        _replace(target, made)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _replace(target: Path, made: Path) -> None:
    if not target.exists():
        made.rename(target)
        return
    old = made.with_name(f"{made.name}-old")
    target.rename(old)
    try:
        made.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old)


def _report(
    release: rxnorm.Release,
    tables: Sequence[Table],
    supply: valuesets.Supply,
    titles: dict[str, str],
    shipped: Terminology,
    knowledge: Knowledge,
) -> Iterator[str]:
    yield f"RxNorm release of {release.day or 'unknown date'}, against the tables that are shipped"
    yield from changes(tables, shipped.folder, shipped.groups, links(knowledge))
    by_name = known_by_name_only(tables, shipped.groups)
    if by_name:
        yield f"drugs of the rules that no code stands for, known by name only: {', '.join(by_name)}"
    if supply.codes or supply.unused:
        yield f"ValueSets: {len(supply.codes):,} codes used"
        yield from (f"    not used: {one}" for one in supply.unused)
    if titles:
        yield f"ICD-10-CM: {len(titles):,} codes; the rules that do not fit them:"
        yield from (f"    {complaint}" for complaint in icd10cm.complaints(titles))
