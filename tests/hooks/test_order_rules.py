"""The moment of ordering: which drafts are answered, with which cards, and how urgently."""

import csv
from typing import Any

import pytest

from mappings.tables import TABLES
from tests.hooks.chart import (
    ANEURYSM,
    CHART,
    FOR_DEPRESSION,
    PATIENT,
    RXNORM,
    SEVERE_DEPRESSION,
    SNOMED,
    SPRAY,
    VENLAFAXINE,
    VIALS,
    Json,
    ago,
    call,
    concept,
    condition,
    dispense,
    drug,
    item_9,
    patient,
    prefetched,
    reason,
    refused,
    searchset,
    service,
    without,
)
from tests.hooks.ehr import PATH, cards, kinds, signed, usual, words
from tests.hooks.situations import (
    ANEURYSMATIC,
    BLIND,
    DECEASED,
    DRINKING,
    ESKETAMINE,
    GRAVE,
    KETAMINE,
    MIRTAZAPINE,
    NOT_DEPRESSED,
    ONE_TRIAL,
    PLAIN,
    PREGNANT,
    REFERRAL,
    UNMEASURED,
    WORRYING,
)

CHECKED = ["order-check info"]
DECIDED = ["recommend info"]
NOTHING: list[str] = []
UNKNOWN_WARNING = ["not-assessed warning"]
UNKNOWN_INFO = ["not-assessed info"]
ESKETAMINE_CODES = ("2119365", "2119377", "2119381", "2119382", "2119387", "2119388", "2119390")
KETAMINE_CODES = (
    *("6129", "6130", "206967", "206970", "206972"),
    *("238082", "238083", "238084", "328379", "330467", "330468"),
)
AMOXICILLIN = drug("308182 amoxicillin 250 MG Oral Capsule")


