"""Which entries of the problem list mean what a table row names, and how such an entry is told."""

from mappings.entries import EntryWords
from mappings.matching import Finding
from service.clinical.facts import Problem
from service.clinical.when import When


def icd_codes(problem: Problem) -> tuple[str, ...]:
    """Return the entry's ICD-10 codes, upper case and without the dot."""
    return tuple(
        one.code.replace(".", "").upper() for one in problem.codes if one.system == "icd10" and one.code
    )


def matches(problem: Problem, finding: Finding) -> bool:
    """Tell whether the entry means `finding`: by code or group, else by its words when it has neither."""
    if finding.named.phrases and not finding.named.in_text(f"{problem.text} {problem.stage}"):
        return False
    if finding.not_named.in_text(problem.text):
        return False
    return by_code(problem, finding) or _worded(problem, finding)


def by_words_only(problem: Problem) -> bool:
    """Tell whether nothing but its text says what the entry means."""
    return not problem.groups and not icd_codes(problem)


def by_code(problem: Problem, finding: Finding) -> bool:
    """Tell whether a code or a group of the entry is one of the finding's."""
    if not finding.snomed.isdisjoint(problem.groups):
        return True
    return any(
        code.startswith(finding.codes.prefixes) and not code.startswith(finding.exceptions.prefixes)
        for code in icd_codes(problem)
    )


def _worded(problem: Problem, finding: Finding) -> bool:
    if not by_words_only(problem):
        return False
    return finding.text.in_text(problem.text) and not finding.text_except.in_text(problem.text)


def name_of(problem: Problem, finding: Finding) -> str:
    """Return the entry's own words, else the name that the table gives its code."""
    named = (finding.codes.name_of(code) for code in icd_codes(problem))
    return problem.text or next((name for name in named if name), problem.reference)


def told(problem: Problem, finding: Finding, words: EntryWords, remark: str = "") -> str:
    """Return the entry as a phrase: its name, its dates and what is uncertain about it."""
    remarks = [_dated(problem, words), _ended(problem, words), *_doubts(problem, words), remark]
    return f"{name_of(problem, finding)} ({', '.join(one for one in remarks if one)})"


def _dated(problem: Problem, words: EntryWords) -> str:
    if problem.onset:
        return words.since.format(day=problem.onset)
    if problem.recorded:
        return words.recorded.format(day=problem.recorded)
    return words.undated


def _ended(problem: Problem, words: EntryWords) -> str:
    if problem.active:
        return ""
    return words.ended.format(day=problem.abatement) if problem.abatement else words.ended_unknown


def _doubts(problem: Problem, words: EntryWords) -> tuple[str, ...]:
    dates: tuple[When | None, ...] = (problem.dated, problem.abatement)
    return (
        words.inexact if any(one and not one.exact for one in dates) else "",
        words.unconfirmed if problem.unconfirmed else "",
        words.by_text if by_words_only(problem) else "",
    )
