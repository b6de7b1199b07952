"""What a page shows of an assessment: rows of plain text, made by `service.render.evidence`."""

from dataclasses import dataclass

from mappings.sources import Source
from service.clinical.assessment import Level


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A statement with its id, and the resources that it rests on."""

    id: str = ""
    text: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialRow:
    """One course; `status` is the word of the rules, `verdict` that of the clinic."""

    drug: str
    drug_class: str
    dates: str
    dose: str
    days: str
    status: str
    verdict: str
    reasons: tuple[str, ...]
    outcome: str
    remarks: tuple[str, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelWord:
    """How much something weighs on a route: the level of the rules if there is one, and in words."""

    route: str
    level: Level | None
    word: str
    findings: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FlagRow:
    """One flag; `levels` has an entry for each route."""

    id: str
    title: str
    levels: tuple[LevelWord, ...]
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRow:
    """A list of the record that did not come whole, and how it came."""

    name: str
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceRows:
    """What a page shows of an assessment, from what decides to what it rests on."""

    conclusion: str
    title: str
    summary: str
    gate: Row | None
    safety_summary: str
    safety: tuple[Row, ...]
    lowered: tuple[Row, ...]
    routes: tuple[LevelWord, ...]
    counts: str
    trials: tuple[TrialRow, ...]
    augmentations: tuple[Row, ...]
    flags: tuple[FlagRow, ...]
    needed: tuple[Row, ...]
    unknown: tuple[Row, ...]
    whole: str
    lacking: tuple[ListRow, ...]
    unreadable: tuple[Row, ...]
    basis: tuple[str, ...]
    sources: tuple[Source, ...]
