"""What a server says about its services, and which ones it refuses to start with."""

from dataclasses import replace
from datetime import date

import pytest

from cds_hooks.cards import hollow
from cds_hooks.contexts import HOOKS, tokens
from cds_hooks.prefetch import check_template, on_day
from cds_hooks.service import discovery
from tests.cds_hooks.example import ORDER_SIGN, PATIENT_VIEW

READS = ["Patient/{{context.patientId}}", "{{context.userId}}", "Practitioner/{{userPractitionerId}}"]
SEARCHES = [
    "Immunization?patient={{context.patientId}}",
    "Immunization?patient={{context.patientId}}&status=completed,not-done&date=ge2020-01-01&_count=50",
    "Observation?patient={{context.patientId}}&code=http://loinc.org|85354-9&_sort=-date",
    "Condition?patient={{context.patientId}}&code:in=https://schedule.example/wounds",
    "Immunization?encounter={{context.encounterId}}",
]


class TestDocument:
    """D-01 to D-08: the body of discovery."""

    def test_an_entry(self) -> None:
        """A service is described by all that it has."""
        assert discovery([PATIENT_VIEW]) == {
            "services": [
                {
                    "id": "tetanus-patient-view",
                    "hook": "patient-view",
                    "title": "Tetanus booster",
                    "description": "Says when a tetanus booster is due.",
                    "usageRequirements": "Immunizations coded with CVX.",
                    "hookVersion": "1.0",
                    "prefetch": {
                        "patient": "Patient/{{context.patientId}}",
                        "shots": "Immunization?patient={{context.patientId}}&_sort=-date&_count=50",
                    },
                }
            ]
        }

    def test_a_version_and_an_extension_are_told(self) -> None:
        """Of a service that has them, as it has them."""
        entry = discovery([replace(ORDER_SIGN, version="2.1.0", extension={"example": [1]})])["services"][0]
        assert (entry["version"], entry["extension"]) == ("2.1.0", {"example": [1]})

    def test_nothing_in_it_is_empty(self) -> None:
        """D-05 and D-08: what a service does not have is left out."""
        entry = discovery([ORDER_SIGN])["services"][0]
        assert set(entry) == {"id", "hook", "title", "description", "hookVersion"}
        assert not hollow(entry)

    def test_no_services(self) -> None:
        """D-02: a server without services says so."""
        assert discovery([]) == {"services": []}

    def test_an_id_belongs_to_one_service_of_a_hook(self) -> None:
        """D-07: calls are routed by id and hook, so two services of one hook cannot share one."""
        shared = [PATIENT_VIEW, replace(ORDER_SIGN, id=PATIENT_VIEW.id)]
        assert [each["hook"] for each in discovery(shared)["services"]] == ["patient-view", "order-sign"]
        with pytest.raises(ValueError, match="an id of its own"):
            discovery([PATIENT_VIEW, replace(PATIENT_VIEW, title="Another")])


class TestService:
    """D-03 to D-06: what a service must have to be offered."""

    @pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "a?b", "a%2Fb", "ä", "{{id}}"])
    def test_the_id_is_one_segment_of_a_path(self, name: str) -> None:
        """D-06: an id that is no safe segment of a URL is refused."""
        with pytest.raises(ValueError, match="segment"):
            replace(PATIENT_VIEW, id=name)

    @pytest.mark.parametrize("member", ["title", "description", "usage_requirements"])
    def test_texts_are_not_empty(self, member: str) -> None:
        """D-03 to D-05: texts say something."""
        with pytest.raises(ValueError, match="empty"):
            replace(PATIENT_VIEW, **{member: " "})  # type: ignore[arg-type]  # the three are texts

    def test_the_hook_is_spoken(self) -> None:
        """A service for a hook whose calls cannot be read is refused."""
        with pytest.raises(ValueError, match="expected a hook"):
            replace(PATIENT_VIEW, hook="order-dispatch")

    def test_its_templates_are_checked(self) -> None:
        """A service with a template that clients cannot fulfil is refused."""
        with pytest.raises(ValueError, match="unknown token"):
            replace(PATIENT_VIEW, prefetch={"orders": "Bundle/{{context.draftOrders}}"})


class TestTemplates:
    """P-01 to P-06 and P-15: templates are reads and searches of the recommended kind."""

    @pytest.mark.parametrize("hook", HOOKS)
    @pytest.mark.parametrize("template", [*READS, *SEARCHES])
    def test_reads_and_searches(self, hook: str, template: str) -> None:
        """Reads, searches and their tokens are accepted for every hook that has them."""
        check_template(template, tokens(hook))

    @pytest.mark.parametrize(
        "template",
        [
            "https://ehr.example/Patient/{{context.patientId}}",
            "/Patient/{{context.patientId}}",
            "Patient",
            "Practitioner/{{context.userId}}",
            "{{context.patientId}}",
            "Patient/{{patientId}}",
            "Patient/{{context.patientId.value}}",
            "Patient/{{context.selections}}",
            "Patient/{{ context.patientId }}",
            "Patient/{{context.patientId}}/$everything",
            "Immunization?date=ge{{today() - 90 days}}",
            "Immunization?",
            "Immunization?patient",
            "Immunization?patient=",
            "Immunization?status:not=completed",
            "Immunization?patient.name=Roe",
            "Immunization?_has:Observation:patient:code=1",
            "Immunization?_include=Immunization:patient",
            "Immunization?_revinclude=Provenance:target",
            "Immunization?_summary=true",
            "Immunization?date=ne2020-01-01",
            "Immunization?date=ge2020-01-01,ap2021",
            "Immunization?sort:desc=date",
            "Immunization?_sort=date:desc",
            "Immunization?_count=many",
            "Immunization?date=ge2020-01-01&date=le2021-01-01",
            "Condition?code=1&code:in=https://schedule.example/wounds",
        ],
    )
    def test_anything_else_is_refused(self, template: str) -> None:
        """A template that some client cannot make stops the start, not the care."""
        with pytest.raises(ValueError, match=r"[Ee]xpected|unknown|more than once|not among"):
            check_template(template, tokens("order-select"))

    def test_tokens_depend_on_the_hook(self) -> None:
        """P-04: tokens are the first-level primitives of the context, and the ids of the user."""
        assert tokens("order-select") == {
            "context.userId",
            "context.patientId",
            "context.encounterId",
            "userPractitionerId",
            "userPractitionerRoleId",
            "userPatientId",
            "userRelatedPersonId",
        }


@pytest.mark.parametrize(
    ("token", "day"),
    [
        ("today()", "2026-03-02"),
        ("today() - 90 days", "2025-12-02"),
        ("today() + 90 days", "2026-05-31"),
        ("today() - 2 weeks", "2026-02-16"),
        ("today() + 9999 years", "9999-12-31"),
        ("today() - 9999 years", "0001-01-01"),
    ],
)
def test_days_are_filled_in(token: str, day: str) -> None:
    """Before and after the day of the call; beyond the calendar its first or its last day."""
    assert on_day(f"Procedure?date=ge{{{{{token}}}}}", date(2026, 3, 2)) == f"Procedure?date=ge{day}"
