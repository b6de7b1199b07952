"""What new tables change against the shipped ones, and which rules that touches."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources.abc import Traversable

from mappings.links import RowLink, rules_naming
from mappings.renewal.tables import Row, Table, read_rows

MOST_NAMED = 12
_SAYS = {
    "snomed_conditions.csv": "groups",
    "snomed_drugs.csv": "ingredients",
    "loinc.csv": "concept",
    "procedures.csv": "concept",
    "rxnorm.csv": "ingredients",
    "names.csv": "ingredients",
}
_NOT_COMPARED = frozenset({"source"})


def report(
    tables: Iterable[Table],
    shipped: Traversable,
    groups: Mapping[str, frozenset[str]],
    found: Iterable[RowLink],
) -> Iterator[str]:
    """Return lines for people: how many rows of each table are new, other or gone, then by drug and group."""
    rules = tuple(found)
    by_code: dict[str, list[str]] = {}
    for table in tables:
        changed = dict(_changes(table, shipped))
        counts = Counter(kind for kind, _ in changed.values())
        said = ", ".join(f"{counts[kind]:,} {kind}" for kind in ("new", "changed", "gone"))
        yield f"{table.file:<22} {len(table.rows):>8,} rows: {said}"
        if table.file == "rxnorm.csv":
            by_code = {row["rxcui"]: row["ingredients"].split("|") for row in table.rows}
        yield from _by_name(table, changed, groups, rules, by_code)


def _changes(table: Table, shipped: Traversable) -> Iterator[tuple[str, tuple[str, Row]]]:
    """Yield each row that is not as it was, by its key: new, changed or gone."""
    before = {_key(row): row for row in read_rows(shipped / table.file)}
    after = {_key(row): row for row in table.rows}
    for key in before.keys() | after.keys():
        if key not in before:
            yield key, ("new", after[key])
        elif key not in after:
            yield key, ("gone", before[key])
        elif any(before[key][c] != after[key][c] for c in table.columns if c not in _NOT_COMPARED):
            yield key, ("changed", after[key])


def _key(row: Row) -> str:
    """Return the code or name; of a procedure, which may stand for several things, the whole row."""
    return (
        "|".join(row[c] for c in ("system", "code", "concept"))
        if "system" in row
        else next(iter(row.values()))
    )


def _by_name(
    table: Table,
    changed: Mapping[str, tuple[str, Row]],
    groups: Mapping[str, frozenset[str]],
    rules: tuple[RowLink, ...],
    by_code: Mapping[str, list[str]],
) -> Iterator[str]:
    """Yield one line for each drug, group or concept whose rows changed, with the rules that look at it."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, row in changed.values():
        says = row[_SAYS[table.file]].split("|") if table.file in _SAYS else by_code.get(row["rxcui"], [])
        for name in says:
            counts[name][kind] += 1
    for name in sorted(counts):
        touched = rules_naming({name, *groups.get(name, ())}, rules)
        if touched:
            said = ", ".join(f"{count:,} {kind}" for kind, count in sorted(counts[name].items()))
            yield f"    {name}: {said} -> {_listed(touched)}"


def _listed(rules: tuple[str, ...]) -> str:
    more = len(rules) - MOST_NAMED
    return "; ".join(rules[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
