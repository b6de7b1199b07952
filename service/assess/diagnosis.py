"""What the problem list says about depression (clinical rules 7.3 step 1, 12 and 13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mappings.diagnoses import DiagnosisGroup
from service.assess.entries import recognised
from service.clinical.facts import PatientFacts, Problem
from service.clinical.statement import Stance


@dataclass(frozen=True, kw_only=True, slots=True)
class Depression:
    """Entries about depression.

    `active` are those of unipolar depression now, `major` the confirmed major depression among them,
    `remitted` those that show that an episode ended, `resistant` those that are called treatment-resistant.
    """

    active: tuple[Problem, ...]
    major: tuple[Problem, ...]
    remitted: tuple[Problem, ...]
    resistant: tuple[Problem, ...] = ()


def depression(problems: Sequence[Problem], groups: Mapping[str, DiagnosisGroup]) -> Depression:
    """Return the entries of the problem list that are about depression."""
    major = _of(problems, groups["major-depression"])
    unspecified = _of(problems, groups["depression-unspecified"])
    ambiguous = _of(major, groups["unspecified-single-episode"])
    in_remission = _of(problems, groups["depression-remission"])
    gone, named = _references(in_remission), _references(major) - _references(ambiguous)
    active = [p for p in (*major, *unspecified) if p.active and p.reference not in gone]
    ended = [
        p for p in major if p.reference not in gone and (p.abated or p.status in ("remission", "resolved"))
    ]
    return Depression(
        active=tuple({p.reference: p for p in active}.values()),
        major=tuple(p for p in active if p.reference in named and _sure(p, groups["major-depression"])),
        remitted=(*in_remission, *ended),
        resistant=tuple(p for p in active if _sure(p, groups["treatment-resistant"])),
    )


def _references(problems: Sequence[Problem]) -> frozenset[str]:
    return frozenset(problem.reference for problem in problems)


def _of(problems: Sequence[Problem], group: DiagnosisGroup) -> list[Problem]:
    return [p for p in problems if _names(p, group) and _early_enough(p, group)]


def _names(problem: Problem, group: DiagnosisGroup) -> bool:
    found = recognised(problem, group)
    return found is not None and found.stance in (Stance.AFFIRMED, Stance.SUSPECTED)


def _sure(problem: Problem, group: DiagnosisGroup) -> bool:
    """Whether neither its status nor its words leave a doubt."""
    found = recognised(problem, group)
    if found is None or found.disagrees or problem.unconfirmed:
        return False
    return found.stance is Stance.AFFIRMED


def _early_enough(problem: Problem, group: DiagnosisGroup) -> bool:
    """An entry of which no date is known may be as old as the group asks."""
    written = problem.recorded or problem.onset
    return group.before is None or written is None or written.first < group.before


def unread_problems(facts: PatientFacts) -> tuple[str, ...]:
    """Return the entries of the problem list that were set aside: any of them may be the depression.

    What is about another person is none of them.
    """
    known = {problem.reference for problem in facts.problems}
    lost = (
        each.reference
        for each in facts.unreadable
        if each.reference.startswith("Condition") and not each.foreign
    )
    return tuple(dict.fromkeys(reference for reference in lost if reference not in known))
