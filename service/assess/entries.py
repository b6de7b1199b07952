"""Which entries of the problem list mean what a table row names, and how to describe them.

An entry is judged by its codes where a table names one of them, and by its words where none does. Its words
are its text and its displays, each read clause by clause; the one nearest to saying that the patient has the
finding counts.
"""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from mappings.entries import EntryWords
from mappings.matching import NO_WORDS, Finding, Words
from service.clinical.facts import EntryText, Manner, Problem
from service.clinical.partial_date import PartialDate
from service.clinical.statement import Stance, Statement

# The code systems whose displays are as good as a code that the tables lack.
_STANDARD = frozenset({"snomed", "icd10", "icd11"})
_HAS = frozenset({Stance.AFFIRMED, Stance.PAST})


class Recognised(Struct, frozen=True, kw_only=True, gc=False):
    """How an entry names a finding: by code or words, how certainly, and in which words.

    `disagrees`: its text denies the very thing that its code says.
    """

    manner: Manner
    stance: Stance
    text: str = ""
    disagrees: bool = False

    @property
    def had(self) -> bool:
        """Tell whether the entry says that the patient has or had the finding."""
        return self.stance in _HAS


def icd_codes(problem: Problem) -> tuple[str, ...]:
    """Return the entry's ICD-10 codes, upper case and without the dot."""
    return tuple(
        code.code.replace(".", "").upper() for code in problem.codes if code.system == "icd10" and code.code
    )


def recognised(problem: Problem, finding: Finding) -> Recognised | None:
    """Return how the entry names `finding`, affirmed or not; None when it does not."""
    if not _named_so(problem, finding):
        return None
    if by_code(problem, finding):
        return Recognised(
            manner=Manner.CODE,
            stance=Stance.AFFIRMED,
            disagrees=denies(wordings(problem), (finding.text, finding.short)),
        )
    return worded(wordings(problem), finding) if by_words_only(problem) else None


def _named_so(problem: Problem, finding: Finding) -> bool:
    """Tell whether the entry has the words that the finding requires beside its codes."""
    if not (finding.named.phrases or finding.not_named.phrases):
        return True
    text = " ".join(wording.text for wording in wordings(problem))
    if finding.named.phrases and not finding.named.in_text(f"{text} {problem.stage}"):
        return False
    return not finding.not_named.in_text(text)


def by_words_only(problem: Problem) -> bool:
    """Tell whether words alone give the meaning: no table names any code of the entry."""
    return problem.unlisted or not (problem.groups or icd_codes(problem))


def manner_of(problem: Problem) -> Manner:
    """Return how an entry is recognised: by a listed code, a standard display, or words."""
    if not by_words_only(problem):
        return Manner.CODE
    displayed = any(wording.system in _STANDARD for wording in wordings(problem))
    return Manner.DISPLAY if displayed else Manner.WORDS


def by_code(problem: Problem, finding: Finding) -> bool:
    """Tell whether a code or a group of the entry is one of the finding's."""
    if not finding.snomed.isdisjoint(problem.groups):
        return True
    return any(
        code.startswith(finding.codes.prefixes) and not code.startswith(finding.exceptions.prefixes)
        for code in icd_codes(problem)
    )


def wordings(problem: Problem) -> tuple[EntryText, ...]:
    """Return the words of the entry, its own text first."""
    if problem.wordings or not problem.text:
        return problem.wordings
    return (EntryText(text=problem.text, says=Statement(text=problem.text.lower())),)


def denies(texts: tuple[EntryText, ...], own_words: tuple[Words, ...]) -> bool:
    """Tell whether a text denies what `own_words` name, and no text affirms it."""
    places = [
        (place, end, wording.says)
        for wording in texts
        if wording.system not in _STANDARD
        for words in own_words
        for place, end in words.places(wording.says.text, NO_WORDS)
    ]
    stances = [says.stance_at(place) for place, _, says in places]
    if not stances or min(stances) is not Stance.DENIED:
        return False
    return any(end not in says.modifiers for _, end, says in places)


