"""Which kinds of card may be left out after they were overridden, and which never are."""

from dataclasses import dataclass
from typing import Annotated

from marshmallow import ValidationError

from mappings.members import Flags
from mappings.tables import Reviewed, Tables, read_table

ADVICE = frozenset({"recommend", "caution", "insufficient-data"})
ALWAYS_SHOWN = frozenset({"safety", "order-check", "not-assessed"})
"""Kinds of card, by the code of their topic, that no table may take from a clinician's sight."""


def _suppressible(kind: str) -> None:
    if kind in ALWAYS_SHOWN:
        raise ValidationError(f"{kind} cards are always shown")
    if kind not in ADVICE:
        raise ValidationError(f"expected a kind of card among {', '.join(sorted(ADVICE))}")


@dataclass(frozen=True, kw_only=True, slots=True)
class SuppressionTable(Reviewed):
    """What keeps an overridden card out of sight, and what shows it again.

    `may_be_suppressed` are kinds of card, by the code of their topic. A new finding under a caution or a
    contraindication shows the card again, except of those in `evidence_left_out`, whose figures are compared
    instead.
    """

    version: str
    may_be_suppressed: tuple[Annotated[str, _suppressible], ...]
    evidence_left_out: Flags


def load_suppression(tables: Tables | None = None) -> SuppressionTable:
    """Return the table of `suppression.toml`; raise TableError when it does not fit."""
    return read_table("suppression.toml", SuppressionTable, tables)
