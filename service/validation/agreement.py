"""How far a key and the results of a screening agree, for each conclusion and each drug."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from service.clinical.assessment import Conclusion, TrialStatus
from service.validation.kappa import Kappa, kappa
from service.validation.key import CONCLUSION, HandScoredKey, ScoredPatient, Scoring, Verdicts

VERSION = 1
NOT_NAMED = Scoring(TrialStatus.NOT_COUNTED, "not named")
"""What a reader says of a drug of which the reader says nothing."""


class Results(Struct, frozen=True):
    """What was said of the scored patients, by which tables and which definition of resistance."""

    said: Verdicts
    rule_set: str
    profile: str


class Agreed(Struct, frozen=True, kw_only=True):
    """Agreement about one thing."""

    about: str
    agreement: Kappa


class Cell(Struct, frozen=True, kw_only=True):
    """How often the key says one thing and the service another, or the same."""

    key: str
    service: str
    number: int


class Disagreement(Struct, frozen=True, kw_only=True):
    """One verdict on which key and service differ, with both reasons."""

    patient: str
    as_of: date
    item: str
    key: str
    key_reason: str
    service: str
    service_reason: str


class AgreementReport(Struct, frozen=True, kw_only=True, rename="camel"):
    """What `ketamine-cds validate` writes.

    `conclusions` hold each conclusion against all others, `drugs` tell of those that key or service name.
    `not_found` are scored patients of whom the results say nothing.
    """

    version: int
    made_on: date
    rule_set: str
    profile: str
    patients: int
    left_empty: int
    not_found: tuple[str, ...]
    conclusion: Kappa
    conclusions: tuple[Agreed, ...]
    trials: Kappa
    drugs: tuple[Agreed, ...]
    conclusion_table: tuple[Cell, ...]
    trial_table: tuple[Cell, ...]
    disagreements: tuple[Disagreement, ...]


class _Pair(Struct, frozen=True):
    """Both verdicts on one item of one patient."""

    who: ScoredPatient
    item: str
    key: Scoring
    service: Scoring

    @property
    def verdicts(self) -> tuple[str, str]:
        """What either said."""
        return self.key.verdict, self.service.verdict


def agreement(key: HandScoredKey, results: Results, made_on: date) -> AgreementReport:
    """Return how far the results agree with the key."""
    pairs = [pair for who in key.scored for pair in _pairs(who, key, results)]
    about_all = [pair for pair in pairs if pair.item == CONCLUSION]
    about_drugs = [pair for pair in pairs if pair.item != CONCLUSION]
    drugs = sorted({pair.item for pair in about_drugs})
    return AgreementReport(
        version=VERSION,
        made_on=made_on,
        rule_set=results.rule_set,
        profile=results.profile,
        patients=len({pair.who.patient for pair in pairs}),
        left_empty=key.empty,
        not_found=tuple(sorted({who.patient for who in key.scored if who not in results.said})),
        conclusion=_of(about_all),
        conclusions=tuple(Agreed(about=c, agreement=_one_against_all(about_all, c)) for c in Conclusion),
        trials=_of(about_drugs),
        drugs=tuple(Agreed(about=d, agreement=_of([p for p in about_drugs if p.item == d])) for d in drugs),
        conclusion_table=_table(about_all),
        trial_table=_table(about_drugs),
        disagreements=tuple(_told(pair) for pair in pairs if pair.key.verdict != pair.service.verdict),
    )


def _pairs(who: ScoredPatient, key: HandScoredKey, results: Results) -> Iterator[_Pair]:
    """Yield each item that the reader judged, and each drug that either names."""
    if who not in results.said:
        return
    scored, said = key.scored[who], results.said[who]
    for item in dict.fromkeys((*scored, *said)):
        if item != CONCLUSION:
            yield _Pair(who, item, scored.get(item, NOT_NAMED), said.get(item, NOT_NAMED))
        elif item in scored:
            yield _Pair(who, item, scored[item], said[item])


def _of(pairs: Sequence[_Pair]) -> Kappa:
    return kappa([pair.verdicts for pair in pairs])


def _one_against_all(pairs: Sequence[_Pair], conclusion: str) -> Kappa:
    return kappa(
        [(str(one == conclusion), str(other == conclusion)) for one, other in (p.verdicts for p in pairs)]
    )


def _table(pairs: Sequence[_Pair]) -> tuple[Cell, ...]:
    counted = Counter(pair.verdicts for pair in pairs)
    return tuple(Cell(key=one, service=other, number=n) for (one, other), n in sorted(counted.items()))


def _told(pair: _Pair) -> Disagreement:
    return Disagreement(
        patient=pair.who.patient,
        as_of=pair.who.as_of,
        item=pair.item,
        key=pair.key.verdict,
        key_reason=pair.key.reason,
        service=pair.service.verdict,
        service_reason=pair.service.reason,
    )