def worded(texts: tuple[EntryText, ...], finding: Finding) -> Recognised | None:
    """Return how texts name `finding`: a standard display first, else the nearest to affirming it."""
    found = [match for text in texts if (match := _match(text, finding))]
    coded = [match for match in found if match.manner is Manner.DISPLAY and match.had]
    best = min(coded or found, key=lambda match: match.stance, default=None)
    if best is None or not coded:
        return best
    return replace(best, disagrees=denies(texts, (finding.text, finding.short)))


def _match(wording: EntryText, finding: Finding) -> Recognised | None:
    says = wording.says
    places = [place for place, _ in finding.text.places(says.text, finding.text_except)]
    places += _short_places(says, finding)
    if not places or _means_else(says, finding):
        return None
    manner = Manner.DISPLAY if wording.system in _STANDARD else Manner.WORDS
    return Recognised(manner=manner, stance=min(map(says.stance_at, places)), text=wording.text)


def _means_else(says: Statement, finding: Finding) -> bool:
    """Tell whether the text affirms something that rules the finding out as its meaning."""
    others = finding.text.outside(finding.short.outside(finding.text_except))
    return any(says.stance_at(place) in _HAS for place, _ in others.places(says.text, NO_WORDS))


def _short_places(says: Statement, finding: Finding) -> Iterator[int]:
    """Yield where an abbreviation stands alone in its clause, or beside a word of the finding."""
    for place, _ in finding.short.places(says.text, finding.text_except):
        start, end = says.clause_at(place)
        if place in says.lone or finding.beside.in_text(says.text[start:end]):
            yield place


def name_of(problem: Problem, finding: Finding) -> str:
    """Return the entry's own words, else the name that the table gives its code, else the code."""
    named = (finding.codes.name_of(code) for code in icd_codes(problem))
    coded = (coding.code for coding in problem.codes if coding.system and coding.code)
    return problem.text or next((name for name in (*named, *coded) if name), problem.reference)


def described(
    problem: Problem,
    finding: Finding,
    words: EntryWords,
    remark: str = "",
    found: Recognised | None = None,
) -> str:
    """Return the entry as a phrase: its name, its dates and what is uncertain about it."""
    found = found or recognised(problem, finding)
    name = (found.text if found else "") or name_of(problem, finding)
    remarks = [_dated(problem, words), _ended(problem, words), *_doubts(problem, words, found), remark]
    return f"{name} ({', '.join(filter(None, remarks))})"


def _dated(problem: Problem, words: EntryWords) -> str:
    visited = problem.recorded or problem.onset
    if problem.of_unstated_visit and visited:
        return words.visited.format(day=visited)
    if problem.onset:
        return words.since.format(day=problem.onset)
    if problem.recorded:
        return words.recorded.format(day=problem.recorded)
    return words.undated


def _ended(problem: Problem, words: EntryWords) -> str:
    if problem.active or problem.lapsed:
        return ""
    return words.ended.format(day=problem.abatement) if problem.abatement else words.ended_unknown


def _doubts(problem: Problem, words: EntryWords, found: Recognised | None) -> tuple[str, ...]:
    dates: tuple[PartialDate | None, ...] = (problem.dated, problem.abatement)
    return (
        words.inexact if any(day and not day.exact for day in dates) else "",
        words.unconfirmed if problem.unconfirmed else "",
        _recognised_by(words, found),
    )


def _recognised_by(words: EntryWords, found: Recognised | None) -> str:
    if found is None:
        return ""
    if found.disagrees:
        return words.disagrees
    if found.stance is Stance.SUSPECTED:
        return words.suspected
    return described_manner(found.manner, words)


def described_manner(manner: Manner, words: EntryWords) -> str:
    """Return the remark on how an entry was recognised; none for one known by its code."""
    return {Manner.CODE: "", Manner.DISPLAY: words.by_display, Manner.WORDS: words.by_text}[manner]
