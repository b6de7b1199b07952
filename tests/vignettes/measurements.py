"""Scores, blood pressure, laboratory values and answers as Observations."""

import re
from collections.abc import Mapping

from tests.vignettes.cases import Row
from tests.vignettes.fhir import CODES, LOINC, Dialect, Json, Writer, coded, offset, quantity, subject

BASE = {
    "score": ({"what": "PHQ-9", "when": "D-5", "result": "20"},),
    "item 9": ({"what": "PHQ-9 item 9", "when": "D-5", "result": "0"},),
    "blood pressure": (
        {"what": "BP", "when": "D-40", "result": "126/80"},
        {"what": "BP", "when": "D-12", "result": "122/76"},
    ),
}
HALVES = (("8480-6", "Systolic blood pressure"), ("8462-4", "Diastolic blood pressure"))
PANEL = ("85354-9", "Blood pressure panel with all children optional")


def measurements(own: tuple[Row, ...], without: tuple[str, ...], courses: list[Row]) -> list[Row]:
    """Scores before and at the end of the courses, what the base patient has, and what the case adds."""
    found: list[Row] = []
    for row in courses:
        if row.get("PHQ-9"):
            before, after = row["PHQ-9"].split(" to ")
            found.append({"what": "PHQ-9", "when": f"D{offset(row['from']) - 1}", "result": before})
            found.append({"what": "PHQ-9", "when": row["to"], "result": after})
    base = [row for name, rows in BASE.items() if name not in without for row in rows]
    return found + base + [part for row in own for part in _spelt_out(row)]


def _spelt_out(row: Row) -> list[Row]:
    """`C-SSRS`, `all no`: every item asked and answered no."""
    if row["what"] != "C-SSRS":
        return [row]
    items = [name for name in CODES["measurements"] if name.startswith("C-SSRS") and "risk" not in name]
    return [{**row, "what": name, "result": "no"} for name in items]


def observation(row: Row, n: int, writer: Writer) -> list[Json]:
    """One measurement; a blood pressure may be two."""
    base: Json = {"resourceType": "Observation", "id": f"observation-{n}", "status": "final"}
    base |= {"subject": subject(), "effectiveDateTime": writer.when(row["when"])}
    if row["what"] == "BP":
        return _pressure(base, row["result"], writer.dialect)
    known = CODES["measurements"][row["what"]]
    code = coded(LOINC, known["code"], known.get("name") or known["label"])
    if "name" not in known and known["code"]:
        del code["coding"][0]["display"]
    return [base | {"code": code} | _value(row, known, writer.dialect)]


def _value(row: Row, known: Mapping[str, str], dialect: Dialect) -> Json:
    """A number with its unit (and limit), or an answer."""
    number = re.fullmatch(r"([\d.]+)(?: \(limit (\d+)\))?", row["result"])
    if "unit" not in known or not number:
        return {"valueCodeableConcept": _answer(row)}
    if known["unit"] == "{score}" and dialect is Dialect.AWKWARD:
        return {"valueInteger": int(number[1])}
    limit = [{"high": quantity(float(number[2]), known["unit"])}] if number[2] else []
    found: Json = {"valueQuantity": quantity(float(number[1]), known["unit"])}
    return found | ({"referenceRange": limit} if limit else {})


def _answer(row: Row) -> Json:
    text = f"item 9 = {row['result']}" if row["what"] == "PHQ-9 item 9" else row["result"]
    known = CODES["answers"].get(text)
    return coded(*known) if known else {"text": text}


def _pressure(base: Json, text: str, dialect: Dialect) -> list[Json]:
    """A panel, or its two halves with one time, diastolic first; `126/` has no diastolic value."""
    pairs = zip(HALVES, text.split("/"), strict=True)
    parts = [(code, name, quantity(float(value), "mm[Hg]")) for (code, name), value in pairs if value]
    if dialect is Dialect.AWKWARD:
        return [
            {**base, "id": f"{base['id']}-{code}", "code": coded(LOINC, code, name), "valueQuantity": value}
            for code, name, value in reversed(parts)
        ]
    components = [{"code": coded(LOINC, code, name), "valueQuantity": value} for code, name, value in parts]
    return [{**base, "code": coded(LOINC, *PANEL), "component": components}]
