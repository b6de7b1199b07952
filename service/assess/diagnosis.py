"""What the problem list says about depression (clinical rules 7.3 step 1, 12 and 13)."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from mappings.diagnoses import DiagnosisGroup
from service.assess.entries import denies, wordings
from service.assess.problem_list import Named, naming
from service.clinical.facts import PatientFacts, Problem
from service.clinical.statement import Stance


class Depression(Struct, frozen=True, kw_only=True, gc=False):
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
    places = frozenset(one.place for one in major)
    ambiguous = [one for one in _of(problems, groups["unspecified-single-episode"]) if one.place in places]
    in_remission = _of(problems, groups["depression-remission"])
    gone, named = _references(in_remission), _references(major) - _references(ambiguous)
    listed = [one for one in (*major, *unspecified) if one.problem.reference not in gone]
    active = [one for one in listed if one.problem.active]
    denied = {one.place for one in major if _denied(one.problem, groups)}
    surely_major = _sure(problems, groups["major-depression"]) - denied
    surely_resistant = _sure(problems, groups["treatment-resistant"]) - denied
    ended = [one.problem for one in major if one.problem.reference not in gone and _ended(one.problem)]
    return Depression(
        active=tuple({one.problem.reference: one.problem for one in active}.values()),
        major=tuple(
            one.problem for one in active if one.place in surely_major and one.problem.reference in named
        ),
        remitted=(*(one.problem for one in in_remission), *ended),
        resistant=tuple(one.problem for one in active if one.place in surely_resistant),
    )


def _references(named: Sequence[Named]) -> frozenset[str]:
    return frozenset(one.problem.reference for one in named)


def _ended(problem: Problem) -> bool:
    return problem.abated or problem.status in ("remission", "resolved")


def _of(problems: Sequence[Problem], group: DiagnosisGroup) -> list[Named]:
    said = (Stance.AFFIRMED, Stance.SUSPECTED)
    return [
        one
        for one in naming(problems, group)
        if one.found.stance in said and _early_enough(one.problem, group)
    ]


def _sure(problems: Sequence[Problem], group: DiagnosisGroup) -> frozenset[int]:
    """Return the places of the entries whose status and words leave no doubt."""
    return frozenset(
        one.place
        for one in naming(problems, group)
        if one.found.stance is Stance.AFFIRMED and not (one.found.disagrees or one.problem.unconfirmed)
    )


def _denied(problem: Problem, groups: Mapping[str, DiagnosisGroup]) -> bool:
    """Tell whether the words of an entry deny depression, and not another thing that is called one."""
    major, unspecified = groups["major-depression"], groups["depression-unspecified"]
    said = wordings(problem)
    if any(unspecified.text_except.in_text(one.text) for one in said):
        return False
    return denies(said, (major.text, major.short, unspecified.text))


def _early_enough(problem: Problem, group: DiagnosisGroup) -> bool:
    """Return an entry of which no date is known may be as old as the group asks."""
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
