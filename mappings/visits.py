"""How long a diagnosis of a visit is taken as active: `visits.toml`."""

from dataclasses import dataclass

from mappings.matching import Finding
from mappings.schemas import Days
from mappings.tables import Reviewed, Tables, read_table


@dataclass(frozen=True, kw_only=True, slots=True)
class AcuteStates:
    """States that are over within `days`."""

    days: Days
    finding: Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitTable(Reviewed):
    """`visits.toml`: an entry of one of `categories`, not `listed`, without a status is active for `days`."""

    version: str
    days: Days
    categories: tuple[str, ...]
    listed: tuple[str, ...]
    acute: AcuteStates


def load_visits(tables: Tables | None = None) -> VisitTable:
    """Return `visits.toml`; raise TableError when it does not fit."""
    return read_table("visits.toml", VisitTable, tables)
