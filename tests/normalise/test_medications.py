"""Medication resources: which are use of a medicine, from when to when."""

import json
from datetime import date

import pytest

from service.clinical.facts import SourceKind
from service.fhir.record import read_bundle
from service.normalise import facts
from tests.normalise.made import (
    AS_OF,
    RXNORM,
    SERTRALINE_50,
    SERTRALINE_100,
    Json,
    administration,
    bundle,
    concept,
    dispense,
    exposure,
    mg,
    patient,
    quantity,
    read,
    reasons,
    request,
    statement,
    tables,
    terminology,
)

DAY = date(2026, 1, 10)


@pytest.mark.parametrize("status", ["active", "completed", "stopped", "on-hold"])
def test_orders_that_stand_are_use(status: str) -> None:
    """Quirks 14 to 17: the status goes along, for on-hold covers nothing by itself."""
    assert exposure(request(status=status)).status == status


@pytest.mark.parametrize("status", ["cancelled", "draft", "entered-in-error"])
def test_orders_that_do_not_stand_are_none(status: str) -> None:
    """Quirk 17: known to be no order, so neither use nor unreadable."""
    found = read(request(status=status))
    assert (found.exposures, found.unreadable) == ((), ())


@pytest.mark.parametrize(
    "lacking", [{"status": None}, {"status": "unknown"}, {"intent": None}, {"intent": "x"}]
)
def test_an_order_that_may_be_none_is_listed(lacking: Json) -> None:
    """A missing status or intent neither makes an order nor unmakes it in silence."""
    found = read(request(**lacking))
    assert found.exposures == ()
    assert [one.reference for one in found.unreadable] == ["MedicationRequest/rx"]


@pytest.mark.parametrize(
    "intent", ["order", "original-order", "reflex-order", "filler-order", "instance-order"]
)
def test_every_kind_of_order_is_one(intent: str) -> None:
    """Quirk 21: all of them are orders."""
    assert exposure(request(intent=intent)).source is SourceKind.ORDER


def test_an_instance_order_does_not_double_its_parent() -> None:
    """Quirk 21: where the parent is in the record, the instance adds nothing."""
    instance = request(id="i", intent="instance-order", basedOn=[{"reference": "MedicationRequest/rx"}])
    assert [one.reference for one in read(request(), instance).exposures] == ["MedicationRequest/rx"]


@pytest.mark.parametrize("intent", ["proposal", "plan", "option"])
def test_a_plan_is_no_order(intent: str) -> None:
    """Quirk 20: a plan is neither use nor unreadable."""
    found = read(request(intent=intent))
    assert (found.exposures, found.unreadable) == ((), ())


def test_a_reported_plan_is_a_statement() -> None:
    """Quirk 20 and section H: one large EHR writes home medicines so."""
    found = exposure(request(intent="plan", reportedBoolean=True))
    assert (found.source, found.patient_reported) == (SourceKind.STATEMENT, True)


@pytest.mark.parametrize("told", [{"doNotPerform": True}, {"doNotPerform": True, "status": "completed"}])
def test_a_prohibition_is_no_use(told: Json) -> None:
    """Quirk 22: doNotPerform is a refusal or a prohibition."""
    assert read(request(**told)).exposures == ()


def test_do_not_perform_false_is_the_same_as_absent() -> None:
    """Quirk 23: the flag stated as false changes nothing."""
    assert exposure(request(doNotPerform=False)) == exposure(request())


def test_reported_orders_are_marked() -> None:
    """Quirk 24: reported by the patient or by somebody."""
    assert exposure(request(reportedReference={"reference": "Patient/p"})).patient_reported


@pytest.mark.parametrize(
    "status", ["in-progress", "declined", "stopped", "on-hold", "cancelled", "preparation"]
)
def test_only_what_was_handed_over_is_a_dispense(status: str) -> None:
    """Quirk 18: everything else is known not to be with the patient."""
    found = read(dispense(status=status))
    assert (found.exposures, found.unreadable) == ((), ())


def test_what_was_not_given_is_no_administration() -> None:
    """Quirk 19: not-done does not count."""
    assert read(administration(status="not-done")).exposures == ()


@pytest.mark.parametrize("status", ["not-taken", "intended", "entered-in-error"])
def test_what_was_not_taken_is_no_statement(status: str) -> None:
    """A statement may say that a medicine is not taken."""
    assert read(statement(status=status)).exposures == ()