def nameless(code: str) -> Json:
    """A draft of an RxNorm code without any words."""
    return {**drug(""), "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}]}}


def referring(**medication: Any) -> Json:
    """A draft that names its medicine by reference."""
    return {
        name: value for name, value in drug("").items() if name != "medicationCodeableConcept"
    } | medication


HCPCS = (
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "http://terminology.hl7.org/CodeSystem/HCPCS",
    "urn:oid:2.16.840.1.113883.6.285",
    "http://www.ama-assn.org/go/cpt",
)


class TestOtherWays:
    """Orders found by a code alone, and ketamine that is no infusion."""

    @pytest.mark.parametrize("system", HCPCS)
    @pytest.mark.parametrize("code", ["G2082", "G2083", "S0013", "J0013"])
    def test_by_hcpcs_code_alone(self, system: str, code: str) -> None:
        """On a service or a medicine, under any address of the code system, without a word."""
        coded = {"coding": [{"system": system, "code": code}]}
        for draft in ({**service(text=""), "code": coded}, {**drug(""), "medicationCodeableConcept": coded}):
            (card,) = cards(call("order-sign", ANEURYSMATIC, [draft]))
            assert kinds([card]) == ["order-check critical"]

    @pytest.mark.parametrize(
        "text",
        [
            "Ketamine 100 mg troche (compounded)",
            "ketamine nasal spray 100 mg/mL",
            "Ketamine oral solution 10 mg/mL",
        ],
    )
    def test_an_unstudied_way(self, text: str) -> None:
        """A warning with the alert, and never called IV ketamine."""
        (card,) = cards(call("order-sign", PLAIN, [drug("", text=text, **FOR_DEPRESSION)]))
        assert kinds([card]) == ["order-check warning"]
        said = words([card])
        assert "not an approved or label-studied way" in said
        assert "FDA" in said
        assert "IV ketamine:" not in said

    def test_into_a_muscle(self) -> None:
        """A warning without the alert."""
        injected = drug(VIALS, **FOR_DEPRESSION, dosageInstruction=[{"text": "60 mg IM twice weekly"}])
        (card,) = cards(call("order-sign", PLAIN, [injected]))
        assert kinds([card]) == ["order-check warning"]
        assert "labelled for anaesthesia only" in words([card])
        assert "FDA alert" not in words([card])

    def test_other_kinds_of_orders_are_passed_over(self) -> None:
        """A diet or a device beside the order changes nothing, and alone gets no card."""
        diet = {"resourceType": "NutritionOrder", "id": "n", "status": "draft", "intent": "order"}
        device = {"resourceType": "DeviceRequest", "id": "v", "status": "draft", "intent": "order"}
        assert cards(call("order-sign", PLAIN, [diet, device])) == []
        assert kinds(cards(call("order-sign", PLAIN, [diet, ESKETAMINE, device]))) == CHECKED


class TestAgentOrders:
    """Orders for ketamine or esketamine, and referrals for them, get one order-check card."""

    @pytest.mark.parametrize(
        "code",
        [*ESKETAMINE_CODES, *KETAMINE_CODES],
    )
    def test_by_code_of_any_level(self, code: str) -> None:
        """Ingredient, brand, component, product and pack of RxNorm, without a word beside them."""
        (card,) = cards(call("order-sign", PLAIN, [nameless(code)]))
        assert kinds([card]) == CHECKED
        assert card["summary"].startswith(
            "Esketamine order" if code in ESKETAMINE_CODES else "Ketamine order"
        )

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ("Spravato 56 mg", "Esketamine order"),
            ("ESKETamine (Spravato) 84 mg kit", "Esketamine order"),
            ("S-ketamine 25 mg", "Esketamine order"),
            ("KETAMINE 50 mg/mL inj", "Ketamine order"),
            ("Ketalar", "Ketamine order"),
            ("ketamine HCl 40 mg in NaCl 0.9 % 100 mL", "Ketamine order"),
            ("ketamine + propofol", "Ketamine order"),
        ],
    )
    def test_by_text(self, text: str, named: str) -> None:
        """An order without a code is known by its name."""
        (card,) = cards(call("order-sign", PLAIN, [drug("", text=text)]))
        assert kinds([card]) == CHECKED
        assert card["summary"].startswith(named)

    def test_by_the_medication_it_refers_to(self) -> None:
        """Contained, beside it in the drafts, in the prefetch, by ingredient, or by display alone."""
        medication: Json = {"resourceType": "Medication", "id": "m", "code": concept(SPRAY, RXNORM)}
        mixed = {**medication, "code": {"text": "infusion"}}
        mixed["ingredient"] = [{"itemCodeableConcept": concept("6130 ketamine", RXNORM)}]
        outside = referring(medicationReference={"reference": "Medication/m"})
        inside = {**outside, "medicationReference": {"reference": "#m"}}
        sent = {**PLAIN, "medications": searchset("Medication", [medication])}
        shown = referring(medicationReference={"reference": "Medication/m", "display": "Spravato"})
        assert signed(PLAIN, {**inside, "contained": [medication]}) == CHECKED
        assert signed(PLAIN, {**inside, "contained": [mixed]}) == CHECKED
        assert signed(PLAIN, outside, medication) == CHECKED
        assert signed(sent, outside) == CHECKED
        assert signed(PLAIN, shown) == CHECKED

    def test_a_name_that_contradicts_the_code_is_heard(self) -> None:
        """Sertraline by code and esketamine by name is answered as esketamine."""
        order = drug("312938 esketamine nasal spray")
        assert signed(PLAIN, order) == CHECKED

    @pytest.mark.parametrize(
        "draft",
        [
            service(text="Referral for Spravato"),
            service("3457005 Patient referral", orderDetail=[{"text": "esketamine"}]),
            service(
                "183524004 Referral to psychiatry", reasonCode=[{"text": "ketamine / esketamine evaluation"}]
            ),
            service("183524004 Referral", reasonCode=[{"coding": [{"display": "Ketamine evaluation"}]}]),
        ],
    )
    def test_referrals_that_name_them(self, draft: Json) -> None:
        """In the code's words, the details or the reasons."""
        (card,) = cards(call("order-sign", PLAIN, [draft]))
        assert kinds([card]) == CHECKED
        assert card["summary"].startswith("Referral for")

    @pytest.mark.parametrize(
        "reasoned", [reason("nausea after Spravato"), {"dosageInstruction": [{"text": "before ketamine"}]}]
    )
    def test_a_medicine_beside_them_is_none_of_them(self, reasoned: Json) -> None:
        """An antiemetic given before a session is no order for ketamine."""
        assert signed(ANEURYSMATIC, drug("", text="ondansetron 4 mg", **reasoned)) == NOTHING

    @pytest.mark.parametrize(
        "status", ["draft", "active", "completed", "stopped", "on-hold", "cancelled", None]
    )
    def test_a_draft_is_a_draft_whatever_its_status(self, status: str | None) -> None:
        """It is answered, and its own dates make no treatment on record."""
        order = drug(SPRAY, status=status, authoredOn=ago(0), **FOR_DEPRESSION)
        (card,) = cards(call("order-sign", PLAIN, [order]))
        assert kinds([card]) == CHECKED
        assert "2 failed trials" in card["summary"]

    @pytest.mark.parametrize("hook", ["order-sign", "order-select"])
    def test_a_prefetched_copy_is_the_draft(self, hook: str) -> None:
        """The same type and id: neither treatment, exposure nor open referral; another id is one."""
        for order, otherwise in ((ESKETAMINE, "treatment on record"), (REFERRAL, "second referral")):
            copy = {**order, "status": "active", "authoredOn": ago(3)}
            chart = prefetched(*CHART, copy)
            (same,) = cards(call(hook, chart, [order]))
            (other,) = cards(call(hook, chart, [{**order, "id": "another"}]))
            assert "2 failed trials" in same["summary"]
            assert otherwise in other["summary"]

    def test_a_copy_of_an_antidepressant_draft_is_no_trial(self) -> None:
        """An active order of the same id beside it does not make a third drug of the record."""
        copy = {**MIRTAZAPINE, "status": "active", "authoredOn": ago(200)}
        (card,) = cards(call("order-sign", prefetched(*CHART, copy), [MIRTAZAPINE]))
        assert "mirtazapine" not in words([card])


