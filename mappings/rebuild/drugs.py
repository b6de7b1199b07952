"""Products, package codes and names of drugs, from the RxNorm, NDC and name tables of the source folder."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from mappings.rebuild.tables import Row, Table, read_rows, source_tags

HERE = Path(__file__).parent
INGREDIENTS = HERE.parent / "terminology" / "ingredients.csv"
ANTIDEPRESSANTS, OTHERS = "rxnorm_antidepressants.csv", "rxnorm_other.csv"
NLM = (
    "RxNorm Current Prescribable Content of 2025-10-06, and retired codes; U.S. National Library of",
    "Medicine, public domain; not the latest release, no endorsement by NLM implied. Sources: see NOTICE.md.",
)
ORDERABLE = ("SCD", "SBD")
_FACTS = ("strengths", "unit", "form", "route", "salt", "brand", "never_counts")
PRODUCT_COLUMNS = ("rxcui", "tty", "ingredients", *_FACTS, "name", "source")
NAME_COLUMNS = ("name", "ingredients", "brand", "form", "route", "salt", "never_counts", "source")
SHARED = ("strengths", "unit", "form", "route", "salt", "never_counts")
DEVICE_MG, DEVICES = 28.0, {"2": 56.0, "3": 84.0}  # esketamine: one device holds 28 mg, packs hold 2 or 3


def products(source: Path) -> Table:
    """Every RxNorm code of every level, with what it says of ingredient, strength, form and route."""
    rows = _products(source)
    return Table(file="rxnorm.csv", notice=NLM, columns=PRODUCT_COLUMNS, rows=rows)


def package_codes(source: Path) -> Table:
    """NDC of 11 digits to RxNorm code, in the order of the NDC so that it can be searched by halving."""
    pairs = sorted({(row["ndc11"], row["rxcui"]) for row in read_rows(source / "ndc_rxcui.csv")})
    rows = tuple({"ndc11": ndc, "rxcui": rxcui} for ndc, rxcui in pairs)
    notice = ("NDC to RxNorm code (RXNSAT, attribute NDC, source RXNORM).", *NLM)
    return Table(file="ndc.csv", notice=notice, columns=("ndc11", "rxcui"), rows=rows)


def names(source: Path) -> Table:
    """Brand, ingredient and salt names; a brand carries what all its products have in common."""
    canonical, reasons = _canonical_names(), _never_counts("brand")
    branded = _by(lambda row: (row["brand"].lower(),), (r for r in _products(source) if r["tty"] == "SBD"))
    found: dict[str, Row] = {}
    for row in _all_names(source):
        term = re.sub(r" Reformulated .*", "", row["term"]).strip()
        brand = term if row["kind"] == "brand" else ""
        common = _in_common(branded.get((term.lower(),), []), ("form", "route", "salt", "never_counts"))
        if never := reasons.get(term.lower()):
            common["never_counts"] = never
        ingredients = "|".join(_ingredients(row["ingredient"], canonical))
        facts = {"name": term.lower(), "ingredients": ingredients, "brand": brand, "source": row["source"]}
        found.setdefault(facts["name"], facts | common)
    rows = tuple(found[name] for name in sorted(found))
    return Table(file="names.csv", notice=NLM, columns=NAME_COLUMNS, rows=rows)


def _products(source: Path) -> tuple[Row, ...]:
    canonical = _canonical_names()
    reasons = _never_counts("hint_reason")
    found: dict[str, Row] = {}
    for raw in read_rows(source / ANTIDEPRESSANTS) + read_rows(source / OTHERS):
        found.setdefault(raw["rxcui"], _product(raw, canonical, reasons))
    for extra in read_rows(HERE / "rxnorm_additions.csv"):
        found.setdefault(extra["rxcui"], _ingredient_code(extra))
    rows = [found[rxcui] for rxcui in sorted(found, key=int)]
    _complete(rows)
    return tuple(rows)


def _never_counts(column: str) -> dict[str, str]:
    rows = read_rows(HERE / "never_counts.csv")
    return {row["value"]: row["never_counts"] for row in rows if row["column"] == column}


def _product(raw: Row, canonical: dict[str, str], reasons: dict[str, str]) -> Row:
    ingredients = _ingredients(raw["ingredient"], canonical)
    strengths, unit = _strength(raw, canonical)
    return {
        "rxcui": raw["rxcui"],
        "tty": raw["tty"],
        "ingredients": "|".join(ingredients),
        "strengths": "|".join(f"{strengths[name]:g}" for name in ingredients if name in strengths),
        "unit": unit,
        "form": _form(raw, ingredients),
        "route": raw["route"],
        "salt": _salt(raw),
        "brand": raw["brand"],
        "never_counts": reasons.get(raw.get("hint_reason", ""), ""),
        "name": raw["name"],
        "source": source_tags(raw["source"]),
    }


def _ingredient_code(extra: Row) -> Row:
    columns = (*SHARED, "brand")
    named = {"tty": "IN", "ingredients": extra["ingredient"], "name": extra["ingredient"]}
    return dict.fromkeys(columns, "") | {"rxcui": extra["rxcui"], "source": extra["source"]} | named


def _ingredients(text: str, canonical: dict[str, str]) -> list[str]:
    return sorted({canonical.get(name, name) for name in text.split("|")})


def _canonical_names() -> dict[str, str]:
    """Every other name of the ingredient table, to the name that the rules use."""
    return {
        other.lower(): row["ingredient"]
        for row in read_rows(INGREDIENTS)
        for other in row["also_called"].split("|")
        if other
    }


def _strength(raw: Row, canonical: dict[str, str]) -> tuple[dict[str, float], str]:
    """Mg of each ingredient in one unit, and the unit; salts of one ingredient are added up."""
    if raw["ingredient"] == "esketamine":
        return _esketamine(raw)
    amounts, kinds = raw["strength_value"].split("|"), set(raw["strength_unit"].split("|"))
    if not raw["strength_value"] or kinds == {"MG/MG"}:
        return {}, ""
    per_day = 24 if kinds == {"MG/HR"} else 1
    strengths: dict[str, float] = defaultdict(float)
    for name, amount in zip(raw["ingredient"].split("|"), amounts, strict=True):
        strengths[canonical.get(name, name)] += float(amount) * per_day
    return strengths, _unit(kinds, raw["dose_form"])


def _esketamine(raw: Row) -> tuple[dict[str, float], str]:
    """The stated 140 mg/mL is a concentration: a device holds 28 mg, a pack 2 or 3 devices."""
    if raw["pack_components"]:
        return {"esketamine": DEVICES[raw["pack_components"][0]]}, "pack"
    return ({"esketamine": DEVICE_MG}, "device") if raw["strength_value"] else ({}, "")


def _unit(kinds: set[str], dose_form: str) -> str:
    named = {"MG/ML": "mL", "MG/HR": "patch", "MG/ACTUAT": "actuation"}
    if len(kinds) == 1 and (unit := named.get(next(iter(kinds)))):
        return unit
    return "tablet" if "Tablet" in dose_form else dose_form.rpartition(" ")[2].lower()


def _form(raw: Row, ingredients: list[str]) -> str:
    release, hours = raw["release_type"], raw["release_hours"]
    if release == "ER" and ingredients == ["bupropion"]:
        return {"12": "SR", "24": "XL"}.get(hours, "ER")
    if release == "ER" and ingredients == ["paroxetine"]:
        return "CR"
    if release == "IR":
        return "IR" if raw["route"] == "oral" else ""
    return {"DR-weekly": "weekly", "transdermal": "patch", "effervescent": "IR"}.get(release, release)


def _salt(raw: Row) -> str:
    """The salt of a single ingredient, from the name of its precise ingredient."""
    precise, ingredient = raw["precise_ingredient"].lower(), raw["ingredient"].lower()
    if raw["tty"] == "PIN":
        precise = raw["name"].lower()
    return precise.removeprefix(f"{ingredient} ") if precise.startswith(f"{ingredient} ") else ""


def _complete(rows: list[Row]) -> None:
    """Give brand names, salts and components what every product that they stand for has in common."""
    orderable = [row for row in rows if row["tty"] in ORDERABLE]
    keys: dict[str, tuple[Callable[[Row], tuple[str, ...]], tuple[str, ...]]] = {
        "BN": (lambda row: (row["brand"] or row["name"],), ("form", "route", "salt", "never_counts")),
        "PIN": (lambda row: (row["ingredients"], row["salt"]), ("never_counts",)),
        "SCDC": (lambda row: (row["ingredients"], row["salt"], row["strengths"]), ("never_counts",)),
        "SBDC": (lambda row: (row["brand"], row["strengths"]), ("never_counts",)),
    }
    for tty, (key, shared) in keys.items():
        products = _by(key, orderable)
        for row in rows:
            if row["tty"] == tty:
                row |= {k: v for k, v in _in_common(products.get(key(row), []), shared).items() if not row[k]}


def _by(key: Callable[[Row], tuple[str, ...]], rows: Iterable[Row]) -> dict[tuple[str, ...], list[Row]]:
    grouped: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        grouped[key(row)].append(row)
    return grouped


def _in_common(rows: list[Row], columns: tuple[str, ...]) -> Row:
    return {c: rows[0][c] if rows and len({row[c] for row in rows}) == 1 else "" for c in columns}


def _all_names(source: Path) -> list[Row]:
    named = read_rows(source / "drug_text_names.csv")
    brands = [
        {"term": row["name"], "kind": "brand", "ingredient": row["ingredients"], "source": row["source"]}
        for row in _products(source)
        if row["tty"] == "BN"
    ]
    return [row | {"source": source_tags(row["source"])} for row in named] + brands
