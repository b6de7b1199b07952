"""The strata that a site chooses: a CSV of patients and the groups they are in."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from service.population.errors import InputError

Groups: TypeAlias = Mapping[str, Mapping[str, str]]
"""The group of each patient in each stratum."""

_PATIENT = "patient"
_TAKEN = {"sex", "age"}


def read_groups(path: Path) -> Groups:
    """Return the groups in a CSV; raise InputError where it is none."""
    groups: dict[str, Mapping[str, str]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            names = list(rows.fieldnames or ())
            if names[:1] != [_PATIENT] or len(set(names)) < max(2, len(names)) or _TAKEN & set(names):
                raise InputError(
                    f"{path}: expected a CSV with the columns `patient` and strata other than sex and age"
                )
            for row in rows:
                owner = f"Patient/{(row.pop(_PATIENT) or '').removeprefix('Patient/')}"
                groups[owner] = {name: row[name] or "unknown" for name in names[1:]}
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: expected a CSV in UTF-8") from error
    return groups