class TestUnrelatedKetamine:
    """Ketamine for something else than depression is an unrelated order."""

    @pytest.mark.parametrize(
        "said",
        [
            "anaesthesia",
            "general anesthesia",
            "procedural sedation",
            "analgesia",
            "Chronic pain",
            "seizures",
            "refractory status epilepticus",
        ],
    )
    @pytest.mark.parametrize("where", ["reason", "category", "text"])
    def test_by_reason_category_or_text(self, said: str, where: str) -> None:
        """Even in a patient with depression and findings."""
        members: Json = {
            "reason": reason(said),
            "category": {"category": [{"text": said}]},
            "text": {"dosageInstruction": [{"text": f"for {said}"}]},
        }[where]
        assert signed(ANEURYSMATIC, drug(VIALS, **members)) == NOTHING

    def test_by_a_reason_that_is_only_coded(self) -> None:
        """G89.4 needs no words."""
        coded = [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G89.4"}]}]
        assert signed(ANEURYSMATIC, drug(VIALS, reasonCode=coded)) == NOTHING

    @pytest.mark.parametrize(
        "members",
        [
            reason("pain and depression"),
            {"reasonCode": [concept("G89.4 Chronic pain syndrome"), concept(SEVERE_DEPRESSION)]},
            {**reason("sedation"), "dosageInstruction": [{"text": "infusion for TRD"}]},
        ],
    )
    def test_naming_depression_as_well_it_is_answered(self, members: Json) -> None:
        """Racemic ketamine for pain and depression is about depression too."""
        assert signed(PLAIN, drug(VIALS, **members)) == CHECKED

    def test_without_a_reason_the_record_decides(self) -> None:
        """No depression entry: unrelated. With one, or without a problem list to look at, answered."""
        assert signed(NOT_DEPRESSED, drug(VIALS)) == NOTHING
        assert signed(PLAIN, drug(VIALS)) == CHECKED
        assert signed(without("conditions", NOT_DEPRESSED), drug(VIALS)) == ["order-check warning"]

    def test_another_reason_of_psychiatry_is_answered(self) -> None:
        """Only anaesthesia, sedation, analgesia and seizures are somebody else's business."""
        assert signed(PLAIN, drug(VIALS, **reason("PTSD"))) == CHECKED
        assert (
            signed(PLAIN, drug(VIALS, dosageInstruction=[{"text": "induction series, 6 infusions"}]))
            == CHECKED
        )

    def test_esketamine_is_unrelated_only_by_injection_for_anaesthesia(self) -> None:
        """The nasal spray is answered whatever it is for, and without any depression on record."""
        vein: Json = {"dosageInstruction": [{"text": "25 mg", "route": {"text": "Intravenous"}}]}
        assert signed(ANEURYSMATIC, drug("2119365 esketamine", **reason("anaesthesia"), **vein)) == NOTHING
        assert signed(PLAIN, drug("2119365 esketamine", **reason("depression"), **vein)) == CHECKED
        assert signed(PLAIN, drug(SPRAY, **reason("sedation"))) == CHECKED
        assert signed(NOT_DEPRESSED, drug(SPRAY)) == ["order-check warning"]

    def test_referrals_for_pain_and_laboratory_orders_are_unrelated(self) -> None:
        """A ketamine level is no referral for ketamine; a referral for depression is."""
        assert signed(ANEURYSMATIC, service(text="Ketamine infusion for chronic pain")) == NOTHING
        assert signed(ANEURYSMATIC, service(text="Ketamine [Presence] in Urine")) == NOTHING
        assert signed(NOT_DEPRESSED, service(text="Referral to ketamine clinic")) == ["order-check warning"]


class TestUrgency:
    """Critical, warning or info, and what the card says."""

    def test_a_contraindication_for_the_ordered_agent_is_critical(self) -> None:
        """Pregnancy is a contraindication of ketamine and a caution of esketamine."""
        assert signed(PREGNANT, KETAMINE) == ["order-check critical"]
        assert signed(PREGNANT, ESKETAMINE) == ["order-check warning"]
        assert signed(PREGNANT, service(text="Referral for ketamine or esketamine")) == [
            "order-check critical"
        ]

    @pytest.mark.parametrize(
        ("chart", "said"),
        [
            (DRINKING, "Substance use disorder without recorded remission"),
            (ONE_TRIAL, "1 counted, 0 possible"),
            (UNMEASURED, "no recent blood pressure"),
            (prefetched(patient(birthDate=None), *CHART[1:]), "age not recorded"),
            (NOT_DEPRESSED, "no active unipolar depression"),
            (without("allergies", PLAIN), "allergy list"),
        ],
    )
    def test_a_warning_names_its_ground(self, chart: Json, said: str) -> None:
        """A caution, too few trials, a closed gate, or needed data missing."""
        (card,) = cards(call("order-sign", chart, [ESKETAMINE]))
        assert kinds([card]) == ["order-check warning"]
        assert card["summary"].startswith("Esketamine order")
        assert said in card["summary"]

    def test_acute_suicidality_is_an_indication_of_esketamine_alone(self) -> None:
        """Named as such, fewer than two trials are no objection; a denial is none, and ketamine has none."""
        worded = reason("MDD with acute suicidal ideation")
        coded: Json = {"reasonCode": [concept(SEVERE_DEPRESSION), concept("R45.851 Suicidal ideations")]}
        (card,) = cards(call("order-sign", ONE_TRIAL, [drug(SPRAY, **worded)]))
        assert kinds([card]) == CHECKED
        assert "acute suicidality" in card["summary"]
        assert signed(ONE_TRIAL, drug(SPRAY, **coded)) == CHECKED
        assert signed(ONE_TRIAL, drug(SPRAY, **reason("MDD, denies suicidal ideation"))) == [
            "order-check warning"
        ]
        assert signed(ONE_TRIAL, drug(VIALS, **worded)) == ["order-check warning"]

    def test_maintenance_is_not_counted(self) -> None:
        """Treatment on record: the number of trials is not judged, and a contraindication still is."""
        running = dispense("2119387 esketamine 140 MG/ML Nasal Spray [Spravato]", 20, 1)
        chart = [*(one for one in CHART if one is not VENLAFAXINE), running]
        (card,) = cards(call("order-sign", prefetched(*chart), [ESKETAMINE]))
        assert kinds([card]) == CHECKED
        assert "treatment on record, trials not judged" in card["summary"]
        assert signed(prefetched(*chart, condition(ANEURYSM)), ESKETAMINE) == ["order-check critical"]

    def test_a_second_referral_is_a_warning_and_an_order_after_one_is_not(self) -> None:
        """An open referral is a line in the detail of an order."""
        open_one = {**REFERRAL, "id": "earlier", "status": "active", "authoredOn": ago(30)}
        chart = prefetched(*CHART, open_one)
        assert signed(chart, REFERRAL) == ["order-check warning"]
        (card,) = cards(call("order-sign", chart, [ESKETAMINE]))
        assert kinds([card]) == CHECKED
        assert "A referral is already open" in card["detail"]
        assert "ServiceRequest/" not in card["detail"]

    def test_several_orders_share_one_card_about_the_most_severe(self) -> None:
        """It names the rest."""
        orders = [{**ESKETAMINE, "id": "a"}, {**KETAMINE, "id": "b"}, {**REFERRAL, "id": "c"}]
        for order in (orders, orders[::-1]):
            (card,) = cards(call("order-sign", PREGNANT, order))
            assert kinds([card]) == ["order-check critical"]
            assert "Ketamine order**: ketamine 10 MG/ML" in card["detail"]
            assert "Nasal Spray" in card["detail"]
            assert "Referral for esketamine treatment" in card["detail"]

    def test_the_dead_get_a_warning_without_a_safety_card(self) -> None:
        """A contraindication stays one."""
        alive = prefetched(patient(deceasedBoolean=True), *CHART[1:], item_9(2, 1))
        (card,) = cards(call("order-sign", alive, [ESKETAMINE]))
        assert kinds([card]) == ["order-check warning"]
        assert "recorded as deceased" in card["summary"]
        assert "suicide" not in card["summary"]
        assert signed(DECEASED, ESKETAMINE) == ["order-check critical"]
        assert signed(DECEASED, MIRTAZAPINE) == NOTHING
        assert kinds(cards(call("patient-view", DECEASED))) == NOTHING

    def test_no_order_check_offers_a_referral_or_a_dose(self) -> None:
        """Nothing is suggested beside an order at hand."""
        assert not any(
            "suggestions" in card for card in cards(call("order-sign", PLAIN, [ESKETAMINE, REFERRAL]))
        )


class TestSelection:
    """order-select answers the selected orders; the others are background."""

    PAIR = ({**MIRTAZAPINE, "id": "m"}, {**ESKETAMINE, "id": "e"})

    @pytest.mark.parametrize(
        ("selected", "expected"),
        [
            (["MedicationRequest/m"], ["caution warning"]),
            (["MedicationRequest/e"], ["order-check critical"]),
            (["MedicationRequest/m", "MedicationRequest/e"], ["order-check critical"]),
            (["https://ehr.example.org/fhir/MedicationRequest/e"], ["order-check critical"]),
            (["MedicationRequest/e/_history/2"], ["order-check critical"]),
            (["NutritionOrder/n"], NOTHING),
            ([], NOTHING),
        ],
    )
    def test_only_what_is_selected_is_answered(self, selected: list[str], expected: list[str]) -> None:
        """An esketamine order that is not selected draws no order-check."""
        assert kinds(cards(call("order-select", ANEURYSMATIC, self.PAIR, selected))) == expected

    def test_a_selected_order_that_did_not_come_is_not_passed_over(self) -> None:
        """It may be any order."""
        assert (
            kinds(cards(call("order-select", ANEURYSMATIC, self.PAIR[:1], ["MedicationRequest/x"])))
            == UNKNOWN_INFO
        )

    def test_unselected_drafts_are_no_exposure_either(self) -> None:
        """A copy in the prefetch of a draft that is not selected is no treatment on record."""
        copy = {**self.PAIR[1], "status": "active", "authoredOn": ago(3)}
        answer = cards(call("order-select", prefetched(*CHART, copy), self.PAIR, ["MedicationRequest/m"]))
        assert kinds(answer) == DECIDED


def _concepts(*wanted: str) -> list[str]:
    """The SNOMED CT codes of the procedure table for these concepts."""
    text = (TABLES / "terminology" / "procedures.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in text if not line.startswith("#"))
    return [row["code"] for row in rows if row["system"] == "snomed" and row["concept"] in wanted]


class TestForTheDepression:
    """An order for the depression gets the decision, as on patient-view."""

    @pytest.mark.parametrize(
        "code",
        _concepts("psychotherapy", "ect", "rtms", "vns_implant", "referral_psychotherapy"),
    )
    def test_by_code(self, code: str) -> None:
        """Psychotherapy, ECT, rTMS and VNS, by SNOMED CT code without a word."""
        draft = {**service(), "code": {"coding": [{"system": "http://snomed.info/sct", "code": code}]}}
        assert signed(PLAIN, draft) == DECIDED

    @pytest.mark.parametrize(
        "text",
        [
            "Psychotherapy, 60 minutes",
            "CBT",
            "ECT",
            "Electroconvulsive therapy",
            "rTMS course",
            "TMS",
            "Vagus nerve stimulation",
            "VNS",
        ],
    )
    def test_by_text(self, text: str) -> None:
        """The same by words, in the text or in a display."""
        local = {"text": "Order", "coding": [{"system": "urn:local", "code": "1", "display": text}]}
        assert signed(PLAIN, service(text=text)) == DECIDED
        assert signed(PLAIN, {**service(), "code": local}) == DECIDED

    @pytest.mark.parametrize(
        ("draft", "expected"),
        [
            (MIRTAZAPINE, DECIDED),
            ({**MIRTAZAPINE, **FOR_DEPRESSION}, DECIDED),
            ({**MIRTAZAPINE, **reason("continue as before")}, DECIDED),
            ({**MIRTAZAPINE, **reason("migraine")}, NOTHING),
            ({**MIRTAZAPINE, "reasonCode": [concept("F41.1 Generalized anxiety disorder")]}, NOTHING),
            (
                drug(
                    "",
                    text="trazodone 50 mg",
                    dosageInstruction=[{"text": "at bedtime as needed", "asNeededBoolean": True}],
                ),
                NOTHING,
            ),
            (drug("993557 bupropion XL 300 mg", **reason("smoking cessation")), NOTHING),
            (drug("", text="doxepin 6 mg tablet"), NOTHING),
            (drug("", text="Contrave"), NOTHING),
            (drug("", text="quetiapine 50 mg"), NOTHING),
            (drug("", text="quetiapine 50 mg", **FOR_DEPRESSION), DECIDED),
            (drug("", text="xyzzymab", **FOR_DEPRESSION), DECIDED),
        ],
    )
    def test_medicines(self, draft: Json, expected: list[str]) -> None:
        """An antidepressant unless as-needed, never-counting or for something else; any for the diagnosis."""
        assert signed(PLAIN, draft) == expected

    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            (SEVERE_DEPRESSION, DECIDED),
            ("F32.A Depression, unspecified", DECIDED),
            ("F33.41 Major depressive disorder, recurrent, in partial remission", DECIDED),
            ("F33.42 Major depressive disorder, recurrent, in full remission", NOTHING),
            ("F32.5 Major depressive disorder, single episode, in full remission", NOTHING),
            ("F34.1 Dysthymic disorder", NOTHING),
            ("F31.4 Bipolar disorder, current episode depressed, severe", NOTHING),
        ],
    )
    def test_any_order_whose_reason_is_the_diagnosis(self, said: str, expected: list[str]) -> None:
        """A laboratory order for F33.2 is an order for the depression."""
        assert signed(PLAIN, service(text="TSH", reasonCode=[concept(said)])) == expected

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("370143000", DECIDED),  # major depressive disorder
            ("35489007", DECIDED),  # depressive disorder
            ("19527009", NOTHING),  # in full remission
            ("13746004", NOTHING),  # bipolar disorder
        ],
    )
    def test_a_reason_may_be_coded_in_snomed_alone(self, code: str, expected: list[str]) -> None:
        """Without a word and without any code of ICD-10."""
        coded = [{"coding": [{"system": SNOMED, "code": code}]}]
        assert signed(PLAIN, service(text="TSH", reasonCode=coded)) == expected

    def test_a_reason_may_refer_to_the_problem_list(self) -> None:
        """The Condition it points to is the reason."""
        entry: Json = {"reasonReference": [{"reference": "Condition/condition-F33-2"}]}
        assert signed(PLAIN, service(text="TSH", **entry)) == DECIDED

    def test_the_decision_is_that_of_the_chart(self) -> None:
        """The same card as on patient-view but for its uuids."""
        for chart in (PLAIN, DRINKING, ANEURYSMATIC, UNMEASURED, NOT_DEPRESSED, BLIND):
            opened = cards(call("patient-view", chart))
            ordered = cards(call("order-sign", chart, [MIRTAZAPINE]))
            assert kinds(opened) == kinds(ordered)
            assert words(opened) == words(ordered)


