"""How far the record documents the criteria of a policy; never a promise of coverage."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mappings.criteria import Criteria
from mappings.policies import Policy
from service.clinical.assessment import Trial


class Standing(StrEnum):
    """How far the record shows a criterion. `to-document`: no record can show it."""

    MET = "met"
    PARTIAL = "partial"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"
    TO_DOCUMENT = "to-document"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """How far a criterion is shown: `found` in words, and `lacking`, what would settle the rest."""

    standing: Standing
    evidence: tuple[str, ...] = ()
    found: str = ""
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadCriterion:
    """One criterion of a policy with its title among all policies, and what the record shows of it."""

    id: str
    title: str
    text: str
    shown: Shown

    @property
    def asked(self) -> str:
        """Its title and text; the text alone where it is called by it, as one that only a site has."""
        return self.text if self.title == self.text else f"{self.title}: {self.text}"


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierCourse:
    """Esketamine or ketamine on record, for depression or a purpose that is not recorded; None: day unknown.

    `doses` are days with a recorded dose or supply; `ordered`: nothing but an order tells of it; `reason` is
    why it was stopped, where that tells of failure or harm.
    """

    drug: str
    start: date | None = None
    end: date | None = None
    doses: int = 0
    ordered: bool = False
    reason: str = ""
    evidence: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadPolicy:
    """One policy, criterion by criterion. `warnings` name what to know before relying on it.

    `trials` are all courses as the policy counts them, none where it asks for no trials; `definition` is
    the counting profile with the figures of the policy. `earlier` and `taken`, antidepressants in use
    now, are the same for every policy.
    """

    policy: Policy
    warnings: tuple[str, ...]
    criteria: tuple[ReadCriterion, ...]
    definition: Criteria
    trials: tuple[Trial, ...] = ()
    earlier: tuple[EarlierCourse, ...] = ()
    taken: Shown | None = None
