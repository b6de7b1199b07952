"""Products, package codes and names of drugs, from the RxNorm, NDC and name tables of the source folder."""

import re
from collections import defaultdict
from pathlib import Path

from mappings.rebuild.tables import source_tags
from mappings.renewal.products import by, complete, device_mg, form_of, in_common, never_counts, unit_of
from mappings.renewal.tables import Row, Table, read_rows
from mappings.terminology_tables import NAME_COLUMNS, PRODUCT_COLUMNS

HERE = Path(__file__).parent
INGREDIENTS = HERE.parent / "terminology" / "ingredients.csv"
ANTIDEPRESSANTS, OTHERS = "rxnorm_antidepressants.csv", "rxnorm_other.csv"
NLM = (
    "RxNorm Current Prescribable Content of 2025-10-06, and retired codes; U.S. National Library of",
    "Medicine, public domain; not the latest release, no endorsement by NLM implied. Sources: see NOTICE.md.",
)
SHARED = ("strengths", "unit", "form", "route", "salt", "never_counts")
_RELEASES = {"DR-weekly": "DR", "transdermal": "patch", "effervescent": "IR"}  # the source's words for them


def products(source: Path) -> Table:
    """Return every RxNorm code of every level, with what it says of ingredient, strength, form and route."""
    rows = _products(source)
    return Table(file="rxnorm.csv", notice=NLM, columns=PRODUCT_COLUMNS, rows=rows)


def package_codes(source: Path) -> Table:
    """Return NDC of 11 digits to RxNorm code, in the order of the NDC so that halving finds one."""
    pairs = sorted({(row["ndc11"], row["rxcui"]) for row in read_rows(source / "ndc_rxcui.csv")})
    rows = tuple({"ndc11": ndc, "rxcui": rxcui} for ndc, rxcui in pairs)
    notice = ("NDC to RxNorm code (RXNSAT, attribute NDC, source RXNORM).", *NLM)
    return Table(file="ndc.csv", notice=notice, columns=("ndc11", "rxcui"), rows=rows)


def names(source: Path) -> Table:
    """Return brand, ingredient and salt names; a brand carries what all its products have in common."""
    canonical = _canonical_names()
    branded = by(lambda row: (row["brand"].lower(),), (r for r in _products(source) if r["tty"] == "SBD"))
    found: dict[str, Row] = {}
    for row in _all_names(source):
        term = re.sub(r" Reformulated .*", "", row["term"]).strip()
        brand = term if row["kind"] == "brand" else ""
        common = in_common(branded.get((term.lower(),), []), ("form", "route", "salt", "never_counts"))
        ingredients = "|".join(_ingredients(row["ingredient"], canonical))
        facts = {"name": term.lower(), "ingredients": ingredients, "brand": brand, "source": row["source"]}
        named = facts | common | {"strengths": ""}
        named["never_counts"] = common["never_counts"] or (never_counts(named) if brand else "")
        found.setdefault(facts["name"], named)
    rows = tuple(found[name] for name in sorted(found))
    return Table(file="names.csv", notice=NLM, columns=NAME_COLUMNS, rows=rows)


def _products(source: Path) -> tuple[Row, ...]:
    canonical = _canonical_names()
    found: dict[str, Row] = {}
    for raw in read_rows(source / ANTIDEPRESSANTS) + read_rows(source / OTHERS):
        found.setdefault(raw["rxcui"], _product(raw, canonical))
    for extra in read_rows(HERE / "rxnorm_additions.csv"):
        found.setdefault(extra["rxcui"], _ingredient_code(extra))
    rows = [found[rxcui] for rxcui in sorted(found, key=int)]
    complete(rows)
    return tuple(rows)


def _product(raw: Row, canonical: dict[str, str]) -> Row:
    ingredients = _ingredients(raw["ingredient"], canonical)
    strengths, unit = _strength(raw, canonical)
    stated = "|".join(f"{strengths[name]:g}" for name in ingredients if name in strengths)
    row = {
        "rxcui": raw["rxcui"],
        "tty": raw["tty"],
        "ingredients": "|".join(ingredients),
        "strengths": stated,
        "unit": unit,
        "form": _form(raw, ingredients, stated),
        "route": raw["route"],
        "salt": _salt(raw),
        "brand": raw["brand"],
        "name": raw["name"],
        "source": source_tags(raw["source"]),
    }
    return row | {"never_counts": never_counts(row)}


def _ingredient_code(extra: Row) -> Row:
    columns = (*SHARED, "brand")
    named = {"tty": "IN", "ingredients": extra["ingredient"], "name": extra["ingredient"]}
    return dict.fromkeys(columns, "") | {"rxcui": extra["rxcui"], "source": extra["source"]} | named


def _ingredients(text: str, canonical: dict[str, str]) -> list[str]:
    return sorted({canonical.get(name, name) for name in text.split("|")})


def _canonical_names() -> dict[str, str]:
    """Return every other name of the ingredient table, to the name that the rules use."""
    return {
        other.lower(): row["ingredient"]
        for row in read_rows(INGREDIENTS)
        for other in row["also_called"].split("|")
        if other
    }


def _strength(raw: Row, canonical: dict[str, str]) -> tuple[dict[str, float], str]:
    """Mg of each ingredient in one unit, and the unit; salts of one ingredient are added up."""
    if (mg := device_mg([raw["ingredient"]])) is not None:
        return _in_devices(raw, mg)
    amounts, kinds = raw["strength_value"].split("|"), frozenset(raw["strength_unit"].split("|"))
    if not raw["strength_value"] or kinds == {"MG/MG"}:
        return {}, ""
    per_day = 24 if kinds == {"MG/HR"} else 1
    strengths: dict[str, float] = defaultdict(float)
    for name, amount in zip(raw["ingredient"].split("|"), amounts, strict=True):
        strengths[canonical.get(name, name)] += float(amount) * per_day
    return strengths, unit_of(kinds, raw["dose_form"])


def _in_devices(raw: Row, mg: float) -> tuple[dict[str, float], str]:
    """The stated strength is a concentration: what counts is the content of a device, or of a pack."""
    name = raw["ingredient"]
    if raw["pack_components"]:
        return {name: mg * int(raw["pack_components"].partition(" ")[0])}, "pack"
    return ({name: mg}, "device") if raw["strength_value"] else ({}, "")


def _form(raw: Row, ingredients: list[str], strengths: str) -> str:
    release = _RELEASES.get(raw["release_type"], raw["release_type"])
    return form_of(ingredients, strengths, release, raw["release_hours"], raw["route"])


def _salt(raw: Row) -> str:
    """Return the salt of a single ingredient, from the name of its precise ingredient."""
    precise, ingredient = raw["precise_ingredient"].lower(), raw["ingredient"].lower()
    if raw["tty"] == "PIN":
        precise = raw["name"].lower()
    return precise.removeprefix(f"{ingredient} ") if precise.startswith(f"{ingredient} ") else ""


def _all_names(source: Path) -> list[Row]:
    named = read_rows(source / "drug_text_names.csv")
    brands = [
        {"term": row["name"], "kind": "brand", "ingredient": row["ingredients"], "source": row["source"]}
        for row in _products(source)
        if row["tty"] == "BN"
    ]
    return [row | {"source": source_tags(row["source"])} for row in named] + brands
