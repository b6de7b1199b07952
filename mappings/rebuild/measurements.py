"""LOINC codes and procedure codes under the concept names of this project."""

from pathlib import Path

from mappings.rebuild.tables import source_tags
from mappings.renewal.tables import Row, Table, read_rows
from mappings.systems import SystemId, system_name

HERE = Path(__file__).parent
LOINC = (
    "LOINC codes and names, unaltered, of the concepts that the rules look at; LOINC 2.78-2.82.",
    "This material contains content from LOINC (http://loinc.org): copyright and licence in NOTICE.md.",
)
PROCEDURES = (
    "ICD-10-PCS and HCPCS Level II codes (U.S. public), SNOMED CT identifiers without descriptions; no CPT.",
    "Use of SNOMED CT needs a licence: see NOTICE.md. `code` may be a prefix (ICD-10-PCS).",
)
TAKEN = (SystemId.SNOMED, SystemId.ICD10PCS, SystemId.HCPCS)


def observation_codes(source: Path) -> Table:
    """Return LOINC codes of the concepts that `loinc_concepts.csv` takes up, and those it adds or renames."""
    wanted = {row["concept"]: row["our_concept"] for row in read_rows(HERE / "loinc_concepts.csv")}
    renamed = {row["code"]: row for row in read_rows(HERE / "loinc_additions.csv")}
    found: dict[str, Row] = {}
    for row in read_rows(source / "loinc.csv"):
        if concept := wanted.get(row["concept"]):
            named = {"code": row["code"], "name": row["display"], "source": source_tags(row["source"])}
            found[row["code"]] = {"concept": concept} | named
    for code, row in renamed.items():
        found[code] = found.get(code, row) | {"concept": row["concept"]}
    rows = tuple(found[code] for code in sorted(found, key=_loinc_order))
    return Table(file="loinc.csv", notice=LOINC, columns=("code", "concept", "name", "source"), rows=rows)


def procedure_codes(source: Path) -> Table:
    """Return codes of treatments and referrals; CPT codes are left out (licence)."""
    wanted = {row["concept"]: row["our_concept"] for row in read_rows(HERE / "procedure_concepts.csv")}
    rows = [
        {"system": system_name(row["system"]), "code": row["code"], "concept": wanted[row["concept"]]}
        | {"source": source_tags(row["source"])}
        for row in read_rows(source / "procedures.csv")
        if system_name(row["system"]) in TAKEN and row["concept"] in wanted
    ]
    rows += read_rows(HERE / "procedure_additions.csv")
    rows.sort(key=lambda row: (row["system"], row["code"]))
    columns = ("system", "code", "concept", "source")
    return Table(file="procedures.csv", notice=PROCEDURES, columns=columns, rows=tuple(rows))


def _loinc_order(code: str) -> int:
    return int(code.replace("-", ""))
