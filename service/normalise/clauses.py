"""Texts to statements: which of the things that a text names the patient has, by the words around them.

A text is split into clauses. In each clause cues ("no", "ruled out", "possible", "mother") cover the words
after or before them. A clause of nothing but cues belongs to the clause before it, or to those after it.
Every step passes over the text once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from mappings.clauses import TOKEN, ClauseTable, Cue
from mappings.remembering import remembered
from service.clinical.statement import Stance, Statement

_DASHES = str.maketrans(
    {"‐": "-", "‑": "-", "–": "—", "―": "—", "−": "—", "‒": "—", "’": "'", "‘": "'", "`": "'"}
)
_DIVIDER = re.compile(r"[;\n\r!•|()\[\]{}—]|--+|\s-\s|[.,:](?![0-9])|(?<![0-9])[.,:]|(?<=\w)\?(?=\W|\Z)")
_NONE: frozenset[str] = frozenset()
_HARD = frozenset(";\n\r.!•|?")
_SOFT = frozenset("-—([{")
_STANCE = {
    "affirmed": Stance.AFFIRMED,
    "past": Stance.PAST,
    "suspected": Stance.SUSPECTED,
    "feared": Stance.FEARED,
    "denied": Stance.DENIED,
    "another": Stance.ANOTHER,
}


@dataclass(kw_only=True, slots=True)
class _Word:
    """`content`: it names something; `of_cue`: it belongs to a cue.

    `opens`, `closes`: the cue that begins or ends with it and is meant.
    """

    text: str
    start: int
    end: int
    content: bool = True
    of_cue: bool = False
    opens: Cue | None = None
    closes: Cue | None = None
    stance: Stance = Stance.AFFIRMED


@dataclass(kw_only=True, slots=True)
class _Clause:
    """`before` and `after` are the dividers on its sides.

    `cued` is what its cues say, `looks_back` that one of them is said of what stands before, `goes_on` what
    they say of a list that is not closed, `added` what other clauses say of it.
    """

    start: int
    before: str
    after: str
    words: list[_Word]
    cued: Stance = Stance.AFFIRMED
    looks_back: bool = False
    goes_on: Stance = Stance.AFFIRMED
    added: Stance = Stance.AFFIRMED

    @property
    def bare(self) -> bool:
        """Tell whether the clause names nothing: it has cues and fillers alone."""
        return not any(word.content for word in self.words)


@remembered
def statement(text: str, table: ClauseTable, of_treatments: bool = False) -> Statement:
    """Return the statement of `text`; `of_treatments`: it names treatments, so one denial denies it all."""
    plain = text.lower().translate(_DASHES)
    clauses = list(_clauses(plain, table))
    for clause in clauses:
        _judge(clause, table, table.words.treated_by if of_treatments else _NONE)
    _carry_lists(clauses, table)
    _join_bare(clauses)
    return _flattened(plain, clauses)


def _clauses(plain: str, table: ClauseTable) -> Iterator[_Clause]:
    start, before = 0, "\n"
    for divider in _DIVIDER.finditer(plain):
        mark = divider.group().strip()[:1] or divider.group()[:1]
        yield from _divided(plain, start, divider.start(), before, mark, table)
        start, before = divider.end(), mark
    yield from _divided(plain, start, len(plain), before, "\n", table)


def _divided(
    plain: str, start: int, end: int, before: str, after: str, table: ClauseTable
) -> Iterator[_Clause]:
    """Yield the clauses between two dividers: one, or several where "but" divides them."""
    words: list[_Word] = []
    for token in TOKEN.finditer(plain, start, end):
        if token.group() in table.words.divides:
            yield _Clause(start=start, before=before, after=",", words=words)
            start, before, words = token.end(), ",", []
        else:
            words.append(_Word(text=token.group(), start=token.start(), end=token.end()))
    if after == "?":
        words.append(_Word(text="?", start=end, end=end))
    yield _Clause(start=start, before=before, after=after, words=words)


def _judge(clause: _Clause, table: ClauseTable, no_aspects: frozenset[str]) -> None:
    """Give each word of the clause its stance by the cues of the clause."""
    words = clause.words
    for word in words:
        word.content = (
            word.text not in table.silent and word.text[-1].isalpha() and not word.text[0].isdigit()
        )
    _find_cues(words, table)
    named = [place for place, word in enumerate(words) if word.content]
    first, last = (named[0], named[-1]) if named else (len(words), -1)
    # In a clause that names nothing a denial may be of an examination, a size or a time: "no MRI since 2019".
    measured = max((n for n, word in enumerate(words) if word.text in table.measures), default=-1)
    for place, word in enumerate(words):
        if (cue := word.opens) is None:
            continue
        end = place + len(cue.tokens) - 1
        if not named and measured > end and cue.says == "denied" and cue.scope == "after":
            word.opens = None
            continue
        clause.cued = max(clause.cued, _STANCE[cue.says])
        clause.looks_back |= cue.scope == "before"
        backward = cue.scope == "before" and (first < place or last < end)
        backward |= cue.scope == "after" and last < end and first < place
        if backward or cue.scope == "around":
            words[end].closes = cue
        if backward or cue.scope == "clause":
            word.opens = None
    if clause.cued is Stance.ANOTHER:
        clause.added = Stance.ANOTHER
    if clause.cued is not Stance.AFFIRMED:
        clause.goes_on = _sweep_forward(words, table, no_aspects)
        _sweep_backward(words, table)


def _sweep_forward(words: list[_Word], table: ClauseTable, no_aspects: frozenset[str]) -> Stance:
    """Cover the words after each cue; return what covers the end of the clause."""
    says, denied = Stance.AFFIRMED, _Denial()
    for place, word in enumerate(words):
        if word.opens is not None:
            denied.interrupt()
            if word.opens.says == "denied":
                denied.begin(place)
            else:
                says = max(says, _STANCE[word.opens.says])
        elif denied.on and not word.of_cue and word.text in table.words.ends_denial:
            denied.on = False
        elif denied.on and word.text not in no_aspects and denied.names_aspect(word, table):
            for spared in words[denied.since : place]:
                spared.stance = says
            denied.on = False
        word.stance = max(word.stance, says, denied.stance)
        denied.note(word)
    return max(says, denied.stance)


def _sweep_backward(words: list[_Word], table: ClauseTable) -> None:
    """Cover the words before each cue that looks back."""
    says = Stance.AFFIRMED
    for word in reversed(words):
        if word.closes is not None:
            says = _STANCE[word.closes.says]
        elif says is Stance.DENIED and not word.of_cue and word.text in table.words.ends_denial:
            says = Stance.AFFIRMED
        word.stance = max(word.stance, says)


@dataclass(kw_only=True, slots=True)
class _Denial:
    """A denial on its way through a clause: `named` and `parted` tell what came since it began."""

    on: bool = False
    since: int = 0
    named: bool = False
    parted: bool = False

    @property
    def stance(self) -> Stance:
        return Stance.DENIED if self.on else Stance.AFFIRMED

    def begin(self, place: int) -> None:
        """Take up a cue that denies what follows `place`."""
        self.on, self.since, self.named, self.parted = True, place, False, False

    def interrupt(self) -> None:
        """Take up another cue: what was denied is complete once it has been named."""
        self.on = self.on and not self.named

    def names_aspect(self, word: _Word, table: ClauseTable) -> bool:
        """Tell whether the denial is of an aspect of what it names ("no aneurysm growth")."""
        return word.text in table.words.aspects and not self.parted

    def note(self, word: _Word) -> None:
        """Pass over `word`."""
        self.parted |= self.named and not word.content
        self.named |= word.content


def _find_cues(words: list[_Word], table: ClauseTable) -> None:
    """Mark the first word of each cue that is meant; a word belongs to one cue."""
    place = 0
    while place < len(words):
        cue = _cue_at(words, place, table)
        if cue is None:
            place += 1
            continue
        last = place + len(cue.tokens) - 1
        bound = _bound_until(words, last, table) if cue.says == "denied" and cue.scope == "after" else last
        for word in words[place : bound + 1]:
            word.content = cue.scope == "none"
            word.of_cue = True
        if bound == last and cue.scope != "none" and not _beside(words, place, last, cue, table):
            words[place].opens = cue
        place = bound + 1


def _cue_at(words: list[_Word], place: int, table: ClauseTable) -> Cue | None:
    """Return the longest cue that begins at `place`."""
    first = words[place].text
    branch = table.cues.get(first) or table.cues.get(first.removesuffix("'s"))
    found = None
    while branch is not None:
        found = branch.cue or found
        place += 1
        branch = branch.following.get(words[place].text) if place < len(words) else None
    return found


def _bound_until(words: list[_Word], last: int, table: ClauseTable) -> int:
    """Return the last of the words that a denial before them concerns alone ("never ruptured")."""
    end, place = last, last + 1
    while place < len(words) and (
        words[place].text in table.words.bound or words[place].text in table.words.aspects
    ):
        end, place = place, place + 1
    return end


def _beside(words: list[_Word], first: int, last: int, cue: Cue, table: ClauseTable) -> bool:
    """Tell whether another person is only present, or the informant."""
    if cue.says != "another" or len(cue.tokens) > 1:
        return False
    if last + 1 < len(words) and words[last + 1].text in table.words.tells:
        return True
    place = first - 1
    while place >= 0 and words[place].text in table.words.beside_passes:
        place -= 1
    return place >= 0 and words[place].text in table.words.beside


def _carry_lists(clauses: list[_Clause], table: ClauseTable) -> None:
    """Carry a cue through a list to the word that closes it: "no stroke, aneurysm or AVM"."""
    for number, clause in enumerate(clauses):
        if clause.goes_on is Stance.AFFIRMED:
            continue
        last = number
        for place in range(number + 1, len(clauses)):
            following = clauses[place]
            if following.before != "," or following.cued is not Stance.AFFIRMED:
                break
            if any(word.text in table.words.lists for word in following.words):
                last = place
                break
        for following in clauses[number + 1 : last + 1]:
            following.added = max(following.added, clause.goes_on)


def _join_bare(clauses: list[_Clause]) -> None:
    """Apply the cues of a bare clause to the clause before it, or to those after it."""
    owner: _Clause | None = None
    carried, to_the_end = Stance.AFFIRMED, False
    for clause in clauses:
        if not clause.bare:
            owner = clause
            clause.added = max(clause.added, carried)
            carried = carried if to_the_end else Stance.AFFIRMED
        elif clause.cued is not Stance.AFFIRMED:
            if clause.after == ":" or _opens_next(clause, owner):
                carried, to_the_end = max(carried, clause.cued), clause.after == ":"
            elif owner is not None:
                owner.added = max(owner.added, clause.cued)
        if to_the_end and clause.after in _HARD:
            carried, to_the_end = Stance.AFFIRMED, False


def _opens_next(clause: _Clause, owner: _Clause | None) -> bool:
    """Tell whether a bare clause speaks of the next one.

    "possible - AVM", "(r/o) AVM", not "MRI normal; AVM".
    """
    if clause.looks_back or clause.after in _HARD:
        return False
    return owner is None or (clause.before in _HARD and clause.after in _SOFT)


def _flattened(plain: str, clauses: list[_Clause]) -> Statement:
    starts, stances = [0], [Stance.AFFIRMED]
    for clause in clauses:
        for word in clause.words:
            word.stance = max(word.stance, clause.added)
            if word.stance is not stances[-1]:
                starts.append(word.start)
                stances.append(word.stance)
    content = [[word for word in clause.words if word.content] for clause in clauses]
    return Statement(
        text=plain,
        starts=tuple(starts),
        stances=tuple(stances),
        clauses=tuple(clause.start for clause in clauses),
        modifiers=frozenset(_modifiers(clauses)),
        lone=frozenset(words[0].start for words in content if len(words) == 1),
        named=tuple({word.stance: None for words in content for word in words}),
    )


def _modifiers(clauses: list[_Clause]) -> Iterator[int]:
    for clause in clauses:
        for word, following in pairwise(clause.words):
            if word.stance is Stance.DENIED and word.content and following.content:
                yield word.end
