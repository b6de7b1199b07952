"""The record as the criteria of policies look at it."""

from collections.abc import Iterable
from dataclasses import replace

from mappings.criteria import Criteria
from mappings.knowledge import Knowledge
from mappings.policy_rules import TrialRule
from service.assess import assess, in_use
from service.assess.criteria.earlier import earlier_courses
from service.assess.gaps import INCOMPLETE, MEDICATION_LISTS, medication_list_came, medicines_missing
from service.clinical.assessment import Assessment, Trial
from service.clinical.facts import PatientFacts


class CriteriaChart:
    """The facts and assessment of one patient, which counts trials once for each set of figures."""

    def __init__(self, facts: PatientFacts, assessment: Assessment, knowledge: Knowledge) -> None:
        self.facts, self.assessment, self.knowledge = facts, assessment, knowledge
        self.as_of = assessment.assessed_on
        self.earlier = earlier_courses(facts, knowledge.flags, self.as_of)
        self._counted = [(knowledge.criteria[assessment.profile], assessment)]

    def counted_by(self, rule: TrialRule, profile: str) -> Assessment:
        """Return the assessment by the counting profile with the figures of a policy."""
        asked = rule.counted_by(self.knowledge.criteria[profile])
        for criteria, made in self._counted:
            if _same(criteria, asked):
                return made
        own = replace(self.knowledge, criteria={asked.id: asked})
        made = assess(self.facts, own, asked.id, self.as_of)
        self._counted.append((asked, made))
        return made

    @property
    def medicines_read(self) -> bool:
        """Tell whether all medicines are known: the lists are complete and every entry could be read."""
        facts = self.facts
        whole = not any(facts.list_state(kind) in INCOMPLETE for kind in MEDICATION_LISTS)
        return (
            medication_list_came(facts)
            and not medicines_missing(facts)
            and whole
            and not any(
                resource.reference.startswith("Medication") and not resource.foreign
                for resource in facts.unreadable
            )
        )

    def left_open(self, trial: Trial) -> bool:
        """Tell whether an entry of a course goes on without an end, and no supply shows that it is taken."""
        entries = frozenset(trial.evidence) if trial.end is None else frozenset[str]()
        return any(
            in_use.running(exposure, self.as_of, 0)
            for exposure in self.facts.exposures
            if exposure.reference in entries
        )

    def say(self, sentence: str, **values: object) -> str:
        """Return a sentence of the table of policies."""
        return self.knowledge.policies.say(sentence, **values)


def references(found: Iterable[Trial]) -> tuple[str, ...]:
    """Return the evidence of the trials, each entry once."""
    return tuple(dict.fromkeys(reference for trial in found for reference in trial.evidence))


def _same(one: Criteria, other: Criteria) -> bool:
    """Tell whether two definitions count trials alike, whatever their names."""
    parts = ("count", "dose", "duration", "combination", "outcome", "episode", "current")
    return all(getattr(one, part) == getattr(other, part) for part in parts)
