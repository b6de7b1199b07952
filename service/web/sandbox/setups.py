"""What a tester can choose: patients, orders, and facts that can be changed; read from the files here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from typing import Any, Literal

import msgspec

Resource = dict[str, Any]
Entry = dict[str, Any]
"""An entry of a Bundle: `resource`, and `fullUrl` where it has one."""
SERVER = "https://ehr.example.org/fhir"
NotSent = Literal["null", "left out", "refused"]
"""How a prefetch key may lack its data: as null, not at all, or as an OperationOutcome in its place."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxPatient:
    """A made-up record as it was on the day `as_of`.

    `title` says who it is, `purpose` what it shows, `expects` the topics of the cards of its chart.
    """

    id: str
    group: str
    title: str
    purpose: str
    expects: tuple[str, ...]
    as_of: date
    resources: tuple[Resource, ...]

    @property
    def person(self) -> Resource:
        """The Patient resource."""
        return next(resource for resource in self.resources if resource["resourceType"] == "Patient")

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The resources as a FHIR server sends them."""
        return tuple(
            {"fullUrl": f"{SERVER}/{resource['resourceType']}/{resource['id']}", "resource": resource}
            for resource in self.resources
        )

    @property
    def is_own(self) -> bool:
        """Whether the record is a tester's own; a made-up record is not."""
        return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """A draft order, without the patient that it is for."""

    id: str
    group: str
    label: str
    resource: Resource


@dataclass(frozen=True, kw_only=True, slots=True)
class RemovedCode:
    """A code with its name."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Removal:
    """The resources to remove: all of a type, or those with one of the codes."""

    type: str
    codes: tuple[RemovedCode, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One state of a fact: what to remove, what to add, and which prefetch keys not to send."""

    id: str
    label: str
    remove: tuple[Removal, ...] = ()
    add: tuple[Resource, ...] = ()
    prefetch: Mapping[str, NotSent] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeableFact:
    """Something about a patient that a tester can change; `gender` limits it to such patients."""

    id: str
    label: str
    choices: tuple[Choice, ...]
    gender: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Setups:
    """Everything on offer; the dates in orders and facts are of the day `as_of`."""

    as_of: date
    orders: tuple[Order, ...]
    facts: tuple[ChangeableFact, ...]


def read_setups() -> Setups:
    """Read orders and facts."""
    return msgspec.json.decode((files("service.web.sandbox") / "setups.json").read_bytes(), type=Setups)


def read_patients() -> tuple[SandboxPatient, ...]:
    """Read the patients, grouped, in the order of their files."""
    found = sorted((files("service.web.sandbox") / "patients").iterdir(), key=lambda file: file.name)
    patients = [msgspec.json.decode(file.read_bytes(), type=SandboxPatient) for file in found]
    return tuple(_grouped(patients))


def _grouped(patients: list[SandboxPatient]) -> Iterable[SandboxPatient]:
    for group in dict.fromkeys(patient.group for patient in patients):
        yield from (patient for patient in patients if patient.group == group)