@pytest.mark.parametrize(
    ("members", "start", "end"),
    [
        ({}, DAY, None),
        ({"authoredOn": "2026-01-10T23:30:00-08:00"}, DAY, None),
        (
            {"dosageInstruction": [mg(50, boundsPeriod={"start": "2026-02-01", "end": "2026-03-01"})]},
            date(2026, 2, 1),
            date(2026, 3, 1),
        ),
        (
            {
                "dosageInstruction": [
                    mg(50, boundsPeriod={"start": "2026-02-01", "end": "2026-03-01T23:59:59Z"})
                ]
            },
            date(2026, 2, 1),
            date(2026, 3, 1),
        ),
        (
            {
                "dosageInstruction": [
                    mg(50, boundsPeriod={"start": "2026-02-01", "end": "2026-03-01T00:00:00-05:00"})
                ]
            },
            date(2026, 2, 1),
            date(2026, 3, 1),
        ),
        ({"dosageInstruction": [mg(50, boundsPeriod={"start": "2026-02-01"})]}, date(2026, 2, 1), None),
        (
            {"dosageInstruction": [mg(50, boundsPeriod={"start": "2026-02-01", "end": "2025-03-01"})]},
            date(2026, 2, 1),
            None,
        ),
        ({"dosageInstruction": [mg(50, boundsDuration={"value": 6, "unit": "wk"})]}, DAY, date(2026, 2, 20)),
        ({"dosageInstruction": [{"text": "50 mg daily for 12 weeks"}]}, DAY, date(2026, 4, 3)),
        (
            {"dosageInstruction": [{"text": "1 tablet daily, Starting Sat 1/10/2026, Until Mon 3/9/2026"}]},
            DAY,
            date(2026, 3, 9),
        ),
        (
            {"authoredOn": None, "dispenseRequest": {"validityPeriod": {"start": "2026-01-12"}}},
            date(2026, 1, 12),
            None,
        ),
        ({"dispenseRequest": {"validityPeriod": {"start": "2026-01-12", "end": "2027-01-12"}}}, DAY, None),
    ],
)
def test_from_when_to_when_an_order_runs(members: Json, start: date, end: date | None) -> None:
    """Quirks 30, 37 and 38: bounds before the day of the order, validity is no end, the end as written."""
    found = exposure(request(**members))
    assert found.start is not None
    assert found.start.first == start
    assert (found.end.last if found.end else None) == end


def test_an_order_without_a_date_is_dated_by_its_encounter() -> None:
    """Quirk 30: the encounter is the last resort."""
    encounter = {"resourceType": "Encounter", "id": "e", "period": {"start": "2026-01-10T10:00:00Z"}}
    found = exposure(request(authoredOn=None, encounter={"reference": "Encounter/e"}), encounter)
    assert found.start is not None
    assert found.start.first == DAY
    assert "dated by the encounter" in found.notes


def test_an_order_without_any_date_stays_and_is_listed() -> None:
    """Quirk 30: undated is not a trial, and not silence."""
    found = read(request(authoredOn=None))
    assert found.exposures[0].start is None
    assert reasons(found) == ["MedicationRequest/rx: has no date: cannot be placed in time"]


def test_an_impossible_date_is_as_good_as_none() -> None:
    """A date that is none dates nothing."""
    assert read(request(authoredOn="2026-02-30")).exposures[0].start is None


def test_an_order_of_the_future_is_not_known_yet() -> None:
    """Resources dated after the day of evaluation are ignored."""
    assert read(request(authoredOn="2026-11-03")).exposures == ()
    assert len(read(request(authoredOn="2026-11-02")).exposures) == 1


def test_a_dispense_is_dated_by_its_handing_over_else_its_preparation() -> None:
    """Quirk 40: whenPrepared is the fallback."""
    found = exposure(dispense(whenHandedOver=None, whenPrepared="2026-01-10"))
    assert found.start is not None
    assert found.start.first == DAY


def test_a_dispense_without_a_date_is_no_dated_fill() -> None:
    """Quirk 41: no crash, no date, and it is listed."""
    found = read(dispense(whenHandedOver=None))
    assert found.exposures[0].start is None
    assert reasons(found) == ["MedicationDispense/disp: has no date: cannot be placed in time"]


def test_a_supply_without_days_is_counted_by_its_quantity() -> None:
    """Quirk 39: 60 tablets at two a day last 30 days."""
    twice = mg(100, frequency=2, period=1, periodUnit="d")
    assert exposure(dispense(quantity={"value": 60}, dosageInstruction=[twice])).supply_days == 30


