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
    `remitted` those that show that an episode ended, `resistant` those called treatment-resistant.
    """

    active: tuple[Problem, ...]
    major: tuple[Problem, ...]
    remitted: tuple[Problem, ...]
    resistant: tuple[Problem, ...] = ()


def depression(problems: Sequence[Problem], groups: Mapping[str, DiagnosisGroup]) -> Depression:
    """Return the entries of the problem list that are about depression."""
    major = _of(problems, groups["major-depression"])
    unspecified = _of(problems, groups["depression-unspecified"])
    places = frozenset(entry.place for entry in major)
    ambiguous = [
        entry for entry in _of(problems, groups["unspecified-single-episode"]) if entry.place in places
    ]
    in_remission = _of(problems, groups["depression-remission"])
    gone, named = _references(in_remission), _references(major) - _references(ambiguous)
    listed = [entry for entry in (*major, *unspecified) if entry.problem.reference not in gone]
    active = [entry for entry in listed if entry.problem.active]
    denied = {entry.place for entry in major if _denied(entry.problem, groups)}
    surely_major = _sure(problems, groups["major-depression"]) - denied
    surely_resistant = _sure(problems, groups["treatment-resistant"]) - denied
    ended = [
        entry.problem for entry in major if entry.problem.reference not in gone and _ended(entry.problem)
    ]
    return Depression(
        active=tuple({entry.problem.reference: entry.problem for entry in active}.values()),
        major=tuple(
            entry.problem
            for entry in active
            if entry.place in surely_major and entry.problem.reference in named
        ),
        remitted=(*(entry.problem for entry in in_remission), *ended),
        resistant=tuple(entry.problem for entry in active if entry.place in surely_resistant),
    )


def _references(named: Sequence[Named]) -> frozenset[str]:
    return frozenset(entry.problem.reference for entry in named)


def _ended(problem: Problem) -> bool:
    return problem.abated or problem.status in ("remission", "resolved")


def _of(problems: Sequence[Problem], group: DiagnosisGroup) -> list[Named]:
    stances = (Stance.AFFIRMED, Stance.SUSPECTED)
    return [
        entry
        for entry in naming(problems, group)
        if entry.found.stance in stances and _early_enough(entry.problem, group)
    ]


def _sure(problems: Sequence[Problem], group: DiagnosisGroup) -> frozenset[int]:
    """Return the places of the entries whose status and words leave no doubt."""
    return frozenset(
        entry.place
        for entry in naming(problems, group)
        if entry.found.stance is Stance.AFFIRMED and not (entry.found.disagrees or entry.problem.unconfirmed)
    )


def _denied(problem: Problem, groups: Mapping[str, DiagnosisGroup]) -> bool:
    """Tell whether the words of an entry deny depression itself."""
    major, unspecified = groups["major-depression"], groups["depression-unspecified"]
    texts = wordings(problem)
    if any(unspecified.text_except.in_text(wording.text) for wording in texts):
        return False
    return denies(texts, (major.text, major.short, unspecified.text))


def _early_enough(problem: Problem, group: DiagnosisGroup) -> bool:
    """Tell whether the entry may be as old as the group requires, as one without a date may be."""
    written = problem.recorded or problem.onset
    return group.before is None or written is None or written.first < group.before


def problems_not_read(facts: PatientFacts) -> tuple[str, ...]:
    """Return the problems that could not be read: any of them may be the depression.

    Entries about another person are left out.
    """
    known = {problem.reference for problem in facts.problems}
    lost = (
        each.reference
        for each in facts.unreadable
        if each.reference.startswith("Condition") and not each.foreign
    )
    return tuple(dict.fromkeys(reference for reference in lost if reference not in known))
