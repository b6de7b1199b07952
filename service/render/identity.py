"""By what a reader knows whose record a page shows: no rule looks at any of it."""

from dataclasses import dataclass

import msgspec

_SHOWN_IDENTIFIERS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class PatientIdentity:
    """Name and numbers of a patient as the EHR has them; empty where it has none that can be read."""

    name: str
    born: str
    gender: str
    identifiers: tuple[str, ...]


class _Name(msgspec.Struct, frozen=True):
    use: str = ""
    text: str = ""
    family: str = ""
    given: tuple[str, ...] = ()


class _Identifier(msgspec.Struct, frozen=True):
    value: str = ""


class _Patient(msgspec.Struct, frozen=True, rename="camel"):
    name: tuple[_Name, ...] = ()
    birth_date: str = ""
    gender: str = ""
    identifier: tuple[_Identifier, ...] = ()


def identity(patient: bytes) -> PatientIdentity:
    """Return who the Patient resource says that the patient is."""
    try:
        found = msgspec.json.decode(patient, type=_Patient)
    except (ValueError, RecursionError):
        found = _Patient()
    numbers = tuple(identifier.value for identifier in found.identifier if identifier.value)
    return PatientIdentity(
        name=_name(found.name),
        born=found.birth_date,
        gender=found.gender,
        identifiers=numbers[:_SHOWN_IDENTIFIERS],
    )


def _name(names: tuple[_Name, ...]) -> str:
    """Return the official name, else the first name still in use."""
    current = [name for name in names if name.use not in ("old", "maiden")]
    ranked = sorted(current, key=lambda name: name.use != "official")
    if not ranked:
        return ""
    name = ranked[0]
    return name.text or " ".join([*name.given, name.family]).strip()