def test_a_dispense_names_its_order() -> None:
    """The order that a supply carries out is followed in any form of reference."""
    told = [{"reference": "https://ehr.example.org/fhir/MedicationRequest/rx"}]
    found = read(request(), dispense(authorizingPrescription=told)).exposures
    assert found[1].order == "MedicationRequest/rx"


def test_a_statement_of_one_date_has_no_known_length() -> None:
    """Quirk 42: a point in time is no course; how long the medicine was taken is unknown."""
    found = exposure(statement(effectiveDateTime="2026-01-10"))
    assert (str(found.start), found.end) == ("2026-01-10", None)
    assert "reported for one point in time" in found.notes


def test_a_statement_without_a_date_is_history() -> None:
    """Quirk 43: no crash, no date; what the patient reports need not have one."""
    found = read(statement(informationSource={"reference": "Patient/p"}))
    assert (found.exposures[0].start, found.exposures[0].patient_reported) == (None, True)
    assert found.unreadable == ()


def test_a_statement_of_an_open_period_has_no_end() -> None:
    """Quirk 44: no end is stated, none is invented."""
    found = exposure(statement(effectivePeriod={"start": "2026-01"}))
    assert found.start is not None
    assert (found.start.first, found.start.last, found.end) == (date(2026, 1, 1), date(2026, 1, 31), None)


def test_administrations_of_one_day_make_one_daily_dose() -> None:
    """Two givings of 50 mg on one day are 100 mg a day."""
    given = [
        administration(
            SERTRALINE_50,
            id=str(hour),
            effectiveDateTime=f"2026-01-10T{hour}:00:00Z",
            dosage={"dose": {"value": 50, "unit": "mg"}},
        )
        for hour in (10, 20)
    ]
    assert [one.doses[0].daily_mg for one in read(*given).exposures] == [100, 100]


def test_recorded_non_adherence_is_kept() -> None:
    """Quirk 26: the US Core extension, coded."""
    told = {
        "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-medication-adherence",
        "extension": [
            {
                "url": "medicationAdherence",
                "valueCodeableConcept": concept("702565001", "http://snomed.info/sct"),
            }
        ],
    }
    assert exposure(request(extension=[told])).non_adherent
    told["extension"] = [{"url": "medicationAdherence", "valueCodeableConcept": {"text": "taking"}}]
    assert not exposure(request(extension=[told])).non_adherent


@pytest.mark.parametrize(
    "category", [None, [], [concept(text="inpatient")], concept(text="object, not list")]
)
def test_the_category_filters_nothing(category: object) -> None:
    """Quirk 27: a missing category, or one of the wrong shape, changes nothing."""
    assert exposure(request(category=category)).ingredient == "sertraline"


def test_prefetched_copies_of_a_draft_are_no_use() -> None:
    """A draft order is not past use, whatever the status of its copy in the record."""
    record = read_bundle(json.dumps(bundle(patient(), request(), request(id="other"))).encode())
    found = facts(record, terminology(), tables(), AS_OF, drafts=frozenset({"MedicationRequest/rx"}))
    assert [one.reference for one in found.exposures] == ["MedicationRequest/other"]


def test_other_medicines_are_exposures_too() -> None:
    """Flags need benzodiazepines and stimulants."""
    found = exposure(request("197527 clonazepam 0.5 MG Oral Tablet"))
    assert "benzodiazepine" in found.product.groups


def test_two_codes_of_one_drug_are_one_exposure() -> None:
    """Quirk 7: count one order once."""
    coding = [{"system": RXNORM, "code": code} for code in ("36437", SERTRALINE_100.split()[0])]
    assert len(read(request(medicationCodeableConcept={"coding": coding})).exposures) == 1


