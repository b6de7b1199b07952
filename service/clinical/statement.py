"""The stance of a text on the things that it names."""

from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum


class Stance(IntEnum):
    """How far a text is from saying that the patient has what it names; the nearest is the smallest."""

    AFFIRMED = 0
    PAST = 1
    SUSPECTED = 2
    FEARED = 3
    DENIED = 4
    ANOTHER = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A text in small letters, and the stance of each stretch of it.

    Stretches start at `starts` and take the stance of the same place in `stances`; `clauses` are the places
    at which a clause begins. `modifiers` are the ends of denied words that only describe the word after
    them: in "no aneurysm rupture" the rupture is denied.
    """

    text: str
    starts: tuple[int, ...] = (0,)
    stances: tuple[Stance, ...] = (Stance.AFFIRMED,)
    clauses: tuple[int, ...] = (0,)
    modifiers: frozenset[int] = frozenset()
    lone: frozenset[int] = frozenset()
    named: tuple[Stance, ...] = ()

    def __hash__(self) -> int:
        return hash(self.text)  # what it says follows from the text, and the tuples are long

    def stance_at(self, place: int) -> Stance:
        """Return the stance on the word that begins at `place`."""
        return self.stances[max(bisect_right(self.starts, place) - 1, 0)]

    def only(self, stances: frozenset[Stance]) -> str:
        """Return the text, blanking everything outside these stances."""
        ends = (*self.starts[1:], len(self.text))
        parts = (
            self.text[start:end] if stance in stances else " " * (end - start)
            for start, end, stance in zip(self.starts, ends, self.stances, strict=True)
        )
        return "".join(parts)

    def clause_at(self, place: int) -> tuple[int, int]:
        """Return the start and end of the clause around `place`."""
        number = bisect_right(self.clauses, place)
        end = self.clauses[number] if number < len(self.clauses) else len(self.text)
        return self.clauses[max(number - 1, 0)], end