class TestOtherOrders:
    """No card, even if the chart is full of findings."""

    @pytest.mark.parametrize(
        "draft",
        [
            AMOXICILLIN,
            nameless("99999999"),
            drug("", text="xyzzymab 10 mg"),
            drug("", text="morphine and midazolam"),
            service(text="TSH"),
            service(text="Complete blood count", **reason("requested by the psychiatrist")),
            drug(SPRAY, doNotPerform=True),
            service(text="Referral for Spravato", doNotPerform=True),
            *(
                {"resourceType": kind, "id": "x", "status": "draft"}
                for kind in ("NutritionOrder", "CommunicationRequest", "DeviceRequest", "VisionPrescription")
            ),
            {"resourceType": "Appointment", "id": "x", "status": "proposed"},
            {"resourceType": "FutureRequest", "id": "x"},
        ],
    )
    def test_an_unrelated_order_draws_no_card(self, draft: Json) -> None:
        """Neither an aneurysm nor a low suicide risk belongs beside an antibiotic."""
        full = prefetched(*CHART, condition(ANEURYSM), item_9(1, 1))
        assert signed(full, draft) == NOTHING
        assert kinds(cards(call("order-select", full, [draft]))) == NOTHING

    def test_no_orders_draw_no_card(self) -> None:
        """An empty Bundle of drafts."""
        assert signed(ANEURYSMATIC) == NOTHING