@pytest.mark.parametrize(
    ("milligrams", "daily"), [(100, 200), (10_000, 20_000), (50_000, None), (1e308, None)]
)
def test_a_dose_that_nobody_takes_is_unknown(milligrams: float, daily: float | None) -> None:
    """A slip of writing, or a number beyond all numbers, is no adequate dose."""
    twice = {"frequency": 2, "period": 1, "periodUnit": "d"}
    stated = {
        "timing": {"repeat": twice},
        "doseAndRate": [{"doseQuantity": {"value": milligrams, "unit": "mg"}}],
    }
    found = exposure(request(dosageInstruction=[stated]))
    assert [dose.daily_mg for dose in found.doses] == [daily]


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("Never took Prozac", False),
        ("Prozac - patient declined", False),
        ("Allergic to Prozac", False),
        ("Has never been on Prozac", False),
        ("Prozac, never took more than 20 mg", True),
        ("Tried Prozac, never had relief", True),
    ],
)
def test_a_statement_that_denies_use_is_no_history(text: str, used: bool) -> None:
    """R14.45: what was never taken is no exposure; what was taken too little or in vain is one."""
    found = read(statement(medicationCodeableConcept=concept(text=text)))
    assert (bool(found.exposures), found.unreadable) == (used, ())


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("no sertraline", False),
        ("No prior sertraline", False),
        ("No history of sertraline", False),
        ("denies taking sertraline", False),
        ("Denies any Zoloft", False),
        ("not on sertraline", False),
        ("not currently taking Zoloft", False),
        ("mother takes sertraline", False),
        ("wife: sertraline", False),
        ("sertraline", True),
        ("no sertraline since 2019", True),
        ("no response to sertraline", True),
        ("sertraline, no benefit", True),
        ("sertraline - not effective", True),
        ("per mother, took sertraline", True),
    ],
)
def test_a_name_that_denies_the_drug_is_no_history(text: str, used: bool) -> None:
    """R14.45: what was not taken, or by somebody else, is no exposure at all."""
    told = statement(medicationCodeableConcept=concept(text=text), effectivePeriod=None, dosage=[])
    assert bool(read(told).exposures) is used


DENIALS = [
    ("never took", False),
    ("Never took it.", False),
    ("did not take it", False),
    ("Patient states she never took any", False),
    ("refused, never started", False),
    ("not started due to cost", False),
    ("did not fill prescription", False),
    ("never picked up", False),
    ("never took sertraline", False),
    ("never took it regularly", True),
    ("never took more than 50 mg", True),
    ("did not take effect", True),
    ("did not take it as directed", True),
    ("did not take it since June", True),
    ("has not tried CBT", True),
    ("never tried lithium", True),
    ("stopped: never took fluoxetine with it", True),
    ("helped with sleep", True),
]


@pytest.mark.parametrize(("text", "used"), DENIALS)
@pytest.mark.parametrize("place", ["note", "statusReason"])
def test_what_stands_beside_a_coded_medicine_may_deny_its_use(place: str, text: str, used: bool) -> None:
    """R14.45: notes and reasons of statements and orders, read whole or not at all."""
    reported: Json = {place: [{"text": text}]}
    ordered: Json = {place: [{"text": text}] if place == "note" else {"text": text}}
    assert bool(read(statement(**reported)).exposures) is used
    assert bool(read(request(**ordered)).exposures) is used


@pytest.mark.parametrize(
    ("dates", "used"),
    [({}, False), ({"effectivePeriod": {"start": "2026-01-05", "end": "2026-03-30"}}, True)],
)
def test_declined_alone_denies_an_undated_statement(dates: Json, used: bool) -> None:
    """A course with dates that was declined in the end was one."""
    assert bool(read(statement(note=[{"text": "Patient declined."}], **dates)).exposures) is used
    assert read(request(statusReason={"text": "patient declined"}, status="stopped")).exposures


def test_the_fills_of_an_order_that_was_never_started_count() -> None:
    """What was handed over stands against what a note says."""
    order = request(id="rx", note=[{"text": "never started"}])
    found = read(order, dispense(daysSupply=quantity(30, "d"))).exposures
    assert [one.source for one in found] == ["dispense"]


def test_a_dispense_takes_its_days_from_its_order() -> None:
    """R14.43: 60 tablets without days or instruction, of an order for two a day, last 30 days."""
    order = request(id="rx", dosageInstruction=[{"text": "Take 1 tablet twice a day"}])
    filled = dispense(
        quantity=quantity(60, "tablet"), authorizingPrescription=[{"reference": "MedicationRequest/rx"}]
    )
    assert [one.supply_days for one in read(order, filled).exposures] == [None, 30]


def test_a_dispense_of_several_orders_has_no_days_of_theirs() -> None:
    """R14.43: which of two orders was filled is not known."""
    orders = [request(id=name, dosageInstruction=[{"text": "Take 1 tablet daily"}]) for name in ("a", "b")]
    named = [{"reference": f"MedicationRequest/{name}"} for name in ("a", "b")]
    filled = dispense(quantity=quantity(60, "tablet"), authorizingPrescription=named)
    assert read(*orders, filled).exposures[-1].supply_days is None


