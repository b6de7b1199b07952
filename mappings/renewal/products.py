"""What a row of the product table says, from what a release or a source table states of a product."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

from mappings.renewal.tables import Row, read_rows

HERE = files("mappings.renewal")
ORDERABLE = ("SCD", "SBD")
HOURS_A_DAY = 24
_BY_UNIT = {"MG/ML": "mL", "MG/HR": "patch", "MG/ACTUAT": "actuation"}


def unit_of(kinds: frozenset[str], dose_form: str) -> str:
    """Return in what a strength is counted: the kind of its unit, else the last word of the dose form."""
    if len(kinds) == 1 and (unit := _BY_UNIT.get(next(iter(kinds)))):
        return unit
    return "tablet" if "Tablet" in dose_form else dose_form.rpartition(" ")[2].lower()


def form_of(ingredients: Sequence[str], strengths: str, release: str, hours: str, route: str) -> str:
    """Return the release form as the dose table tells it apart; "IR" is said of oral products only."""
    for row in _rows("releases.csv"):
        asked = {"ingredients": "|".join(ingredients), "strengths": strengths, "hours": hours}
        if row["release"] == release and all(row[key] in ("", value) for key, value in asked.items()):
            return row["form"]
    if release == "IR":
        return "IR" if route == "oral" else ""
    return release


def route_of(dose_form: str) -> str:
    """Return the route of a dose form, "" when its words tell none."""
    return next((row["route"] for row in _rows("dose_forms.csv") if row["word"] in dose_form), "")


def never_counts(product: Row) -> str:
    """Return why a product, or a brand, can never be an antidepressant trial; "" when it can."""
    named = f"{product['brand']} {product['name']}".lower()
    for row in _rows("never_counts.csv"):
        stated = {key: row[key] for key in ("strengths", "route", "salt") if row[key]}
        same = row["ingredients"] == product["ingredients"] and row["named"] in named
        if same and all(product[key] == value for key, value in stated.items()):
            return row["never_counts"]
    return ""


def device_mg(ingredients: Sequence[str]) -> float | None:
    """Return what one device holds, for a drug whose stated strength is a concentration."""
    rows = {row["ingredient"]: float(row["mg"]) for row in _rows("devices.csv")}
    return rows.get("|".join(ingredients))


def complete(rows: Sequence[Row]) -> None:
    """Give brand names, salts and components what every product that they stand for has in common."""
    orderable = [row for row in rows if row["tty"] in ORDERABLE]
    keys: Mapping[str, tuple[Callable[[Row], tuple[str, ...]], tuple[str, ...]]] = {
        "BN": (lambda row: (row["brand"] or row["name"],), ("form", "route", "salt", "never_counts")),
        "SCDC": (lambda row: (row["ingredients"], row["salt"], row["strengths"]), ("never_counts",)),
        "SBDC": (lambda row: (row["brand"], row["strengths"]), ("never_counts",)),
    }
    for tty, (key, shared) in keys.items():
        products = by(key, orderable)
        for row in rows:
            if row["tty"] == tty:
                common = in_common(products.get(key(row), []), shared)
                row |= {column: value for column, value in common.items() if not row[column]}


def by(key: Callable[[Row], tuple[str, ...]], rows: Iterable[Row]) -> dict[tuple[str, ...], list[Row]]:
    """Return the rows in groups of one key."""
    grouped: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        grouped[key(row)].append(row)
    return grouped


def in_common(rows: Sequence[Row], columns: Iterable[str]) -> Row:
    """Return the value of each column that all rows share, "" where they differ."""
    return {c: rows[0][c] if rows and len({row[c] for row in rows}) == 1 else "" for c in columns}


@cache
def _rows(file: str) -> tuple[Row, ...]:
    return tuple(read_rows(HERE / file))
