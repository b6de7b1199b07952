"""What was recognised and raises nothing is listed with its reason (R14.3)."""

import pytest

from service.assess import assess
from tests.assess.course_facts import KNOWLEDGE
from tests.normalise.made import AS_OF, Json, read

CLIPPING = "Clipping of cerebral aneurysm"


def procedure(code: Json, status: str) -> Json:
    """A procedure of 2025."""
    return {
        "resourceType": "Procedure",
        "id": "x",
        "status": status,
        "code": code,
        "subject": {"reference": "Patient/p"},
        "performedDateTime": "2025-05-01",
    }


def found(code: Json, status: str = "completed") -> tuple[list[str], dict[str, str]]:
    """The flags that a procedure raises, and what was set aside with its reason."""
    assessed = assess(read(procedure(code, status)), KNOWLEDGE, "default", AS_OF)
    flags = [f"{flag.id} {flag.ketamine}" for flag in assessed.flags if flag.id.startswith("CI-")]
    return flags, {one.reference: one.reason for one in assessed.set_aside}


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        (f"{CLIPPING} ruled out", "completed", "denied by its words"),
        (f"no history of {CLIPPING.lower()}", "completed", "denied by its words"),
        (f"mother: {CLIPPING.lower()}", "completed", "said of somebody else"),
        (CLIPPING, "not-done", "not done"),
        (f"{CLIPPING} ruled out", "not-done", "not done"),
    ],
)
def test_a_procedure_that_raises_nothing_is_set_aside(text: str, status: str, reason: str) -> None:
    """Denied, another's or not done: no flag, and told by name."""
    flags, aside = found({"text": text}, status)
    assert (flags, aside) == ([], {"Procedure/x": f'"{text}": {reason}'})


def test_a_procedure_that_raises_a_flag_is_not_set_aside() -> None:
    """What was done is a caution by its words alone."""
    assert found({"text": CLIPPING}) == (["CI-ANEUR caution"], {})


def test_a_procedure_of_no_rule_is_not_set_aside() -> None:
    """Only what was recognised is listed."""
    assert found({"text": "Appendectomy"}, "not-done") == ([], {})


def test_an_entry_in_error_is_not_set_aside() -> None:
    """What was never true is no finding."""
    assert found({"text": CLIPPING}, "entered-in-error") == ([], {})
