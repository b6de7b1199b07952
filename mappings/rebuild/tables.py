"""The names of the source tables' sources."""

import re

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


def source_tags(text: str) -> str:
    """Shorten the source column to the tags that NOTICE.md explains, in the order given."""
    names = (re.sub(r"\s*\(.*", "", part).strip() for part in text.split(";"))
    return " ".join(dict.fromkeys(SOURCE_NAMES.get(name, name.replace(" ", "-")) for name in names if name))
