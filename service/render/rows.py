"""What cards, report, pages and picture show of an assessment: rows of text, made by `service.render.view`.

Nothing of the record in them is longer than a line or changes what stands around it. A row names in `of` what
it puts in words: the values that the JSON writes and the picture draws.
"""

from msgspec import Struct

from mappings.sources import SourceRow
from service.clinical.assessment import Augmentation, Flag, Gap, Level, Trial


class ShownFact(Struct, frozen=True, kw_only=True, gc=False):
    """A statement with its id, and the resources that it rests on."""

    id: str = ""
    text: str
    evidence: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """How many characters of a card it takes."""
        return len(self.text)

    @property
    def called(self) -> str:
        """What it is called where it is only named."""
        return self.text


class ShownGap(ShownFact, frozen=True, kw_only=True, gc=False):
    """Something the record does not say; `ask` names who can supply it, `name` is a short form for lists."""

    of: Gap
    name: str
    ask: str

    @property
    def length(self) -> int:
        """How many characters of a card it takes."""
        return len(self.text) + len(self.ask)

    @property
    def called(self) -> str:
        """What it is called where it is only named."""
        return self.name or self.text


class TrialRow(Struct, frozen=True, kw_only=True, gc=False):
    """One course; `status` is the word of the rules, `verdict` that of the clinic.

    `steps` are its doses in order of time, empty where there is only one; `questions` would settle it.
    """

    of: Trial
    drug: str
    drug_class: str
    dates: str
    dose: str
    steps: str
    days: str
    status: str
    verdict: str
    reasons: tuple[str, ...]
    questions: tuple[str, ...]
    outcome: str
    basis: str
    witnesses: str
    notes: tuple[str, ...]
    evidence: tuple[str, ...]

    @property
    def remarks(self) -> tuple[str, ...]:
        """The basis of the outcome, the kinds of entries that document the course, and further remarks."""
        return tuple(text for text in (self.basis, self.witnesses, *self.notes) if text)

    @property
    def length(self) -> int:
        """How many characters of a card it takes."""
        own = (self.drug, self.dates, self.dose, self.steps, self.days, self.outcome, self.basis)
        return sum(map(len, (*own, *self.reasons, *self.questions, *self.notes[:2])))

    @property
    def called(self) -> str:
        """What it is called where it is only named."""
        return self.drug


class TreatmentRow(ShownFact, frozen=True, kw_only=True, gc=False):
    """A drug added to an antidepressant, or another treatment, as a procedure."""

    of: Augmentation
    name: str
    dates: str

    @property
    def length(self) -> int:
        """How many characters of a card it takes."""
        return len(self.name) + len(self.dates) + len(self.text)

    @property
    def called(self) -> str:
        """What it is called where it is only named."""
        return self.name


class LevelWord(Struct, frozen=True, kw_only=True, gc=False):
    """The weight of a finding on a route, as the level of the rules (if it has one) and in words."""

    route: str
    level: Level | None
    word: str
    findings: str = ""


class ShownFlag(Struct, frozen=True, kw_only=True, gc=False):
    """One flag; `levels` has an entry for each route, `level` says them in a few words.

    `group` is "deciding", "planning" or "info": whether it decides, needs planning, or is for information.
    """

    of: Flag
    id: str
    title: str
    levels: tuple[LevelWord, ...]
    level: str
    group: str
    text: str
    evidence: tuple[str, ...]

    @property
    def called(self) -> str:
        """What it is called where it is only named."""
        return self.title

    @property
    def length(self) -> int:
        """How many characters of a card it takes."""
        return len(self.title) + len(self.level) + len(self.text)


class ListRow(Struct, frozen=True, kw_only=True, gc=False):
    """A list of the record that did not arrive completely, and what is known about it."""

    name: str
    state: str


class View(Struct, frozen=True, kw_only=True, gc=False):
    """Everything that is shown of an assessment, from what decides to what it rests on.

    `flags` are all of them, the heaviest first. `whole`, `lacking` and `sources` are for pages alone.
    """

    conclusion: str
    title: str
    summary: str
    gate: ShownFact | None
    safety_summary: str
    safety: tuple[ShownFact, ...]
    lowered: tuple[ShownFact, ...]
    routes: tuple[LevelWord, ...]
    counts: str
    trials: tuple[TrialRow, ...]
    augmentations: tuple[TreatmentRow, ...]
    flags: tuple[ShownFlag, ...]
    needed: tuple[ShownGap, ...]
    unknown: tuple[ShownGap, ...]
    whole: str = ""
    lacking: tuple[ListRow, ...] = ()
    episode: str
    severity: str
    unreadable: tuple[ShownFact, ...]
    set_aside: tuple[ShownFact, ...]
    basis: tuple[str, ...]
    sources: tuple[SourceRow, ...] = ()
