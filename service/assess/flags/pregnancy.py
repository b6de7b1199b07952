"""Pregnancy, breastfeeding and pre-eclampsia now, whatever the recorded sex.

A statement of pregnancy holds for at most the length of a pregnancy and until a later delivery, loss or
negative test. An entry that ended says nothing about now, only that the pregnancy is over.
"""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from mappings.entries import EntryWords
from mappings.flag_figures import PregnancyRule
from mappings.flags import FlagRow, FlagTable
from mappings.matching import NO_WORDS, Finding
from service.assess.entries import described, recognised
from service.assess.flags.conditions import believed
from service.assess.flags.hits import Hit, at_level, believed_as, hit
from service.assess.moments import FirstAfter, Moments, first_after, moments
from service.assess.problem_list import Named, naming
from service.assess.recency import may_be_within, surely_within
from service.clinical.assessment import Level
from service.clinical.facts import Lab, Manner, PatientFacts, Problem
from service.clinical.partial_date import PartialDate, on
from service.clinical.statement import Stance


class PregnancySign(Struct, frozen=True, kw_only=True, gc=False):
    """One statement about pregnancy: an entry, or the result of a measurement; `when` None: day unknown."""

    when: PartialDate | None
    text: str
    reference: str
    problem: Problem | None = None
    lab: Lab | None = None