class TestSafety:
    """The suicide-risk card at the moment of ordering."""

    @pytest.mark.parametrize("draft", [ESKETAMINE, KETAMINE, REFERRAL])
    def test_it_comes_before_the_order_check(self, draft: Json) -> None:
        """And makes the order-check a warning."""
        assert signed(GRAVE, draft) == ["safety critical", "order-check warning"]
        assert signed(WORRYING, draft) == ["safety warning", "order-check warning"]

    @pytest.mark.parametrize("draft", [MIRTAZAPINE, service(text="Psychotherapy")])
    def test_it_comes_before_the_decision(self, draft: Json) -> None:
        """With orders for the depression."""
        assert signed(GRAVE, draft) == ["safety critical", "caution warning"]
        assert signed(WORRYING, draft) == ["safety warning", "caution warning"]

    def test_it_stands_alone_with_an_antidepressant_for_something_else(self) -> None:
        """Amitriptyline for migraine is an antidepressant all the same."""
        order = drug("", text="amitriptyline 10 mg", **reason("migraine"))
        assert signed(GRAVE, order) == ["safety critical"]
        assert signed(WORRYING, order) == ["safety warning"]

    @pytest.mark.parametrize(
        "text",
        [
            "oxycodone 5 mg",
            "buprenorphine-naloxone 8 mg/2 mg",
            "lorazepam 1 mg",
            "zolpidem 10 mg",
            "lithium carbonate 300 mg",
            "lamotrigine 100 mg",
            "valproate 500 mg",
            "methylphenidate 10 mg",
            "lisdexamfetamine 30 mg",
        ],
    )
    def test_drugs_dangerous_in_overdose_show_the_gravest_only(self, text: str) -> None:
        """Opioids, sedatives, lithium, anticonvulsants, stimulants: SAFE-1, not SAFE-2, and nothing else."""
        assert signed(GRAVE, drug("", text=text)) == ["safety critical"]
        assert signed(WORRYING, drug("", text=text)) == NOTHING
        assert signed(DRINKING, drug("", text=text)) == NOTHING

    @pytest.mark.parametrize("draft", [AMOXICILLIN, service(text="TSH"), drug("", text="metformin 500 mg")])
    def test_it_is_not_shown_with_other_orders(self, draft: Json) -> None:
        """Those draw no card at all."""
        assert signed(GRAVE, draft) == NOTHING


