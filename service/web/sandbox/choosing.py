"""The choices of a set-up by their ids, as they stand in a query: `patient=case-01&hook=patient-view`."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypeVar

from cds_hooks.contexts import brings_orders
from cds_hooks.errors import BadRequestError
from service.answer.services import OFFERED
from service.web.sandbox.calls import Setup
from service.web.sandbox.own import OwnRecord
from service.web.sandbox.setups import ChangeableFact, Choice, SandboxPatient, Setups


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Item = TypeVar("Item", bound=_Named)


def chosen(
    query: Mapping[str, str],
    patients: Iterable[SandboxPatient],
    setups: Setups,
    own: OwnRecord | None = None,
) -> Setup:
    """Return the set-up that a query names.

    Raise BadRequestError, naming the parameter, for an unknown choice.

    A fact that is not named stays as the record has it. An `own` record stands in for the patient.
    """
    hook = query.get("hook", next(iter(OFFERED)))
    if hook not in OFFERED:
        raise _unknown("hook")
    changed = [fact for fact in setups.facts if query.get(fact.id)]
    return Setup(
        patient=own or _one(query, "patient", patients),
        hook=hook,
        order=_one(query, "order", setups.orders) if brings_orders(hook) else None,
        choices=[_one(query, fact.id, fact.choices) for fact in changed],
    )


def offered(patients: Iterable[SandboxPatient], setups: Setups) -> dict[str, Any]:
    """Return the choices that a query may name, with words for people."""
    return {
        "patients": [_patient(patient) for patient in patients],
        "hooks": [
            {"id": hook, "service": service, "orders": brings_orders(hook)}
            for hook, (service, _, _) in OFFERED.items()
        ],
        "orders": [{"id": order.id, "group": order.group, "label": order.label} for order in setups.orders],
        "facts": [_fact(fact) for fact in setups.facts],
    }


def _patient(patient: SandboxPatient) -> dict[str, Any]:
    gender = patient.person.get("gender", "unknown")
    return {
        "id": patient.id,
        "group": patient.group,
        "title": patient.title,
        "purpose": patient.purpose,
        "expects": list(patient.expects),
        "gender": gender,
    }


def _fact(fact: ChangeableFact) -> dict[str, Any]:
    choices = [_choice(choice) for choice in fact.choices]
    return {"id": fact.id, "label": fact.label, "gender": fact.gender, "choices": choices}


def _choice(choice: Choice) -> dict[str, str]:
    return {"id": choice.id, "label": choice.label}


def _one(query: Mapping[str, str], name: str, items: Iterable[Item]) -> Item:
    found = next((item for item in items if item.id == query.get(name)), None)
    if found is None:
        raise _unknown(name)
    return found


def _unknown(name: str) -> BadRequestError:
    return BadRequestError("expected one of those that /sandbox/setups lists", expression=f"http.{name}")
