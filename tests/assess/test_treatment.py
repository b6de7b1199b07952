"""Treatment that runs, probably runs, or is asked for: what closes the gate (R14.31)."""

from datetime import date, timedelta
from typing import Any

import pytest

from mappings.gates import load_gates
from mappings.terminology import Product
from service.assess.treatment import current_treatment, probable_treatment
from service.clinical.facts import (
    Exposure,
    Intervention,
    OtherMedicine,
    PatientFacts,
    Purpose,
    Reason,
    ServiceOrder,
    SourceKind,
)
from service.clinical.partial_date import PartialDate, on

D0 = date(2026, 11, 2)
TABLE = load_gates()


def ago(days: int) -> PartialDate:
    """Return the day so many days before D0."""
    return on(D0 - timedelta(days=days))


def record(**lists: Any) -> PatientFacts:
    """Return a record that holds these facts and nothing else."""
    return PatientFacts(person=None, lists={}, **lists)


def procedure(
    said: str, days: int = 20, concepts: tuple[str, ...] = (), status: str = "completed"
) -> Intervention:
    """Return a procedure in words."""
    return Intervention(
        reference="Procedure/p",
        concepts=frozenset(concepts),
        text=said,
        affirmed=said,
        status=status,
        when=ago(days),
    )


@pytest.mark.parametrize(
    ("said", "treats"),
    [
        ("Esketamine (Spravato) 84 mg nasal, session 5", True),
        ("Ketamine infusion", True),
        ("KETAMINE INFUSION 0.5 MG/KG", True),
        ("Spravato treatment", True),
        ("Ketamine anesthesia for closed reduction", False),
        ("Procedural sedation with ketamine", False),
        ("Ketamine infusion for complex regional pain", False),
        ("Esketamine consultation", False),
        ("Spravato REMS education", False),
        ("Ketamine level in urine", False),
        ("Ketamine infusion declined by patient", False),
        ("Infusion of iron", False),
    ],
)
def test_a_procedure_in_words(said: str, treats: bool) -> None:
    """A session is named, and nothing says that it was for something else or did not happen."""
    assert bool(current_treatment(record(interventions=(procedure(said),)), 90, TABLE, D0)) is treats


@pytest.mark.parametrize(("days", "treats"), [(90, True), (91, False)])
def test_a_session_of_ninety_days(days: int, treats: bool) -> None:
    """Day 90 is treatment, day 91 is history; by code as by words."""
    for one in (procedure("Spravato session", days), procedure("", days, ("esketamine_session",))):
        assert bool(current_treatment(record(interventions=(one,)), 90, TABLE, D0)) is treats


@pytest.mark.parametrize(
    ("text", "members", "treats"),
    [
        ("Esketamine (Spravato) treatment session, 84 mg", {}, True),
        ("Ketamine infusion", {"status": "completed"}, True),
        ("Ketamine infusion", {"status": "on-hold"}, False),
        ("Ketamine infusion", {"status": "revoked"}, False),
        ("Ketamine infusion", {"intent": "proposal"}, False),
        ("", {"concepts": frozenset({"esketamine_session"})}, True),
        ("Consultation: is esketamine suitable?", {}, False),
        ("Referral for esketamine treatment evaluation", {}, False),
        ("Ketamine infusion for anaesthesia", {}, False),
        ("Spravato", {}, False),
        ("Spravato; treatment-resistant depression", {}, False),
        ("Spravato session; treatment-resistant depression", {}, True),
        ("Ketamine infusion", {"authored": ago(90)}, True),
        ("Ketamine infusion", {"authored": ago(91)}, False),
        ("Ketamine infusion", {"authored": ago(120), "occurs": ago(-90)}, True),
        ("Ketamine infusion", {"authored": ago(120), "occurs": ago(-91)}, False),
    ],
)
def test_a_service_order_for_a_session(text: str, members: dict[str, Any], treats: bool) -> None:
    """A session that is ordered near the day is treatment; a referral, consultation or evaluation is none."""
    made: dict[str, Any] = {
        "reference": "ServiceRequest/s",
        "concepts": frozenset(),
        "text": text,
        "affirmed": text.lower(),
        "status": "active",
        "intent": "order",
        "authored": ago(14),
    }
    order = ServiceOrder(**{**made, **members})
    assert bool(current_treatment(record(service_orders=(order,)), 90, TABLE, D0)) is treats


def given(days: int, **members: Any) -> Exposure:
    """Return one administration of ketamine."""
    made: dict[str, Any] = {
        "reference": f"MedicationAdministration/{days}",
        "source": SourceKind.ADMINISTRATION,
        "ingredient": "ketamine",
        "product": Product(ingredients=("ketamine",), groups=frozenset(), code="", name="ketamine"),
        "status": "completed",
        "start": ago(days),
        "end": ago(days),
    }
    return Exposure(**{**made, **members})


@pytest.mark.parametrize(
    ("days", "probable"),
    [
        ((20, 18), True),
        ((20, 19), False),
        ((20, 19, 18), True),
        ((20, 20), False),
        ((20,), False),
        ((92, 90), False),
        ((90, 88), True),
    ],
)
def test_ketamine_without_a_reason(days: tuple[int, ...], probable: bool) -> None:
    """Two administrations at least two days apart within 90 days are probable treatment."""
    facts = record(exposures=tuple(given(one) for one in days))
    assert bool(probable_treatment(facts, 90, TABLE, D0)) is probable


ANAESTHESIA = (Reason(text="anaesthesia", purpose=Purpose.OTHER),)
SEDATION = (Reason(text="procedural sedation", purpose=Purpose.UNCLEAR),)


@pytest.mark.parametrize(
    ("facts", "probable"),
    [
        ({}, True),
        ({"exposures": (given(20), given(16, in_stay=True))}, False),
        ({"exposures": (given(20), given(16, reasons=ANAESTHESIA))}, False),
        ({"exposures": (given(20), given(16, reasons=SEDATION))}, False),
        ({"stays": (PartialDate(D0 - timedelta(days=17), D0 - timedelta(days=10)),)}, False),
        ({"stays": (PartialDate(D0 - timedelta(days=19), D0 - timedelta(days=17)),)}, True),
        ({"interventions": (procedure("Colonoscopy", 16),)}, False),
        ({"interventions": (procedure("Colonoscopy", 15),)}, True),
        ({"interventions": (procedure("Psychotherapy", 16, ("psychotherapy",)),)}, True),
        ({"others_given": (OtherMedicine(name="Propofol 10 mg/mL", when=ago(20)),)}, False),
        ({"others_given": (OtherMedicine(name="Ondansetron 4 mg", when=ago(20)),)}, True),
    ],
)
def test_what_else_explains_ketamine(facts: dict[str, Any], probable: bool) -> None:
    """A stay, another reason, an anaesthetic or another procedure of the day explains it otherwise."""
    made = record(**{"exposures": (given(20), given(16)), **facts})
    assert bool(probable_treatment(made, 90, TABLE, D0)) is probable