def pregnancy_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return a hit for each statement of pregnancy that still holds."""
    rule = table.pregnancy
    signs = [*_pregnant_entries(facts, rule, table.words), *_pregnant_answers(facts, rule)]
    if not signs:
        return ()
    ends, negatives = moments(_ends(facts, rule)), moments(_negatives(facts, rule))
    found = (_hit(row, sign, table) for sign in signs if _holds(sign, ends, negatives, rule, as_of))
    return tuple(filter(None, found))


def pregnancy_known(facts: PatientFacts, table: FlagTable, as_of: date) -> bool:
    """Tell whether the record says recently enough that the patient is not pregnant."""
    rule = table.pregnancy
    stated = [*_negatives(facts, rule), *_ends(facts, rule)]
    return any(surely_within(when, rule.negative_days, as_of) for when in stated)


def pre_eclampsia_hits(row: FlagRow, facts: PatientFacts, table: FlagTable, as_of: date) -> tuple[Hit, ...]:
    """Return a hit for each entry: in full until six weeks after the pregnancy, then for information."""
    rule = table.pregnancy
    entries = _saying(facts.problems, rule.pre_eclampsia)
    if not entries:
        return ()
    ends = first_after(_ends(facts, rule))
    after = {entry.place for entry in _naming_now(facts.problems, rule.pre_eclampsia_after)}
    over = (_over(entry.problem, entry.place in after, ends, rule, as_of) for entry in entries)
    found = (
        _pre_eclampsia_hit(row, entry.problem, past, table) for entry, past in zip(entries, over, strict=True)
    )
    return tuple(filter(None, found))


def _pre_eclampsia_hit(row: FlagRow, problem: Problem, past: bool, table: FlagTable) -> Hit | None:
    rule, words = table.pregnancy, table.words
    if past:
        text = described(problem, rule.pre_eclampsia, words, rule.past_text)
        found = hit(row, text, problem.reference, esketamine=rule.past_level, ketamine=rule.past_level)
    else:
        found = hit(row, described(problem, rule.pre_eclampsia, words), problem.reference)
    return _believed(row, found, problem, rule.pre_eclampsia, table)


def _over(problem: Problem, after: bool, ends: FirstAfter, rule: PregnancyRule, as_of: date) -> bool:
    """Tell whether six weeks have surely passed since the pregnancy of the entry ended.

    `ends` are the ends of pregnancies; `after`: the entry is called postpartum.
    """
    began = problem.dated
    if after:
        return began is not None and not may_be_within(began, rule.after_days, as_of)
    known = [ends.day(began)] if began else []
    known.append(problem.abatement.last if problem.abatement else None)
    if days := [day for day in known if day]:
        return not may_be_within(on(min(days)), rule.after_days, as_of)
    if began is None:
        return not problem.active
    return not may_be_within(began, rule.days + rule.after_days, as_of)


def _pregnant_entries(facts: PatientFacts, rule: PregnancyRule, words: EntryWords) -> list[PregnancySign]:
    over = {entry.place for entry in _naming_now(facts.problems, rule.ended)}
    return [
        PregnancySign(
            when=entry.problem.dated,
            text=described(entry.problem, rule.pregnant, words, found=entry.found),
            reference=entry.problem.reference,
            problem=entry.problem,
        )
        for entry in _saying(facts.problems, rule.pregnant)
        if entry.problem.active and entry.place not in over
    ]


def _naming_now(problems: Sequence[Problem], finding: Finding) -> list[Named]:
    """Return the entries that affirm the finding for now."""
    return [entry for entry in naming(problems, finding) if entry.found.stance is Stance.AFFIRMED]


def _saying(problems: Sequence[Problem], finding: Finding) -> list[Named]:
    """Return the entries that affirm or suspect the finding for now."""
    stances = (Stance.AFFIRMED, Stance.SUSPECTED)
    return [entry for entry in naming(problems, finding) if entry.found.stance in stances]


def _pregnant_answers(facts: PatientFacts, rule: PregnancyRule) -> list[PregnancySign]:
    texts = {rule.status: rule.status_text, rule.test: rule.test_text}
    return [
        PregnancySign(
            when=lab.when, text=texts[lab.concept].format(day=lab.when), reference=lab.reference, lab=lab
        )
        for lab in facts.labs
        if lab.concept in texts and _says_pregnant(lab, rule)
    ]


def _holds(sign: PregnancySign, ends: Moments, negatives: Moments, rule: PregnancyRule, as_of: date) -> bool:
    if sign.when is None:
        return True
    if not may_be_within(sign.when, rule.days, as_of):
        return False
    return not (ends.any_same_day_or_after(sign.when) or negatives.any_surely_after(sign.when))


def _ends(facts: PatientFacts, rule: PregnancyRule) -> list[PartialDate]:
    """Return the days on which a pregnancy was delivered, lost or recorded as over."""
    delivered = [problem.dated for problem in _confirmed(facts.problems, rule.ended)]
    closed = [problem.abatement for problem in _confirmed(facts.problems, rule.pregnant)]
    return [day for day in (*delivered, *closed) if day]


def _confirmed(
    problems: Sequence[Problem], finding: Finding, stances: tuple[Stance, ...] = (Stance.AFFIRMED,)
) -> list[Problem]:
    named = naming(problems, finding)
    return [
        entry.problem for entry in named if entry.found.stance in stances and not entry.problem.unconfirmed
    ]


def _negatives(facts: PatientFacts, rule: PregnancyRule) -> list[PartialDate]:
    answers = [
        lab.when
        for lab in facts.labs
        if lab.concept in (rule.status, rule.test) and _says_not_pregnant(lab, rule)
    ]
    # The words of the finding deny by themselves: "pregnancy test negative".
    entries = _confirmed(facts.problems, rule.not_pregnant, (Stance.AFFIRMED, Stance.DENIED))
    return answers + [entry.dated for entry in entries if entry.dated]


def _says_pregnant(lab: Lab, rule: PregnancyRule) -> bool:
    if _says_no(lab, rule):
        return False
    if lab.concept == rule.test and lab.value is not None:
        return lab.value >= (lab.upper_limit or rule.test_positive_from)
    return _positive_code(lab, rule) or _stance(lab, rule) in (Stance.AFFIRMED, Stance.SUSPECTED)


def _says_not_pregnant(lab: Lab, rule: PregnancyRule) -> bool:
    if _says_no(lab, rule):
        return True
    return lab.concept == rule.test and lab.value is not None and lab.value < rule.test_negative_below


def _says_no(lab: Lab, rule: PregnancyRule) -> bool:
    if lab.code in rule.negative_codes or lab.answer in rule.no_answers:
        return True
    return not _positive_code(lab, rule) and rule.negative_answers.in_text(lab.answer)


def _positive_code(lab: Lab, rule: PregnancyRule) -> bool:
    return lab.code in rule.pregnant_codes or lab.code in rule.positive_codes


def _stance(lab: Lab, rule: PregnancyRule) -> Stance | None:
    """Return the stance of a result on pregnancy; None when its words do not mention it."""
    if lab.answer in rule.yes_answers:
        return Stance.AFFIRMED
    if lab.says is None:
        return None
    places = rule.positive_answers.places(lab.says.text, NO_WORDS)
    return min((lab.says.stance_at(place) for place, _ in places), default=None)


def _hit(row: FlagRow, sign: PregnancySign, table: FlagTable) -> Hit | None:
    found = hit(row, sign.text, sign.reference)
    if sign.problem is not None:
        return _believed(row, found, sign.problem, table.pregnancy.pregnant, table)
    return _measured(found, sign.lab, table) if sign.lab is not None else found


def _measured(found: Hit, lab: Lab, table: FlagTable) -> Hit:
    """Return the hit of a result, lowered to its coding; a suspicion in words is information."""
    rule = table.pregnancy
    if lab.value is None and not _positive_code(lab, rule) and _stance(lab, rule) is Stance.SUSPECTED:
        return at_level(replace(found, text=f"{found.text}, {table.words.suspected}"), Level.INFO)
    manner = Manner.CODE if lab.code in rule.pregnant_codes else lab.manner
    return believed_as(found, manner, table.words)


def _believed(row: FlagRow, found: Hit, problem: Problem, finding: Finding, table: FlagTable) -> Hit | None:
    named = recognised(problem, finding)
    return believed(row, found, problem, named, (finding.text,), table.words) if named else found
