"""Words of the packet on paper, and who it is about. Text of the record is made visible, one line each."""

from collections.abc import Sequence
from dataclasses import dataclass

from mappings.knowledge import Knowledge
from service.clinical.assessment import Assessment
from service.clinical.criteria import ReadPolicy
from service.clinical.facts import PatientFacts
from service.render.course_entries import CourseEntries
from service.render.escape import plain
from service.render.identity import PatientIdentity

LONGEST = 600  # characters of one text
_LONGEST_NAME = 80
_REFERENCES = 2  # entries named in one cell


@dataclass(frozen=True, kw_only=True, slots=True)
class PacketMatter:
    """One policy about one patient: what all parts of the packet are made of."""

    read: ReadPolicy
    facts: PatientFacts
    assessment: Assessment
    knowledge: Knowledge
    who: PatientIdentity
    entries: CourseEntries


class PaperWords:
    """The sentences of the table of policies for paper."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._table, self.wording = knowledge.policies, knowledge.wording
        self.maker = knowledge.wording.source.label

    def say(self, sentence: str, **values: object) -> str:
        """Return a sentence with its placeholders filled in."""
        return self._table.say(f"paper.{sentence}", **values)

    def page(self, sentence: str) -> str:
        """Return a sentence that pages show too."""
        return self._table.texts[f"page.{sentence}"]

    def status(self, standing: str) -> str:
        """Return the word for how far a criterion is shown."""
        return self._table.texts[f"status.{standing}"]

    def read(self, how: str) -> str:
        """Return the words for how a policy was read."""
        return self._table.texts[f"read.{how}"]

    def name(self, matter: PacketMatter) -> str:
        """Return the name of the patient, or a line to write it on."""
        return self._or_open(matter.who.name)

    def patient(self, matter: PacketMatter) -> str:
        """Return by what the patient is known; what the record lacks is a line to write on."""
        who = matter.who
        return self.say(
            "patient",
            name=self.name(matter),
            born=self._or_open(who.born),
            gender=self._or_open(who.gender),
            numbers=self._or_open(", ".join(plain(number, _LONGEST_NAME) for number in who.identifiers)),
            subject=self._or_open(matter.assessment.subject or ""),
        )

    def assessed(self, matter: PacketMatter) -> str:
        """Return the day, and the days of the entries."""
        made = matter.assessment
        unknown = self.wording.sentence("picture.unknown")
        return self.say(
            "assessed", day=made.assessed_on, first=made.data_from or unknown, last=made.data_to or unknown
        )

    def entries(self, evidence: Sequence[str]) -> str:
        """Return the first entries, and how many more there are."""
        names = ", ".join(plain(reference, _LONGEST_NAME) for reference in evidence[:_REFERENCES])
        rest = len(evidence) - _REFERENCES
        return self.say("references", names=names, count=rest) if rest > 0 else names

    def _or_open(self, text: str) -> str:
        return plain(text, _LONGEST_NAME) or self.say("open")
