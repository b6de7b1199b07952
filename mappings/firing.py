"""Which kinds of card may be left out after they were overridden, and which never are."""

from dataclasses import dataclass

from marshmallow import ValidationError, fields

from mappings.tables import TABLES, Provenance, Reviewed, read_table

ADVICE = frozenset({"recommend", "caution", "insufficient-data"})
ALWAYS_SHOWN = frozenset({"safety", "order-check", "not-assessed"})
"""Kinds of card, by the code of their topic, that no table may take from a clinician's sight."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FiringTable(Reviewed):
    """`may_be_suppressed` are kinds of card, by the code of their topic."""

    version: str
    may_be_suppressed: tuple[str, ...]


def _suppressible(kind: str) -> None:
    if kind in ALWAYS_SHOWN:
        raise ValidationError(f"{kind} cards are always shown")
    if kind not in ADVICE:
        raise ValidationError(f"expected a kind of card among {', '.join(sorted(ADVICE))}")


class _Table(Provenance):
    row = FiringTable
    version = fields.String(required=True)
    may_be_suppressed = fields.List(fields.String(validate=_suppressible), required=True)


def load_firing() -> FiringTable:
    """Return the table of `firing.toml`; raise TableError when it does not fit."""
    table: FiringTable = read_table(TABLES / "firing.toml", _Table())
    return table
