"""What cards, report, pages, picture and JSON show of an assessment: rows of its values with their words.

A row names in `of` the value that the JSON writes and the picture draws. Its words are made when they are
first asked for, and kept: a card asks for some of them, the JSON for none. Nothing of the record in them is
longer than `longest` or changes what stands around it.
"""

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from mappings.gaps import GapId
from mappings.wording import Wording
from service.clinical.assessment import Augmentation, Flag, Gap, Gate, Level, SafetyTrigger
from service.clinical.facts import SetAside, Unreadable
from service.clinical.routes import ROUTES, Route, cautions, decides, level_word, on_route, planned
from service.render.context import say_plain
from service.render.escape import plain
from service.render.fitting import listed


class LevelWord(Struct, frozen=True, kw_only=True, gc=False):
    """The weight of a finding on a route, as the level of the rules (if it has one) and in words."""

    route: str
    level: Level | None
    word: str
    findings: str = ""


class ListRow(Struct, frozen=True, kw_only=True, gc=False):
    """A list of the record that did not arrive completely, and what is known about it."""

    name: str
    state: str


class ShownRow(Struct, frozen=True, kw_only=True, eq=False, dict=True):  # words are kept in its dict
    """What rows have in common; what a kind of row has none of is empty."""

    wording: Wording
    longest: int

    @property
    def id(self) -> str:
        """The id that the rules give it."""
        return ""

    @property
    def text(self) -> str:
        """What it says in one line."""
        return ""

    @property
    def evidence(self) -> tuple[str, ...]:
        """The resources that it rests on."""
        return ()

    @property
    def length(self) -> int:
        """How many characters of a card it takes."""
        return len(self.text)

    @property
    def called(self) -> str:
        """What it is called where it is only named."""
        return self.text

    def _lines(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(plain(text, self.longest) for text in texts)

    def _name(self, text: str) -> str:
        return plain(text, self.wording.limits.name)


class ShownStatement(ShownRow, frozen=True, kw_only=True):
    """What the record says, and the resources that it rests on."""

    of: Gate | SafetyTrigger | Flag | Augmentation

    @cached_property
    def text(self) -> str:
        """What the record says."""
        return listed(self.wording, self.of.text, self.longest)

    @cached_property
    def evidence(self) -> tuple[str, ...]:
        """The resources that it rests on."""
        return self._lines(self.of.evidence)


class ShownGate(ShownStatement, frozen=True, kw_only=True):
    """The reason why no card about the patient is shown."""

    of: Gate

    @property
    def id(self) -> str:
        """The id of the gate."""
        return self.of.id

    @cached_property
    def text(self) -> str:
        """The reason, to be followed by more."""
        return plain(self.of.text, self.longest).rstrip(".")


class ShownTrigger(ShownStatement, frozen=True, kw_only=True):
    """A sign of suicide risk."""

    of: SafetyTrigger

    @property
    def id(self) -> str:
        """The id of the trigger."""
        return self.of.id


class ShownUnreadable(ShownRow, frozen=True, kw_only=True):
    """A resource that could not be read; its text names it."""

    of: Unreadable

    @cached_property
    def text(self) -> str:
        """The resource, and why it could not be read."""
        return plain(f"{self.of.reference}: {self.of.reason}", self.longest)


class ShownSetAside(ShownRow, frozen=True, kw_only=True):
    """An entry that was understood but raises nothing."""

    of: SetAside

    @cached_property
    def text(self) -> str:
        """Why it raises nothing."""
        return plain(self.of.reason, self.longest)

    @cached_property
    def evidence(self) -> tuple[str, ...]:
        """The entry."""
        return self._lines((self.of.reference,))


class ShownGap(ShownRow, frozen=True, kw_only=True):
    """Something the record does not say."""

    of: Gap

    @property
    def id(self) -> str:
        """The id of the gap."""
        return self.of.id

    @cached_property
    def text(self) -> str:
        """What is missing, and where to look."""
        return listed(self.wording, self.of.text, self.wording.limits.gaps)

    @property
    def name(self) -> str:
        """A short form for lists; "" where the text names which of several lists is missing."""
        one_of_several = self.id == GapId.MEDICATIONS and not self.of.blocking
        return "" if one_of_several else self.wording.words["gap"].get(self.id, "")

    @property
    def ask(self) -> str:
        """Who can supply it."""
        return self.wording.words["ask"].get(self.id, "")

    @property
    def length(self) -> int:
        """How many characters of a card it takes."""
        return len(self.text) + len(self.ask)

    @property
    def called(self) -> str:
        """What it is called where it is only named."""
        return self.name or self.text


class ShownFlag(ShownStatement, frozen=True, kw_only=True):
    """One flag; about an order, `routes` are those of the order, and a caution on them decides."""

    of: Flag
    routes: Sequence[Route] = ROUTES
    ordered: bool = False

    @property
    def id(self) -> str:
        """The id of the flag."""
        return self.of.id

    @cached_property
    def title(self) -> str:
        """What it is called."""
        return self._name(self.of.title)

    @cached_property
    def levels(self) -> tuple[LevelWord, ...]:
        """Its weight on each route."""
        return tuple(self._level(route) for route in ROUTES)

    def _level(self, route: Route) -> LevelWord:
        word = level_word(self.of, route)
        return LevelWord(
            route=self.wording.words["route"][route],
            level=on_route(self.of, route),
            word=self.wording.words["level"][word] if word else "–",
        )

    @cached_property
    def level(self) -> str:
        """The same in a short phrase."""
        names, routes = self.wording.words["level"], self.wording.words["route"]
        words = {route: names[word] for route in ROUTES if (word := level_word(self.of, route))}
        if len(words) == len(ROUTES) and len(set(words.values())) == 1:
            return say_plain(self.wording, "flags.both", level=words[ROUTES[0]])
        return ", ".join(
            say_plain(self.wording, "flags.level", route=routes[route], level=word)
            for route, word in words.items()
        )

    @cached_property
    def group(self) -> str:
        """Whether it decides, needs planning, or is for information: "deciding", "planning" or "info"."""
        if decides(self.of, self.routes) or (self.ordered and cautions([self.of], self.routes)):
            return "deciding"
        return "planning" if planned([self.of], self.routes) else "info"

    @property
    def length(self) -> int:
        """How many characters of a card it takes."""
        return len(self.title) + len(self.level) + len(self.text)

    @property
    def called(self) -> str:
        """What it is called where it is only named."""
        return self.title