class TestNotAssessed:
    """A relevant order that cannot be judged is never answered with an empty list."""

    def test_data_of_another_patient(self) -> None:
        """Alone or beside the right one."""
        other = patient(id="other")
        for chart in ({**PLAIN, "patient": other}, {**PLAIN, "item9": other}):
            assert signed(chart, ESKETAMINE) == UNKNOWN_WARNING
            assert signed(chart, MIRTAZAPINE) == UNKNOWN_INFO
            assert signed(chart, AMOXICILLIN) == NOTHING
            assert kinds(cards(call("patient-view", chart))) == UNKNOWN_INFO

    def test_drafts_of_another_patient(self) -> None:
        """An order that is about somebody else."""
        other = {"subject": {"reference": "Patient/other"}}
        assert signed(PLAIN, {**ESKETAMINE, **other}) == UNKNOWN_WARNING
        assert signed(PLAIN, {**MIRTAZAPINE, **other}) == UNKNOWN_INFO
        assert signed(PLAIN, {**AMOXICILLIN, **other}) == NOTHING

    @pytest.mark.parametrize("value", ["absent", None, refused("Patient")])
    def test_the_patient_did_not_come(self, value: Any) -> None:
        """Age and sex are unknown; a contraindication that is known is told all the same."""
        chart = without("patient", PLAIN) | ({} if value == "absent" else {"patient": value})
        assert signed(chart, ESKETAMINE) == UNKNOWN_WARNING
        assert signed(chart, MIRTAZAPINE) == UNKNOWN_INFO
        assert signed(chart | {"conditions": ANEURYSMATIC["conditions"]}, ESKETAMINE) == [
            "order-check critical"
        ]

    def test_the_medication_list_failed(self) -> None:
        """Unless enough trials are known without it."""
        assert signed(BLIND, ESKETAMINE) == UNKNOWN_WARNING
        assert signed(BLIND, MIRTAZAPINE) == UNKNOWN_INFO
        known = {**PLAIN, "medicationRequests": refused("MedicationRequest")}
        assert signed(known, ESKETAMINE) == ["order-check warning"]
        assert signed(known, MIRTAZAPINE) == ["insufficient-data info"]

    @pytest.mark.parametrize(
        "broken",
        [
            {"medicationCodeableConcept": "esketamine"},
            {"status": {"code": "draft"}},
            {"intent": ["order"]},
            {"subject": f"Patient/{PATIENT}"},
            {"doNotPerform": "yes"},
            {"resourceType": 5},
        ],
    )
    def test_a_draft_that_cannot_be_read(self, broken: Json) -> None:
        """A warning where an agent's name stands in it; what the record shows is told."""
        (card,) = cards(call("order-sign", ANEURYSMATIC, [{**ESKETAMINE, **broken}]))
        assert kinds([card]) == UNKNOWN_WARNING
        assert "Aneurysm or arterial dissection" in card["detail"]

    def test_a_draft_whose_medicine_is_unknown(self) -> None:
        """A Medication that was not sent, or codes that contradict each other."""
        apart = referring(medicationReference={"reference": "Medication/elsewhere"})
        codes = {"coding": [{"system": RXNORM, "code": code} for code in ("312938", "321988")]}
        agent = {"coding": [{"system": RXNORM, "code": code} for code in ("312938", "2119387")]}
        assert signed(PLAIN, apart) == UNKNOWN_INFO
        assert signed(PLAIN, referring(medicationCodeableConcept=codes)) == UNKNOWN_INFO
        assert signed(PLAIN, referring(medicationCodeableConcept=agent)) == UNKNOWN_WARNING

    def test_an_unreadable_draft_does_not_hide_a_readable_one(self) -> None:
        """The order for an agent is judged; a decision stands before a draft that may be anything."""
        lost = {**AMOXICILLIN, "id": "lost", "status": {}}
        assert signed(ANEURYSMATIC, lost, {**ESKETAMINE, "id": "e"}) == ["order-check critical"]
        assert signed(PLAIN, lost, {**MIRTAZAPINE, "id": "m"}) == DECIDED
        assert signed(PLAIN, {**ESKETAMINE, "status": {}}, {**MIRTAZAPINE, "id": "m"}) == UNKNOWN_WARNING

    def test_an_unreadable_draft_leaves_no_copy_behind(self) -> None:
        """Its copy in the prefetch is that draft and no treatment."""
        copy = {**ESKETAMINE, "status": "active", "authoredOn": ago(3)}
        (card,) = cards(call("order-sign", prefetched(*CHART, copy), [{**ESKETAMINE, "intent": {}}]))
        assert "treatment on record" not in words([card])

    @pytest.mark.parametrize(
        ("hook", "drafts", "expected"),
        [
            ("patient-view", [], UNKNOWN_INFO),
            ("order-sign", [ESKETAMINE], UNKNOWN_WARNING),
            ("order-sign", [nameless("238082") | FOR_DEPRESSION], UNKNOWN_WARNING),
            ("order-sign", [MIRTAZAPINE], UNKNOWN_INFO),
        ],
    )
    @pytest.mark.parametrize("place", ["service.answer.cards.assess", "service.answer.services.read_record"])
    def test_an_internal_failure(
        self, monkeypatch: pytest.MonkeyPatch, hook: str, drafts: list[Json], expected: list[str], place: str
    ) -> None:
        """One card that says so: a warning on an order for ketamine or esketamine, else information."""

        def fail(*_: Any, **__: Any) -> None:
            raise ZeroDivisionError("Jane Roe")

        monkeypatch.setattr(place, fail)
        answer = cards(call(hook, PLAIN, drafts))
        assert kinds(answer) == expected
        assert "failed" in answer[0]["summary"]
        assert "Jane Roe" not in words(answer)

    def test_a_failure_about_a_selection_is_about_what_is_selected(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An esketamine order that is not selected makes no warning."""

        def fail(*_: Any, **__: Any) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("service.answer.cards.assess", fail)
        pair = [{**MIRTAZAPINE, "id": "m"}, {**ESKETAMINE, "id": "e"}]
        assert kinds(cards(call("order-select", PLAIN, pair, ["MedicationRequest/m"]))) == UNKNOWN_INFO


class TestUnreadChart:
    """What could not be read of the problem list never reads as no depression."""

    @pytest.mark.parametrize(
        "broken",
        [
            {"code": 5},
            {"code": {}},
            {"verificationStatus": 5},
            {"subject": "p1"},
            {"subject": {"reference": "Patient/other"}},
        ],
    )
    def test_the_only_diagnosis(self, broken: Json) -> None:
        """The diagnosis is asked for instead of silence."""
        chart = prefetched(
            *(one for one in CHART if one["resourceType"] != "Condition"),
            condition(SEVERE_DEPRESSION) | broken,
        )
        (card,) = cards(call("patient-view", chart))
        assert kinds([card]) == ["insufficient-data info"]
        assert "Check the problem list in the chart" in card["detail"]
        assert signed(chart, ESKETAMINE) == ["order-check warning"]

    @pytest.mark.parametrize("entries", ["x", [5], [{"resource": 5}], [{"resource": {"id": "no type"}}]])
    def test_a_list_of_which_nothing_can_be_read(self, entries: Any) -> None:
        """It is not retrievable."""
        chart = {**PLAIN, "conditions": {"resourceType": "Bundle", "type": "searchset", "entry": entries}}
        assert kinds(cards(call("patient-view", chart))) == ["insufficient-data info"]

    def test_a_number_of_entries_without_the_entries(self) -> None:
        """A total is no list."""
        counted = {"resourceType": "Bundle", "type": "searchset", "total": 3}
        assert kinds(cards(call("patient-view", {**PLAIN, "conditions": counted}))) == [
            "insufficient-data info"
        ]
        none = {**PLAIN, "conditions": {**counted, "total": 0}}
        assert kinds(cards(call("patient-view", none))) == NOTHING

    def test_a_broken_entry_beside_the_diagnosis_is_named(self) -> None:
        """An aneurysm that cannot be read is told as an unread entry of the problem list, in words."""
        (card,) = cards(call("order-sign", prefetched(*CHART, condition(ANEURYSM, code=5)), [ESKETAMINE]))
        assert "problem-list entries: 1 of 2" in card["detail"]
        assert "Condition/" not in card["detail"]
        assert "could not be read" in card["detail"]


class TestPrecondition:
    """A relevant call without anything essential: a warning for an agent, else 412."""

    WITHOUT: tuple[Json | None, ...] = (None, {}, {"observations": PLAIN["observations"]}, {"item1": None})

    @pytest.mark.parametrize("prefetch", WITHOUT)
    def test_a_relevant_order_without_data(self, prefetch: Json | None) -> None:
        """Neither patient, conditions nor medication requests came under any key."""
        body = call("order-sign", prefetch, [MIRTAZAPINE])
        assert usual().post(PATH.format(hook="order-sign"), json=body).status_code == 412

    @pytest.mark.parametrize("hook", ["order-select", "order-sign"])
    @pytest.mark.parametrize("prefetch", WITHOUT)
    @pytest.mark.parametrize("drafts", [[ESKETAMINE], [ESKETAMINE, MIRTAZAPINE]])
    def test_an_order_for_an_agent_without_data(
        self, prefetch: Json | None, drafts: list[Json], hook: str
    ) -> None:
        """Exactly one warning that nothing was assessed, for an error may not reach who orders."""
        (card,) = cards(call(hook, prefetch, drafts))
        assert kinds([card]) == ["not-assessed warning"]
        assert "could be retrieved" in card["summary"]

    def test_an_unrelated_order_needs_no_data(self) -> None:
        """There is nothing to judge."""
        body = call("order-sign", None, [AMOXICILLIN])
        assert usual().post(PATH.format(hook="order-sign"), json=body).get_json() == {"cards": []}
