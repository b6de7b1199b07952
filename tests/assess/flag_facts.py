"""Records of the tests of flags and safety, told from the day of evaluation backwards."""

from datetime import date, timedelta
from typing import Any

from mappings.clauses import load_clauses
from mappings.flags import load_flags
from mappings.safety import load_safety
from mappings.terminology import Product
from service.assess.flags import flags, raised_hits
from service.assess.flags.gaps import flag_gaps
from service.clinical.assessment import Flag, Gap
from service.clinical.facts import (
    Allergy,
    BloodPressure,
    Code,
    EntryText,
    Exposure,
    Intervention,
    Lab,
    PatientFacts,
    Person,
    Problem,
    RiskAnswer,
    ServiceOrder,
    SourceKind,
)
from service.clinical.partial_date import PartialDate, on
from service.normalise.clauses import statement

D0 = date(2026, 11, 2)
FLAGS = load_flags()
SAFETY = load_safety()
CLAUSES = load_clauses()
MAN_45 = Person(reference="Patient/p", born=on(date(1981, 5, 17)), gender="male")


def ago(days: int, hour: float | None = None) -> PartialDate:
    """The day `days` before the day of evaluation, at `hour` o'clock UTC where given."""
    day = D0 - timedelta(days=days)
    return PartialDate(day, day, None if hour is None else day.toordinal() * 86400 + hour * 3600)


def person(years: int, gender: str = "female") -> Person:
    """A person whose birthday is the day of evaluation."""
    return Person(reference="Patient/p", born=on(date(D0.year - years, D0.month, D0.day)), gender=gender)


def problem(*codes: str, **members: Any) -> Problem:
    """An entry of the problem list with ICD-10 codes; active, unless `members` say otherwise."""
    given: dict[str, Any] = {
        "reference": "Condition/c",
        "text": "",
        "status": "active",
        "groups": frozenset(),
    }
    return Problem(codes=tuple(Code(system="icd10", code=code) for code in codes), **{**given, **members})


def grouped(*groups: str, **members: Any) -> Problem:
    """An entry that a SNOMED CT code of the given groups names."""
    return problem(groups=frozenset(groups), **members)


def worded(text: str, **members: Any) -> Problem:
    """An entry that nothing but its text names."""
    return problem(text=text, wordings=(EntryText(text=text, says=statement(text, CLAUSES)),), **members)


def ended(when: PartialDate | None = None, **members: Any) -> dict[str, Any]:
    """The members of an entry that is over, on a known day or not."""
    return {"status": "resolved", "abated": when is not None, "abatement": when, **members}


def medicine(*groups: str, route: str = "oral", ingredient: str = "a drug", **members: Any) -> Exposure:
    """An active order that states no end, unless `members` say otherwise."""
    product = Product(ingredients=(ingredient,), groups=frozenset(groups), route=route)
    given: dict[str, Any] = {
        "reference": "MedicationRequest/m",
        "source": SourceKind.ORDER,
        "ingredient": ingredient,
        "product": product,
        "status": "active",
        "start": ago(200),
    }
    return Exposure(**{**given, **members})


def dispense(*groups: str, start: PartialDate | None, supply: int | None, **members: Any) -> Exposure:
    """A completed dispense for `supply` days."""
    return medicine(
        *groups,
        source=SourceKind.DISPENSE,
        status="completed",
        start=start,
        supply_days=supply,
        reference="MedicationDispense/d",
        **members,
    )


def pressure(
    days: int, systolic: float | None, diastolic: float | None, hour: float | None = None
) -> BloodPressure:
    """A reading `days` before the day of evaluation."""
    reference = f"Observation/bp-{days}-{systolic}-{diastolic}"
    return BloodPressure(reference=reference, when=ago(days, hour), systolic=systolic, diastolic=diastolic)


def lab(concept: str, days: int, value: float | None = None, **members: Any) -> Lab:
    """A measurement `days` before the day of evaluation."""
    said = members.get("answer")
    return Lab(
        reference=f"Observation/{concept}-{days}",
        when=ago(days),
        concept=concept,
        value=value,
        says=statement(said, CLAUSES) if said else None,
        **members,
    )


def answer(question: str, value: int, days: int, hour: float | None = None) -> RiskAnswer:
    """An answer to a suicide-risk question."""
    return RiskAnswer(
        reference=f"Observation/{question}-{days}", when=ago(days, hour), question=question, value=value
    )


def allergy(*ingredients: str, **members: Any) -> Allergy:
    """An active, confirmed allergy entry without a type."""
    given: dict[str, Any] = {"reference": "AllergyIntolerance/a", "text": "", "status": "active"}
    return Allergy(ingredients=ingredients, **{**given, **members})


def procedure(*concepts: str, text: str = "", status: str = "completed", **members: Any) -> Intervention:
    """A procedure."""
    return Intervention(
        reference="Procedure/p",
        concepts=frozenset(concepts),
        text=text,
        wordings=(EntryText(text=text, says=statement(text, CLAUSES)),),
        status=status,
        **members,
    )


def service_order(text: str, status: str = "active", intent: str = "order") -> ServiceOrder:
    """A service request."""
    return ServiceOrder(
        reference="ServiceRequest/s",
        concepts=frozenset(),
        text=text,
        affirmed=text,
        status=status,
        intent=intent,
    )


def record(**lists: Any) -> PatientFacts:
    """A 45-year-old man about whom only `lists` are known."""
    return PatientFacts(**{"person": MAN_45, "lists": {}, **lists})


def raised(facts: PatientFacts) -> dict[str, Flag]:
    """The flags of `facts` on the day of evaluation, by id."""
    return {flag.id: flag for flag in flags(facts, FLAGS, D0)}


def levels(facts: PatientFacts) -> dict[str, tuple[str | None, str | None]]:
    """Esketamine and ketamine level of every flag."""
    return {one.id: (one.esketamine, one.ketamine) for one in flags(facts, FLAGS, D0)}


def having(*problems: Problem) -> dict[str, tuple[str | None, str | None]]:
    """The levels of the flags that `problems` raise."""
    return levels(record(problems=problems))


def gaps_of(facts: PatientFacts) -> dict[str, Gap]:
    """What the facts do not tell about flags, by id."""
    return {gap.id: gap for gap in flag_gaps(facts, raised_hits(facts, FLAGS, D0), FLAGS, D0)}
