"""What changed from one edition of a policy to the next, criterion by criterion."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from mappings.policies import Policy, PolicyRow, PolicyTable

_HEAD = ("title", "publisher", "jurisdiction", "counting")


@dataclass(frozen=True, kw_only=True, slots=True)
class EditionCriterion:
    """A criterion as one edition has it; `figures` are those in which it differs from the other edition."""

    text: str
    quote: str
    figures: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedCriterion:
    """A criterion that is not the same in both editions; None where an edition does not have it."""

    id: str
    title: str
    before: EditionCriterion | None
    now: EditionCriterion | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedMember:
    """What the two editions say about themselves under one name."""

    name: str
    before: str
    now: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EditionBefore:
    """The edition before, and what is not the same in it."""

    id: str
    title: str
    version: str
    dated: str
    effective_to: str
    read: str
    members: tuple[ChangedMember, ...]
    criteria: tuple[ChangedCriterion, ...]


def edition_before(policy: Policy, table: PolicyTable) -> EditionBefore | None:
    """Return the edition before `policy` with what changed since; None if the tables have none."""
    if not policy.edition_before:
        return None
    before = table.policies[policy.edition_before]
    return EditionBefore(
        id=before.id,
        title=before.title,
        version=before.version,
        dated=before.dated,
        effective_to=before.effective_to,
        read=table.texts[f"read.{before.read}"],
        members=tuple(
            ChangedMember(name=name, before=getattr(before, name), now=getattr(policy, name))
            for name in _HEAD
            if getattr(before, name) != getattr(policy, name)
        ),
        criteria=tuple(_changed(before, policy, table)),
    )


def _changed(before: Policy, now: Policy, table: PolicyTable) -> Iterator[ChangedCriterion]:
    old = {row.id: row for row in before.criterion}
    new = {row.id: row for row in now.criterion}
    for name in table.rows([now, before]):
        was, is_now = old.get(name), new.get(name)
        if was and is_now and _same(was, is_now):
            continue
        yield ChangedCriterion(
            id=name,
            title=next(table.title(row) for row in (is_now, was) if row),
            before=_of_edition(was, is_now),
            now=_of_edition(is_now, was),
        )


def _same(was: PolicyRow, is_now: PolicyRow) -> bool:
    """Tell whether both ask for the same; words that were seen in one edition alone say nothing."""
    if was.quote and is_now.quote and was.quote != is_now.quote:
        return False
    return replace(was, quote="") == replace(is_now, quote="")


def _of_edition(row: PolicyRow | None, other: PolicyRow | None) -> EditionCriterion | None:
    if row is None:
        return None
    elsewhere = _figures(other) if other else {}
    figures = _figures(row) if other else {}
    differ = (f"{name} {said}" for name, said in figures.items() if elsewhere.get(name) != said)
    return EditionCriterion(text=row.text, quote=row.quote, figures=tuple(differ))


def _figures(row: PolicyRow) -> dict[str, str]:
    """Return what the rule of a criterion holds, by the names that a file of policies has for it."""
    rule = getattr(row, row.kind)
    if isinstance(rule, str):
        return {row.kind: rule}
    members = {member.name: getattr(rule, member.name) for member in fields(rule)}
    return {f"{row.kind}.{name}": _said(value) for name, value in members.items() if value not in (None, ())}


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {figure:g}" for name, figure in value.items())
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
