"""What the packet says of the policy: its edition, the diagnosis, its criteria, and what stays open."""

from collections.abc import Sequence

from service.clinical.criteria import ReadCriterion, Standing
from service.clinical.facts import Problem
from service.paper.words import LONGEST, PacketMatter, PaperWords
from service.render.escape import plain


def edition(matter: PacketMatter, words: PaperWords) -> str:
    """Return whose policy it is, of which day, and how it was read."""
    policy = matter.read.policy
    return words.say(
        "edition",
        publisher=policy.publisher,
        jurisdiction=policy.jurisdiction,
        version=policy.version,
        dated=policy.dated or policy.effective_from or words.say("undated"),
        read=words.read(policy.read),
        read_on=policy.read_on,
    )


def diagnoses(matter: PacketMatter, words: PaperWords) -> list[str]:
    """Return the entries of depression that the verdict rests on, with codes and dates."""
    named = [problem for problem in matter.facts.problems if problem.reference in matter.assessment.diagnoses]
    return [_diagnosis(problem, words) for problem in named] or [words.say("no_diagnosis")]


def _diagnosis(problem: Problem, words: PaperWords) -> str:
    codes = " ".join(code.code for code in problem.codes)
    name = plain(f"{codes} {problem.text}", LONGEST)
    when = problem.dated
    told = words.say("since", name=name, start=when.written or when) if when else name
    return f"{told} ({words.entries((problem.reference,))})"


def counts(matter: PacketMatter, words: PaperWords) -> str:
    """Return how many criteria have each status."""
    found = [criterion.shown.standing for criterion in matter.read.criteria]
    told = [f"{words.status(standing.value)} {found.count(standing)}" for standing in Standing]
    return words.say("counts", counts=", ".join(told))


def criteria(matter: PacketMatter, words: PaperWords) -> list[Sequence[str]]:
    """Return a row for each criterion: status, what is asked for, what is on record, entries."""
    return [_criterion(criterion, words) for criterion in matter.read.criteria]


def _criterion(criterion: ReadCriterion, words: PaperWords) -> Sequence[str]:
    shown = criterion.shown
    lacking = "; ".join(shown.lacking)
    told = [shown.found, words.say("settled", text=lacking) if lacking else ""]
    return (
        words.status(shown.standing.value),
        criterion.asked,
        plain(". ".join(filter(None, told)), 2 * LONGEST),
        words.entries(shown.evidence),
    )


def to_document(matter: PacketMatter, words: PaperWords) -> list[str]:
    """Return a line to tick for each criterion that the record does not settle."""
    return [
        words.say(
            "to_document", title=criterion.title, text=plain("; ".join(criterion.shown.lacking), LONGEST)
        )
        for criterion in matter.read.criteria
        if criterion.shown.standing is not Standing.MET
    ] or [words.say("nothing")]
