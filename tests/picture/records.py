"""Records that are hard to draw: empty, crowded, old, undated, hostile. Days count back from D0."""

from datetime import date

from msgspec.structs import replace

from mappings.knowledge import Knowledge, load_knowledge
from service.assess import assess
from service.clinical.assessment import Assessment
from service.clinical.facts import (
    BloodPressure,
    Completeness,
    FetchFailure,
    Intervention,
    PatientFacts,
    Person,
    Problem,
    Score,
    SourceKind,
    Unreadable,
)
from service.clinical.partial_date import PartialDate, on
from tests.assess.course_facts import D0, NO_EFFECT, ago, filled, month, ordered, score, tablets, taken

KNOWLEDGE: Knowledge = load_knowledge()
PROFILE = "default"
HOSTILE = "</title><script>alert(1)</script>&\"'$x^2$\u202eevil\x00\ud800" + "ش" * 60 + "W" * 140
MAN = Person(reference="Patient/p", born=on(date(1981, 5, 17)), gender="male")
DEPRESSION = Problem(
    reference="Condition/mdd",
    codes=(),
    groups=frozenset({"mdd"}),
    text="Major depressive disorder",
    status="active",
)
NOTHING = PatientFacts(person=MAN, problems=(DEPRESSION,), lists={})


def pressure(days_ago: int, systolic: float | None, diastolic: float | None) -> BloodPressure:
    """A reading so many days ago."""
    return BloodPressure(
        reference=f"Observation/bp-{days_ago}", when=ago(days_ago), systolic=systolic, diastolic=diastolic
    )


def _crowded() -> PatientFacts:
    """Every antidepressant of the table, each in three courses."""
    taken_drugs = [
        filled(
            3000 - 100 * number - 900 * again,
            60,
            drug.dose[-1].minimum_mg * (1 + again),
            ingredient=name,
            product=tablets(name, 10.0),
        )
        for number, (name, drug) in enumerate(sorted(KNOWLEDGE.drugs.drugs.items()))
        for again in range(3)
        if 3000 - 100 * number - 900 * again > 0
    ]
    return replace(NOTHING, exposures=tuple(taken_drugs))


def _ten_years() -> PatientFacts:
    """Monthly fills, scores and pressures over ten years, the dose going up and down."""
    fills = [filled(3650 - 30 * n, 30, 50.0 * (1 + n % 4)) for n in range(0, 118) if n % 17]
    scores = [score(5 + n * 7 % 20, 3650 - 30 * n) for n in range(120)]
    pressures = [pressure(3650 - 30 * n, 120 + n % 70, 70 + n % 45) for n in range(120)]
    return replace(NOTHING, exposures=tuple(fills), scores=tuple(scores), pressures=tuple(pressures))


def _unknowns() -> PatientFacts:
    """No dates, no doses, no end: each course lacks something else."""
    return replace(
        NOTHING,
        exposures=(
            taken(SourceKind.STATEMENT, None, None, patient_reported=True),
            ordered(
                200, None, 20.0, ingredient="fluoxetine", product=tablets("fluoxetine", 20.0), status="active"
            ),
            filled(300, 60, None, ingredient="citalopram", product=tablets("citalopram")),
            filled(220, 30, 40.0, ingredient="citalopram", product=tablets("citalopram", 20.0)),
            taken(
                SourceKind.STATEMENT,
                150.0,
                month(2026, 3),
                end=month(2026, 8),
                ingredient="venlafaxine",
                product=tablets("venlafaxine", 75.0),
            ),
        ),
        scores=(
            Score(reference="Observation/m", when=month(2026, 5), scale="MADRS", total=31),
            Score(reference="Observation/q", when=ago(90), scale="PHQ-9", total=18),
        ),
        scores_not_read=(ago(30), None),
        pressures=(pressure(200, 150, None), pressure(20, None, 95)),
        unreadable=(Unreadable(reference="MedicationRequest/x", reason=HOSTILE),),
    )


def _running() -> PatientFacts:
    """Supply beyond the day of assessment, with days without supply inside the course."""
    fills = [filled(day, 30, mg) for day, mg in ((140, 50.0), (110, 100.0), (60, 200.0), (20, 200.0))]
    return replace(NOTHING, exposures=tuple(fills), scores=(score(21, 141), score(17, 3)))


def _beside() -> PatientFacts:
    """Lithium and electroconvulsive therapy beside two trials."""
    days = (100, 97, 95, 93, 90, 88, 86)
    treatments = [
        Intervention(
            reference=f"Procedure/ect-{day}",
            concepts=frozenset({"ect"}),
            text="ECT",
            status="completed",
            when=ago(day),
        )
        for day in days
    ]
    lithium = filled(250, 90, 900.0, ingredient="lithium", product=tablets("lithium", 300.0))
    return replace(
        NOTHING,
        exposures=(
            filled(300, 140, 150.0, stopped_for=NO_EFFECT),
            filled(155, 90, 225.0, ingredient="venlafaxine", product=tablets("venlafaxine", 75.0)),
            lithium,
        ),
        interventions=tuple(treatments),
        scores=(score(22, 301), score(20, 160), score(19, 60)),
        pressures=(pressure(40, 165, 96), pressure(12, 184, 112)),
    )


def _hostile() -> PatientFacts:
    """Markup, formulas, turned text and endless words wherever the record has words."""
    stopped = replace(NO_EFFECT, text=f"{HOSTILE} ineffective")
    one = filled(200, 60, stopped_for=stopped, reference=f"MedicationDispense/{HOSTILE}")
    return replace(
        NOTHING,
        person=replace(MAN, reference=f"Patient/{HOSTILE}"),
        exposures=(one,),
        scores=(Score(reference=HOSTILE, when=ago(10), scale="PHQ-9", total=20),),
        pressures=(replace(pressure(9, 120, 80), reference=HOSTILE),),
        unreadable=(Unreadable(reference=HOSTILE, reason=HOSTILE),),
    )


_LISTS = ("Condition", "Observation", "MedicationRequest", "MedicationDispense", "Procedure")
RECORDS = {
    "nothing": NOTHING,
    "unretrieved": PatientFacts(
        person=None,
        lists=dict.fromkeys(_LISTS, Completeness.NOT_RETRIEVABLE),
        lists_not_read={"Procedure": FetchFailure.INTERRUPTED},
    ),
    "crowded": _crowded(),
    "ten-years": _ten_years(),
    "unknowns": _unknowns(),
    "running": _running(),
    "beside": _beside(),
    "hostile": _hostile(),
    "ancient": replace(NOTHING, exposures=(filled(15000, 60), filled(300, 60))),
    "from-birth": replace(
        NOTHING,
        exposures=(
            taken(
                SourceKind.STATEMENT,
                100.0,
                PartialDate(date(1, 1, 1), date(1, 12, 31)),
                end=on(date(1, 12, 31)),
            ),
        ),
    ),
    "later": replace(NOTHING, scores=(score(20, -40), score(19, 30)), pressures=(pressure(-5, 130, 80),)),
}


def assessed(facts: PatientFacts, profile: str = PROFILE) -> Assessment:
    """The assessment of the record."""
    return assess(facts, KNOWLEDGE, profile, D0)
