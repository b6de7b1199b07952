"""Pages about policies: whose they are, how old, how they were read, and what they ask for."""

from dataclasses import dataclass
from datetime import date

from mappings.knowledge import Knowledge
from mappings.policies import PolicyRow
from mappings.sources import SourceRow
from service.web.basis.editions import EditionBefore, edition_before
from service.web.basis.origin import citations, edition
from service.web.basis.page import BasisEdition


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedCriterion:
    """What a policy asks for: in our words, in a few of its own, and from what it is judged."""

    id: str
    title: str
    text: str
    quote: str
    judged_from: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyPage:
    """One policy. `read` says how it was seen, `warnings` what to know before relying on it.

    `before` is None where only this edition is known.
    """

    id: str
    version: str
    title: str
    publisher: str
    kind: str
    jurisdiction: str
    read: str
    read_on: date
    read_at: str
    dated: str
    effective_from: str
    effective_to: str
    supersedes: str
    before: EditionBefore | None
    note: str
    counting: str
    warnings: tuple[str, ...]
    promise: str
    criteria: tuple[AskedCriterion, ...]
    citations: tuple[SourceRow, ...]
    edition: BasisEdition


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedPolicy:
    """A policy in the list of all."""

    id: str
    title: str
    publisher: str
    kind: str
    jurisdiction: str
    dated: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyIndex:
    """All policies."""

    promise: str
    policies: tuple[ListedPolicy, ...]
    edition: BasisEdition


def policy_index(knowledge: Knowledge, profile: str, today: date) -> PolicyIndex:
    """Return the list of all policies as of `today`."""
    table = knowledge.policies
    found = tuple(table.policies.values())
    return PolicyIndex(
        promise=table.texts["page.promise"],
        policies=tuple(
            ListedPolicy(
                id=policy.id,
                title=policy.title,
                publisher=policy.publisher,
                kind=policy.kind,
                jurisdiction=policy.jurisdiction,
                dated=policy.dated,
                warnings=table.told(table.warnings(policy, today)),
            )
            for policy in found
        ),
        edition=edition(found, knowledge, profile),
    )


def policy_page(knowledge: Knowledge, profile: str, policy_id: str, today: date) -> PolicyPage:
    """Return the page of one policy as of `today`."""
    table = knowledge.policies
    policy = table.policies[policy_id]
    return PolicyPage(
        id=policy.id,
        version=policy.version,
        title=policy.title,
        publisher=policy.publisher,
        kind=policy.kind,
        jurisdiction=policy.jurisdiction,
        read=table.texts[f"read.{policy.read}"],
        read_on=policy.read_on,
        read_at=policy.read_at,
        dated=policy.dated,
        effective_from=policy.effective_from,
        effective_to=policy.effective_to,
        supersedes=policy.supersedes,
        before=edition_before(policy, table),
        note=policy.note,
        counting=policy.counting,
        warnings=table.told(table.warnings(policy, today)),
        promise=table.texts["page.promise"],
        criteria=tuple(_asked(row, knowledge) for row in policy.criterion),
        citations=citations([*policy.sources, *table.stale.sources], knowledge.sources),
        edition=edition([policy], knowledge, profile),
    )


def _asked(row: PolicyRow, knowledge: Knowledge) -> AskedCriterion:
    table = knowledge.policies
    return AskedCriterion(
        id=row.id,
        title=table.title(row),
        text=row.text,
        quote=row.quote,
        judged_from=table.texts[f"judged.{row.kind}"],
    )