def test_text_and_structure_that_disagree_are_both_named() -> None:
    """R14.43: 100 mg against "25 mg daily" is no dose, and the note says both."""
    found = exposure(request(dosageInstruction=[mg(100) | {"text": "25 mg daily"}]))
    assert [dose.daily_mg for dose in found.doses] == [None]
    assert any("100 mg" in note and "25 mg daily" in note for note in found.notes)


@pytest.mark.parametrize(
    "text", ["50 mg twice a day", "50 to 100 mg daily", "100 mg daily", "alternate 50 and 100"]
)
def test_text_that_does_not_contradict_leaves_the_structured_dose(text: str) -> None:
    """R14.43: the same dose a day, a range that holds it, and a text that is not understood."""
    timing = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
    found = exposure(request(dosageInstruction=[mg(100) | {"text": text} | timing]))
    assert [dose.daily_mg for dose in found.doses] == [100]


@pytest.mark.parametrize(
    ("instructions", "days"),
    [
        ([{"when": ["MORN"]}, {"when": ["EVE"]}], 21),
        ([{}, {"asNeeded": True}], 21),
        ([{}, {}], 21),
        ([{"sequence": 1}, {"sequence": 2, "mg": 100}], 42),
    ],
)
def test_lengths_of_one_time_are_not_added(instructions: list[Json], days: int) -> None:
    """R14.12: morning and evening, scheduled and as needed, the same twice: 21 days; two steps: 42."""
    length = {"value": 21, "unit": "d", "code": "d"}
    dosages = []
    for one in instructions:
        repeat = {"frequency": 1, "period": 1, "periodUnit": "d", "boundsDuration": length}
        repeat |= {"when": one["when"]} if "when" in one else {}
        extra = {"asNeededBoolean": True} if "asNeeded" in one else {}
        extra |= {"sequence": one["sequence"]} if "sequence" in one else {}
        dosages.append(mg(one.get("mg", 50), **repeat) | extra)
    end = exposure(request(authoredOn="2026-01-01", dosageInstruction=dosages)).end
    assert end is not None
    assert (end.last - date(2026, 1, 1)).days + 1 == days


@pytest.mark.parametrize(
    ("count", "unit", "days"),
    [(1, "", 30), (2, "", None), (1, "tablet", None), (1, "package", 30), (10, "", 30)],
)
def test_a_number_without_a_unit_may_be_of_packs(count: float, unit: str, days: int | None) -> None:
    """R14.12: one of something says nothing of the days; two, or one tablet, are not a supply of 30."""
    once = [mg(100, frequency=1, period=1, periodUnit="d")]
    stated, lasting = quantity(count, unit), quantity(30, "d")
    found = exposure(dispense(dosageInstruction=once, quantity=stated, daysSupply=lasting))
    assert found.supply_days == days


def test_one_pack_without_directions_gives_no_dose() -> None:
    """7.2 step 2: strength x quantity / days of supply needs a quantity of tablets."""
    for count, mg_a_day in ((1, None), (30, 100)):
        found = exposure(dispense(quantity=quantity(count), daysSupply=quantity(30, "d")))
        assert [dose.daily_mg for dose in found.doses] == ([] if mg_a_day is None else [mg_a_day])


@pytest.mark.parametrize(("text", "last"), [("for 5 days then stop", 14), ("for 5 days", None)])
def test_a_fill_ends_where_its_directions_say_stop(text: str, last: int | None) -> None:
    """R14.14: what is stopped after five days is not taken for the days of the supply."""
    found = exposure(
        dispense(dosageInstruction=[{"text": f"Take 1 tablet daily {text}"}], daysSupply=quantity(60, "d"))
    )
    assert (found.end.last.day if found.end else None) == last


@pytest.mark.parametrize(
    ("text", "drugs"),
    [
        ("tried Prozac and Lexapro", ["escitalopram", "fluoxetine"]),
        ("Zoloft, Effexor and Remeron in the past", ["mirtazapine", "sertraline", "venlafaxine"]),
        ("Prozac and something else", ["fluoxetine"]),
        ("never took Prozac and Lexapro", []),
    ],
)
def test_a_report_that_lists_medicines_is_a_history_of_each(text: str, drugs: list[str]) -> None:
    """7.2 step 12: names without dose or dates, several in one sentence."""
    told = statement(medicationCodeableConcept=concept(text=text), effectivePeriod=None, dosage=[])
    assert sorted(one.ingredient for one in read(told).exposures) == drugs
