"""Orders for ketamine: found by name or by code alone, and told apart by how it would be given."""

import pytest

from mappings.orders import load_orders
from service.assess.orders import agent_of, ways
from service.clinical.facts import Code
from service.clinical.order_check import Agent, Way
from service.clinical.orders import DraftOrder

TABLE = load_orders()
UNSTUDIED, INJECTED = Way.UNSTUDIED, Way.INJECTED


def order(how: str = "", route: str = "", **members: object) -> DraftOrder:
    """Return a draft of ketamine that says `how` and by which `route` it is given."""
    made: dict[str, object] = {
        "reference": "MedicationRequest/d",
        "kind": "MedicationRequest",
        "name": "ketamine",
    }
    return DraftOrder(**{**made, "how": f"{how}; {route}", "route": route, **members})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "route", "expected"),
    [
        ("Ketamine 100 mg troche (compounded)", "sublingual", (UNSTUDIED,)),
        ("Ketamine 100 mg troche", "", (UNSTUDIED,)),
        ("ketamine 50 mg rapid dissolve tablets", "", (UNSTUDIED,)),
        ("ketamine lozenge, dissolve under the tongue", "", (UNSTUDIED,)),
        ("ketamine 10 mg/mL; 5 mL by mouth at bedtime", "", (UNSTUDIED,)),
        ("ketamine", "PO", (UNSTUDIED,)),
        ("ketamine", "26643006", (UNSTUDIED,)),
        ("ketamine 15 mg nasal spray", "intranasal", (UNSTUDIED,)),
        ("ketamine, self-administered at home", "", (UNSTUDIED,)),
        ("compounded ketamine for intravenous infusion", "Intravenous", (UNSTUDIED,)),
        ("Ketamine 50 mg/mL; 60 mg IM twice weekly", "Intramuscular", (INJECTED,)),
        ("ketamine 50 mg/mL vial for IV or IM use", "Intramuscular route", (INJECTED,)),
        ("ketamine", "78421000", (INJECTED,)),
        ("ketamine 0.5 mg/kg subcutaneously", "", (INJECTED,)),
        ("ketamine subcutaneous infusion", "SC", (INJECTED,)),
        ("compounded ketamine 60 mg IM", "IM", (UNSTUDIED, INJECTED)),
        ("ketamine 0.5 mg/kg IV over 40 minutes", "Intravenous", ()),
        ("ketamine infusion over 40 minutes; continue the oral antidepressant", "", ()),
        ("ketamine infusion; ondansetron 4 mg orally before", "", ()),
        ("ketamine 0.5 mg/kg; rest at home afterwards", "Intravenous", ()),
        ("ketamine 0.5 mg/kg IV, not for home use", "IV", ()),
        ("ketamine 0.5 mg/kg, never at home", "", ()),
        ("ketamine 0.5 mg/kg, no oral intake for 6 hours", "", ()),
        ("ketamine 40 mg; oxygen by nasal cannula", "", ()),
        ("ketamine 40 mg, temporary dose", "", ()),
    ],
)
def test_how_ketamine_is_given(how: str, route: str, expected: tuple[Way, ...]) -> None:
    """The route decides, then form and words; what is denied or means something else is passed over."""
    assert ways(order(how, route), TABLE) == expected


@pytest.mark.parametrize(
    ("system", "code", "agent"),
    [
        ("hcpcs", "G2082", Agent.ESKETAMINE),
        ("hcpcs", "g2083", Agent.ESKETAMINE),
        ("hcpcs", "S0013", Agent.ESKETAMINE),
        ("hcpcs", "J0013", Agent.ESKETAMINE),
        ("cpt", "G2083", Agent.ESKETAMINE),
        ("", "G2083", Agent.ESKETAMINE),
        ("atc", "N06AX27", Agent.ESKETAMINE),
        ("atc", "N01AX03", Agent.KETAMINE),
        ("hcpcs", "J3490", Agent.NONE),
        ("hcpcs", "G2084", Agent.NONE),
        ("snomed", "G2083", Agent.NONE),
    ],
)
def test_a_code_alone_names_the_agent(system: str, code: str, agent: Agent) -> None:
    """An order without a word is recognised; an unlisted drug code needs the name beside it."""
    assert agent_of(order(name="", codes=(Code(system=system, code=code),)), TABLE) is agent


def test_an_unlisted_drug_code_with_a_name() -> None:
    """J3490 stands for any drug: the name beside it tells which."""
    unlisted = order(
        codes=(Code(system="hcpcs", code="J3490"),), asks_for="Unclassified drugs: ketamine 50 mg"
    )
    assert agent_of(unlisted, TABLE) is Agent.KETAMINE
