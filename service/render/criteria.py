"""Criteria of policies as JSON, as text, and side by side for a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.policies import PolicyTable
from service.clinical.criteria import ReadCriterion, ReadPolicy
from service.render.escape import plain

_INDENT = "  "
_LONGEST = 300  # characters of a reference on a page or in the report


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCell:
    """What the record shows about one criterion of a policy; without a standing it is not asked for.

    `sign` says the same as `word`, for who sees it.
    """

    standing: str = ""
    sign: str = ""
    word: str
    text: str = ""
    found: str = ""
    lacking: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPolicy:
    """The head of a column: `remarks` warn of what the reader has to know before relying on it."""

    id: str
    title: str
    publisher: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CriteriaRow:
    """One criterion in every policy."""

    id: str
    title: str
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CriteriaGrid:
    """Criteria as rows, policies as columns; `picture` is the title of the picture beside them."""

    promise: str
    picture: str
    policies: tuple[ShownPolicy, ...]
    rows: tuple[CriteriaRow, ...]


def criteria_document(found: Sequence[ReadPolicy]) -> list[dict[str, Any]]:
    """Return the criteria in JSON types."""
    return [
        {
            "profile": read.policy.id,
            "version": read.policy.version,
            "criteria": [_criterion(criterion) for criterion in read.criteria],
        }
        for read in found
    ]


def _criterion(criterion: ReadCriterion) -> dict[str, Any]:
    shown = criterion.shown
    return {
        "id": criterion.id,
        "text": criterion.text,
        "status": shown.standing.value,
        "evidence": list(shown.evidence),
        "settledBy": "; ".join(shown.lacking) or None,
    }


def criteria_report(found: Sequence[ReadPolicy], table: PolicyTable) -> str:
    """Return the criteria as text, policy after policy."""
    blocks = [[table.texts["page.promise"]], *(list(_lines(read, table)) for read in found)]
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _lines(read: ReadPolicy, table: PolicyTable) -> Iterator[str]:
    head = shown_policy(read, table)
    yield f"{head.id}: {head.title}. {head.publisher}"
    yield from (_INDENT + remark for remark in head.remarks)
    for criterion in read.criteria:
        cell = _cell(criterion, table)
        yield f"{_INDENT}[{cell.word}] {criterion.asked}"
        named = {"found": [cell.found], "settled-by": cell.lacking, "evidence": [", ".join(cell.evidence)]}
        for name, texts in named.items():
            yield from (f"{_INDENT * 3}{table.texts[f'page.{name}']}: {text}" for text in texts if text)


def shown_policy(read: ReadPolicy, table: PolicyTable) -> ShownPolicy:
    """Return the head of a policy with its warnings."""
    policy = read.policy
    return ShownPolicy(
        id=policy.id,
        title=policy.title,
        publisher=policy.publisher,
        remarks=table.told(read.warnings),
    )


def criteria_grid(found: Sequence[ReadPolicy], table: PolicyTable) -> CriteriaGrid:
    """Return the policies side by side."""
    by_id = [{criterion.id: criterion for criterion in read.criteria} for read in found]
    nothing = ShownCell(word=table.texts["page.not-asked"])
    return CriteriaGrid(
        promise=table.texts["page.promise"],
        picture=table.texts["picture.title"],
        policies=tuple(shown_policy(read, table) for read in found),
        rows=tuple(
            CriteriaRow(
                id=name,
                title=next(column[name].title for column in by_id if name in column),
                cells=tuple(_cell(column[name], table) if name in column else nothing for column in by_id),
            )
            for name in table.rows([read.policy for read in found])
        ),
    )


def _cell(criterion: ReadCriterion, table: PolicyTable) -> ShownCell:
    shown = criterion.shown
    return ShownCell(
        standing=shown.standing.value,
        sign=table.texts[f"sign.{shown.standing.value}"],
        word=table.texts[f"status.{shown.standing.value}"],
        text=criterion.text,
        found=plain(shown.found, _LONGEST) if shown.found else "",
        lacking=shown.lacking,
        evidence=tuple(plain(reference, _LONGEST) for reference in shown.evidence),
    )
